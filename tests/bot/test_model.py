"""What a language model's endpoint can do wrong, done by a real server to a whole Desk (F6, F7, F12)."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.answer import Answer, Question, Reason, Statement, Status
from bot.desk import Desk
from bot.model import ChatModel, place
from bot.settings import Settings, WriterChoice
from index.article import Article
from index.errors import ModelUnavailable
from prompts import load
from tests.bot import endpoint as does
from tests.bot.endpoint import BODY, KEY, Behaviour, Endpoint

DeskWith = Callable[..., Desk]
TRADE = Question("How many border markets are operational?")
MARKETS = "Seven border markets are now operational to facilitate barter trade."


def reply(*statements: object) -> dict[str, object]:
    return {"answered": True, "statements": list(statements)}


def number_of(desk: Desk, words: str, question: Question = TRADE) -> int:
    """The number under which the sentence with these words is offered to the writer."""
    answer = desk.answer(question, WriterChoice.EXTRACTIVE)
    offered = desk.why(answer.id).trace.considered
    return next(sentence.number for sentence in offered if words in sentence.text)


@pytest.fixture
def markets(desk_with: DeskWith) -> dict[str, object]:
    """A fair statement that cites the sentence it rests on."""
    return {"sentences": [number_of(desk_with(), "seven border markets")], "text": MARKETS}


def shown(answer: Answer, bundled: Article) -> str:
    """All that a person could see of an answer, after what must hold of every answer was asserted."""
    for citation in (*answer.citations, *answer.nearest):
        assert citation.quote == bundled.text[citation.start : citation.end]
    for statement in answer.statements:
        assert statement.citations
        assert set(statement.citations) <= {citation.n for citation in answer.citations}
        assert statement.text.isprintable()
    return answer.model_dump_json()


def fell_back(answer: Answer, bundled: Article) -> str:
    """The one line that says why, of an answer that is quoted from the article instead."""
    everything = shown(answer, bundled)
    assert answer.writer.name == "extractive"
    assert answer.writer.prompt is None
    for statement in answer.statements:
        assert statement.text in bundled.text
    why = answer.writer.fallback
    assert why
    assert len(why.splitlines()) == 1
    assert why.endswith(".")
    assert KEY not in everything
    assert BODY not in everything
    return why


FAULTS: dict[str, tuple[Behaviour, str]] = {
    "401": (does.error(401, "invalid_api_key"), "check OPENAI_API_KEY"),
    "403": (does.error(403), "check OPENAI_API_KEY"),
    "400": (does.error(400), "does not take the request"),
    "404": (does.error(404, "model_not_found"), "check IBID_MODEL"),
    "429": (does.error(429), "try again in a minute"),
    "429 quota": (does.error(429, "insufficient_quota"), "The quota of the key"),
    "429 Retry-After 119": (does.error(429, Retry_After="119"), "try again in a minute"),
    "503 Retry-After date": (does.error(503, Retry_After="Wed, 21 Oct 2065 07:28:00 GMT"), "failed (503)"),
    "500": (does.error(500), "failed (500)"),
    "503": (does.error(503), "failed (503)"),
    "reset": (does.resets, "cannot be reached"),
    "HTML": (does.plain(f"<html>{BODY} {KEY}</html>", "text/html"), "OPENAI_BASE_URL"),
    "HTML as JSON": (does.plain(f"<html>{BODY}</html>", "application/json"), "OPENAI_BASE_URL"),
    "empty body": (does.plain("", "text/event-stream"), ""),
    "broken JSON": (does.events('{"choices": [{"delta": {"content": "' + BODY), ""),
    "not an object": (does.events("[]"), ""),
    "JSON null": (does.events("null"), ""),
    "no choices": (does.events("{}"), ""),
    "empty choices": (does.events('{"id": "1", "choices": []}', "[DONE]"), ""),
    "an error in the stream": (does.events('{"error": {"message": "' + BODY + '", "code": 500}}'), ""),
    "length": (does.says('{"answered": true, "statements": [{"sen', finish="length"), "too long"),
    "content filter": (does.says("", finish="content_filter"), "filtered"),
    "closed at once": (does.says('{"answered": tr', finish=None, done=False), "cut off"),
    "broken off": (does.breaks_off('{"answered": tr'), ""),
    "gibberish": (does.events("\x00\x1b[31m"), ""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_endpoint_is_one_line_and_the_answer_is_quoted_instead(
    fault: str,
    desk_with: DeskWith,
    endpoint: Endpoint,
    bundled: Article,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint.behave, expected = FAULTS[fault]
    began = time.monotonic()
    answer = desk_with().answer(TRADE)
    assert time.monotonic() - began < 10
    why = fell_back(answer, bundled)
    assert expected in why
    assert answer.status is Status.ANSWERED
    assert KEY not in caplog.text
    assert KEY.encode() not in (tmp_path / "state.sqlite").read_bytes()
    assert BODY.encode() not in (tmp_path / "state.sqlite").read_bytes()
    assert len(endpoint.requests) <= 2


def test_without_the_fallback_a_fault_is_a_decline_that_says_what_to_do(
    desk_with: DeskWith, endpoint: Endpoint, bundled: Article
) -> None:
    endpoint.behave = does.error(401)
    desk = desk_with(fallback=False)
    *events, answer = desk.ask(TRADE)
    assert events == []
    assert isinstance(answer, Answer)
    shown(answer, bundled)
    assert answer.reason is Reason.MODEL_UNAVAILABLE
    assert answer.nearest
    assert answer.citations == ()
    assert (answer.writer.name, answer.writer.model) == ("llm", "m")
    assert "check OPENAI_API_KEY" in (answer.writer.fallback or "")
    assert "check OPENAI_API_KEY" in desk.why(answer.id).trace.decision


def test_a_passing_fault_is_retried_once(
    desk_with: DeskWith, endpoint: Endpoint, markets: dict[str, object]
) -> None:
    endpoint.behave = does.in_turn(does.error(503), does.says(reply(markets)))
    answer = desk_with().answer(TRADE)
    assert (answer.writer.name, answer.writer.model) == ("llm", "m")
    assert answer.writer.fallback is None
    assert [statement.text for statement in answer.statements] == [MARKETS]
    assert len(endpoint.requests) == 2


def test_a_long_retry_after_is_not_slept_on(desk_with: DeskWith, endpoint: Endpoint) -> None:
    endpoint.behave = does.error(429, Retry_After="119")
    began = time.monotonic()
    answer = desk_with(deadline=60).answer(TRADE)
    assert time.monotonic() - began < 5
    assert "try again" in (answer.writer.fallback or "")
    assert len(endpoint.requests) == 1


def test_a_silent_endpoint_is_given_up_after_the_timeout_of_both_tries(
    desk_with: DeskWith, endpoint: Endpoint, bundled: Article
) -> None:
    endpoint.behave = does.never_answers
    began = time.monotonic()
    answer = desk_with(timeout=0.5, deadline=30).answer(TRADE)
    assert time.monotonic() - began < 6
    assert "did not answer within 0.5 s" in fell_back(answer, bundled)
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize(
    "behaviour",
    [
        does.never_answers,
        does.drips(": still here\n\n"),
        does.drips(":"),
        does.drips('data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":'
                   '[{"index":0,"delta":{"content":" "},"finish_reason":null}]}\n\n'),
        does.drips('data: {"choices":[]}\n\n'),
    ],
    ids=["silent", "comments", "half a line", "spaces", "empty choices"],
)  # fmt: skip
def test_the_deadline_holds_and_the_endpoint_is_hung_up_on(
    behaviour: Behaviour, desk_with: DeskWith, endpoint: Endpoint, bundled: Article
) -> None:
    endpoint.behave = behaviour
    desk = desk_with(deadline=1.5, timeout=30)
    began = time.monotonic()
    answer = desk.answer(TRADE)
    assert time.monotonic() - began < 4
    assert "not done after 1.5 s" in fell_back(answer, bundled)
    if behaviour is not does.never_answers:
        assert endpoint.hung_up.wait(3)
    patience = time.monotonic() + 5
    while any(thread.name == "chat-model" for thread in threading.enumerate()):
        assert time.monotonic() < patience, "the thread that asked the endpoint is still there"
        time.sleep(0.02)


def test_one_deadline_holds_for_rewriting_and_writing_together(
    desk_with: DeskWith, endpoint: Endpoint, bundled: Article
) -> None:
    endpoint.behave = does.drips(": still here\n\n")
    began = time.monotonic()
    answer = desk_with(deadline=1.5).answer(Question("And the formal one?", (TRADE.text,)))
    assert time.monotonic() - began < 4
    assert "not done after 1.5 s" in fell_back(answer, bundled)
    assert len(endpoint.requests) == 1
    assert answer.standalone_question == f"{TRADE.text} And the formal one?"


def test_an_endpoint_that_refused_the_rewriting_is_not_asked_to_write(
    desk_with: DeskWith, endpoint: Endpoint, bundled: Article
) -> None:
    endpoint.behave = does.error(401)
    fell_back(desk_with().answer(Question("And the formal one?", (TRADE.text,))), bundled)
    assert len(endpoint.requests) == 1


def test_nobody_listens(desk_with: DeskWith, bundled: Article) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://me:{KEY}@127.0.0.1:{taken.getsockname()[1]}/v1"
        answer = desk_with(OPENAI_BASE_URL=url).answer(TRADE)
    assert "cannot be reached; check OPENAI_BASE_URL" in fell_back(answer, bundled)


def test_what_was_shown_before_a_break_stays_and_the_answer_says_so(
    desk_with: DeskWith, endpoint: Endpoint, bundled: Article, markets: dict[str, object]
) -> None:
    whole = '{"answered": true, "statements": [' + json.dumps(markets)
    for behaviour in (does.says(whole, finish=None, done=False), does.breaks_off(whole)):
        endpoint.behave = behaviour
        *statements, answer = desk_with().ask(TRADE)
        assert isinstance(answer, Answer)
        shown(answer, bundled)
        assert [s.text for s in statements if isinstance(s, Statement)] == [MARKETS]
        assert answer.statements == tuple(statements)
        assert answer.status is Status.ANSWERED
        assert (answer.writer.name, answer.writer.model) == ("llm", "m")
        assert answer.writer.prompt
        assert answer.writer.fallback


def test_a_statement_is_shown_before_the_next_one_is_written(
    desk_with: DeskWith, endpoint: Endpoint, markets: dict[str, object]
) -> None:
    seen = threading.Event()

    def behave(exchange: does.Exchange) -> None:
        exchange.send(200, "text/event-stream")
        exchange.delta('{"answered": true, "statements": [' + json.dumps(markets))
        assert seen.wait(5)
        exchange.delta("]}")
        exchange.delta(None, "stop")

    endpoint.behave = behave
    asked = desk_with().ask(TRADE)
    statement = next(asked)
    seen.set()
    assert isinstance(statement, Statement)
    assert statement.text == MARKETS
    (answer,) = asked
    assert isinstance(answer, Answer)
    assert answer.writer.fallback is None


def test_leaving_an_answer_hangs_up(
    desk_with: DeskWith, endpoint: Endpoint, markets: dict[str, object]
) -> None:
    opening = '{"answered": true, "statements": [' + json.dumps(markets)

    def behave(exchange: does.Exchange) -> None:
        exchange.send(200, "text/event-stream")
        exchange.delta(opening)
        while not endpoint.over.wait(0.05):
            exchange.delta(" ")

    endpoint.behave = behave
    asked = desk_with().ask(TRADE)
    next(asked)
    began = time.monotonic()
    asked.close()
    assert time.monotonic() - began < 3
    assert endpoint.hung_up.wait(3)


def test_stopping_one_call_stops_no_other(
    desk_with: DeskWith, endpoint: Endpoint, markets: dict[str, object]
) -> None:
    def slowly(exchange: does.Exchange) -> None:
        if "Who" in str(exchange.request_body):
            does.drips(": ping\n\n")(exchange)
        else:
            time.sleep(1)
            does.says(reply(markets))(exchange)

    endpoint.behave = slowly
    desk = desk_with(deadline=5)
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(desk.answer(TRADE)))
    thread.start()
    other = desk.ask(Question("Who visited Moscow?"))
    leaving = threading.Timer(0.3, endpoint.hung_up.set)
    leaving.start()
    thread.join(5)
    other.close()
    assert answers[0].writer.fallback is None


def test_the_request_is_short_and_strict(
    desk_with: DeskWith, endpoint: Endpoint, markets: dict[str, object]
) -> None:
    endpoint.behave = does.says(reply(markets))
    desk_with().answer(TRADE)
    (request,) = endpoint.requests
    assert request["stream"] is True
    assert request["response_format"]["type"] == "json_schema"
    assert request["response_format"]["json_schema"]["strict"] is True
    _closed(request["response_format"]["json_schema"]["schema"])
    assert len(request["messages"][0]["content"]) < 900
    assert "tools" not in request
    assert endpoint.keys == [f"Bearer {KEY}"]


def _closed(schema: object) -> None:
    """OpenAI's strict mode: each object closed, each key required."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False
            assert set(schema["required"]) == set(schema["properties"])
        for part in schema.values():
            _closed(part)


def test_a_reply_without_end_is_cut(endpoint: Endpoint) -> None:
    endpoint.behave = does.says(" " * 30_000, size=1_000)
    settings = Settings.model_validate({"OPENAI_BASE_URL": endpoint.url, "model": "m"})
    with pytest.raises(ModelUnavailable, match="too long"):
        list(ChatModel(settings).turn().stream(load("condense"), {"history": "", "question": ""}, {}))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (None, "the OpenAI endpoint"),
        ("http://127.0.0.1:8099/v1", "http://127.0.0.1:8099/v1"),
        ("https://user:secret@host.example/v1?token=secret", "https://host.example/v1"),
        ("nonsense", "OPENAI_BASE_URL"),
    ],
)
def test_an_endpoint_is_named_without_its_secrets(url: str | None, expected: str) -> None:
    assert place(Settings.model_validate({"OPENAI_BASE_URL": url})) == expected
