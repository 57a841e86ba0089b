"""Text that Discord shows as it is: no mention, link, heading, emoji, timestamp or spoiler comes of it."""

import re
import unicodedata
from urllib.parse import quote

_MARKS = re.compile(r"([\\*_~|`<>\[\]])")
_LINE_START = re.compile(r"^(\d*)([#\-+.)])")
_ADDRESS = re.compile(r"(?<=:)/(?=/)")
_IN_ADDRESS = "%:/?#[]@!$&'*+,;=~"
"""Besides letters, digits and `-._`; parentheses would end a masked link."""
_EVERYONE = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_INVISIBLE = {"Cf", "Cc", "Co", "Cs", "Zl", "Zp"}
"""Unicode categories that are not seen but change what is: bidi and zero-width characters, controls."""
_JOINERS = "\u200c\u200d"
"""Kept: Persian is misspelled without the one, and the other holds emoji together."""


def plain(text: str) -> str:
    """One line without invisible characters, for places where Discord reads no markup."""
    kept = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in text
        if c in _JOINERS or c.isspace() or unicodedata.category(c) not in _INVISIBLE
    )
    return " ".join(kept.split())


def escaped(text: str) -> str:
    """One line of text with every mark of Discord's escaped."""
    text = _MARKS.sub(r"\\\1", plain(text))
    text = _LINE_START.sub(r"\1\\\2", text)
    text = _ADDRESS.sub(r"\\/", text)  # else Discord makes a link of any address
    return _EVERYONE.sub("@\u200b", text)  # a backslash would not do


def verbatim(text: str) -> str:
    """One line of text for a block of code, which nothing in it ends."""
    return plain(text).replace("`", "`\u200b")


def encoded(url: str) -> str:
    """A web address with only those characters that Discord takes for a part of it."""
    return quote(url, safe=_IN_ADDRESS, errors="replace")


def target(url: str) -> str:
    """A web address as the target of a masked link, without a preview."""
    return f"<{encoded(url)}>"


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words, with an ellipsis where something is missing."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > limit // 2 else cut).rstrip("\\ ") + "…"
