"""The parts of a sentence that a quotation must not change: numbers, dates, names and negation."""

import re
from calendar import month_name
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from index.words import STOP_WORDS, stem

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {word: value for value, word in enumerate(_UNITS)}
_VALUES |= {word: 10 * value for value, word in enumerate(_TENS, 2)}
_VALUES["a"] = _VALUES["an"] = 1
_PRONOUNS = frozenset(("one", "a", "an"))
"""Words that count only before a scale: "one million", "a dozen"."""
_SCALES = {
    "decade": 10,
    "decades": 10,
    "dozen": 12,
    "century": 100,
    "centuries": 100,
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "k": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "bn": 1e9,
    "tn": 1e12,
}
_DIGITS = re.compile(r"\d+(?:[,\u202f\u00a0]\d{3})*(?:\.\d+)?")
_NUMBER_TOKEN = re.compile(rf"({_DIGITS.pattern})|[a-z]+")

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
            "august aug", "september sep sept", "october oct", "november nov", "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = r"(?P<month>(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?)"
_MONTH = _MONTH.replace("|may|", "|(?-i:May)|")  # else "as many as may 20" is a date
_DATES = (
    re.compile(rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>\d{{4}}))?", re.IGNORECASE),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? (?P<year>\d{{4}}))?", re.IGNORECASE
    ),
    re.compile(r"\b(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>\d{2})\b"),
    re.compile(rf"\b{_MONTH},? (?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(
        rf"\b(?:in|of|since|until|by|last|early|late|mid-?) ?{_MONTH}(?P<day>)(?P<year>)", re.IGNORECASE
    ),
)

_NEGATORS = frozenset(
    (
        "not no never neither nor none nobody nothing nowhere without cannot hardly barely refuse refused "
        "refuses refusing refusal deny denied denies denying fail failed fails failing failure lack lacks "
        "lacked lacking"
    ).split()
)
_IDIOMS = re.compile(
    r"\b(no (?:option|choice|alternative) but|no strangers? to|not only|no less than|no longer than"
    r"|not least|no doubt|nothing but|no fewer than|no more than|not just|not merely|no matter"
    r"|whether or not|(?:can|could)(?:not| not|n't) but)\b",
    re.IGNORECASE,
)
_END_OF_SCOPE = frozenset("but and while although though because however except".split())
SCOPE = 3
"""Content words: how far a negator reaches, as in "refused to contribute troops to fight"."""


@dataclass(frozen=True, slots=True)
class Date:
    month: int
    day: int | None
    year: int | None

    def __str__(self) -> str:
        """`16 January 2024`, as far as it is known."""
        parts = (self.day, month_name[self.month], self.year)
        return " ".join(str(part) for part in parts if part)

    def agrees_with(self, other: "Date") -> bool:
        """Whether nothing that this date states is different or missing in the other."""
        return self.month == other.month and self.day in (None, other.day) and self.year in (None, other.year)


def dates(text: str) -> set[Date]:
    """The days and months named in a text: `Jan. 16` is `Date(1, 16, None)`."""
    return {date for date, _ in _dated_spans(text)}


def numbers(text: str) -> set[float]:
    """The numbers in a text but for those of dates: "three billion" and "3bn" are both 3e9.

    A bare "one" is mostly a pronoun and is left out; `implied_numbers` has it.
    """
    return set(_values(_NUMBER_TOKEN.finditer(_undated(text).lower())))


def implied_numbers(text: str) -> set[float]:
    """Numbers that a text holds, but does not state as such: 1 for "one", 2 for "both"."""
    words = set(re.findall(r"[a-z]+", text.lower()))
    return {value for word, value in (("one", 1.0), ("both", 2.0)) if word in words}


def _undated(text: str) -> str:
    """The text with its dates blotted out."""
    for _, (start, end) in _dated_spans(text):
        text = text[:start] + "|" * (end - start) + text[end:]
    return text


