"""Planning and building by real child processes, with a real Chroma and the real model."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr

from bot.curation import (
    AlreadyBuilding,
    Kind,
    Plan,
    PlanGone,
    Progress,
    SharesDefault,
    State,
    Upload,
    child,
    jobs,
    staging,
)
from bot.curation import (
    curator as service,
)
from bot.curation.curator import Curator
from bot.desks import default_library, guild_library
from bot.record import Record
from bot.record.guilds import Guilds
from bot.settings import Settings
from index.embeddings import MiniLM
from index.errors import BuilderBusy, BuildFailed, InputRejected
from index.library import Library
from index.lock import building
from tests.bot.curated import COFFEE, STUCK, give_own, titles

GUILD, OTHER = 7, 8
SHIPS = "Ships of salt\n\n" + "\n\n".join(
    f"Ship number {n} left the port of Marne with salt and grain. It carried {n} tons over the sea. "
    "Its crew of nine came home in the autumn, when the markets were already closed for the winter."
    for n in range(80)
)

READER = """
import sys, time
from bot.curation import workshop
from index.sources.apart import Apart
def read(apart, path):
    {body}
Apart.read = read
workshop.main()
"""


def reading(body: str) -> tuple[str, ...]:
    """A program that does jobs as the real one, but for how it reads a file."""
    return (sys.executable, "-c", READER.format(body=body))


def upload(text: str, name: str = "coffee.txt") -> Upload:
    return Upload(name, text.encode())


def ignore(_progress: Progress) -> None:
    """A report that nobody reads."""


def state(folder: Path) -> dict[str, bytes]:
    """Every byte of the libraries in a home."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for top in ("index", "guilds")
        for path in sorted((folder / top).rglob("*"))
        if path.is_file()
    }


def kill(progress: Progress) -> None:
    """A report that kills the builder as soon as it embeds."""
    if progress.state is State.EMBEDDING:
        for pid in children():
            os.kill(pid, signal.SIGKILL)


def children() -> list[int]:
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has ended meanwhile
            found += map(int, (task / "children").read_text().split())
    return found


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


@pytest.fixture
def guilds(settings: Settings) -> Guilds:
    return Guilds(Record(settings.home / "state.sqlite").database)


@pytest.fixture
def own(settings: Settings) -> Library:
    return guild_library(settings, GUILD)


@pytest_asyncio.fixture
async def curator(settings: Settings, guilds: Guilds) -> AsyncIterator[Curator]:
    made = Curator(settings, guilds)
    yield made
    await made.close()
    assert not children()


async def test_a_plan_tells_what_would_change_and_changes_nothing(curator: Curator, home: Path) -> None:
    before = state(home)
    plan = await curator.plan_add(GUILD, upload(COFFEE), ignore)
    assert state(home) == before
    assert (plan.guild, plan.kind, plan.copied) == (GUILD, Kind.ADD, 1)
    (entry,) = plan.added
    assert (entry.id, entry.title, entry.passages) == ("coffee", "Coffee in the frost", 1)
    assert entry.begins == "Coffee prices doubled in Brazil after the frost."
    assert await curator.find(GUILD, plan.token) == plan
    for act in (curator.find, curator.discard):
        with pytest.raises(PlanGone):
            await act(OTHER, plan.token)
    with pytest.raises(PlanGone):
        await curator.build(OTHER, plan.token, ignore)
    for token in ("", "..", f"../staging/{plan.token}", "0" * 16):
        with pytest.raises(PlanGone):
            await curator.find(GUILD, token)
    await curator.discard(GUILD, plan.token)
    assert not list((home / "staging").iterdir())


