"""One chat model behind any OpenAI-compatible endpoint: asked with a schema, inside a deadline."""

import math
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from bot.settings import Settings
from index.errors import ModelUnavailable
from prompts import Prompt

LONGEST_REPLY = 1_000
"""Tokens. Four statements take about 200; a model that goes on has lost the thread."""
LONGEST_TEXT = 20_000
"""Characters, for endpoints that do not heed the limit of tokens."""
LONGEST_PAUSE = 5.0
"""Seconds: a Retry-After beyond this is reported at once, not slept on."""


class ChatModel:
    """The endpoint, connected once and shared by all questions, also from several threads."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self.clock = clock
        self._client: Any = None
        self._connecting = threading.Lock()
        self._calls = threading.local()

    def turn(self) -> "Turn":
        """The model for one question, whose deadline starts now."""
        return Turn(self)

    def open(self, call: "Call", messages: list[tuple[str, str]], response_format: Mapping[str, Any]) -> Any:
        """The chunks of a reply as LangChain gives them. `call` may be stopped from another thread."""
        self._calls.now = call
        return self._connected().stream(messages, response_format=response_format)

    def _connected(self) -> Any:
        with self._connecting:
            if self._client is None:
                # langchain_openai takes 2.5 s to import; only the first answer of a model waits for it.
                import openai
                from langchain_openai import ChatOpenAI

                settings = self.settings
                self._client = ChatOpenAI(
                    model=settings.model,
                    base_url=settings.openai_base_url,
                    api_key=settings.key,  # type: ignore[arg-type]  # it wraps a plain string itself
                    temperature=settings.temperature,
                    timeout=settings.timeout,
                    max_retries=1,
                    # Every call opens a socket of its own, so that stopping one stops no other.
                    default_headers={"Connection": "close"},
                    max_tokens=LONGEST_REPLY,  # type: ignore[call-arg]  # an alias mypy does not know
                    http_client=openai.DefaultHttpxClient(
                        timeout=settings.timeout,
                        event_hooks={"request": [self._sending], "response": [_no_long_pause]},
                    ),
                )
            return self._client

    def _sending(self, request: Any) -> None:
        """Runs in the thread of the call, before each try of it."""
        call: Call = self._calls.now
        if call.stopped.is_set():
            raise _Stopped
        request.extensions["trace"] = call.watch


class Call:
    """One request under way. Stopping it frees the thread that waits for it, and tells the server."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self._socket: socket.socket | None = None

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Told by the HTTP client of all that it does; keeps the socket, plain or wrapped in TLS."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
            if self.stopped.is_set():
                self.stop()

    def stop(self) -> None:
        self.stopped.set()
        if self._socket:
            with suppress(OSError):  # it may be closed already
                self._socket.shutdown(socket.SHUT_RDWR)


