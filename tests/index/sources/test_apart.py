"""`Apart`: a real worker, and what breaks it for real."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from unittest.mock import Mock

import pytest

from index import readers
from index.article import Validators
from index.errors import InputRejected
from index.sources.apart import Apart
from index.sources.fetch import Fetched
from index.sources.jobs import File
from index.sources.link import Link

PROSE = "This line is a full sentence of more than eight plain words."
SECONDS = 2.0

# The worker as it is, but for what some formats do to it.
WORKER = """
import ctypes, os, resource, signal, sys, time
from index import readers
from index.errors import InputRejected
from index.readers import text
from index.sources import worker

def eat(raw):
    held = []
    while True:
        held.append(bytes(64 << 20))  # address space, which is given at once

def deep(raw):
    return deep(raw)

def chatter(raw):
    print("a library says hello")
    os.write(1, b'{"why": "forged"}\\n')
    return text.read(raw.data.decode(), raw.name)

def told(raw):
    core = resource.getrlimit(resource.RLIMIT_CORE)
    raise InputRejected(f"{sorted(os.environ)} core {core} nice {os.nice(0)}")

readers.FORMATS |= {
    ".kill": lambda raw: os.kill(os.getpid(), signal.SIGKILL),
    ".crash": lambda raw: ctypes.string_at(0),
    ".leave": lambda raw: os._exit(0),
    ".hang": lambda raw: time.sleep(600),
    ".spin": lambda raw: sum(iter(int, 1)),
    ".eat": eat,
    ".huge": lambda raw: bytes(3 << 30),
    ".deep": deep,
    ".bug": lambda raw: {}["no such key"],
    ".chatter": chatter,
    ".told": told,
}
worker.LARGE = int(sys.argv[1]) << 20
worker.CPU = int(sys.argv[2])
worker.main()
"""


def program(large: int = 600, cpu: int = 180) -> tuple[str, ...]:
    return (sys.executable, "-P", "-c", WORKER, str(large), str(cpu))


@pytest.fixture(scope="module")
def parser() -> Iterator[Apart]:
    with Apart(program(), SECONDS) as made:
        yield made


def written(folder: Path, name: str, text: str = PROSE) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def refusal(parser: Apart, path: Path) -> str:
    """The one line that reading a file is refused with."""
    with pytest.raises(InputRejected) as refused:
        parser.read(path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def pid(parser: Apart) -> int:
    assert parser._process
    return parser._process.pid


def test_a_file_is_read_apart_as_it_is_read_here(tmp_path: Path) -> None:
    path = written(tmp_path, "Über Dämme.md", f"# Title\n\n{PROSE} 𝒳 “quoted” \u2028 é\n")
    path.with_suffix(".toml").write_text('author = "Ada"\npublished = 2024-01-25\ntags = ["x"]\n')
    with Apart() as parser:
        assert parser.read(path) == readers.read(path)
        assert refusal(parser, tmp_path / "none.txt").endswith("no such file.")


def test_a_page_is_read_apart_with_its_validators(parser: Apart) -> None:
    fetched = Fetched(
        "https://a.example/b.txt", PROSE.encode("utf-16"), "text/plain", None, Validators('"1"', "Tue")
    )
    said = Link("https://a.example/b.txt", "The bridge", "Ada", date(2024, 1, 25), "new")
    article = parser.page(fetched, "https://a.example/b", said)
    assert article == readers.from_fetched(fetched, "https://a.example/b", said)
    assert article.validators == Validators('"1"', "Tue")
    assert article.metadata.title == "The bridge"


def test_a_page_of_20_mb_takes_a_moment_to_hand_over(parser: Apart) -> None:
    data = (PROSE + "\n\n").encode() * 300_000
    began = time.monotonic()
    with pytest.raises(InputRejected, match="binary"):
        parser.page(Fetched("https://a.example/", data + b"\0", "text/plain", None), "https://a.example/")
    assert time.monotonic() - began < SECONDS


def test_one_process_reads_many_files(parser: Apart, tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt")
    parser.read(path)
    first = pid(parser)
    for _ in range(20):
        assert parser.read(path).text == PROSE
    refusal(parser, written(tmp_path, "empty.txt", ""))
    assert pid(parser) == first


@pytest.mark.parametrize("kind", ["kill", "crash", "leave", "hang", "eat", "huge", "deep"])
def test_what_breaks_the_process_is_refused_and_the_next_file_is_read(
    parser: Apart, tmp_path: Path, kind: str
) -> None:
    path = written(tmp_path, f"bad.{kind}")
    began = time.monotonic()
    assert refusal(parser, path) == (
        f"{path} takes more time or memory than reading an article does; split it, or save its text as a "
        ".txt file."
    )
    assert parser.read(written(tmp_path, "good.txt")).text == PROSE
    assert time.monotonic() - began < SECONDS + 5


def test_a_process_that_is_killed_between_two_files_is_begun_again(parser: Apart, tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt")
    parser.read(path)
    os.kill(pid(parser), signal.SIGKILL)
    time.sleep(0.1)
    assert parser.read(path).text == PROSE


def test_a_file_that_a_library_trips_over_is_named(parser: Apart, tmp_path: Path) -> None:
    path = written(tmp_path, "odd.bug")
    before = parser.read(written(tmp_path, "a.txt")) and pid(parser)
    assert refusal(parser, path) == f"{path} cannot be read (KeyError); save its text as a .txt file."
    assert pid(parser) == before


def test_what_libraries_print_is_no_result(parser: Apart, tmp_path: Path) -> None:
    assert parser.read(written(tmp_path, "a.chatter")).text == PROSE


def test_the_process_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "DISCORD_TOKEN", "IBID_HOME", "openai_key"):
        monkeypatch.setenv(name, "hush")
    with Apart(program()) as parser:
        told = refusal(parser, written(tmp_path, "a.told"))
    assert "'PATH'" in told
    assert "core (0, 0) nice 1" in told  # 10 or more
    assert not any(name in told.upper() for name in ("OPENAI", "DISCORD", "IBID_"))


def test_a_process_that_has_grown_ends_after_its_job(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt")
    with Apart(program(large=1)) as parser:
        assert parser.read(path).text == PROSE
        assert parser._process is None
        assert parser.read(path).text == PROSE


def test_the_process_ends_with_us_even_in_the_middle_of_a_file(tmp_path: Path) -> None:
    parser = Apart(program())
    process = parser._started()
    assert process.stdin
    job = File(path=written(tmp_path, "a.hang"))
    process.stdin.write(job.model_dump_json().encode() + b"\n")
    process.stdin.close()
    assert process.wait(5) == 0
    parser.close()


def test_a_file_that_takes_all_of_a_processor_ends_even_where_nobody_waits(tmp_path: Path) -> None:
    path = written(tmp_path, "a.spin")
    with Apart(program(cpu=0), seconds=30) as parser:
        began = time.monotonic()
        assert "more time" in refusal(parser, path)
        assert time.monotonic() - began < 15


def test_how_large_we_are_is_no_measure_of_the_worker(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt")
    ours = bytearray(400 << 20)
    with Apart(program(large=300)) as parser:
        parser.read(path)
        assert parser._process
    del ours


def test_ctrl_c_is_not_for_the_worker(parser: Apart, tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt")
    parser.read(path)
    before = pid(parser)
    os.kill(before, signal.SIGINT)
    time.sleep(0.05)
    assert parser.read(path).text == PROSE
    assert pid(parser) == before


def test_nothing_is_started_before_it_is_needed_nor_left_behind(tmp_path: Path) -> None:
    with Apart() as parser:
        assert parser._process is None
        parser.read(written(tmp_path, "a.txt"))
        process = parser._process
        assert isinstance(process, subprocess.Popen)
    assert process.poll() is not None


def test_ctrl_c_leaves_no_answer_for_the_next_question(
    parser: Apart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "a.txt")
    parser.read(path)
    process = parser._process
    assert process
    pipe = process.stdout
    assert pipe

    def stopped(*_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(process, "stdout", Mock(wraps=pipe, readline=stopped))
    with pytest.raises(KeyboardInterrupt):
        parser.read(written(tmp_path, "b.txt", PROSE * 2))
    assert parser.read(path).text == PROSE


def test_a_worker_that_does_not_start_is_no_fault_of_a_file(tmp_path: Path) -> None:
    with Apart((sys.executable, "-c", "raise SystemExit(3)")) as parser, pytest.raises(RuntimeError):
        parser.read(written(tmp_path, "a.txt"))


def test_a_name_that_is_no_text_is_refused(parser: Apart, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_text(PROSE)
    message = refusal(parser, path)
    assert message.endswith("caf\\udce9.txt has a name that is not UTF-8; rename it.")
    assert message.isascii()
