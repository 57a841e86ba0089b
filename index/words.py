"""The words of a text as search and checks compare them: small, without stop words, stemmed."""

import re
from functools import lru_cache

import Stemmer

WORD = re.compile(r"\d[\d,.]*\d|\w+")
"""A word as written, or a number with its separators."""

STOP_WORDS = frozenset(
    (
        "a an and are as at be been but by can could did do does for from had has have how i if in into "
        "is it its me my no not of on or our shall should so than that the their them then there these "
        "they this those to us was we were what when where which who whom whose why will with would you "
        "your"
    ).split()
)


def words(text: str) -> list[str]:
    """The words of a text in order, in small letters."""
    return [word.lower() for word in WORD.findall(text)]


def content_words(text: str) -> list[str]:
    """The words that carry meaning; all of them where a text has nothing but stop words."""
    found = words(text)
    return [word for word in found if word not in STOP_WORDS] or found


def content_stems(text: str) -> list[str]:
    """The stems of the content words, in order."""
    return [stem(word) for word in content_words(text)]


_stemmer = Stemmer.Stemmer("english")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Porter's English stemmer, revised (Snowball): "strikes" and "striking" become "strike"."""
    stemmed: str = _stemmer.stemWord(word)
    return stemmed
