"""A button that Discord refuses would take the whole message with it."""

from dataclasses import replace

import pytest
from simcord import Env

from bot.discord.links import link_button
from index.builder import Builder
from index.embeddings import MiniLM
from tests.bot.discord.conftest import Server, at_rest, bot_of
from tests.index.notes import COMETS, note

PAGE = "https://a.example/page"


@pytest.mark.parametrize(
    "url",
    ["", "javascript:alert(1)", "java\nscript:alert(1)", "file:///etc/passwd", "discord://x", "//a.example",
     "https://", "http://[", "a.example/page", f"{PAGE}?{'q' * 700}", f"{PAGE}?{'ä' * 100}"],
)  # fmt: skip
def test_an_address_that_is_none_of_the_web_or_too_long_has_no_button(url: str) -> None:
    assert link_button(url, "Open") is None


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        (PAGE, PAGE),
        (f"{PAGE}?a=<z>&b=%20 c\\", f"{PAGE}?a=%3Cz%3E&b=%20%20c%5C"),
        ('https://a.example/Käse_(x)|`"{}^', "https://a.example/K%C3%A4se_%28x%29%7C%60%22%7B%7D%5E"),
        (f"{PAGE}#:~:text={'word%20' * 60}", f"{PAGE}#:~:text={'word%20' * 60}"),
        (f"{PAGE}#:~:text={'word%20' * 100}", PAGE),
        (f"{PAGE}?{'q' * 400}#:~:text={'word%20' * 100}", f"{PAGE}?{'q' * 400}"),
    ],
)
def test_an_address_of_the_web_is_opened_without_marks_that_discord_refuses(url: str, opened: str) -> None:
    button = link_button(url, "Open")
    assert button
    assert button.url == opened
    assert button.label == "Open"


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        (f"{PAGE}?a=<z>", f"{PAGE}?a=%3Cz%3E"),
        (f"{PAGE}?{'q' * 450}", f"{PAGE}?{'q' * 450}"),
        (f"{PAGE}?{'q' * 700}", None),
        ("javascript:alert(1)", None),
    ],
)
async def test_articles_and_sources_have_no_button_that_discord_refuses(
    env: Env, server: Server, embedder: MiniLM, url: str, opened: str | None
) -> None:
    comets = note("comets", COMETS)
    comets = replace(comets, metadata=replace(comets.metadata, url=url))
    Builder(at_rest(bot_of(env).settings), embedder).add([comets], lambda *_: None)
    described = await server.member.slash(server.channel, "articles", article="comets")
    asked = await server.member.slash(server.channel, "ask", question="What are comets made of?")
    assert asked.response
    read = await server.member.click(asked.response, label="Sources")
    for shown in (described.response, read.response):
        assert shown
        urls = [item["url"] for row in shown.components for item in row["components"] if item.get("url")]
        assert [address.partition("#")[0] for address in urls] == [opened] * (opened is not None)
        assert all(len(address) <= 512 for address in urls)