async def test_a_guilds_first_build_gives_it_a_library_and_leaves_the_default_one_alone(
    curator: Curator, home: Path, settings: Settings, guilds: Guilds, own: Library
) -> None:
    """F1 and F2 as a guild sees them: a killed build changes nothing and can be done again."""
    before = state(home)
    plan = await curator.plan_add(GUILD, upload(COFFEE), ignore)
    with pytest.raises(BuildFailed, match="SIGKILL"):
        await curator.build(GUILD, plan.token, kill)
    assert not guilds.settings(GUILD).own_library
    assert own.is_new()
    assert {name: data for name, data in state(home).items() if name.startswith("index")} == before
    killed = curator.standing(GUILD)
    assert killed.last
    assert (killed.own, killed.last.failed) == (False, "BuildFailed")

    seen: list[State] = []
    change = await curator.build(GUILD, plan.token, lambda progress: seen.append(progress.state))
    assert change.added == ("coffee",)
    assert seen == [State.WAITING, State.STARTING, State.EMBEDDING, State.CHECKING]
    assert guilds.settings(GUILD).own_library
    assert not guilds.settings(OTHER).own_library
    bundled = titles(default_library(settings))
    assert titles(own) == bundled | {"Coffee in the frost"}
    after = state(home)
    assert {name: after[name] for name in before} == before
    assert {path.name for path in own.folder.parent.iterdir()} == {
        "index",
        "builder.lock",
        "last-change.json",
    }
    with pytest.raises(PlanGone):
        await curator.build(GUILD, plan.token, ignore)
    standing = curator.standing(GUILD)
    assert (standing.own, standing.articles, standing.under_way) == (True, 2, None)
    assert standing.last
    assert (standing.last.title, standing.last.failed) == ("Coffee in the frost", None)

    again = await curator.plan_add(GUILD, upload(COFFEE), ignore)
    assert (again.changed, [entry.id for entry in again.unchanged]) == ((), ["coffee"])
    newer = await curator.plan_add(GUILD, upload(COFFEE.replace("Brazil", "Peru")), ignore)
    assert [entry.id for entry in newer.updated] == ["coffee"]

    guilds.change(GUILD, own_library=False)  # as /settings does
    with pytest.raises(SharesDefault):
        await curator.plan_add(GUILD, upload(COFFEE), ignore)
    with pytest.raises(SharesDefault):
        await curator.build(GUILD, newer.token, ignore)
    assert {name: data for name, data in state(home).items() if name in before} == before


