"""The process in which files and pages are parsed, which may be broken by what they hold.

`python -P -m index.sources.worker` says that it is ready, then does one job after another, so that what
readers import is paid for once. It ends when its standard input does, even in the middle of a job.
"""

import os
import signal
import sys
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

from index import readers
from index.article import Article
from index.confined import allow_cpu, limit, memory, own_output
from index.errors import InputRejected
from index.sources.jobs import JOB, READY, File, Job, Result, too_much

MEMORY = 2 << 30
"""Bytes of address space, of which threads reserve much and use little."""
CPU = 180
"""Seconds a job, for the case that nobody is left to end it."""
LARGE = 600 << 20
"""Bytes. A worker that still takes more after a job ends: what libraries freed may never come back."""


def main() -> None:
    """Do jobs until there are no more."""
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who gives the jobs
    out = own_output()
    limit(MEMORY)
    jobs: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_listen, args=(jobs,), daemon=True).start()
    out.write(READY.decode())
    out.flush()
    leaves = False
    while not leaves:
        line = jobs.get()
        allow_cpu(CPU)
        article, why, spent = _done(JOB.validate_json(line))
        leaves = spent or memory() > LARGE
        out.write(Result(article=article, why=why, leaves=leaves).model_dump_json() + "\n")
        out.flush()


def _done(job: Job) -> tuple[Article | None, str | None, bool]:
    """The article or why there is none, and whether this process should end."""
    where = str(job.path) if isinstance(job, File) else job.source
    try:
        if isinstance(job, File):
            return readers.read(job.path), None, False
        return readers.from_fetched(job.fetched, job.source, job.said), None, False
    except InputRejected as error:
        return None, str(error), False
    except (MemoryError, RecursionError):
        return None, too_much(where), True
    except Exception as error:  # noqa: BLE001 - one file that a library trips over stops no other
        trouble = type(error).__name__
        return None, f"{where} cannot be read ({trouble}); save its text as a .txt file.", False


def _listen(jobs: SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        jobs.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
