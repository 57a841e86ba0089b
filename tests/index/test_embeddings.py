import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index import embeddings
from index.embeddings import FastEmbed, MiniLM
from index.errors import IndexCorrupt, ModelUnavailable, SettingsInvalid

TEXTS = ["The treaty was signed in Geneva.", "Coffee prices doubled.", "☕" * 50, "", "word " * 2_000]

OFFLINE = """
import socket

def refuse(*_):
    raise AssertionError("the network was used")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from index.embeddings import MiniLM
print(len(MiniLM().embed_query("a question")))
"""


def test_the_fingerprint_names_the_weights_that_are_installed(embedder: MiniLM) -> None:
    assert embedder.fingerprint.name == "all-MiniLM-L6-v2-int8"
    assert embedder.fingerprint.dimension == len(embedder.embed_query("a")) == 384
    assert embedder.fingerprint.sha256 == MiniLM.SHA256


def test_every_embedding_has_length_1(embedder: MiniLM) -> None:
    lengths = np.linalg.norm(embedder.embed_documents(TEXTS), axis=1)
    assert lengths == pytest.approx(1, abs=1e-6)


def test_a_text_has_one_embedding_alone_and_among_others(embedder: MiniLM) -> None:
    together = embedder.embed_documents(TEXTS * 3)
    assert together == [embedder.embed_query(text) for text in TEXTS * 3]
    assert embedder.embed_documents([]) == []


def test_near_meanings_are_near(embedder: MiniLM) -> None:
    treaty, accord, coffee = np.array(
        embedder.embed_documents([TEXTS[0], "An accord was concluded in Switzerland.", TEXTS[1]])
    )
    assert treaty @ accord > treaty @ coffee + 0.2


def test_each_token_stands_for_its_span_of_the_text(embedder: MiniLM) -> None:
    text = "Café 👩‍🚀 owners met."
    (tokens,) = embedder.embed_tokens([text])
    assert len(tokens.vectors) == len(tokens.spans)
    assert np.linalg.norm(tokens.vectors, axis=1) == pytest.approx(1, abs=1e-6)
    start = text.index("owners")
    assert [text[slice(*tokens.spans[n])] for n in tokens.within(start, start + 6)] == ["owners"]
    assert tokens.within(0, 0) == []
    marks = [n for n, (a, b) in enumerate(tokens.spans) if a == b]
    assert marks == [0, len(tokens.spans) - 1]


def test_tokens_past_what_the_model_sees_are_cut_off(embedder: MiniLM) -> None:
    (tokens,) = embedder.embed_tokens(["word " * 1_000])
    assert len(tokens.spans) == embeddings.TOKENS


@pytest.mark.parametrize("damage", ["flipped", "short", "missing"])
@pytest.mark.parametrize("part", ["weights", "tokenizer"])
def test_a_damaged_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, damage: str
) -> None:
    original = embeddings._weights() if part == "weights" else MiniLM.TOKENIZER
    copy = tmp_path / original.name
    shutil.copyfile(original, copy)
    if damage == "flipped":
        content = bytearray(copy.read_bytes())
        content[len(content) // 2] ^= 1
        copy.write_bytes(content)
    elif damage == "short":
        copy.write_bytes(copy.read_bytes()[:-1])
    else:
        copy.unlink()
    if part == "weights":
        monkeypatch.setattr(embeddings, "_weights", lambda: copy)
    else:
        monkeypatch.setattr(MiniLM, "TOKENIZER", copy)
    with pytest.raises(IndexCorrupt, match=re.escape(original.name) + ".*make setup"):
        MiniLM()


def test_the_bundled_model_uses_no_network() -> None:
    done = subprocess.run([sys.executable, "-c", OFFLINE], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("384\n", "")


def test_without_fastembed_its_setting_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastembed", None)
    with pytest.raises(SettingsInvalid, match=r"pip install 'ibid\[fastembed\]'"):
        FastEmbed("any")


def test_a_fastembed_model_in_a_folder_embeds_as_the_bundled_one(
    folder_of_model: Path, embedder: MiniLM
) -> None:
    other = FastEmbed("sentence-transformers/all-MiniLM-L6-v2", folder_of_model)
    assert other.fingerprint.dimension == 384
    assert other.fingerprint != embedder.fingerprint
    vectors = other.embed_documents([TEXTS[0]])
    assert np.dot(vectors[0], embedder.embed_query(TEXTS[0])) == pytest.approx(1, abs=1e-3)
    assert np.dot(vectors[0], other.embed_query(TEXTS[0])) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("model", ["no/such-model", "sentence-transformers/all-MiniLM-L6-v2"])
def test_a_fastembed_model_that_cannot_be_had_is_refused_in_one_line(model: str, tmp_path: Path) -> None:
    with pytest.raises((SettingsInvalid, ModelUnavailable)) as refused:
        FastEmbed(model, tmp_path)
    assert "\n" not in str(refused.value)


def test_the_model_runs_without_telemetry(tmp_path: Path) -> None:
    """onnxruntime's leaves a `.ses` file in the temp folder and a device id in the user's cache."""
    subprocess.run(
        [sys.executable, "-c", "from index.embeddings import MiniLM; MiniLM().embed_query('x')"],
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        check=True,
    )
    assert list(tmp_path.iterdir()) == []