def _dated_spans(text: str) -> list[tuple[Date, tuple[int, int]]]:
    found: list[tuple[Date, tuple[int, int]]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for _, (start, end) in found):
                continue
            month = match["month"].lower().rstrip(".")
            parts = match.groupdict()
            day, year = parts.get("day"), parts.get("year")
            date = Date(
                _MONTHS.get(month) or int(month),
                int(day) if day else None,
                int(year) if year else None,
            )
            found.append((date, match.span()))
    return found


def _values(tokens: Iterable[re.Match[str]]) -> Iterator[float]:
    """Add up runs of number words: "two hundred and fifty thousand" is one number, 250,000."""
    total = current = 0.0
    running = bare_one = False
    for token in tokens:
        word = token.group()
        if token[1]:
            if running and not bare_one:
                yield total + current
            total, current = 0.0, float(re.sub(r"[,\u202f\u00a0]", "", word))
            running, bare_one = True, False
        elif word in _VALUES and not (running and word in ("a", "an")):
            value = _VALUES[word]
            joins = running and (
                (current >= 20 and current % 10 == 0 and value < 10)
                or (current >= 100 and current % 100 == 0)
                or current == 0
            )
            if running and not joins:
                if not bare_one:
                    yield total + current
                total = current = 0.0
            bare_one = word in _PRONOUNS and not (running and joins)
            current += value
            running = True
        elif word in _SCALES and running:
            scale = _SCALES[word]
            if scale == 100:
                current *= scale
            else:
                total, current = total + current * scale, 0.0
            bare_one = False
        elif word == "and" and running and current and current % 100 == 0:
            continue
        else:
            if running and not bare_one:
                yield total + current
            total = current = 0.0
            running = bare_one = False
    if running and not bare_one:
        yield total + current


_NAME_TOKEN = re.compile(r"[^\W\d_][\w’'.&-]*", re.UNICODE)
_NOT_A_NAME = frozenset(
    (
        "a an the i we he she it they you this that these those his her its their our my your who whom "
        "what when where why how which whose if in on at by for from with to of as and or but so nor yet "
        "after before since until while although though because despite during under over between among "
        "against about into through beyond neither none nobody nothing never nor cannot without "
        "both all some most many few several each every any no not only "
        "even still also then thus hence however therefore moreover furthermore additionally meanwhile "
        "instead otherwise overall there here now today yesterday tomorrow recently later earlier first "
        "second third finally formally informally diplomatically is are was were be been being do does "
        "did has have had can could may might must shall should will would yes well such other another "
        "one two three four five six seven eight nine ten based according following given taken together "
        "mr mrs ms dr gen"
    ).split()
)


def names(text: str, lowercase: Iterable[str] = ()) -> list[str]:
    """The capitalised words of a text that are names, in order, without possessive endings.

    The first word of a sentence is capitalised whatever it is. It counts as a name unless it is a
    function word or a form of one of `lowercase`, words that are known to be written small.
    """
    small = {stem(word.lower()) for word in lowercase}
    found = []
    text = _undated(same_names(text))
    for match in _NAME_TOKEN.finditer(text):
        for part in re.split(r"[-–]", match.group()):
            word = _bare(part)
            acronym = word.isupper() and len(word) > 1  # WHO is one, who is none
            if not word[:1].isupper() or (word.lower() in _NOT_A_NAME and not acronym):
                continue
            if stem(word.lower()) in small and _starts_sentence(text, match.start()):
                continue
            found.append(word)
    return found


def stands_in(name: str, text: str) -> bool:
    """Whether a name stands in a text, as itself, as a derived form, or as an abbreviation.

    "Pakistani" stands where "Pakistan" does, and "US" where "United States" does.
    """
    wanted = _plain(name)
    text = same_names(text)
    for part in re.split(r"[\s—–/-]+", text):
        word = _plain(part)
        if name.isupper() and part.islower():  # "us" is not the US
            continue
        short, long = sorted((wanted, word), key=len)
        if short == long or (len(short) >= 4 and long.startswith(short) and long[len(short) :] in _ENDINGS):
            return bool(wanted)
        if _DEMONYMS.get(wanted, wanted) == _DEMONYMS.get(word, word):
            return True
    return name.isupper() and 2 <= len(wanted) <= 6 and wanted in _initials(text)


