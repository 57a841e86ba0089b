"""With a model that writes slowly: statements appear one after the other, each checked before."""

import json
import time
from contextlib import AbstractAsyncContextManager
from itertools import pairwise
from pathlib import Path

import pytest
from simcord import Env

from bot.settings import Settings
from tests.bot.discord.conftest import server_in, simulated
from tests.bot.endpoint import KEY, Behaviour, Endpoint, Exchange, never_answers

TRADE = "How much could informal trade between Iran and Pakistan be worth?"


def slowly(*statements: tuple[str, str], pause: float) -> Behaviour:
    """Write statements, each citing the sentence that holds some words, with a pause after each."""

    def behave(exchange: Exchange) -> None:
        prompt = exchange.request_body["messages"][1]["content"]
        numbered = [line for line in prompt.splitlines() if line.startswith("[")]
        exchange.send(200, "text/event-stream")
        exchange.delta('{"answered": true, "statements": [')
        for n, (text, words) in enumerate(statements):
            number = next(int(line[1 : line.index("]")]) for line in numbered if words in line)
            exchange.delta(("," if n else "") + json.dumps({"text": text, "sentences": [number]}))
            time.sleep(pause)
        exchange.delta("]}")
        exchange.delta(None, "stop")
        exchange.event("[DONE]")

    return behave


def with_model(home: Path, endpoint: Endpoint, **options: object) -> AbstractAsyncContextManager[Env]:
    settings = Settings.model_validate(
        {"home": home, "model": "m", "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": endpoint.url, **options}
    )
    return simulated(settings)


async def test_statements_appear_as_they_are_checked_with_an_edit_a_second_at_most(
    home: Path, endpoint: Endpoint
) -> None:
    endpoint.behave = slowly(
        ("Informal Iran-Pakistan trade could surpass three billion dollars per year.", "three billion"),
        ("Informal trade could surpass nine billion dollars per year.", "three billion"),
        ("Official data put formal trade at two billion dollars per year.", "two billion"),
        pause=1.2,
    )
    async with with_model(home, endpoint) as env:
        server = server_in(env)
        edits: list[tuple[float, str]] = []
        request = env._webhook_adapter.request

        async def noted(route: object, *arguments: object, **options: object) -> object:
            if route.method == "PATCH":  # type: ignore[attr-defined]
                body = options.get("payload") or json.loads(options["multipart"][0]["value"])  # type: ignore[index]
                edits.append((time.perf_counter(), body["content"]))  # type: ignore[index]
            return await request(route, *arguments, **options)

        env._webhook_adapter.request = noted
        asked = await server.member.slash(server.channel, "ask", question=TRADE)
        assert asked.response
        assert len(edits) >= 3
        assert all(later - earlier >= 0.95 for (earlier, _), (later, _) in pairwise(edits))
        first, last = edits[0][1], edits[-1][1]
        assert "three billion" in first
        assert "two billion" not in first
        assert "writing …" in first
        assert "writing …" not in last
        assert "1 statement withheld: not borne out by what it cites." in last
        assert not any("nine billion" in content for _, content in edits)
        assert last == asked.response.content


@pytest.mark.parametrize("fallback", [True, False])
async def test_a_model_that_never_answers_ends_in_words_and_working_buttons(
    home: Path, endpoint: Endpoint, fallback: bool
) -> None:
    """F12: the deadline is the answer's, and what can be said without the model is said."""
    endpoint.behave = never_answers
    async with with_model(home, endpoint, deadline=7, timeout=60, fallback=fallback) as env:
        server = server_in(env)
        began = time.perf_counter()
        asked = await server.member.slash(server.channel, "ask", question=TRADE)
        assert time.perf_counter() - began < 7
        assert asked.response
        if fallback:
            assert "three billion" in asked.response.content
            assert (
                "The language model gave no usable reply, so this is quoted from the articles."
                in asked.response.content
            )
        else:
            assert (
                "**The language model gave no usable reply, so there is no answer.**"
                in asked.response.content
            )
        assert KEY not in asked.response.content
        assert endpoint.url not in asked.response.content
        read = await server.member.click(asked.response, label="Sources" if fallback else "Passages")
        assert read.response
