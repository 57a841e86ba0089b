"""Sentences and passages tile an article, whatever it is made of, and storage changes no letter."""

import tempfile
import time
from contextlib import closing
from datetime import date
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import chunking
from index.article import Article, Block, BlockKind, Metadata
from index.catalog import Catalog
from tests.index.notes import note

CITED = (BlockKind.PARAGRAPH, BlockKind.NOTE)

# Words as people paste them: emoji, right-to-left, zero-width and combining characters, odd space.
characters = st.one_of(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    st.sampled_from("👩🏽‍🚀🇵🇰\u200b\u200d\u200f\u202e\u2066\ufeff\u00ad\u0301אבגعربي中文。！？…—“”’.!?;:"),
)
spaces = st.sampled_from([" ", "  ", "\t", "\u00a0", "\u2003", "\u2028", "\u3000", "\x0b", "\x1c", "\n"])
endings = st.sampled_from(["", ".", "!", "?", "...", "…", "。", ".”", ". "])
words = st.text(characters, min_size=1, max_size=12)
phrases = st.tuples(st.lists(st.tuples(words, spaces), min_size=1, max_size=8), endings).map(
    lambda parts: "".join(word + space for word, space in parts[0]) + parts[1] + " "
)
# A few repeats make paragraphs longer than a passage and sentences longer than a citation.
paragraphs = st.tuples(st.lists(phrases, min_size=1, max_size=6), st.sampled_from([1, 1, 1, 5, 40])).map(
    lambda parts: "".join(parts[0]) * parts[1]
)
kinds = st.sampled_from(list(BlockKind))
metadata = st.builds(
    Metadata,
    title=words,
    author=st.none() | words,
    publisher=st.none() | words,
    published=st.none() | st.dates(),
    url=st.none() | words,
    tags=st.lists(words, max_size=3).map(tuple),
)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    blocks = []
    text = draw(spaces)
    for kind, paragraph in draw(st.lists(st.tuples(kinds, paragraphs), min_size=1, max_size=6)):
        if paragraph.strip():
            start = len(text) + len(paragraph) - len(paragraph.lstrip())
            blocks.append(Block(kind, start, start + len(paragraph.strip())))
        text += paragraph + draw(st.sampled_from(["\n\n", "\n", "\n \n"]))
    return Article("an-article", draw(metadata), text, tuple(blocks), "/somewhere/an-article.txt")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(articles())
def test_every_character_that_can_be_cited_is_in_one_sentence(article: Article) -> None:
    sentences, _ = chunking.split(article)
    covered = bytearray(len(article.text))
    for sentence in sentences:
        assert article.text[sentence.start : sentence.end].strip()
        assert sentence.end - sentence.start <= 800
        for position in range(sentence.start, sentence.end):
            covered[position] += 1
    for block in article.blocks:
        for position in range(block.start, block.end):
            if block.kind not in CITED:
                assert covered[position] == 0
            elif not article.text[position].isspace():
                assert covered[position] == 1
            else:
                assert covered[position] <= 1
    assert [s.n for s in sentences] == list(range(len(sentences)))
    assert all(one.end <= other.start for one, other in pairwise(sentences))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(articles())
def test_every_sentence_is_in_one_passage(article: Article) -> None:
    sentences, passages = chunking.split(article)
    numbers = [n for passage in passages for n in range(passage.first, passage.last + 1)]
    assert numbers == list(range(len(sentences)))
    for passage in passages:
        held = sentences[passage.first : passage.last + 1]
        assert (passage.start, passage.end) == (held[0].start, held[-1].end)
        assert {sentence.heading for sentence in held} == {passage.heading}
        assert passage.end - passage.start <= chunking.LONGEST or len(held) == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(articles(), st.data())
def test_what_is_stored_is_read_back_to_the_letter(article: Article, data: st.DataObject) -> None:
    sentences, passages = chunking.split(article)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalog.sqlite"
        with closing(Catalog.create(path)) as catalog:
            ids = catalog.add(article, sentences, passages)
            catalog.commit()
        with closing(Catalog.open(path)) as catalog:
            catalog.check()
            assert catalog.article(article.id) == article
            assert catalog.articles() == [article]
            assert catalog.sentences(article.id) == sentences
            assert [*catalog.passages(ids).values()] == [
                (passage, article.text[passage.start : passage.end]) for passage in passages
            ]
            for sentence in sentences:
                start, end = sentence.start, sentence.end
                assert catalog.slice(article.id, start, end) == article.text[start:end]
            start = data.draw(st.integers(0, len(article.text)))
            end = data.draw(st.integers(start, len(article.text)))
            assert catalog.slice(article.id, start, end) == article.text[start:end]


def test_a_passage_stays_in_its_section(bundled: Article) -> None:
    sentences, passages = chunking.split(bundled)
    for passage in passages:
        held = sentences[passage.first : passage.last + 1]
        assert {sentence.heading for sentence in held} == {passage.heading}
    assert {passage.heading for passage in passages} == {s.heading for s in sentences}


def test_short_paragraphs_of_a_section_share_a_passage() -> None:
    _, passages = chunking.split(note("a", *["A short paragraph."] * 10))
    assert len(passages) == 1


def test_what_is_embedded_leads_with_title_and_heading(bundled: Article) -> None:
    _, passages = chunking.split(bundled)
    title, heading, words = chunking.indexed_text(bundled, passages[-2]).split("\n", 2)
    assert (title, heading) == (bundled.metadata.title, "Trade ties that bind")
    assert words == bundled.text[passages[-2].start : passages[-2].end]


def test_a_log_of_a_megabyte_without_a_blank_line_is_chunked_in_seconds() -> None:
    lines = [" ".join(["Word", *["word"] * (3 + n * 7 % 150)]) + "." for n in range(2_700)]
    begun = time.perf_counter()
    _, passages = chunking.split(note("log", " ".join(lines)))
    assert time.perf_counter() - begun < 2
    assert len(passages) > 1_000


def test_dates_survive_storage(tmp_path: Path) -> None:
    article = note("old", "An old text.", published=date(1, 1, 1))
    with closing(Catalog.create(tmp_path / "catalog.sqlite")) as catalog:
        catalog.add(article, *chunking.split(article))
        assert catalog.article("old").metadata.published == date(1, 1, 1)