async def test_a_job_knows_no_secret_that_it_does_not_need(
    settings: Settings,
    guilds: Guilds,
    curator: Curator,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name in ("DISCORD_TOKEN", "discord_token", "OPENAI_API_KEY", "Ibid_Home"):
        monkeypatch.setenv(name, "hush-hush")
    (home.parent / ".env").write_text("DISCORD_TOKEN=hush-hush\n")
    looked: list[State] = []

    def look(progress: Progress) -> None:
        for pid in children():
            for file in ("environ", "cmdline"):
                assert b"hush" not in Path(f"/proc/{pid}/{file}").read_bytes()
            looked.append(progress.state)

    await curator.plan_refresh(GUILD, None, look)
    plan = await curator.plan_add(GUILD, upload(COFFEE), look)
    with_key = settings.model_copy(update={"openai_api_key": SecretStr("hush-hush")})
    keeping = tmp_path / "job"
    copying = (sys.executable, "-c", f"import sys; open({str(keeping)!r}, 'w').write(sys.stdin.readline())")
    for embedding, given in (("minilm", False), ("openai:m", True)):
        with pytest.raises(BuildFailed, match="code 0"):
            await Curator(with_key.model_copy(update={"embedding": embedding}), guilds, copying).build(
                GUILD, plan.token, look
            )
        assert ("hush" in keeping.read_text()) is given
    with suppress(asyncio.CancelledError):
        stuck = Curator(with_key, guilds, (sys.executable, "-c", STUCK))
        building = asyncio.create_task(stuck.build(GUILD, plan.token, look))
        while State.EMBEDDING not in looked:
            await asyncio.sleep(0.01)
        await stuck.close()
        await building
    assert {State.READING, State.EMBEDDING} <= set(looked)
    assert not [path for path in home.rglob("*.json") if b"hush" in path.read_bytes()]


async def test_a_killed_later_build_changes_nothing(
    curator: Curator, settings: Settings, guilds: Guilds, embedder: MiniLM
) -> None:
    """F1 and F2: what was published before serves on."""
    own = give_own(settings, guilds, GUILD, embedder)
    served = own.current_id()
    plan = await curator.plan_add(GUILD, upload(SHIPS), ignore)
    with pytest.raises(BuildFailed, match="SIGKILL"):
        await curator.build(GUILD, plan.token, kill)
    assert own.current_id() == served
    assert titles(own) == {"Coffee", "Treaty"}
    assert await curator.find(GUILD, plan.token) == plan


@pytest.mark.parametrize(("size", "text"), [(40, COFFEE), (185, SHIPS)], ids=["copying", "writing"])
async def test_a_full_disk_changes_nothing(
    settings: Settings, guilds: Guilds, own: Library, home: Path, size: int, text: str
) -> None:
    """F5: no file may grow beyond a size in KB, as where a disk is full."""
    command = f"ulimit -f {size}; exec {sys.executable} -P -m bot.curation.workshop"
    small = Curator(settings, guilds, ("bash", "-c", command))
    before = state(home)
    plan = await small.plan_add(GUILD, upload(text), ignore)
    with pytest.raises(BuildFailed, match="ake room"):
        await small.build(GUILD, plan.token, ignore)
    assert own.is_new()
    assert not guilds.settings(GUILD).own_library
    after = state(home)
    assert {name: after[name] for name in before} == before
    assert not list(own.folder.parent.rglob("*.sqlite"))


async def test_a_home_that_cannot_be_written_is_one_clear_error(
    curator: Curator, guilds: Guilds, home: Path
) -> None:
    (home / "guilds").write_text("in the way")
    plan = await curator.plan_add(GUILD, upload(COFFEE), ignore)
    with pytest.raises(BuildFailed, match="cannot be changed"):
        await curator.build(GUILD, plan.token, ignore)
    assert not guilds.settings(GUILD).own_library
    for path in (home / "staging").iterdir():
        await curator.discard(GUILD, path.name)
    (home / "staging").rmdir()
    (home / "staging").write_text("in the way")
    with pytest.raises(BuildFailed, match="make room"):
        await curator.plan_add(GUILD, upload(COFFEE), ignore)


async def test_a_builder_at_a_terminal_goes_first(
    curator: Curator, guilds: Guilds, own: Library, settings: Settings
) -> None:
    """F2: who holds the lock of the folder is named."""
    plan = await curator.plan_add(GUILD, upload(COFFEE), ignore)
    with building(own.folder.parent), pytest.raises(BuilderBusy, match=f"process {os.getpid()} on"):
        await curator.build(GUILD, plan.token, ignore)
    assert not guilds.settings(GUILD).own_library
    assert await curator.find(GUILD, plan.token)


async def test_one_build_a_guild_and_two_in_all(settings: Settings, guilds: Guilds, curator: Curator) -> None:
    plans = [await curator.plan_add(guild, upload(COFFEE), ignore) for guild in (1, 2, 3)]
    busy = Curator(settings, guilds, (sys.executable, "-c", STUCK))
    seen: dict[int, list[State]] = {1: [], 2: [], 3: []}

    def noting(guild: int) -> Callable[[Progress], None]:
        return lambda progress: seen[guild].append(progress.state)

    builds = [asyncio.create_task(busy.build(p.guild, p.token, noting(p.guild))) for p in plans]
    while sum(State.EMBEDDING in states for states in seen.values()) < 2:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    assert sorted(len(states) for states in seen.values()) == [1, 3, 3]
    waiting = next(guild for guild, states in seen.items() if len(states) == 1)
    assert seen[waiting] == [State.WAITING]
    assert len(children()) == 2
    begun = time.monotonic()
    with pytest.raises(AlreadyBuilding) as refused:
        await busy.build(1, plans[0].token, ignore)
    with pytest.raises(AlreadyBuilding):
        await busy.discard(1, plans[0].token)
    assert time.monotonic() - begun < 1
    assert refused.value.first.plan == plans[0]
    await busy.close()
    ended = await asyncio.gather(*builds, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ended)
    assert not children()
    last = curator.standing(1).last
    assert last
    assert last.failed == "Interrupted"
    assert await curator.find(1, plans[0].token) == plans[0]
    with pytest.raises(BuilderBusy, match="restart"):
        await busy.plan_add(4, upload(COFFEE), ignore)


# -- hostile files (H9) ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("return bytearray(3 << 30)", "more memory"),
        ("import ctypes; ctypes.string_at(0)", "more time or memory"),
        ("def again(n): return again(n + 1) + 1\n    again(0)", "more time or memory"),
        ("time.sleep(60)", "more time or memory"),
        ('print(\'{"line": "done"}\' * 10, flush=True); import os; os._exit(1)', "more time or memory"),
    ],
    ids=["memory", "crash", "recursion", "time", "nonsense"],
)
async def test_a_file_that_breaks_its_reader_is_refused(
    settings: Settings,
    guilds: Guilds,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    why: str,
) -> None:
    if "sleep" in body:
        monkeypatch.setattr(service, "PLAN_SECONDS", 0.8)
    before = state(home)
    begun = time.monotonic()
    with pytest.raises(InputRejected, match=why):
        await Curator(settings, guilds, reading(body)).plan_add(GUILD, upload(COFFEE), ignore)
    assert time.monotonic() - begun < 30
    assert not children()
    assert not list((home / "staging").iterdir())
    assert state(home) == before


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("empty.txt", b" \n", r"^empty\.txt is empty"),
        ("program.txt", b"\x7fELF\0\0\1\2" * 50, r"^program\.txt is not text .*binary"),
        ("../../etc/passwd", b"root", r"^passwd: cannot read"),
        ("deep.html", b"<p>" + b"<div>" * 100_000 + b"word", r"^deep\.html "),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_by_its_own_name(
    curator: Curator, home: Path, name: str, data: bytes, why: str
) -> None:
    with pytest.raises(InputRejected, match=why) as refused:
        await curator.plan_add(GUILD, Upload(name, data), ignore)
    assert str(home) not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not list((home / "staging").iterdir())


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Report 2024.txt", "Report 2024.txt"),
        ("../../../etc/cron.d/x.txt", "x.txt"),
        ("C:\\temp\\y.md", "y.md"),
        ("..", "article.txt"),
        ("", "article.txt"),
        (".env", "env"),
        ("a\0b\n\u202ec.txt", "a_b__c.txt"),
        ("جمعية.txt", "جمعية.txt"),
        ("x" * 5_000 + ".html", "x" * 50 + ".html"),
    ],
)
def test_a_file_keeps_what_of_its_name_is_harmless(given: str, name: str) -> None:
    assert staging.file_name(given) == name