_ENDINGS = frozenset("s n an ian i ese ish er istan istani y".split())
"""What turns a nation into its adjective or its people, and back: not "son" or "ia"."""

_DEMONYMS = {
    "british": "britain",
    "danish": "denmark",
    "dutch": "netherlands",
    "finnish": "finland",
    "french": "france",
    "greek": "greece",
    "irish": "ireland",
    "italian": "italy",
    "chinese": "china",
    "mexican": "mexico",
    "norwegian": "norway",
    "polish": "poland",
    "scottish": "scotland",
    "spanish": "spain",
    "swedish": "sweden",
    "swiss": "switzerland",
    "turkish": "turkey",
}
"""The nations whose adjective does not begin with their name; the others are found by prefix."""

_SAME = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"\b(?:the )?United States(?: of America)?\b|\bU\.S\.(?:A\.)?|\bUSA\b|\bAmericans?\b", "US"),
        (r"\b(?:the )?United Kingdom\b|\bU\.K\.|\bGreat Britain\b|\bBritain\b|\bBritish\b", "UK"),
        (r"\b(?:the )?United Arab Emirates\b|\bU\.A\.E\.|\bEmirati\b", "UAE"),
        (r"\b(?:the )?United Nations\b|\bU\.N\.", "UN"),
        (r"\b(?:the )?European Union\b|\bE\.U\.", "EU"),
    )
)


def same_names(text: str) -> str:
    """The text with the names that have several forms in one form: "United States" becomes "US"."""
    for pattern, name in _SAME:
        text = pattern.sub(name, text)
    return text


_EDGES = '.,"“”‘()[]{}:;!?&*_'


def _bare(word: str) -> str:
    return re.sub(r"[’'](?:s|S)?$", "", word.strip(_EDGES)).strip(_EDGES)


def _plain(word: str) -> str:
    return _bare(word).casefold().replace(".", "")


def _starts_sentence(text: str, position: int) -> bool:
    before = text[:position].rstrip(" \"“‘'(")
    return not before or before[-1] in ".!?:\n"


def _initials(text: str) -> Iterator[str]:
    """The initials of every run of capitalised words: "United States" gives "us"."""
    for run in re.findall(r"(?:\b[A-Z][\w’-]*(?:\s+(?:of|the|and))*\s*){2,}", text):
        letters = [word[0].lower() for word in run.split() if word[0].isupper()]
        for start in range(len(letters)):
            for end in range(start + 2, len(letters) + 1):
                yield "".join(letters[start:end])


def negated(text: str) -> tuple[set[str], list[set[str]]]:
    """The stems of a text's content words that are asserted, and those that each negator reaches.

    A negator within the reach of another one undoes it: "did not refuse" asserts.
    """
    text = _IDIOMS.sub(" ", text.lower().replace("’", "'"))
    asserted: set[str] = set()
    denied: list[set[str]] = []
    left = 0
    for word in re.findall(r"[a-z]+(?:'[a-z]+)?|[.,;:!?—]", text):
        if not word[0].isalpha() or word in _END_OF_SCOPE:
            left = 0
        elif word in _NEGATORS or word.endswith("n't"):
            if left and not denied[-1] and word != "nor":
                left = 0
            else:
                denied.append(set())
                left = SCOPE
        elif word in STOP_WORDS or word in _LIGHT:
            continue
        elif left:
            denied[-1].add(stem(word))
            left -= 1
        else:
            asserted.add(stem(word))
    return asserted, [reached for reached in denied if reached]


_LIGHT = frozenset("any yet either also longer even been being may might must".split())
"""Words between a negator and what it denies."""
