import pytest

from bot import facts
from bot.facts import Date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("three billion dollars", {3e9}),
        ("$3bn", {3e9}),
        ("3 billion", {3e9}),
        ("3,000,000,000", {3e9}),
        ("2.5 million", {2.5e6}),
        ("two hundred and fifty thousand", {250_000}),
        ("one hundred and twenty-one", {121}),
        ("forty-eight-hours", {48}),
        ("twenty-one or 22", {21, 22}),
        ("ten to fifteen people", {10, 15}),
        ("10-15 people", {10, 15}),
        ("between 5 and 7", {5, 7}),
        ("50%", {50}),
        ("fifty per cent", {50}),
        ("50 percent", {50}),
        ("a dozen", {12}),
        ("two dozen", {24}),
        ("a million", {1e6}),
        ("one million", {1e6}),
        ("three decades", {30}),
        ("two centuries", {200}),
        ("three or four", {3, 4}),
        ("in 2020", {2020}),
        ("twenty a day", {20}),
        ("one of them", set()),
        ("a man", set()),
        ("no number at all", set()),
        ("on January 16", set()),
        ("the 21st century", {21}),
        ("an F-16", {16}),
        ("zero", {0}),
        ("seven thousand five hundred", {7_500}),
        ("three billion dollars, while two billion", {3e9, 2e9}),
    ],
)
def test_numbers_are_read_from_digits_words_and_scales(text: str, expected: set[float]) -> None:
    assert facts.numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("January 16", {Date(1, 16, None)}),
        ("Jan. 16", {Date(1, 16, None)}),
        ("16 January 2024", {Date(1, 16, 2024)}),
        ("16th of January, 2024", {Date(1, 16, 2024)}),
        ("January 16, 2024", {Date(1, 16, 2024)}),
        ("2024-01-16", {Date(1, 16, 2024)}),
        ("January 2024", {Date(1, None, 2024)}),
        ("in January", {Date(1, None, None)}),
        ("May 3 and 4 June", {Date(5, 3, None), Date(6, 4, None)}),
        ("Sept. 3", {Date(9, 3, None)}),
        ("as many as may 20 people", set()),
        ("2024-13-45", set()),
        ("16 people in 2024", set()),
    ],
)
def test_dates_are_read_in_every_common_form(text: str, expected: set[Date]) -> None:
    assert facts.dates(text) == expected


@pytest.mark.parametrize(
    ("stated", "known", "agrees"),
    [
        ("January", "16 January 2024", True),
        ("16 January", "16 January 2024", True),
        ("16 January 2024", "16 January", False),
        ("17 January", "16 January 2024", False),
        ("16 February", "16 January 2024", False),
    ],
)
def test_a_date_agrees_with_one_that_says_as_much_or_more(stated: str, known: str, agrees: bool) -> None:
    (one,), (other,) = facts.dates(f"in {stated}"), facts.dates(known)
    assert one.agrees_with(other) is agrees


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Iran’s minister met Khan.", ["Iran", "Khan"]),
        ("The economy of Pakistan's.", ["Pakistan"]),
        ("US-led forces and Iran-backed groups", ["US", "Iran"]),
        ("Trade grew. Markets opened.", []),
        ("Qatar grew.", ["Qatar"]),
        ("Neither Iran nor Pakistan struck.", ["Iran", "Pakistan"]),
        ("It struck on Jan. 16.", []),
        ("He came on Monday.", ["Monday"]),
        ("the United States of America", ["US"]),
        ("“Tehran” (Iran)", ["Tehran", "Iran"]),
    ],
)
def test_names_are_the_capitalised_words_that_are_not_written_small(text: str, expected: list[str]) -> None:
    assert facts.names(text, ["trade", "market"]) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Iran", "Iranian-backed Houthis"),
        ("Pakistani", "in Pakistan."),
        ("Houthi", "the Houthis"),
        ("Chinese", "China’s projects"),
        ("Turkish", "China and Turkey"),
        ("Baloch", "in Balochistan"),
        ("Afghanistan", "the Afghan regime"),
        ("Syrian", "Iraq and Syria."),
        ("Russian", "Islamabad–Russia ties"),
        ("US", "the United States and China"),
        ("US", "U.S.-led forces"),
        ("American", "US forces"),
        ("UAE", "the United Arab Emirates"),
        ("British", "the United Kingdom"),
        ("WHO", "the World Health Organization"),
        ("Pakistan", "than to Pakistan’s."),
        ("IRAN", "Iran struck"),
    ],
)
def test_a_name_stands_in_a_text_in_any_of_its_forms(name: str, text: str) -> None:
    (found,) = facts.names(f"by {name}")
    assert facts.stands_in(found, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Iraq", "Iran struck"),
        ("Niger", "Nigeria voted"),
        ("John", "Johnson resigned"),
        ("India", "Indonesia voted"),
        ("Austria", "Australia voted"),
        ("US", "both of us"),
        ("UN", "the United States"),
        ("China", ""),
    ],
)
def test_another_name_does_not_stand_for_it(name: str, text: str) -> None:
    assert not facts.stands_in(name, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It did not strike.", [{"strike"}]),
        ("It didn’t strike.", [{"strike"}]),
        ("It refused to contribute troops.", [{"contribut", "troop"}]),
        ("It strikes without warning.", [{"warn"}]),
        ("No duties or taxes are levied.", [{"duti", "tax", "levi"}]),
        ("It did not refuse.", []),
        ("It did not fail to strike.", []),
        ("It had no option but to respond.", []),
        ("They are no strangers to violence.", []),
        ("Not only Iran struck.", []),
        ("It struck, no doubt.", []),
        ("Not less, but it struck.", [{"less"}]),
        ("It struck.", []),
    ],
)
def test_a_negator_reaches_the_next_words_of_its_clause(text: str, expected: list[set[str]]) -> None:
    assert facts.negated(text)[1] == expected