class Turn:
    """What one question may have of the model: any number of replies, all inside one deadline."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self._ends = model.clock() + model.settings.deadline
        self._failure: ModelUnavailable | None = None
        self._call: Call | None = None

    def close(self) -> None:
        """Let go of the endpoint; what still reads from it is told at once that there is no more."""
        self._failure = ModelUnavailable("Nobody waited for the model's answer.")
        if self._call:
            self._call.stop()

    def stream(self, prompt: Prompt, values: Mapping[str, str], schema: Mapping[str, Any]) -> Iterator[str]:
        """The reply to a prompt, piece by piece, as JSON that the endpoint holds to `schema`.

        There is one retry, in the client. Raises ModelUnavailable, in words that say what to do,
        when the endpoint fails, when it is silent for `IBID_TIMEOUT` seconds, or when the turn is
        not over after `IBID_DEADLINE` seconds. An endpoint that failed is not asked again this turn.
        """
        if self._failure:
            raise self._failure
        try:
            yield from self._stream(prompt, values, schema)
        except ModelUnavailable as error:
            self._failure = error
            raise

    def _stream(self, prompt: Prompt, values: Mapping[str, str], schema: Mapping[str, Any]) -> Iterator[str]:
        settings = self._model.settings
        messages = [("system", prompt.system), ("human", prompt.user.substitute(values))]
        response_format = {
            "type": "json_schema",
            "json_schema": {"name": prompt.name, "strict": True, "schema": dict(schema)},
        }
        pieces: queue.Queue[str | Exception | None] = queue.Queue()
        call = self._call = Call()

        def pump() -> None:
            try:
                ended = False
                for chunk in self._model.open(call, messages, response_format):
                    if call.stopped.is_set():
                        raise _Stopped
                    pieces.put(_text(chunk))
                    ended = ended or bool(chunk.response_metadata.get("finish_reason"))
                pieces.put(None if ended else _Cut("the endpoint stopped in the middle"))
            except Exception as error:  # noqa: BLE001  # it is handed over to the thread that asked
                pieces.put(error)

        threading.Thread(target=pump, name="chat-model", daemon=True).start()
        length = 0
        try:
            while True:
                left = self._ends - self._model.clock()
                try:
                    if left <= 0:  # a queue that is never empty would not be waited for
                        raise queue.Empty
                    piece = pieces.get(timeout=left)
                except queue.Empty:
                    raise ModelUnavailable(
                        f"The model was not done after {settings.deadline:g} s; "
                        "raise IBID_DEADLINE or choose a faster IBID_MODEL."
                    ) from None
                if piece is None:
                    return
                if isinstance(piece, Exception):
                    raise _explained(piece, settings) from None
                length += len(piece)
                if length > LONGEST_TEXT:
                    raise _explained(_Cut("too long"), settings)
                yield piece
        finally:
            call.stop()


def _text(chunk: Any) -> str:
    """The text of a chunk. Raises _Cut where the endpoint says that the model was not done."""
    reason = chunk.response_metadata.get("finish_reason")
    if reason in ("length", "content_filter"):
        raise _Cut("too long" if reason == "length" else "filtered by the endpoint")
    if chunk.additional_kwargs.get("refusal"):
        raise _Cut("refused by the model")
    return str(chunk.text)


def _no_long_pause(response: Any) -> None:
    """Have the client, which would sleep for up to two minutes, give up instead."""
    try:
        pause = float(response.headers.get("retry-after", "0"))
    except ValueError:
        pause = math.inf  # a date; seconds are what an API sends
    if not pause <= LONGEST_PAUSE:
        response.headers["x-should-retry"] = "false"


class _Stopped(Exception):
    """Nobody waits for this call any more."""


class _Cut(Exception):
    """The endpoint ended the reply before the model was done."""


def _explained(error: Exception, settings: Settings) -> ModelUnavailable:
    """What failed and what to do about it, in one line, without what the endpoint itself said:
    that may be a page of HTML, or repeat the key.
    """
    import openai

    where = place(settings)
    status = getattr(error, "status_code", None)
    code = getattr(error, "code", None)
    if isinstance(error, _Cut):
        return ModelUnavailable(f"The model's reply was cut off ({error}); ask again, or more narrowly.")
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return ModelUnavailable(f"{where} refused the key ({status}); check OPENAI_API_KEY.")
    if isinstance(error, openai.NotFoundError):
        return ModelUnavailable(
            f"{where} does not know the model {settings.model!r} (404); check IBID_MODEL and OPENAI_BASE_URL."
        )
    if isinstance(error, openai.RateLimitError):
        if code == "insufficient_quota":
            return ModelUnavailable(f"The quota of the key at {where} is used up; top it up.")
        return ModelUnavailable(f"{where} is asked too often (429); try again in a minute.")
    if isinstance(error, openai.APITimeoutError):
        return ModelUnavailable(
            f"{where} did not answer within {settings.timeout:g} s; raise IBID_TIMEOUT or check it."
        )
    if isinstance(error, openai.BadRequestError):
        return ModelUnavailable(
            f"{where} does not take the request (400); check that IBID_MODEL takes json_schema "
            "output and that its context holds the passages (IBID_PASSAGES)."
        )
    if isinstance(error, openai.APIStatusError):
        return ModelUnavailable(f"{where} failed ({status}); try again, or check the server.")
    if isinstance(error, openai.APIConnectionError):
        return ModelUnavailable(f"{where} cannot be reached; check OPENAI_BASE_URL and the server.")
    return ModelUnavailable(
        f"{where} did not answer as an OpenAI-compatible endpoint does ({type(error).__name__}); "
        "check OPENAI_BASE_URL."
    )


def place(settings: Settings) -> str:
    """The endpoint for people to read, without a password or token that its address may carry."""
    if not settings.openai_base_url:
        return "the OpenAI endpoint"
    parts = urlsplit(settings.openai_base_url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if host else "OPENAI_BASE_URL"
