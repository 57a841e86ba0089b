"""Puts an answer in front of its asker: a message that grows by checked statements, then the whole.

Where Discord fails for longer than `patiently` tries, the answer is undelivered, with the reason.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Protocol, TypeVar

import aiohttp
import discord

from bot.answer import Answer, Statement
from bot.discord.answering import Part
from bot.discord.render import draft_page
from bot.discord.texts import Texts
from index.errors import StateUnavailable

EDIT_EVERY = 1.0
"""Seconds between two edits of one message."""
DRAFT_DEADLINE = 5.0
"""Seconds that Discord has to take a draft; what is in it comes again."""
PAUSES = (1.0, 2.0, 4.0)
"""Seconds between tries of what Discord failed to take."""
FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)

T = TypeVar("T")


class Undelivered(Exception):
    """Discord did not take a message; why, in words."""


class Spot(Protocol):
    """Where an answer goes: behind an interaction, or as a reply to a message."""

    async def put(self, content: str, view: discord.ui.View | None = None) -> discord.Message:
        """Write the first message, or write it anew."""

    async def add(self, content: str, view: discord.ui.View | None = None) -> discord.Message:
        """Write a further message below it."""


async def follow(
    parts: AsyncIterator[Part], spot: Spot, question: str | None, texts: Texts, *, drafts: bool
) -> Answer:
    """Return the whole answer when it is there; with `drafts`, show its statements as they come.

    Raises what the desk raises; StateUnavailable only before the answer, which is shown all the same.
    """
    statements: list[Statement] = []
    answer: Answer | None = None
    drafted: float | None = None
    try:
        async for part in parts:
            if isinstance(part, Answer):
                answer = part
                continue
            statements.append(part)
            if drafts and (drafted is None or time.perf_counter() - drafted >= EDIT_EVERY):
                with suppress(*FAILURES):  # the whole answer is tried again, more patiently
                    async with asyncio.timeout(DRAFT_DEADLINE):
                        await spot.put(draft_page(question, statements, texts))
                drafted = time.perf_counter()
    except StateUnavailable:
        if answer is None:
            raise
    assert answer
    if drafted is not None:
        await asyncio.sleep(max(0.0, drafted + EDIT_EVERY - time.perf_counter()))
    return answer


async def publish(pages: list[str], spot: Spot, view: discord.ui.View | None) -> list[discord.Message]:
    """Write the pages, with the buttons below the last one. Raises Undelivered."""
    messages = []
    for number, page in enumerate(pages, 1):
        write = spot.put if number == 1 else spot.add
        below = view if number == len(pages) else None
        messages.append(await patiently(lambda w=write, p=page, b=below: w(p, b)))  # type: ignore[misc]
    return messages


async def patiently(send: Callable[[], Awaitable[T]]) -> T:
    """Try again where Discord is at fault. Raises Undelivered where it stays so.

    discord.py waits out 429, and tries 5xx again for 25 s, but of channel messages not 503, and never
    a lost connection.
    """
    for pause in (*PAUSES, None):
        try:
            return await send()
        except discord.RateLimited as error:
            raise Undelivered(f"the rate limit asks for {error.retry_after:.0f} s") from None
        except FAILURES as error:
            why = f"{type(error).__name__}: {error}"
            if isinstance(error, discord.HTTPException):
                why = f"{error.status} (error code {error.code})"
                if error.status < 500:  # it will not be taken later either
                    raise Undelivered(why) from None
            if pause is None:
                raise Undelivered(why) from None
            await asyncio.sleep(pause)
    raise AssertionError
