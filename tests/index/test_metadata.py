"""What a person says of an article."""

from datetime import date

import pytest

from index.errors import InputRejected
from index.metadata import mended


def test_what_was_given_is_checked_and_the_rest_is_left_alone() -> None:
    given = {
        "title": " A  title ",
        "author": None,
        "publisher": "",
        "published": "2024-01-25",
        "tags": ["x", " "],
    }
    assert mended(given) == {
        "title": "A title",
        "publisher": None,
        "published": date(2024, 1, 25),
        "tags": ("x",),
    }


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("title", "  ", "has to have a title"),
        ("published", "25 January", "write it as 2024-01-25"),
        ("published", "2024-02-30", "is no date"),
        ("url", "javascript:alert(1)", "begins with http"),
        ("url", "https://", "no web address"),
        ("url", "https://a b", "no web address"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(name: str, value: str, says: str) -> None:
    with pytest.raises(InputRejected, match=says) as refused:
        mended({name: value})
    assert "\n" not in str(refused.value)
