"""The service: who may have what planned and built when, and which library it is done to."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from bot import opening
from bot.curation import child, schedule, staging, standing
from bot.curation.child import PROGRAM, Died
from bot.curation.errors import AlreadyBuilding, SharesDefault
from bot.curation.jobs import (
    PATIENCE,
    Building,
    Edit,
    FromFile,
    FromUrl,
    Planning,
    Progress,
    Refresh,
    Remove,
    Report,
    State,
    Wanted,
    kind_of,
)
from bot.curation.plans import Plan, Why
from bot.curation.schedule import Refreshed
from bot.curation.staging import Staging, Upload
from bot.curation.standing import Standing, UnderWay
from bot.desks import default_library, guild_library, library_of
from bot.record.guilds import Guilds
from bot.settings import Settings
from index.article import Article
from index.builder import Change
from index.errors import BuilderBusy, BuildFailed, IbidError, InputRejected
from index.generation import read_manifest

log = logging.getLogger("ibid.curation")

PLAN_SECONDS = 60.0
BUILD_SECONDS = 1_800.0
LONG_PATIENCE = 900.0
"""Seconds in which a refresh reads pages for which nobody waits, at a second a page of one host."""
LAST = 40.0
"""Seconds that the page may take which is begun last."""
PLANS = 4
BUILDS = 2
"""Processes at once; a build takes about 250 MB."""


EVERYONE = 0
"""In place of a guild, the library that all share who have none of their own. No guild may change it."""


class Curator:
    """Plans and builds changes for all guilds. `program` is what does a job, for tests to replace."""

    def __init__(self, settings: Settings, guilds: Guilds, program: Sequence[str] = PROGRAM) -> None:
        self._settings = settings
        self._guilds = guilds
        self._program = tuple(program)
        self._staging = Staging(settings.home / "staging")
        self._planning = asyncio.Semaphore(PLANS)
        self._building = asyncio.Semaphore(BUILDS)
        self._under_way: dict[int, UnderWay] = {}
        self._jobs: set[asyncio.Task[object]] = set()
        self._closed = False

    async def plan_add(self, guild: int, what: str | Upload, report: Report) -> Plan:
        """Read a page at a URL, or a file, and say what adding it would do.

        Raises InputRejected, SharesDefault, IndexUnavailable or BuildFailed.
        """
        if isinstance(what, Upload):
            return await self._plan(guild, FromFile(name=staging.file_name(what.name)), report, what)
        return await self._plan(guild, FromUrl(url=what), report)

    async def plan_remove(self, guild: int, article: str, report: Report) -> Plan:
        """Raises what `plan_add` raises."""
        return await self._plan(guild, Remove(article=article), report)

    async def plan_refresh(self, guild: int, article: str | None, report: Report) -> Plan:
        """Read again what came from the web: one article, or all. Raises what `plan_add` raises."""
        return await self._plan(guild, Refresh(article=article), report)

    async def plan_edit(self, guild: int, article: str, typed: dict[str, str], report: Report) -> Plan:
        """Mend what is known of an article, by the fields of `Metadata`. Raises what `plan_add` raises."""
        return await self._plan(guild, Edit(article=article, typed=typed), report)

    async def refresh(self, guild: int) -> Refreshed:
        """Read again what a library has from the web and build what changed, with nobody to look first.

        Raises what `plan_refresh` and `build` raise.
        """
        self.require_idle(guild)
        plan = await self._plan(guild, Refresh(), _ignore, patience=LONG_PATIENCE)
        updated = 0
        if plan.changed:
            try:
                updated = len((await self.build(guild, plan.token, _ignore)).updated)
            finally:  # built or not, nobody else wants it
                await asyncio.to_thread(staging.delete, self._staging.place(plan.token))
        return Refreshed(
            at=datetime.now(UTC),
            updated=updated,
            unchanged=len(plan.unchanged),
            unread=sum(refusal.why in (Why.UNREADABLE, Why.NO_TIME) for refusal in plan.refused),
        )

    def article(self, guild: int, article: str) -> Article:
        """Raises UnknownArticle, IndexMissing, IndexCorrupt or StateUnavailable."""
        with closing(opening.catalog(library_of(self._settings, self._guilds, guild))) as catalog:
            return catalog.article(article)

    def guilds(self) -> list[int]:
        """Those that read articles of their own. Raises StateUnavailable."""
        folders = (self._settings.home / "guilds").glob("*/index")
        guilds = [int(folder.parent.name) for folder in folders if folder.parent.name.isdecimal()]
        return [guild for guild in guilds if guild and self._guilds.settings(guild).own_library]

    async def find(self, guild: int, token: str) -> Plan:
        """A plan that can still be built. Raises PlanGone, also where it is another guild's."""
        return await asyncio.to_thread(self._staging.find, guild, token)

    async def discard(self, guild: int, token: str) -> None:
        """Forget a plan. Raises PlanGone, or AlreadyBuilding where it is too late for that."""
        await self.find(guild, token)
        self.require_idle(guild)
        await asyncio.to_thread(staging.delete, self._staging.place(token))

    async def build(self, guild: int, token: str, report: Report) -> Change:
        """Do what was planned. A plan is used up when it is built, not when that failed.

        Raises PlanGone, AlreadyBuilding, BuilderBusy, BuildFailed, InputRejected, IndexUnavailable,
        ModelUnavailable or SettingsInvalid. Whatever is raised, the guild reads what it read before.
        """
        plan = await self.find(guild, token)
        self.require_idle(guild)
        first = self._under_way[guild] = UnderWay(plan, datetime.now(UTC))

        def moved(progress: Progress) -> None:
            first.progress = progress
            report(progress)

        failed: str | None = "Interrupted"
        try:
            async with self._job():
                moved(first.progress)
                async with self._building:
                    moved(Progress(state=State.STARTING))
                    change = await self._build(plan, moved)
            failed = None
            seconds = round((datetime.now(UTC) - first.began).total_seconds(), 1)
            log.info("articles changed", extra={"guild": guild, "kind": plan.kind, "seconds": seconds})
            return change
        except IbidError as error:
            failed = kind_of(error)
            raise
        finally:
            del self._under_way[guild]
            # Not in a thread, which a bot that stops would not wait for.
            standing.note(self.folder(guild), plan, failed)
            if not failed:
                await asyncio.to_thread(staging.delete, self._staging.place(token))

    def require_idle(self, guild: int) -> None:
        """Raises AlreadyBuilding."""
        if first := self._under_way.get(guild):
            raise AlreadyBuilding(first)

    def standing(self, guild: int) -> Standing:
        """Raises IndexMissing, IndexCorrupt or StateUnavailable."""
        own = self._guilds.settings(guild).own_library
        library = library_of(self._settings, self._guilds, guild)
        turn = schedule.turn_in(self.folder(guild if own else EVERYONE))
        manifest = read_manifest(library.generations / library.current_id())
        return Standing(
            own=own,
            articles=manifest.articles,
            passages=manifest.passages,
            generation=manifest.id,
            built=manifest.created,
            size=sum(file.size for file in manifest.files.values()),
            last=standing.last(self.folder(guild)),
            refreshed=turn.last if turn else None,
            under_way=self._under_way.get(guild),
        )

    async def close(self) -> None:
        """Stop all jobs. What was not published is swept away by the next build."""
        self._closed = True
        for job in self._jobs:
            job.cancel()
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=child.LEAVE)

    async def _plan(
        self,
        guild: int,
        wanted: Wanted,
        report: Report,
        upload: Upload | None = None,
        patience: float | None = None,
    ) -> Plan:
        folder = self._staging.place(staging.new_token())
        async with self._job(), self._planning:
            in_place = await asyncio.to_thread(self._in_place, guild)
            library = await asyncio.to_thread(library_of, self._settings, self._guilds, guild)
            job = Planning(
                folder=folder,
                guild=guild,
                library=library.folder,
                begins_own=not in_place,
                wanted=wanted,
                patience=patience or PATIENCE,
                contact=self._settings.contact,
            )
            seconds = patience + LAST if patience else PLAN_SECONDS
            plan: Plan | None = None
            try:
                await asyncio.to_thread(self._staging.begin, folder, upload, self._busy())
                await child.run(self._program, job, seconds, report)
                plan = await asyncio.to_thread(self._staging.keep, folder, guild, self._busy())
            except (Died, ValidationError) as error:
                log.warning("could not be read", extra={"why": str(error)})
                raise InputRejected(
                    "This takes more time or memory than reading an article does; "
                    "save its text as a .txt file, and add that."
                ) from None
            except OSError as error:
                raise BuildFailed(f"{folder} cannot be used ({error}); make room in it.") from None
            finally:
                if plan is None or not plan.changed:
                    await asyncio.to_thread(staging.delete, folder)
            return plan

    async def _build(self, plan: Plan, report: Report) -> Change:
        guild = plan.guild
        settings = self._settings
        in_place = guild == EVERYONE or (await asyncio.to_thread(self._guilds.settings, guild)).own_library
        if not in_place and plan.copied is None:
            raise SharesDefault
        library = guild_library(settings, guild) if guild else default_library(settings)
        key = settings.openai_api_key if settings.embedding.startswith("openai:") else None
        job = Building(
            folder=self._staging.place(plan.token),
            library=library.folder,
            origin=None if in_place else default_library(settings).folder,
            embedding=settings.embedding,
            embedding_folder=settings.embedding_folder,
            key=key.get_secret_value() if key else None,
            base_url=settings.openai_base_url,
            timeout=settings.timeout,
        )
        try:
            change = (await child.run(self._program, job, BUILD_SECONDS, report)).change
        except Died as error:
            raise BuildFailed(f"The builder {error}; the old articles still serve. Try again.") from None
        except OSError as error:
            raise BuildFailed(f"No builder could be started ({error}); try again later.") from None
        assert change
        if not in_place and (change.added or change.updated or change.removed):
            await asyncio.to_thread(self._guilds.change, guild, own_library=True)
        return change

    def _in_place(self, guild: int) -> bool:
        """Whether the library that is read is the one to change, not one to begin a guild's own with.

        Raises SharesDefault where a guild has articles of its own and reads others.
        """
        if guild == EVERYONE:
            return True
        own = self._guilds.settings(guild).own_library
        if not own and not guild_library(self._settings, guild).is_new():
            raise SharesDefault
        return own

    def _busy(self) -> set[str]:
        """The plans that are being built."""
        return {first.plan.token for first in self._under_way.values()}

    def folder(self, guild: int) -> Path:
        """Where what belongs to a guild alone is kept, or to the library that all others share."""
        library = guild_library(self._settings, guild) if guild else default_library(self._settings)
        return library.folder.parent

    @asynccontextmanager
    async def _job(self) -> AsyncIterator[None]:
        if self._closed:
            raise BuilderBusy("Ibid is about to restart; try again in a minute.")
        task = asyncio.current_task()
        assert task
        self._jobs.add(task)
        try:
            yield
        finally:
            self._jobs.discard(task)


def _ignore(_progress: Progress) -> None:
    pass
