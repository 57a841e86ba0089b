"""The encoding of bytes that do not say it: a library proposes, the alphabets of languages decide.

charset_normalizer alone takes a quarter of French, Portuguese and Catalan in Windows-1252 for Central
European (paragraphs of 600 characters), for few letters tell the two apart. But a text with an ă that should
be ã has an ő that should be õ, and no language has both.
"""

import re
import unicodedata

from index.readers.labels import WEB, known

SHORTEST = 100
"""Bytes. Nearly all that is shorter is in doubt."""
CERTAIN = 500
"""Bytes. Below, two readings that are both likely are a doubt; above, the commoner one of two is right."""
MOST_ODD = 0.04
"""Share of what is beyond ASCII that may be foreign to the language, as in a name. A wrong reading has .1."""
MOST_IN_ENGLISH = 0.02
"""Share of letters with accents: English has them in names only, and then any. Portuguese has .04."""
LARGEST_SAMPLE = 50_000
"""Bytes. Each of 30 encodings is tried on it, which takes 0.1 s."""
LEAST_OWN = 0.2
"""Share of the letters that are not Latin, in a text of another script."""

# The letters beyond ASCII of languages that are written in Latin letters (CLDR's main and auxiliary sets).
_ALPHABETS = [
    frozenset(letters)
    for letters in (
        "àâçèéêëîïñôœùûü áçéíñóúüïªº áâãàçéêíñóôõúªº àèéìíîòóùªº áàäçëéèêïíöóòüú äöüßéàç åäöéàü æøåéäöü "
        "áðéíóúýþæö çàèéíïñòóúüªº åäöšžé ąćęłńóśźżé áčďéěíňóöřšťúůüýž áäčďéíĺľňóôöŕšťúüýž áéíóöőúüűä čćđšžéü "
        "ăâîșțşţé çğıi\u0307öşüâîûé ąčęėįšųūž āčēģīķļņšūžŗō äöõüšž"
    ).split()
]
# What stands in no text: a sign within or before a word, a capital after a small letter, a control character.
_SIGN = "[¢-©¬®¯±´¶¸¼-¾÷ˇ˘-˝€ƒ†‡‰]"
_CAPITAL = "[À-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮĶĹĻĽŁŃŅŇŌŐŒŔŖŘŚŞŠŢŤŪŮŰŲŸŹŻŽ]"
_ODD = re.compile(
    rf"{_SIGN}(?=[^\W\d_])|[a-zà-öø-ÿ]{_CAPITAL}|[^\W\d_][¿¡]|[“„](?=[\s.,])|”(?=[a-zA-Zà-ÿ])"
    r"|[\x80-\x9f\ue000-\uf8ff\ufffd]|(?<![\u0590-\u05ff])[\u0591-\u05c7]|(?<![\u0e00-\u0e7f])[\u0e31-\u0e4e]"
)


def detected(data: bytes) -> str | None:
    """Python's name for the encoding, or None where it is in doubt. Takes 3 ms for 1,000 characters."""
    # Importing it takes 0.05 s, which only those pay whose files do not say their encoding.
    from charset_normalizer import from_bytes

    sample = _sample(data)
    if _CONTROL.search(sample):
        return _wide(data[: LARGEST_SAMPLE // 2 * 2])
    if len(sample) < SHORTEST:
        return None
    proposed = list(from_bytes(sample, cp_isolation=_PROPOSABLE, enable_fallback=False))
    proposed.sort(key=lambda match: _COMMON.get(match.encoding, len(_COMMON)))  # keeps the order of the rest
    likely = [(odd, match) for match in proposed if (odd := _oddness(str(match), match.encoding)) < MOST_ODD]
    if not likely:
        return None
    best = min(likely, key=lambda pair: pair[0])[1]
    if len(sample) < CERTAIN and any(str(match) != str(best) for _, match in likely):
        return None
    return known(best.encoding)


def _sample(data: bytes) -> bytes:
    """Whole lines from the first that is not ASCII; no encoding of the web has a line end within a letter."""
    if len(data) <= LARGEST_SAMPLE:
        return data
    first = _NOT_ASCII.search(data)
    start = data.rfind(b"\n", 0, first.start()) + 1 if first else 0
    end = data.rfind(b"\n", start, start + LARGEST_SAMPLE)
    return data[start : end if end > start else start + LARGEST_SAMPLE]


_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1a]")
_COMMON = {"cp1252": 0, "cp1250": 1}
_PROPOSABLE = sorted(name.replace("-", "_") for name in WEB if not name.startswith("utf"))


def _wide(data: bytes) -> str | None:
    """UTF-16 without its mark: bytes that no other text has, every other one from fewer values (the rows)."""
    if len(data) % 2 or len(data) < 32 or not _CONTROL.search(data):
        return None
    encoding = "utf-16-le" if len(set(data[1::2])) < len(set(data[::2])) else "utf-16-be"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    shown = sum(c.isprintable() or c.isspace() for c in text)
    words = sum(c.isalpha() or c.isspace() for c in text)
    return encoding if shown > 0.999 * len(text) and words > 0.6 * len(text) else None


def _oddness(text: str, encoding: str) -> float:
    """The share of what is beyond ASCII that stands in no text of the language which fits best."""
    beyond = [c for c in text if c > "\x7f" and not c.isspace()]
    letters = [c for c in text if c.isalpha()]
    accented = [c for c in letters if c > "\x7f"]
    latin = [c for c in accented if c in "ªº" or unicodedata.name(c, "").startswith("LATIN")]
    odd = sum(1 for _ in _ODD.finditer(text))
    if len(latin) * 2 < len(accented):
        if len(accented) - len(latin) < LEAST_OWN * len(letters):
            return 1.0
    elif not (encoding == "cp1252" and len(accented) <= MOST_IN_ENGLISH * len(letters)):
        small = "".join(accented).lower()
        odd += min(sum(c not in alphabet for c in small) for alphabet in _ALPHABETS)
    return odd / max(1, len(beyond))
