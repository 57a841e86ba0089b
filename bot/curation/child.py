"""Has a job done by a process of its own, and listens to what it says."""

import asyncio
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from pathlib import Path

from bot.curation.jobs import LINE, Done, Failure, Job, Line, Progress, Report
from bot.curation.staging import temporary_path
from index import confined

PROGRAM = (sys.executable, "-P", "-m", "bot.curation.workshop")
LEAVE = 5.0
"""Seconds that a process may take to end by itself."""
LONGEST_LINE = 1 << 23
"""Bytes."""


class Died(Exception):
    """A job did not say how it ended; how it did, in words."""

    def __init__(self, how: str, said: str = "") -> None:
        super().__init__(f"{how}: {said}" if said else how)


async def run(program: Sequence[str], job: Job, seconds: float, report: Report) -> Done:
    """Have a job done. Raises what it reports, Died where it does not, or OSError.

    The process is gone when this returns, also where it is cancelled.
    """
    process = await asyncio.create_subprocess_exec(
        *program,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
        env=environment(job.folder),
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    said = asyncio.create_task(_last_line(process.stderr))
    try:
        async with asyncio.timeout(seconds):
            process.stdin.write(job.model_dump_json().encode() + b"\n")
            async with aclosing(_lines(process.stdout)) as lines:
                async for line in lines:
                    match line:
                        case Progress():
                            report(line)
                        case Failure():
                            raise line.error()
                        case Done():
                            with suppress(TimeoutError):
                                await asyncio.wait_for(process.wait(), LEAVE)
                            return line
            # It said neither: it crashed, or was killed.
            code = await process.wait()
        raise Died(f"ended with {_ending(code)}", await said)
    except TimeoutError:
        raise Died(f"took longer than {seconds / 60:g} minutes") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
        said.cancel()


def environment(folder: Path) -> dict[str, str]:
    """Ours without what is secret, and with room for temporary files that is swept with the plan."""
    return {**confined.environment(), "TMPDIR": str(temporary_path(folder))}


async def _lines(stream: asyncio.StreamReader) -> AsyncGenerator[Line]:
    try:
        async for line in stream:
            yield LINE.validate_json(line)
    except ValueError as error:  # longer than the limit, or no line of ours
        raise Died("said what makes no sense") from error


async def _last_line(stream: asyncio.StreamReader) -> str:
    """The end of what a process has to complain about."""
    last: deque[bytes] = deque(maxlen=1)
    while piece := await stream.read(4_096):
        last.append(piece)
    lines = b"".join(last).decode(errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "")[:300]


def _ending(code: int) -> str:
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"code {code}"
