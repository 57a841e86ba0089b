"""Which articles share much of their words."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.similar import ALIKE, SIZE, pairs, similarity, sketch

TEXTS = st.lists(st.sampled_from([f"word{n}" for n in range(30)]), max_size=60).map(" ".join)


def story(words: int, seed: int) -> list[str]:
    drawn = random.Random(seed)
    return [f"w{drawn.randrange(5_000)}" for _ in range(words)]


@given(TEXTS, TEXTS)
def test_similarity_is_symmetric_and_of_a_text_with_itself_whole(one: str, other: str) -> None:
    a, b = sketch(one), sketch(other)
    assert similarity(a, a) == 1
    assert similarity(a, b) == similarity(b, a)
    assert 0 <= similarity(a, b) <= 1


def test_capitals_and_punctuation_make_no_difference() -> None:
    one = "The treaty was signed in Geneva, and nine states joined it."
    assert similarity(sketch(one), sketch(one.upper().replace(",", " -"))) == 1


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_the_estimate_is_near_the_true_share(share: float) -> None:
    common, errors = 600, []
    for seed in range(30):
        rest = round(common * (1 - share) / share / 2)
        shared = story(common, 3 * seed)
        one, other = shared + story(rest, 3 * seed + 1), shared + story(rest, 3 * seed + 2)
        errors.append(abs(similarity(sketch(" ".join(one)), sketch(" ".join(other))) - share))
    assert sum(errors) / len(errors) < 1 / SIZE**0.5


def test_an_agency_text_is_found_in_a_longer_report_and_nothing_else_is() -> None:
    agency = story(300, 1)
    reports = {
        "agency": agency,
        "outlet": [*story(60, 2), *agency[:250], *story(200, 3)],
        "other": story(500, 4),
        "empty": [],
    }
    sketches = {name: sketch(" ".join(words)) for name, words in reports.items()}
    assert list(pairs({"agency": sketches["agency"]}, sketches)) == [("agency", "outlet")]
    assert set(pairs(sketches, sketches)) == {("agency", "outlet"), ("outlet", "agency")}
    assert list(pairs(sketches, {})) == []
    assert 0 < ALIKE <= 0.2
