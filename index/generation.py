"""One index that never changes: a folder with a catalog, a Chroma folder and a manifest.

The manifest is written last, so a folder without one is a build that did not finish. Chroma does not
notice damage: a lost vector file still opens, counts right and returns wrong rows, and a flipped byte
kills the process. So opening first compares every file with the manifest (32 ms for 10,000 vectors),
then the counts, then canaries: passages whose cosines to their nearest neighbours were recorded when
the generation was built.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from index.catalog import EVERYTHING, Catalog
from index.errors import IndexCorrupt, IndexUnavailable
from index.fingerprint import Fingerprint
from index.vectors import Vectors

BACKGROUND = 4
"""Threads, which start when they are first wanted."""
FORMAT = 2
"""Raised when the layout changes, so that an index of another layout is refused, not misread."""
READABLE = (1, 2)
CANARIES = 8
NEIGHBOURS = 5
TOLERANCE = 1e-4
"""Of a cosine. Reading the same index twice differs by less than 1e-6."""


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True)


class Canary(_Stored):
    """A passage, and the cosines of its nearest neighbours, itself included, best first."""

    passage: int
    cosines: tuple[float, ...]


class File(_Stored):
    size: int
    sha256: str


class Manifest(_Stored):
    format: int
    id: str
    parent: str | None
    created: datetime
    embedding: Fingerprint
    articles: int
    passages: int
    canaries: tuple[Canary, ...]
    files: dict[str, File]


class Generation:
    """A generation that was opened and found sound. Safe to search from several threads."""

    def __init__(self, folder: Path, manifest: Manifest, catalog: Catalog, vectors: Vectors) -> None:
        self.folder = folder
        self.manifest = manifest
        self.catalog = catalog
        self.vectors = vectors
        self.background = ThreadPoolExecutor(BACKGROUND, "ibid-search")
        """Where a search looks up words while it waits for the embedding of its query."""

    @property
    def id(self) -> str:
        return self.manifest.id

    @classmethod
    def open(cls, folder: Path) -> "Generation":
        """Raises IndexCorrupt, saying what is damaged, or IndexUnavailable where there is no room
        for the copy that `Vectors.open` makes.
        """
        try:
            with ExitStack() as opened:
                manifest = read_manifest(folder)
                check_files(folder, manifest)
                catalog = opened.enter_context(closing(Catalog.open(catalog_path(folder))))
                vectors = opened.enter_context(closing(Vectors.open(vectors_path(folder))))
                generation = cls(folder, manifest, catalog, vectors)
                generation._check()
                opened.pop_all()  # sound, so both stay open
                return generation
        except IndexCorrupt as error:
            raise damaged(folder, error) from None
        except OSError as error:
            raise IndexUnavailable(
                f"The index cannot be opened ({error}); make room in {tempfile.gettempdir()}."
            ) from None

    def close(self) -> None:
        self.background.shutdown()
        self.catalog.close()
        self.vectors.close()

    def _check(self) -> None:
        passages = self.catalog.count("passage")
        if (self.catalog.count("article"), passages) != (
            self.manifest.articles,
            self.manifest.passages,
        ):
            raise IndexCorrupt("the catalog does not hold what the manifest says")
        if self.vectors.count() != passages:
            raise IndexCorrupt("Chroma does not hold a vector for every passage")
        for canary in self.manifest.canaries:
            if not _agree(canary, sing(self.vectors, canary.passage)):
                raise IndexCorrupt("Chroma does not find the nearest passages any more")


def damaged(folder: Path, error: IndexCorrupt) -> IndexCorrupt:
    """The error with the generation's name and with what to do."""
    return IndexCorrupt(f"The index {folder.name} is damaged: {error}. `ibid doctor` says what to do.")


def catalog_path(folder: Path) -> Path:
    return folder / "catalog.sqlite"


def vectors_path(folder: Path) -> Path:
    return folder / "chroma"


def _manifest_path(folder: Path) -> Path:
    return folder / "manifest.json"


def read_manifest(folder: Path) -> Manifest:
    """Raises IndexCorrupt where there is none that can be read."""
    try:
        manifest = Manifest.model_validate_json(_manifest_path(folder).read_bytes())
    except OSError:
        raise IndexCorrupt("its manifest is missing") from None
    except ValidationError:
        raise IndexCorrupt("its manifest cannot be read") from None
    if manifest.format not in READABLE:
        raise IndexCorrupt(f"its format is {manifest.format}, and this Ibid reads {FORMAT}")
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    _manifest_path(folder).write_text(manifest.model_dump_json(indent=1), "utf-8")


def list_files(folder: Path) -> dict[str, File]:
    """Every file of a generation but its manifest, with size in bytes and sha256."""
    return {
        path.relative_to(folder).as_posix(): File(size=path.stat().st_size, sha256=_sha256(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != _manifest_path(folder)
    }


def check_files(folder: Path, manifest: Manifest) -> None:
    """Raises IndexCorrupt, naming the first file that is not what was built."""
    for name, file in manifest.files.items():
        path = folder / name
        try:
            intact = path.stat().st_size == file.size and _sha256(path) == file.sha256
        except OSError:
            raise IndexCorrupt(f"{name} is missing or cannot be read") from None
        if not intact:
            raise IndexCorrupt(f"{name} is not what was built")


def choose_canaries(catalog: Catalog, vectors: Vectors) -> tuple[Canary, ...]:
    """Passages spread evenly over the index, with what their neighbours are now.

    Raises IndexCorrupt where one does not even find itself.
    """
    ids = catalog.passage_ids()
    chosen = ids[:: max(1, len(ids) // CANARIES)][:CANARIES]
    canaries = [Canary(passage=n, cosines=sing(vectors, n)) for n in chosen]
    if any(canary.cosines[0] < 1 - TOLERANCE for canary in canaries):
        raise IndexCorrupt("Chroma does not find a passage by its own vector")
    return tuple(canaries)


def sing(vectors: Vectors, passage: int) -> tuple[float, ...]:
    """The cosines of a passage's nearest neighbours as Chroma finds them now, best first.

    Raises IndexCorrupt where its vector is lost.
    """
    vector = vectors.get([passage]).get(passage)
    if vector is None:
        raise IndexCorrupt(f"Chroma lost the vector of passage {passage}")
    return tuple(vectors.nearest(vector, NEIGHBOURS, EVERYTHING).values())


def _agree(canary: Canary, now: tuple[float, ...]) -> bool:
    return len(now) == len(canary.cosines) and all(
        abs(then - cosine) <= TOLERANCE for then, cosine in zip(canary.cosines, now, strict=True)
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def generations(folder: Path) -> Iterator[Path]:
    """The generation folders in a folder, finished or not, by name."""
    return iter(sorted(path for path in folder.glob("*") if path.is_dir()))
