"""Has files and pages parsed by a process of its own, which they may break without harm to ours."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Timer
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from index import readers
from index.article import Article
from index.confined import environment
from index.errors import InputRejected
from index.sources.fetch import Fetched
from index.sources.jobs import READY, File, Job, Result, WebPage, too_much
from index.sources.link import Link

PROGRAM = (sys.executable, "-P", "-m", "index.sources.worker")
SECONDS = 60.0
STARTS = 60.0
"""Seconds that the process may take to start; it takes 0.5."""
LONGEST = 200_000_000
"""Bytes of a result. Text of 20 MB takes twice that where every character is escaped."""


class Apart:
    """Reads as `index.readers` does, in another process. Starts it when it is first needed.

    A job that takes longer than `seconds`, or that ends its process, is refused. Not for several
    threads at once.
    """

    def __init__(self, program: Sequence[str] = PROGRAM, seconds: float = SECONDS) -> None:
        self._program = program
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, path: Path) -> Article:
        """Read one article from a file. Raises InputRejected, naming the file and what to do."""
        return self._done(File(path=readers.writable(path)), str(path))

    def page(self, fetched: Fetched, source: str, said: Link | None = None) -> Article:
        """Read the article of a page; `said` is what is known of it from elsewhere.

        Raises InputRejected, naming `source` and what to do.
        """
        return self._done(WebPage(fetched=fetched, source=source, said=said), source)

    def close(self) -> None:
        """End the process, which has nothing to lose."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        assert process.stdin
        assert process.stdout
        with suppress(OSError):  # what was not written yet
            process.stdin.close()
        process.stdout.close()

    def _done(self, job: Job, where: str) -> Article:
        process = self._process if self._process and self._process.poll() is None else self._started()
        line = _exchange(process, job.model_dump_json().encode() + b"\n", self._seconds)
        try:
            result = Result.model_validate_json(line or b"")
        except ValidationError:  # it died, was ended, or is no longer itself
            result = Result(why=too_much(where), leaves=True)
        if result.leaves:
            self.close()
        if result.article is None:
            raise InputRejected(result.why or too_much(where))
        return result.article

    def _started(self) -> subprocess.Popen[bytes]:
        self.close()
        self._process = process = subprocess.Popen(  # noqa: S603 - ourselves
            self._program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        if _exchange(process, b"", STARTS) != READY:
            raise RuntimeError(f"what reads files does not start; `{' '.join(self._program)}` shows why")
        return process


def _exchange(process: subprocess.Popen[bytes], line: bytes, seconds: float) -> bytes | None:
    """The line that answers a line; None where none came in time, and then the process is killed."""
    assert process.stdin
    assert process.stdout
    late = Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = Timer(seconds, end)
    timer.start()
    try:
        process.stdin.write(line)
        process.stdin.flush()
        answer = process.stdout.readline(LONGEST)
    except OSError:  # it died before it had read the line
        return None
    except BaseException:  # Ctrl-C: its answer would be taken for that to the next line
        process.kill()
        process.wait()
        raise
    finally:
        timer.cancel()
        timer.join()
    return None if late.is_set() else answer
