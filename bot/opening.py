"""Puts a Desk together from settings: where things lie, which embedder, and the first article."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answer import Question
from bot.desk import Desk
from bot.desks import Desks, default_library, library_of
from bot.model import ChatModel, place
from bot.record import Record, Recorded
from bot.record.guilds import Guilds
from bot.rewrite import rewrite
from bot.settings import Settings
from bot.since import Since
from bot.since import since as what_became
from index import embeddings
from index.catalog import Catalog
from index.embeddings import Embedder, MiniLM
from index.errors import IndexCorrupt, IndexUnavailable
from index.generation import catalog_path, check_files, damaged, read_manifest
from index.library import Library

if TYPE_CHECKING:
    from index.builder import Progress

BUNDLED = Path(embeddings.__file__).parent / "articles" / "iran-pakistan-strikes.txt"
"""The article that an empty home gets when its first question is asked."""
PATIENCE = 60.0
"""Seconds that a first question waits where another process is indexing already."""


def library(settings: Settings) -> Library:
    return default_library(settings)


def record(settings: Settings) -> Record:
    return Record(settings.home / "state.sqlite")


def catalog(its_library: Library) -> Catalog:
    """The catalog that serves, without Chroma and the model, which take two seconds to load.

    Raises IndexMissing or IndexCorrupt.
    """
    folder = its_library.generations / its_library.current_id()
    try:
        check_files(folder, read_manifest(folder))
        return Catalog.open(catalog_path(folder))
    except IndexCorrupt as error:
        raise damaged(folder, error) from None


def embedder(settings: Settings) -> Embedder:
    """The embedding model of the setting. Raises SettingsInvalid or ModelUnavailable."""
    kind, _, model = settings.embedding.partition(":")
    if kind == "fastembed":
        return embeddings.FastEmbed(model, settings.embedding_folder)
    if kind == "openai":
        return embeddings.Endpoint(model, settings.openai_base_url, settings.key, settings.timeout)
    return embeddings.MiniLM()


def desk(settings: Settings, report: "Progress") -> Desk:
    """The service over the default library. Raises what `desks` raises."""
    return desks(settings, report).default


def desks(settings: Settings, report: "Progress") -> Desks:
    """The service, ready to be asked. An empty home gets the bundled article first.

    Raises what `Builder.add` and `embedder` raise.
    """
    its_library = library(settings)
    with ThreadPoolExecutor(1) as pool:
        # The weights load outside the interpreter's lock, so they load while chromadb is imported.
        loading = pool.submit(embedder, settings)
        import chromadb  # noqa: F401

        its_embedder = loading.result()
    if its_library.is_new():
        _seed(its_library, its_embedder, report)
    encoder = its_embedder if isinstance(its_embedder, MiniLM) else MiniLM()
    return Desks(settings, its_embedder, encoder, record(settings))


def _seed(its_library: Library, its_embedder: Embedder, report: "Progress") -> None:
    # Reading and building take 0.1 s to import, which only the first question has to wait for.
    from index import readers
    from index.builder import Builder

    Builder(its_library, its_embedder, PATIENCE).add([readers.read(BUNDLED)], report)


def since(settings: Settings, recorded: Recorded) -> list[Since]:
    """What became of each source of an answer; nothing where its library cannot be read."""
    guild = recorded.asker.guild if recorded.asker else 0
    try:
        its_library = library_of(settings, Guilds(record(settings).database), guild)
        with closing(catalog(its_library)) as current:
            return [what_became(citation, current) for citation in recorded.answer.citations]
    except IndexUnavailable:
        return []


def try_model(settings: Settings) -> str:
    """Ask the language model something small. Raises ModelUnavailable."""
    rewrite(ChatModel(settings).turn(), Question("And when?", ("Who visited Moscow?",)))
    return f"{settings.model} at {place(settings)} answers"
