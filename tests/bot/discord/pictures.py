"""Takes the pictures of the README: simcord's preview of real answers, in Debian's Chromium.

`python -m tests.bot.discord.pictures FOLDER` writes one PNG a scene.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from itertools import accumulate, groupby
from pathlib import Path

from PIL import Image, ImageChops
from simcord import Env
from simcord.actors import MemberActor

from bot import opening
from bot.curation.curator import Curator
from bot.desks import default_library
from bot.settings import Settings
from index.article import Place
from index.builder import Builder
from index.embeddings import MiniLM
from tests.bot.discord.conftest import Server, server_in, simulated
from tests.bot.discord.site import LOOPBACK, Site, here
from tests.index.notes import note, silent

BROWSER = "chromium"
SIZE = (1160, 1300)
SIDEBAR = 257
"""Pixels that simcord's own list of messages takes on the left."""
EDGE = 14
"""Pixels below and above the bars: the lower half of a date, and a shadow."""
MARGIN = 20
"""Pixels on the right that no message reaches, but every bar and box does."""


def is_possible() -> bool:
    return shutil.which(BROWSER) is not None


async def take(env: Env, server: Server, viewer: MemberActor, path: Path) -> Image.Image:
    """What a viewer sees of a channel, cut to its messages."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "whole.png")
        async with env.preview(
            server.channel, viewers=[viewer], layout="channel", width=SIZE[0], height=SIZE[1]
        ) as preview:
            browser = await asyncio.create_subprocess_exec(
                BROWSER,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--user-data-dir={folder}/profile",
                f"--window-size={SIZE[0]},{SIZE[1]}",
                "--virtual-time-budget=8000",
                f"--screenshot={whole}",
                preview.url,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            await asyncio.wait_for(browser.wait(), 60)
        picture = Image.open(whole).convert("RGB")
    picture = _messages(picture)
    picture.save(path, optimize=True)
    return picture


def _messages(whole: Image.Image) -> Image.Image:
    """The part between the bars, without its empty rows: the longest run of one colour at the margin."""
    column = [whole.getpixel((whole.width - MARGIN, y)) for y in range(whole.height)]
    runs = [(colour, len(list(rows))) for colour, rows in groupby(column)]
    ends = list(accumulate(length for _, length in runs))
    longest = max(range(len(runs)), key=lambda n: runs[n][1])
    colour, length = runs[longest]
    top, bottom = ends[longest] - length + EDGE, ends[longest] - EDGE
    part = whole.crop((SIDEBAR, top, whole.width, bottom))
    shown = ImageChops.difference(part, Image.new("RGB", part.size, colour)).getbbox()
    assert shown, "nothing is shown"
    return part.crop((0, max(shown[1] - 12, 0), part.width, min(shown[3] + 12, part.height)))


async def _answer(env: Env, server: Server) -> MemberActor:
    await server.member.slash(server.channel, "ask", question=TRADE)
    return server.member


async def _reader(env: Env, server: Server) -> MemberActor:
    asked = await server.member.slash(server.channel, "ask", question=TRADE, private=True)
    assert asked.response
    await server.member.click(asked.response, label="Sources")
    return server.member


async def _decline(env: Env, server: Server) -> MemberActor:
    await server.member.slash(server.channel, "ask", question="Who won the election in Pakistan in 2024?")
    return server.member


async def _gaps(env: Env, server: Server) -> MemberActor:
    elsewhere = server.guild.create_text_channel("questions")
    for question in ("Who won the cricket world cup?", "who won the Cricket World Cup", "Why?"):
        await server.member.slash(elsewhere, "ask", question=question)
        await env.advance_time(10)
    await server.moderator.slash(server.channel, "gaps")
    return server.moderator


async def _settings(env: Env, server: Server) -> MemberActor:
    await server.moderator.slash(server.channel, "settings")
    return server.moderator


TREATY = "The treaty on fishing rights was signed in Geneva. {} states joined it at once."
JOINED = "How many states joined the treaty on fishing rights at once?"


def _treaty(env: Env, states: str) -> None:
    """Index a report of five years ago, which two other papers printed too, on its second page."""
    article = note("treaty", "Reports of the year", TREATY.format(states), published=date(2020, 3, 2))
    metadata = replace(article.metadata, title="Fishing in peace", author="Ann Lee", publisher="Herald")
    places = [
        Place(f"https://{name}.example/a", replace(metadata, publisher=name, url=f"https://{name}.example/a"))
        for name in ("Courier", "Dawn", "Monitor")
    ]
    whole = replace(article, metadata=metadata, also=tuple(places), pages=(0, article.blocks[1].start))
    settings = env.bot.settings  # type: ignore[attr-defined]
    Builder(default_library(settings), MiniLM()).add([whole], silent)


async def _places(env: Env, server: Server) -> MemberActor:
    _treaty(env, "Nine")
    await server.member.slash(server.channel, "ask", question=JOINED)
    return server.member


async def _changed(env: Env, server: Server) -> MemberActor:
    _treaty(env, "Nine")
    asked = await server.member.slash(server.channel, "ask", question=JOINED, private=True)
    _treaty(env, "Ten")
    assert asked.response
    await server.member.click(asked.response, label="Sources")
    return server.member


async def _refresh(env: Env, server: Server) -> MemberActor:
    library = env.bot.get_cog("Library")  # type: ignore[attr-defined]
    settings, guilds = env.bot.settings, env.bot.guild_settings  # type: ignore[attr-defined]
    library.curator = Curator(settings, guilds, (sys.executable, "-c", LOOPBACK))
    with Site().running() as site:
        Builder(default_library(settings), MiniLM()).add([here(site.url("/treaty"))], silent)
        site.pages["/treaty"] = "Ten states joined the treaty in the end. The last of them was Chile."
        await server.moderator.slash(server.channel, "library refresh")
    return server.moderator


Scene = Callable[[Env, Server], Awaitable[MemberActor]]
TRADE = "How much could informal trade between Iran and Pakistan be worth?"
SCENES: dict[str, Scene] = {
    "answer": _answer,
    "sources": _reader,
    "places": _places,
    "changed": _changed,
    "refresh": _refresh,
    "decline": _decline,
    "gaps": _gaps,
    "settings": _settings,
}


async def shoot(home: Path, scene: str, path: Path) -> Image.Image:
    async with simulated(Settings(home=home)) as env:
        server = server_in(env)
        viewer = await SCENES[scene](env, server)
        return await take(env, server, viewer, path)


def main(folder: Path) -> None:
    """Take every scene, each on a home of its own."""
    for scene in SCENES:
        with tempfile.TemporaryDirectory() as home:
            opening.desk(Settings(home=Path(home)), lambda *_: None).close()
            asyncio.run(shoot(Path(home), scene, folder / f"{scene}.png"))
            print(folder / f"{scene}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
