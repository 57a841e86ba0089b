"""Front matter: what stands between rules above a Markdown text, in YAML (---) or TOML (+++)."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from index.article import Metadata
from index.errors import InputRejected
from index.readers.page import parse_date

LONGEST = 100_000
"""Characters. PyYAML reads some 100,000 a second."""

_FENCED = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)^(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r"[ \t]*(?:#.*)?[\w-]+[ \t]*[:=](?:\s|$|[\"'\[{])|[ \t]*\[\[?[\w.-]+\]")
_DAY = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})(?:[Tt ]\s*\d{1,2}:\d\d.*)?")
_NOTHING = ("", "~", "null", "Null", "NULL")
_KNOWN = frozenset(
    "title author authors publisher site source published date publishdate url canonical link tags keywords "
    "categories".split()
)


@dataclass(frozen=True, slots=True)
class Front:
    """What was said, by keys in small letters, and the lines of the file that it was said in."""

    said: dict[str, Any] = field(repr=False)  # aliases can nest to any size
    lines: tuple[str, ...]
    where: str

    def refused(self, key: str, reason: str) -> InputRejected:
        own = (
            n for n, line in enumerate(self.lines, 2) if re.match(rf"\s*[\"']?{key}\b", line, re.IGNORECASE)
        )
        return _refused(self.where, next(own, 2), reason)


def parted(text: str, where: str) -> tuple[Front | None, str, str]:
    """Part the front matter from the text; what stands between rules and is none is returned as prose.

    Raises InputRejected for front matter that cannot be read, naming its line.
    """
    fenced = _FENCED.match(text)
    if not fenced:
        return None, "", text
    written, rest = fenced[2], text[fenced.end() :]
    lines = tuple(written.split("\n"))
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    if len(written) > LONGEST:
        if _KEY.match(first):
            raise _refused(where, 1, f"the front matter has more than {LONGEST:,} characters")
        return None, written, rest
    try:
        loaded = yaml.load(written, yaml.BaseLoader) if fenced[1] == "---" else tomllib.loads(written)  # noqa: S506
    except (yaml.YAMLError, tomllib.TOMLDecodeError, RecursionError) as error:
        if _KEY.match(first):
            raise _refused(where, *_fault(error)) from None
        return None, written, rest
    if not isinstance(loaded, dict):
        return None, written, rest
    said = {str(key).strip().lower(): value for key, value in loaded.items()}
    if not said.keys() & _KNOWN and any(" " in key for key in said):  # "Please note: the museum is closed."
        return None, written, rest
    return Front(said, lines, where), "", rest


def metadata(front: Front, title: str) -> Metadata:
    """What the front matter says of its text; `title` is for where it says none. Raises InputRejected."""
    said = front.said
    source = _one(front, "source")
    addresses = [_one(front, key) for key in ("url", "canonical", "link")]
    names = [*_names(said.get("author")), *_names(said.get("authors"))]
    tags = [tag for key in ("tags", "keywords", "categories") for tag in _tags(said.get(key))]
    return Metadata(
        title=_one(front, "title") or title,
        author=", ".join(dict.fromkeys(names)) or None,
        publisher=_one(front, "publisher") or _one(front, "site") or (None if _is_web(source) else source),
        published=_published(front),
        url=next(filter(_is_web, [*addresses, source]), None),
        tags=tuple(dict.fromkeys(tags)),
    )


def _published(front: Front) -> date | None:
    for key in ("published", "date", "publishdate"):
        written = _one(front, key)
        if written in (None, "true", "false", "True", "False"):  # Jekyll: published: false
            continue
        day = _DAY.fullmatch(written or "")
        try:
            found = date(*map(int, day[1].split("-"))) if day else parse_date(written or "")
        except ValueError:
            found = None
        if not found:
            raise front.refused(key, f"{(written or '')[:40]!r} is no date; write it as 2024-01-25")
        return found
    return None


def _one(front: Front, key: str) -> str | None:
    value = front.said.get(key)
    if isinstance(value, (list, dict)):
        raise front.refused(key, f"{key} has to be one line of text")
    return _line(value)


def _line(value: object) -> str | None:
    words = " ".join(("" if value is None else str(value)).encode(errors="replace").decode().split())
    return None if words in _NOTHING else words  # YAML can write lone surrogates


def _names(value: object) -> Iterator[str]:
    for name in value if isinstance(value, list) else [value]:
        said = name.get("name") if isinstance(name, dict) else name
        if not isinstance(said, (list, dict)) and (line := _line(said)):
            yield line


def _tags(value: object) -> Iterator[str]:
    for tag in value if isinstance(value, list) else (_line(value) or "").split(","):
        if not isinstance(tag, (list, dict)) and (line := _line(tag)):  # aliases can nest to any size
            yield line


def _is_web(address: str | None) -> bool:
    return re.fullmatch(r"https?://[^\s/]\S*", address or "") is not None


def _fault(error: Exception) -> tuple[int, str]:
    """The line of the file and what is wrong there."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return mark.line + 2, getattr(error, "problem", None) or "it is no YAML"
    said = re.fullmatch(r"(.*) \(at line (\d+), column \d+\)", str(error), re.DOTALL)
    if said:
        return int(said[2]) + 1, said[1]
    if isinstance(error, RecursionError):
        return 2, "it is nested too deeply"
    return 2, getattr(error, "reason", None) or "it ends too early"


def _refused(where: str, line: int, reason: str) -> InputRejected:
    return InputRejected(f"{where}, line {line}: the front matter cannot be used: {reason}.")
