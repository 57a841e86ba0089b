"""The bot with a real model on the simulated Discord. What is asserted holds whatever the model says."""

from pathlib import Path

import pytest

from bot.answer import Status
from bot.settings import Settings
from tests.bot.discord.conftest import bot_of, custom_id, server_in, simulated
from tests.model.conftest import KEY, Server

pytestmark = pytest.mark.model

MARKETS = "How many border markets are operational?"


async def test_smoke_a_member_asks_a_model_and_opens_its_sources(server: Server, tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "home": tmp_path,
            "model": "local",
            "passages": 2,
            "timeout": 250,
            "deadline": 300,
            "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": KEY,
        }
    )
    async with simulated(settings, patience=300) as env:
        bot = bot_of(env)
        place = server_in(env)
        asked = await place.member.slash(place.channel, "ask", question=MARKETS)
        assert asked.response
        answer_id = custom_id(asked.response, "helpful:").rpartition(":")[2]
        answer = bot.desks.record.find(answer_id).answer
        for n in {n for statement in answer.statements for n in statement.citations}:
            assert f"[{n}]" in asked.response.content
        if answer.withheld:
            assert f"{answer.withheld} statement" in asked.response.content
        read = await place.member.click(asked.response, custom_id=custom_id(asked.response, "sources:"))
        assert read.response
        marked = "Citation 1 of" if answer.status is Status.ANSWERED else "Nearest passage 1 of"
        assert marked in read.response.content
        assert KEY not in asked.response.content + read.response.content
