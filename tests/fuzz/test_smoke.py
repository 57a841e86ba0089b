"""The fuzzing itself: each reader for a moment, and that it finds what it looks for."""

import sys
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from index.article import Article, Block, BlockKind, Metadata
from index.errors import InputRejected
from tests.fuzz.checks import check_article, check_refusal
from tests.fuzz.formats import FORMATS, Format, Read
from tests.fuzz.running import Tally, again, document, fuzzed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no timer of a process's own work")

SEED, RUNS = 4, 120
"""Of each reader, in half a second; so many seconds would make it chance what is tried."""
TEXT = "One bridge is closed. Another one is open.\n\nThe ferry runs."
ARTICLE = Article(
    id="bridge",
    metadata=Metadata("A bridge"),
    text=TEXT,
    blocks=(Block(BlockKind.PARAGRAPH, 0, 42), Block(BlockKind.PARAGRAPH, 44, len(TEXT))),
    source="https://news.example/bridge",
    pages=(0, 44),
)


@pytest.mark.parametrize("reader", FORMATS)
def test_whatever_is_changed_in_a_file_it_is_read_soundly_or_refused(reader: str, tmp_path: Path) -> None:
    tally = next(islice(fuzzed(reader, FORMATS[reader], SEED, tmp_path), RUNS - 1, None))
    assert not tally.finds
    assert tally.read + tally.refused == tally.runs == RUNS
    assert tally.read > RUNS / 4


@pytest.mark.parametrize("reader", FORMATS)
def test_what_is_not_changed_is_read(reader: str) -> None:
    made = FORMATS[reader]
    material = made.material()
    assert all(
        made.read(material.joined(seed), f"https://news.example/bridge{made.suffix}")
        for seed in material.seeds
    )


def test_a_run_of_a_seed_is_always_the_same() -> None:
    material = FORMATS["docx"].material()
    one, two = ([document(material, "docx", 1, run) for run in range(9)] for _ in range(2))
    assert one == two
    assert len(set(one)) == 9


def found(read: Read, keep: Path, longest: float = 20.0) -> Tally:
    made = Format(".txt", FORMATS["text"].material, read)
    return next(fuzzed("text", made, 1, keep, longest))


def test_a_file_that_was_kept_is_read_again(tmp_path: Path) -> None:
    for name, data in (("text-1-0.txt", b"One bridge is closed."), ("html-1-0.html", b"")):
        (tmp_path / name).write_bytes(data)
    assert again(tmp_path / "text-1-0.txt").read == again(tmp_path / "html-1-0.html").refused == 1


def test_an_error_is_a_find_and_its_file_is_kept(tmp_path: Path) -> None:
    def broken(data: bytes, url: str) -> Article:
        raise KeyError("bridge")

    tally = found(broken, tmp_path)
    assert ["KeyError" in what for what in tally.finds] == [True]
    material = FORMATS["text"].material()
    assert (tmp_path / "text-1-0.txt").read_bytes() == document(material, "text", 1, 0)
    assert "in broken" in (tmp_path / "text-1-0.trace").read_text()


def test_a_read_that_takes_too_long_is_ended_and_is_a_find(tmp_path: Path) -> None:
    def endless(data: bytes, url: str) -> Article:
        while True:
            with suppress(Exception):  # as some readers take whatever comes for damage
                sum(range(1000))

    assert ["TooSlowError" in what for what in found(endless, tmp_path, 0.1).finds] == [True]


def test_a_sound_article_passes() -> None:
    check_article(ARTICLE)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(ARTICLE, blocks=ARTICLE.blocks[::-1]),
        replace(ARTICLE, blocks=(Block(BlockKind.PARAGRAPH, 0, 50), Block(BlockKind.PARAGRAPH, 44, 59))),
        replace(ARTICLE, blocks=(Block(BlockKind.PARAGRAPH, 44, 60),)),
        replace(ARTICLE, blocks=(Block(BlockKind.PARAGRAPH, 42, 44),)),
        replace(ARTICLE, pages=(44, 0)),
        replace(ARTICLE, pages=(0, 60)),
        replace(ARTICLE, text=TEXT.replace("bridge", "bri\0ge")),
        replace(ARTICLE, metadata=Metadata("A \ud800")),
        replace(ARTICLE, metadata=Metadata(" ")),
    ],
    ids=[
        "order", "overlap", "outside", "empty", "falling page", "page outside", "NUL", "surrogate", "no title"
    ],
)  # fmt: skip
def test_an_article_that_is_not_sound_does_not_pass(wrong: Article) -> None:
    with pytest.raises(AssertionError):
        check_article(wrong)


def test_words_that_the_splitter_leaves_out_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.sentences.spans", lambda _: iter([(0, 3)]))
    with pytest.raises(AssertionError, match="behind the last sentence"):
        check_article(ARTICLE)


def test_a_refusal_that_names_nothing_or_would_act_on_a_terminal_is_found() -> None:
    check_refusal(InputRejected("a.txt is empty."), "a.txt")
    for message in ("It is empty.", "a.txt is \x1b[2J."):
        with pytest.raises(AssertionError):
            check_refusal(InputRejected(message), "a.txt")
