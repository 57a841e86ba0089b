"""What changed between two revisions, sentence by sentence."""

import time

from hypothesis import given
from hypothesis import strategies as st

from index.diff import Edit, Kind, changes
from tests.index.notes import COFFEE, COMETS, GENEVA, note

SHIPS = [f"Ship number {n} left the port of Gdynia." for n in range(9)]
SENTENCES = st.lists(st.sampled_from(SHIPS), max_size=12)


def test_an_edited_sentence_is_shown_before_and_after() -> None:
    before = note("treaty", GENEVA, COFFEE)
    after = note("treaty", GENEVA.replace("Nine", "Ten"), COFFEE)
    old, new = "Nine states joined it at once.", "Ten states joined it at once."
    assert changes(before, after) == (Edit(Kind.CHANGED, old, new),)


def test_a_paragraph_that_came_or_went_is_its_sentences() -> None:
    before, after = note("treaty", GENEVA, COFFEE), note("treaty", GENEVA, COMETS)
    assert [edit.kind for edit in changes(before, after)] == 2 * [Kind.REMOVED] + 2 * [Kind.ADDED]


def test_line_breaks_and_the_layout_are_no_change() -> None:
    assert changes(note("a", GENEVA, COFFEE), note("a", GENEVA.replace(" ", "\n", 3), COFFEE)) == ()


@given(SENTENCES, SENTENCES)
def test_the_edits_lead_from_one_text_to_the_other(old: list[str], new: list[str]) -> None:
    edits = changes(note("a", " ".join(old)), note("a", " ".join(new)))
    gone = [edit.before for edit in edits if edit.before]
    came = [edit.after for edit in edits if edit.after]
    assert sorted([*old, *came]) == sorted([*new, *gone])
    assert (not edits) == (old == new)


def test_a_book_that_was_written_anew_takes_no_minutes() -> None:
    old = note("a", *(f"Old line {n} spoke of ships and of salt." for n in range(4_000)))
    new = note("a", *(f"New text {n} tells of cars, not of horses." for n in range(4_000)))
    began = time.perf_counter()
    assert len(changes(old, new)) == 8_000
    assert time.perf_counter() - began < 5
