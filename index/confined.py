"""What a process may have and use that reads what strangers wrote: no secrets, and not without limits."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
_SECRET = ("DISCORD_", "OPENAI_", "IBID_")


def environment() -> dict[str, str]:
    """Ours without what is secret; with it, `python -P -m` finds the modules of this program."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_SECRET)}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH")))),
        "LANGSMITH_TRACING": "false",
        "LANGCHAIN_TRACING_V2": "false",
    }


def own_output() -> IO[str]:
    """The standard output for us alone: what libraries print goes to the standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    return out


def limit(memory: int, cpu: int | None = None) -> None:
    """Bound this process for good, where the system has such limits, and let others go first.

    `memory` is in bytes of address space, `cpu` in seconds of all threads together.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    for which, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_CORE, 0),
    ):
        if most is None:
            continue
        lowest = min([most, *(n for n in resource.getrlimit(which) if n != resource.RLIM_INFINITY)])
        with suppress(OSError, ValueError):  # macOS knows of RLIMIT_AS and refuses it
            resource.setrlimit(which, (lowest, lowest))
    with suppress(OSError):
        os.nice(10)


def allow_cpu(seconds: int) -> None:
    """Bound what is used from here on to so many seconds of all threads together; may be said again."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def memory() -> int:
    """Bytes that this process takes now, or where the system does not tell, has ever taken."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        pass
    if sys.platform == "win32":
        return 0
    import resource

    # Not in Linux, where it begins with what the parent took when it forked.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
