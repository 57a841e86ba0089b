"""One changed file after the other through a reader, with all that went wrong."""

import signal
import time
import traceback
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType

from index.article import Article
from index.errors import IbidError, InputRejected
from index.sources.link import Feed
from tests.fuzz.checks import check_article, check_feed, check_refusal, odd
from tests.fuzz.formats import FORMATS, Format
from tests.fuzz.mutation import Material, mutated

LONGEST = 20.0
"""Seconds of this process's own work on one file: what others do on the machine is no find."""
KEPT = 3
"""Files of one kind of find."""


class TooSlowError(BaseException):
    """No Exception, for readers take those for damage."""


@dataclass(slots=True)
class Tally:
    reader: str
    runs: int = 0
    read: int = 0
    refused: int = 0
    slowest: float = 0.0
    finds: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    """Errors of our own lines that a refusal hid. They are no finds: a broken file may be refused so."""
    odd: Counter[str] = field(default_factory=Counter)


def fuzzed(
    reader: str, its_format: Format, seed: int, keep: Path | None, longest: float = LONGEST
) -> Generator[Tally]:
    """Read files without end, and tell after each how it went. Run `n` of a seed is always the same."""
    material = its_format.material()
    tally = Tally(reader)
    before = signal.signal(signal.SIGPROF, _too_slow)
    current = keep / f"{reader}.current" if keep else None
    try:
        while True:
            data = document(material, reader, seed, tally.runs)
            if current:  # is left if reading it ends this process
                current.write_bytes(data)
            _one(its_format, data, tally, longest, keep and keep / f"{reader}-{seed}-{tally.runs}")
            tally.runs += 1
            yield tally
    finally:
        signal.signal(signal.SIGPROF, before)
        if current:
            current.unlink(missing_ok=True)


def document(material: Material, reader: str, seed: int, run: int) -> bytes:
    return mutated(material, Random(f"{reader} {seed} {run}"))


def again(file: Path) -> Tally:
    """Read a file that was kept, known by its name."""
    reader = file.name.partition("-")[0]
    tally = Tally(reader, runs=1)
    before = signal.signal(signal.SIGPROF, _too_slow)
    try:
        _one(FORMATS[reader], file.read_bytes(), tally, LONGEST, None)
    finally:
        signal.signal(signal.SIGPROF, before)
    return tally


def _one(its_format: Format, data: bytes, tally: Tally, longest: float, keep: Path | None) -> None:
    found = None
    start = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, longest)
    try:
        what = _judged(its_format, data, tally)
        tally.read += what == "read"
        tally.refused += what == "refused"
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what we look for
        found = _said(error)
        trace = "".join(traceback.format_exception(error, limit=-12))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    spent = time.process_time() - start
    tally.slowest = max(tally.slowest, spent)
    if found is None and spent > longest:
        found, trace = f"took {longest:.0f} s", f"{spent:.1f} s\n"
    if found is None:
        return
    tally.finds[found] += 1
    if keep and tally.finds[found] <= KEPT:
        keep.with_suffix(its_format.suffix).write_bytes(data)
        keep.with_suffix(".trace").write_text(trace, "utf-8", "backslashreplace")


def _judged(its_format: Format, data: bytes, tally: Tally) -> str:
    """Read a file and check what came of it. Raises whatever is a find."""
    url = f"https://news.example/bridge{its_format.suffix}"
    try:
        made = its_format.read(data, url)
    except InputRejected as error:
        check_refusal(error, url)
        behind = error.__context__
        if behind and not isinstance(behind, IbidError) and _innermost(behind).startswith("index/"):
            tally.hidden[_said(behind)] += 1
        return "refused"
    if isinstance(made, Article):
        check_article(made)
        tally.odd.update(odd((made.text,)))
    elif isinstance(made, Feed):
        check_feed(made)
    return "read" if made else "refused"


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlowError


def _said(error: BaseException) -> str:
    message = str(error).splitlines() or [""]
    return f"{type(error).__name__} at {_innermost(error)}: {message[0][:100]}"


def _innermost(error: BaseException) -> str:
    """The innermost line of the project, or where a reader's error begins in a library, that library's."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [(Path(frame.filename).parts, frame) for frame in frames if frame.name != _too_slow.__name__]
    if not places:
        return "?"
    parts, frame = places[-1]
    own = [n for n, part in enumerate(parts) if part in ("index", "tests")]
    short = "/".join(parts[own[-1] :] if own and "site-packages" not in parts else parts[-2:])
    return f"{short}:{frame.lineno}"
