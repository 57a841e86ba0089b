"""What a person says of an article, as the values that `Metadata` holds."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from index.errors import InputRejected


def mended(given: Mapping[str, str | Sequence[str] | None]) -> dict[str, Any]:
    """The fields of `Metadata` that a person gave, checked; None was not given, and "" empties a field.

    Raises InputRejected, saying what is wrong with the first bad one.
    """
    return {name: _value(name, value) for name, value in given.items() if value is not None}


def _value(name: str, given: str | Sequence[str]) -> object:
    if not isinstance(given, str):
        return tuple(tag for tag in (" ".join(tag.split()) for tag in given) if tag)
    words = " ".join(given.split())
    if not words:
        if name == "title":
            raise InputRejected("An article has to have a title; give one that is not empty.")
        return None
    if name == "published":
        try:
            return date.fromisoformat(words)
        except ValueError:
            raise InputRejected(f"{words!r} is no date; write it as 2024-01-25.") from None
    if name == "url":
        parts = urlsplit(words)
        if parts.scheme not in ("http", "https") or not parts.hostname or len(words.split()) > 1:
            raise InputRejected(f"{words!r} is no web address; it begins with http:// or https://.")
    return words
