"""JSON lines in, JSON lines out: one line each, in order, carrying the same `ref`."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.answer import Question, Reason, clean
from bot.desk import Desk
from bot.settings import WriterChoice
from bot.terminal.status import Exit
from index.catalog import Filter
from index.errors import InputRejected
from index.retriever import Hit


class Line(BaseModel):
    """One line of a batch. Keys that are not known are left alone, for the sender's own use."""

    model_config = ConfigDict(extra="ignore")

    ref: Any = None
    question: str | None = None
    statement: str | None = None
    history: tuple[str, ...] = ()
    article: str | None = None


def ask(desk: Desk, file: Path, choice: WriterChoice, allowed: Filter) -> Exit:
    """Answer each line's question; returns the exit code."""
    unavailable = False

    def answer(line: Line) -> dict[str, Any]:
        nonlocal unavailable
        question = Question(
            clean(line.question or ""),
            tuple(clean(asked) for asked in line.history if asked.strip()),
            _narrowed(desk, line, allowed),
        )
        found = desk.answer(question, choice)
        unavailable |= found.reason is Reason.MODEL_UNAVAILABLE
        return found.model_dump(mode="json")

    code = _each(file, answer)
    return Exit.SERVICE if unavailable and not code else code


def search(desk: Desk, file: Path, top: int, allowed: Filter) -> Exit:
    """Search for each line's question; returns the exit code."""

    def found(line: Line) -> dict[str, Any]:
        query = clean(line.question or "", "query")
        return {"passages": _passages(desk.search(query, top, _narrowed(desk, line, allowed)))}

    return _each(file, found)


def check(desk: Desk, file: Path, allowed: Filter) -> Exit:
    """Check each line's statement; returns the exit code."""

    def checked(line: Line) -> dict[str, Any]:
        statement = clean(line.statement or line.question or "", "statement")
        return desk.check(statement, _narrowed(desk, line, allowed)).model_dump(mode="json")

    return _each(file, checked)


def search_json(hits: Sequence[Hit]) -> str:
    return json.dumps({"passages": _passages(hits)}, ensure_ascii=False, indent=2)


def _passages(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    return [
        {
            "article": hit.passage.article,
            "start": hit.passage.start,
            "end": hit.passage.end,
            "text": hit.page_content,
            "score": round(hit.score, 4),
            "lexical": round(hit.lexical, 4),
            "dense": round(hit.dense, 4),
        }
        for hit in hits
    ]


def _narrowed(desk: Desk, line: Line, allowed: Filter) -> Filter:
    if line.article is None:
        return allowed
    return replace(allowed, articles=desk.filter((line.article,)).articles)


def _each(file: Path, call: Callable[[Line], dict[str, Any]]) -> Exit:
    """Write one JSON line for each line; a line that is rejected says why and stops no other."""
    rejected = total = 0
    for text in _lines(file):
        total += 1
        ref = None
        try:
            line = _parsed(text, total)
            ref = line.ref
            result = call(line)
        except InputRejected as error:
            rejected += 1
            ref = ref if ref is not None else _ref(text)
            result = {"error": str(error)}
        print(json.dumps({"ref": ref, **result}, ensure_ascii=False), flush=True)
    if rejected:
        print(
            f"ibid: {rejected} of {total} lines were rejected; their `error` says why.",
            file=sys.stderr,
        )
    return Exit.INPUT if rejected else Exit.DONE


def _lines(file: Path) -> Iterator[str]:
    if str(file) == "-":
        yield from _not_blank(sys.stdin)
        return
    try:
        with file.open(encoding="utf-8-sig", errors="surrogateescape") as opened:
            yield from _not_blank(opened)
    except OSError as error:
        raise InputRejected(f"{file} cannot be read: {error.strerror}.") from None


def _not_blank(lines: TextIO) -> Iterator[str]:
    return (line for line in lines if line.strip())


def _parsed(text: str, number: int) -> Line:
    try:
        return Line.model_validate(json.loads(text))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise InputRejected(f"line {number}: {where}: {first['msg']}.") from None
    except (ValueError, RecursionError):
        raise InputRejected(f"line {number} is not a JSON object.") from None


def _ref(text: str) -> Any:
    """The `ref` of a line that is otherwise unusable, where it can be had."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed.get("ref") if isinstance(parsed, dict) else None
