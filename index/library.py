"""The set of articles behind one generation, and the pointer that says which generation that is."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from threading import Lock

from index.errors import EmbeddingMismatch, IndexCorrupt, IndexMissing
from index.fingerprint import Fingerprint
from index.generation import Generation, generations, read_manifest


class Library:
    """A folder of generations. Reading needs no lock: a generation that is published never changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.generations = folder / "generations"
        self._pointer = folder / "current"
        self._next = folder / "next"
        self._opening = Lock()
        self._open: Generation | None = None

    def is_new(self) -> bool:
        """Whether nothing was ever published here; what is being built does not count."""
        return not self._pointer.exists() and not self._published()

    def current_id(self) -> str:
        """The generation that serves. Raises IndexMissing."""
        name = _read(self._pointer)
        if any(folder.name == name for folder in generations(self.generations)):
            return name
        if self.is_new():
            raise IndexMissing("There is no index yet; ask a question, or `ibid add` articles.")
        raise IndexMissing("The index is missing; `ibid doctor` says what to do.")

    def current(self) -> Generation:
        """The generation that serves, opened and checked. Raises IndexMissing or IndexCorrupt.

        It stays open until another one is published. An answer that began on the old one may
        finish on it.
        """
        with self._opening:
            wanted = self.current_id()
            if self._open is None or self._open.id != wanted:
                self._open = Generation.open(self.generations / wanted)
            return self._open

    def close(self) -> None:
        """Let go of the generation that is open. No search may be under way on it."""
        if self._open:
            self._open.close()
            self._open = None

    def publish(self, generation_id: str) -> None:
        """Let another generation serve, atomically."""
        written = self._pointer.with_suffix(".new")
        try:
            with written.open("w", encoding="utf-8") as file:
                file.write(generation_id + "\n")
                file.flush()
                os.fsync(file.fileno())
            written.replace(self._pointer)
        except OSError:
            with suppress(OSError):
                written.unlink()
            raise
        _sync(self.folder)

    def announce(self, generation_id: str) -> None:
        """Name the generation that is going to be built, before anything of it is written.

        However far its builder comes before it is killed, the next one knows that it was never
        published, and does not take a published one that lost its manifest for a leftover.
        """
        self._next.write_text(generation_id + "\n", "utf-8")

    def withdraw(self) -> None:
        """Delete the generation that was announced and not published, if there is one."""
        announced = _read(self._next)
        if announced != _read(self._pointer):
            for folder in generations(self.generations):
                if folder.name == announced:
                    shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # what a full or read-only disk keeps, the next builder withdraws
            self._next.unlink()

    def previous(self) -> list[str]:
        """Finished generations other than the one that serves, newest first."""
        try:
            current = self.current_id()
        except IndexMissing:
            current = ""
        found = []
        for folder in self._published():
            try:
                manifest = read_manifest(folder)
            except IndexCorrupt:
                continue
            if manifest.id != current:
                found.append((manifest.created, manifest.id))
        return [generation_id for _, generation_id in sorted(found, reverse=True)]

    def _published(self) -> list[Path]:
        announced = _read(self._next)
        return [folder for folder in generations(self.generations) if folder.name != announced]


def require(generation: Generation, fingerprint: Fingerprint) -> None:
    """Raise EmbeddingMismatch unless the generation was built with this embedding model."""
    built_with = generation.manifest.embedding
    if built_with != fingerprint:
        raise EmbeddingMismatch(
            f"The index was built with {built_with.name} and the setting is {fingerprint.name}; "
            "set IBID_EMBEDDING back, or run `ibid rebuild` to embed every article anew."
        )


def _read(pointer: Path) -> str:
    """The name in a pointer; empty where there is none that can be read."""
    try:
        return pointer.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _sync(folder: Path) -> None:
    """Make a rename in a folder survive a power cut; Windows has no way to, and no need."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
