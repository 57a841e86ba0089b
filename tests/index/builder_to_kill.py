"""A builder that tests kill: it adds small articles to a library, one after the other, for ever.

It stays warm: the program imports all that takes long, then forks a builder for each line on its
standard input, which holds the library's folder and the first article's number. A builder says
`ready PID` when it is about to start and `added ID` when the library said so.
"""

import os
import sys
from itertools import count
from pathlib import Path

import chromadb  # noqa: F401  # takes 2 s

from index.builder import Builder
from index.embeddings import MiniLM, _onnxruntime
from index.library import Library
from tests.index.notes import note, silent


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def build(folder: Path, first: int, where: str) -> None:
    if where == "before-publishing":  # the moment at which all is written and nothing serves
        Library.publish = lambda *_: os.kill(os.getpid(), 9)  # type: ignore[method-assign]
    builder = Builder(Library(folder), MiniLM(threads=1))
    say(f"ready {os.getpid()}")
    for n in count(first):
        builder.add([note(f"note-{n}", f"Ship number {n} left port. It carried {n} tons of salt.")], silent)
        say(f"added note-{n}")


if __name__ == "__main__":
    _onnxruntime()
    for line in sys.stdin:
        folder, first, where = line.split("\t")
        child = os.fork()
        if not child:
            build(Path(folder), int(first), where.strip())
        os.waitpid(child, 0)
        say("dead")
