"""Where a guild's articles are read and its index is built: a process of its own, with limits.

`python -m bot.curation.workshop` reads one job from its standard input, a line of JSON, and writes lines
of JSON: how far it is, then that it is done or why not. What was planned lies in the job's folder. It
ends when its standard input does, so that it never outlives the bot.
"""

import os
import sys
from threading import Thread
from typing import IO

from bot.curation.jobs import JOB, Done, Failure, Job, Line, Planning, Say
from bot.curation.planning import plan
from index.confined import limit, own_output
from index.errors import BuildFailed, IbidError, InputRejected

GB = 1 << 30
PLAN_MEMORY = 2 * GB
"""Bytes of address space, of which threads reserve much and use little. 20 MB of text took 0.4 GB."""
BUILD_MEMORY = 12 * GB
"""200 passages took 1.6 GB, of which 0.4 GB were used; it grows with the library."""
PLAN_CPU = 60
BUILD_CPU = 7_200
"""Seconds of all threads together."""


def main() -> None:
    """Do one job."""
    out = own_output()
    job = JOB.validate_json(sys.stdin.buffer.readline())
    if isinstance(job, Planning):
        limit(PLAN_MEMORY, PLAN_CPU + round(job.patience))
    else:
        limit(BUILD_MEMORY, BUILD_CPU)
    Thread(target=_end_with_the_bot, daemon=True).start()
    say = _saying(out)
    say(_ended(job, say))


def _ended(job: Job, say: Say) -> Line:
    """The last line of a job: that it is done, or why it cannot be."""
    try:
        if isinstance(job, Planning):
            plan(job, say)
            return Done()
        from bot.curation.building import build  # 0.1 s, for the settings

        return Done(change=build(job, say))
    except IbidError as error:
        return Failure.of(error)
    except MemoryError:
        return Failure.of(InputRejected("It takes more memory than may be used; split it."))
    except OSError as error:
        return Failure.of(BuildFailed(f"{job.folder} cannot be used ({error}); make room in it."))


def _saying(out: IO[str]) -> Say:
    def say(line: Line) -> None:
        try:
            out.write(line.model_dump_json() + "\n")
            out.flush()
        except BrokenPipeError:  # the bot is gone
            os._exit(1)

    return say


def _end_with_the_bot() -> None:
    # Not through `sys.stdin`, whose lock would keep the interpreter from ending.
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
