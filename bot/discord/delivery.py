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
QUIET = 0.3
"""Seconds to wait for more before a draft is shown: without a model the whole answer takes less."""
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


async def follow(parts: AsyncIterator[Part], spot: Spot, question: str | None, texts: Texts) -> Answer:
    """Show statements as they come, and return the whole answer when it is there.

    Raises what the desk raises; StateUnavailable only before the answer, which is shown all the same.
    """
    statements: list[Statement] = []
    answer: Answer | None = None
    drafted = -EDIT_EVERY
    drafting: asyncio.Task[None] | None = None

    async def draft() -> None:
        nonlocal drafted
        await asyncio.sleep(max(QUIET, drafted + EDIT_EVERY - time.monotonic()))
        with suppress(*FAILURES):  # the whole answer is tried again, more patiently
            await spot.put(draft_page(question, statements, texts))
        drafted = time.monotonic()

    try:
        async for part in parts:
            if isinstance(part, Answer):
                answer = part
            else:
                statements.append(part)
                if drafting is None or drafting.done():
                    drafting = asyncio.create_task(draft())
    except StateUnavailable:
        if answer is None:
            raise
    finally:
        if drafting:
            drafting.cancel()
            with suppress(asyncio.CancelledError):
                await drafting
    assert answer
    if drafted >= 0:
        await asyncio.sleep(max(0.0, drafted + EDIT_EVERY - time.monotonic()))
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
        except (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError) as error:
            if pause is None:
                raise Undelivered(f"{type(error).__name__}: {error}") from None
            await asyncio.sleep(pause)
        except discord.HTTPException as error:  # 4xx: it will not be taken later either
            raise Undelivered(f"{error.status} (error code {error.code})") from None
        except discord.RateLimited as error:
            raise Undelivered(f"the rate limit asks for {error.retry_after:.0f} s") from None
    raise AssertionError
