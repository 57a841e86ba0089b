"""One builder at a time, and everybody may know who it is."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import BuilderBusy, BuildFailed


@contextmanager
def building(folder: Path, patience: float = 0) -> Iterator[None]:
    """Hold the builder's lock of a library folder, waiting up to `patience` seconds for it.

    The system releases the lock when its holder dies, however it dies. Raises BuilderBusy, naming
    the holder, or BuildFailed where the folder cannot be written.
    """
    lock = FileLock(folder / "builder.lock")
    note = folder / "builder.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=patience)
    except Timeout:
        raise BuilderBusy(
            f"Another process is changing the articles ({_holder(note)}); "
            "wait until it is done, then try again."
        ) from None
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        _sign(note)
        yield
    finally:
        with suppress(OSError):  # a disk that cannot be written any more keeps a note of the dead
            note.unlink()
        lock.release()


def _sign(note: Path) -> None:
    holder = {
        "process": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    try:
        note.write_text(json.dumps(holder), "utf-8")
    except OSError as error:
        raise _unwritable(note.parent, error) from None


def _unwritable(folder: Path, error: OSError) -> BuildFailed:
    return BuildFailed(
        f"The articles cannot be changed ({error}); make room in {folder} or make it writable."
    )


def _holder(note: Path) -> str:
    try:
        holder = json.loads(note.read_text("utf-8"))
        return f"process {holder['process']} on {holder['host']}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has not said which"
