import time

import pytest

from index import sentences
from tests.index.notes import note


def split(*paragraphs: str) -> list[str]:
    article = note("a", *paragraphs)
    return [article.text[s.start : s.end] for s in sentences.split(article)]


@pytest.mark.parametrize(
    "sentence",
    [
        "The US-led forces attacked the U.S. base at 5 p.m. on Monday.",
        "Tehran struck on Jan. 16 and Islamabad on Jan. 18 of that year.",
        "The report by J. R. Smith and Dr. A. B. Jones was read aloud.",
        "It cost $3.5 million, i.e. about 4.2 percent of the budget of Acme Inc. in 2024.",
        "He waited... and then left.",
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_end_it(sentence: str) -> None:
    assert split(f"{sentence} The next one follows.") == [sentence, "The next one follows."]


def test_a_quotation_keeps_its_closing_mark() -> None:
    assert split("“We will not yield.” The minister left. “Why?” she asked.") == [
        "“We will not yield.”",
        "The minister left.",
        "“Why?” she asked.",
    ]


def test_questions_and_exclamations_end_sentences() -> None:
    assert split("Who knows? Nobody! Then it ended.") == ["Who knows?", "Nobody!", "Then it ended."]


@pytest.mark.parametrize("space", ["\u3000", "\u2028", "\u00a0", "\u2003", "\x85", "\x1c"])
def test_any_white_space_may_follow_a_full_stop(space: str) -> None:
    assert split(f"One ended.{space}Two began.{space}{space}Three.") == ["One ended.", "Two began.", "Three."]


@pytest.mark.parametrize(
    "text", ["B\u2028.\u3000。\x85\x85", "(\u2028..)U.S\u2028.", "\u2003DraU.S\u2028.\u2028"]
)
def test_no_space_of_several_bytes_breaks_the_splitter(text: str) -> None:
    assert "".join("".join(split(text)).split()) == "".join(text.split())


def test_offsets_count_code_points() -> None:
    article = note("a", "👩‍👩‍👧 went home. Cafe\u0301 owners 🇵🇰 stayed. עברית כאן. Done.")
    found = sentences.split(article)
    assert [article.text[s.start : s.end] for s in found] == [
        "👩‍👩‍👧 went home.",
        "Cafe\u0301 owners 🇵🇰 stayed.",
        "עברית כאן.",
        "Done.",
    ]
    assert found[1].start == len("👩‍👩‍👧 went home. ") == 17


def test_a_sentence_never_spans_two_paragraphs() -> None:
    assert split("A paragraph without an end", "another one") == [
        "A paragraph without an end",
        "another one",
    ]


def test_a_run_without_full_stops_is_cut_at_white_space() -> None:
    pieces = split("word " * 1_000)
    assert all(len(piece) <= sentences.LONGEST for piece in pieces)
    assert " ".join(pieces) == ("word " * 1_000).strip()


def test_a_run_without_white_space_is_cut_all_the_same() -> None:
    pieces = split("x" * 5_000)
    assert max(map(len, pieces)) == sentences.LONGEST
    assert "".join(pieces) == "x" * 5_000


def test_a_megabyte_without_full_stops_takes_less_than_a_second() -> None:
    begun = time.perf_counter()
    assert len(split("word " * 200_000)) > 1_000
    assert time.perf_counter() - begun < 1


def test_a_long_paragraph_is_split_as_if_it_were_read_at_once() -> None:
    four = ["“Who knows?” he asked.", "It was Mr. Smith of the U.S. base.", "It cost $3.5 million.", "Why?"]
    assert split(" ".join(four * 400)) == four * 400


@pytest.mark.parametrize("mark", ["`", "«", "‘a "])
def test_quotes_without_an_end_do_not_take_the_square_of_their_length(mark: str) -> None:
    # Found by fuzzing: a Markdown file of 330 kB took 11 s, and one of 3 MB would have taken 20 minutes.
    begun = time.perf_counter()
    pieces = split(mark * (200_000 // len(mark)))
    assert time.perf_counter() - begun < 3
    assert "".join(pieces).replace(" ", "") == mark.strip() * (200_000 // len(mark))
