"""A private message that follows one job of the curator's, from its first line to its last."""

import asyncio
import logging
import time
from contextlib import suppress

from discord import ui

from bot.curation import Progress, Report
from bot.discord.app import Interaction
from bot.discord.delivery import EDIT_EVERY, FAILURES, Undelivered, patiently
from bot.discord.library_pages import how_far
from bot.discord.texts import Texts
from index.pace import Pace

log = logging.getLogger("ibid.discord")


class Live:
    """The private message that follows one job; it is edited at most once a second."""

    def __init__(self, interaction: Interaction) -> None:
        self._interaction = interaction
        self._said = time.monotonic()
        self._edited = False
        self._content = ""
        self._editing: asyncio.Task[None] | None = None

    def follow(self, words: Texts, doing: str = "") -> Report:
        """What to report progress to; `doing` is the line above it."""
        pace = Pace()

        def show(progress: Progress) -> None:
            if progress.total:
                pace.note(progress.done, progress.total)
            line = f"-# {how_far(progress, words, pace)}"
            self._content = f"{doing}\n{line}" if doing else line
            if self._editing is None or self._editing.done():
                self._editing = asyncio.create_task(self._edit())

        return show

    async def end(self, content: str, view: ui.View | None = None) -> None:
        """Say the last thing. Where Discord takes it no more, `status` says how a build ended."""
        if self._editing:
            self._editing.cancel()
            with suppress(asyncio.CancelledError):
                await self._editing
        if self._edited:
            await self._pause()
        put = self._interaction.edit_original_response
        try:
            await patiently(lambda: put(content=content, view=view))
        except Undelivered as error:
            log.warning("not told", extra={"why": str(error)})

    async def _edit(self) -> None:
        await self._pause()
        if self._interaction.is_expired():  # 15 minutes old
            return
        with suppress(*FAILURES):
            await self._interaction.edit_original_response(content=self._content)
        self._said = time.monotonic()
        self._edited = True

    async def _pause(self) -> None:
        await asyncio.sleep(max(0.0, self._said + EDIT_EVERY - time.monotonic()))
