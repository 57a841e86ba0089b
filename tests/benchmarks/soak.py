"""Many questions to one desk while the generation is swapped again and again: is memory flat?

    python -m tests.benchmarks.soak [--questions 10000]

Prints resident memory (MB) and open file descriptors at each tenth of the way.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot import opening
from bot.answer import Asker, Question
from bot.desk import Desk
from bot.settings import Settings
from tests.benchmarks.load import QUESTIONS

TENTHS = 10


def resident() -> float:
    """Megabytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # no paths are wanted


def swap(home: Path, turn: int) -> None:
    """Publish another generation from another process, as `ibid add` does."""
    page = home / "harbour.txt"
    page.write_text(f"On harbours\n\nThe harbour of Hull was rebuilt {turn} times.\n")
    program = f"from bot.cli import run; raise SystemExit(run(['add', {str(page)!r}]))"
    environment = {"IBID_HOME": str(home), "PYTHONPATH": str(Path.cwd())}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True)


def ask(desk: Desk, n: int) -> None:
    asker = Asker(guild=1, channel=1, member=n % 50, private=False)
    desk.answer(Question(QUESTIONS[n % len(QUESTIONS)], asker=asker))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=10_000)
    questions = parser.parse_args().questions
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        desk = opening.desk(Settings(home=home), lambda *_: None)
        with ThreadPoolExecutor(2) as pool:
            for turn in range(TENTHS):
                begin, end = turn * questions // TENTHS, (turn + 1) * questions // TENTHS
                list(pool.map(lambda n: ask(desk, n), range(begin, end)))
                print(f"{end:6} questions  {resident():7.1f} MB  {descriptors():3} descriptors", flush=True)
                swap(home, turn)
        desk.close()


if __name__ == "__main__":
    main()
