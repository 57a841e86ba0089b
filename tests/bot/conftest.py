"""A home with the bundled article, indexed once; each test works on a copy of its own."""

import importlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import opening
from bot.cli import run
from bot.desk import Desk
from bot.record import Record
from bot.settings import Settings
from index.embeddings import MiniLM
from index.library import Library
from tests.bot.endpoint import KEY, Endpoint


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine, and no .env, reaches a test."""
    for name in list(os.environ):
        if name.startswith(("IBID_", "OPENAI_", "DISCORD_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def indexed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("indexed")
    opening.desk(Settings(home=home), lambda *_: None).close()
    return home


@pytest.fixture
def home(indexed_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An IBID_HOME that holds the bundled article."""
    copy = tmp_path / "home"
    shutil.copytree(indexed_home, copy)
    monkeypatch.setenv("IBID_HOME", str(copy))
    return copy


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IBID_HOME", str(tmp_path / "new"))
    return tmp_path / "new"


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    opened = opening.desk(Settings(home=home), lambda *_: None)
    yield opened
    opened.close()


class Ran:
    """What one command printed and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err


@pytest.fixture
def ibid(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run the command line as `main` does: `ibid("ask", "Who?")`."""

    def call(*arguments: str) -> Ran:
        code = run(list(arguments))
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def encoder() -> MiniLM:
    return MiniLM()


@pytest.fixture(scope="session")
def shelf(indexed_home: Path) -> Iterator[Library]:
    """The bundled article, open for all tests that only read."""
    importlib.import_module("langchain_openai")  # seconds that no deadline of a test should pay
    opened = Library(indexed_home / "index")
    yield opened
    opened.close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint().running() as running:
        yield running


@pytest.fixture
def desk_with(shelf: Library, embedder: MiniLM, tmp_path: Path, endpoint: Endpoint) -> Callable[..., Desk]:
    """A Desk whose model is `endpoint`: `desk_with(deadline=2)`."""

    def build(**options: object) -> Desk:
        settings = Settings.model_validate(
            {
                "home": tmp_path,
                "model": "m",
                "OPENAI_API_KEY": KEY,
                "OPENAI_BASE_URL": endpoint.url,
                "timeout": 5,
                "deadline": 10,
                **options,
            }
        )
        return Desk(settings, shelf, embedder, embedder, Record(tmp_path / "state.sqlite"))

    return build
