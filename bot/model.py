"""One chat model behind any OpenAI-compatible endpoint: asked with a schema, inside a deadline."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.settings import Settings
from index.errors import ModelUnavailable
from prompts import Prompt

LONGEST_REPLY = 1_000
"""Tokens. Four statements take about 200; a model that goes on has lost the thread."""


class ChatModel:
    """Streams the text of one reply. There is one retry, in the client, and one deadline, here."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._client: Any = None

    def stream(
        self,
        prompt: Prompt,
        values: Mapping[str, str],
        schema: Mapping[str, Any],
    ) -> Iterator[str]:
        """The reply to a prompt, piece by piece, as JSON that the endpoint holds to `schema`.

        Raises ModelUnavailable, in words that say what to do, when the endpoint fails, when it is
        silent for `IBID_TIMEOUT` seconds, or when it is not done after `IBID_DEADLINE` seconds.
        """
        messages = [("system", prompt.system), ("human", prompt.user.substitute(values))]
        response_format = {
            "type": "json_schema",
            "json_schema": {"name": prompt.name, "strict": True, "schema": dict(schema)},
        }
        ends = self._clock() + self._settings.deadline
        pieces: queue.Queue[str | Exception | None] = queue.Queue()
        stopped = threading.Event()

        def pump() -> None:
            try:
                for chunk in self._connected().stream(messages, response_format=response_format):
                    if stopped.is_set():
                        return
                    reason = chunk.response_metadata.get("finish_reason")
                    if reason in ("length", "content_filter"):
                        raise _Cut(reason)
                    pieces.put(str(chunk.text))
                pieces.put(None)
            except Exception as error:  # noqa: BLE001  # it is handed over to the thread that asked
                pieces.put(error)

        threading.Thread(target=pump, name="chat-model", daemon=True).start()
        try:
            while True:
                try:
                    piece = pieces.get(timeout=max(0.0, ends - self._clock()))
                except queue.Empty:
                    raise ModelUnavailable(
                        f"The model was not done after {self._settings.deadline:g} s; "
                        "raise IBID_DEADLINE or choose a faster IBID_MODEL."
                    ) from None
                if piece is None:
                    return
                if isinstance(piece, Exception):
                    raise _explained(piece, self._settings) from None
                yield piece
        finally:
            stopped.set()

    def _connected(self) -> Any:
        if self._client is None:
            # langchain_openai takes 2.5 s to import; only the first answer of a model waits for it.
            from langchain_openai import ChatOpenAI

            settings = self._settings
            self._client = ChatOpenAI(
                model=settings.model,
                base_url=settings.openai_base_url,
                api_key=settings.key,  # type: ignore[arg-type]  # it wraps a plain string itself
                temperature=settings.temperature,
                timeout=settings.timeout,
                max_retries=1,
                max_tokens=LONGEST_REPLY,  # type: ignore[call-arg]  # an alias mypy does not know
            )
        return self._client


class _Cut(Exception):
    """The endpoint ended the reply before the model was done."""


def _explained(error: Exception, settings: Settings) -> ModelUnavailable:
    """What failed and what to do about it, in one line, without what the endpoint itself said:
    that may be a page of HTML, or repeat the key.
    """
    import openai

    where = settings.openai_base_url or "the OpenAI endpoint"
    status = getattr(error, "status_code", None)
    code = getattr(error, "code", None)
    if isinstance(error, _Cut):
        return ModelUnavailable(f"The model's reply was cut off ({error}); ask more narrowly.")
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