# -- what is left over -----------------------------------------------------------------------------


async def test_a_job_ends_with_the_bot_and_with_whoever_waits_for_it(
    settings: Settings, guilds: Guilds, tmp_path: Path
) -> None:
    mark = tmp_path / "reading"
    waiting = reading(f"open({str(mark)!r}, 'w').close(); time.sleep(60)")
    stuck = Curator(settings, guilds, waiting)
    planning = asyncio.create_task(stuck.plan_add(GUILD, upload(COFFEE), ignore))
    while not mark.exists():
        await asyncio.sleep(0.01)
    planning.cancel()
    begun = time.monotonic()
    with suppress(asyncio.CancelledError):
        await planning
    assert time.monotonic() - begun < 5
    assert not children()

    mark.unlink()
    job = jobs.Planning(
        folder=settings.home / "staging" / "0",
        guild=GUILD,
        library=default_library(settings).folder,
        begins_own=True,
        wanted=jobs.FromFile(name="x.txt"),
    )
    (job.folder / "upload").mkdir(parents=True)
    process = await asyncio.create_subprocess_exec(
        *waiting, stdin=asyncio.subprocess.PIPE, env=child.environment(job.folder)
    )
    assert process.stdin
    process.stdin.write(job.model_dump_json().encode() + b"\n")
    while not mark.exists():
        await asyncio.sleep(0.01)
    assert process.returncode is None
    process.stdin.close()  # as where the bot was killed
    assert await asyncio.wait_for(process.wait(), 10) == 1


async def test_plans_are_forgotten_after_a_day_and_where_there_are_many(
    settings: Settings, guilds: Guilds, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "KEPT_IN_GUILD", 1)
    curator = Curator(settings, guilds)
    plans: list[Plan] = [await curator.plan_add(GUILD, upload(COFFEE), ignore) for _ in range(2)]
    other = await curator.plan_add(OTHER, upload(COFFEE), ignore)
    kept = {path.name for path in (home / "staging").iterdir()}
    assert kept == {plans[1].token, other.token}
    long_ago = time.time() - 90_000
    for path in (home / "staging" / plans[1].token, home / "staging" / plans[1].token / "plan.json"):
        os.utime(path, (long_ago, long_ago))
    with pytest.raises(PlanGone):
        await curator.find(GUILD, plans[1].token)
    last = await curator.plan_remove(OTHER, "iran-pakistan-strikes", ignore)
    assert {path.name for path in (home / "staging").iterdir()} == {last.token}
