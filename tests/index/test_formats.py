"""Every format, from the file to the index and out of it again, with random documents."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import chunking, readers
from index.article import Article, BlockKind
from index.builder import Builder, Change
from index.embeddings import MiniLM
from index.library import Library
from tests.index.notes import COFFEE, note, silent
from tests.index.readers.containers import book
from tests.index.readers.pdfs import Press
from tests.index.test_builder import contents

WORDS = st.sampled_from(
    "harbour Gdynia of the 1953 ferry opened closed naïve 3,000 € “quoted” Łódź Ana’s on in U.S. was".split()
)
SENTENCES = st.lists(WORDS, min_size=8, max_size=14).map(lambda words: "Then " + " ".join(words) + ".")
PARAGRAPHS = st.lists(SENTENCES, min_size=2, max_size=4).map(" ".join)


@dataclass(frozen=True, slots=True)
class Document:
    heading: str
    paragraphs: tuple[str, ...]


DOCUMENTS = st.builds(
    Document,
    st.lists(WORDS, min_size=2, max_size=4).map(lambda words: "Report " + " ".join(words).strip(".")),
    # Web pages are more than two lines, and do not say the same twice: what does is no article there.
    st.lists(PARAGRAPHS, min_size=3, max_size=6).map(
        lambda texts: tuple(f"On day {n} of the strike, {text}" for n, text in enumerate(texts))
    ),
)


def _plain(document: Document) -> bytes:
    return "\n\n".join(document.paragraphs).encode()


def _markdown(document: Document) -> bytes:
    return "\n\n".join((f"# {document.heading}", *document.paragraphs)).encode()


def _html(document: Document) -> bytes:
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in document.paragraphs)
    head = f"<title>{escape(document.heading)}</title>"
    return f"<!doctype html><html><head>{head}</head><body><article>{body}</article></body></html>".encode()


def _docx(document: Document) -> bytes:
    written = docx.Document()
    written.add_heading(document.heading, 1)
    for paragraph in document.paragraphs:
        written.add_paragraph(paragraph)
    out = io.BytesIO()
    written.save(out)
    return out.getvalue()


def _epub(document: Document) -> bytes:
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in document.paragraphs)
    return book([f"<h1>{escape(document.heading)}</h1>{body}"])


def _pdf(document: Document) -> bytes:
    return Press(columns=2, indent=12).print(*document.paragraphs)


WRITERS: dict[str, Callable[[Document], bytes]] = {
    "txt": _plain,
    "md": _markdown,
    "html": _html,
    "docx": _docx,
    "epub": _epub,
    "pdf": _pdf,
}
"""What the letters of a standard PDF font cannot show is left to the tests of the reader."""


def written(folder: Path, name: str, document: Document) -> Path:
    suffix = name.rpartition(".")[2]
    if suffix == "pdf":
        plain = {ord(a): b for a, b in zip("“”’Łź€", '""\'Lze', strict=True)}
        document = Document(document.heading, tuple(p.translate(plain) for p in document.paragraphs))
    path = folder / name
    path.write_bytes(WRITERS[suffix](document))
    return path


def words_of(article: Article) -> str:
    paragraphs = [b for b in article.blocks if b.kind is BlockKind.PARAGRAPH]
    return " ".join(article.text[b.start : b.end] for b in paragraphs)


@pytest.mark.parametrize("suffix", WRITERS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=DOCUMENTS)
def test_what_was_written_is_read_and_tiled_without_gaps(
    tmp_path: Path, suffix: str, document: Document
) -> None:
    article = readers.read(written(tmp_path, f"report.{suffix}", document))
    expected = " ".join(document.paragraphs)
    if suffix != "pdf":
        assert " ".join(words_of(article).split()) == " ".join(expected.split())
    sentences, passages = chunking.split(article)
    cited = "".join(article.text[s.start : s.end] for s in sentences)
    assert "".join(cited.split()) == "".join(words_of(article).split())
    assert all(one.end <= other.start for one, other in pairwise(sentences))
    assert [n for p in passages for n in range(p.first, p.last + 1)] == [s.n for s in sentences]
    for passage in passages:
        first, last = sentences[passage.first], sentences[passage.last]
        assert (passage.start, passage.end) == (first.start, last.end)


@pytest.mark.parametrize("suffix", WRITERS)
def test_adding_and_removing_leaves_the_index_as_it_was_and_adding_twice_changes_nothing(
    library: Library, embedder: MiniLM, tmp_path: Path, suffix: str
) -> None:
    builder = Builder(library, embedder)
    builder.add([note("coffee", COFFEE)], silent)
    before = contents(library, embedder)
    document = Document(
        "Report of Gdynia", tuple(f"Then ferry number {n} left the harbour." for n in range(30))
    )
    article = readers.read(written(tmp_path, f"report.{suffix}", document))
    assert builder.add([article], silent).added == ("report",)
    generation = library.current_id()
    catalog = library.current().catalog
    assert catalog.article("report") == article
    for sentence in catalog.sentences("report"):
        quote = article.text[sentence.start : sentence.end]
        assert catalog.slice("report", sentence.start, sentence.end) == quote
    again = readers.read(tmp_path / f"report.{suffix}")
    assert builder.add([again, again], silent) == Change(unchanged=("report",))
    assert library.current_id() == generation
    builder.remove(["report"])
    assert contents(library, embedder) == before
