"""`python -m tests.fuzz [READER...] [--minutes 10] [--seed 1] [--keep FOLDER]`; ends with 1 on a find.

`python -m tests.fuzz --again FILE...` reads files that were kept.
"""

import argparse
import faulthandler
import sys
import tempfile
import time
import warnings
from pathlib import Path

from index.confined import limit
from index.sources.worker import MEMORY
from tests.fuzz.formats import FORMATS
from tests.fuzz.running import LONGEST, Tally, again, fuzzed

HANGS = 10 * LONGEST
"""Seconds after which a read that heeds no signal ends all, showing where; its file is left behind."""


def main() -> int:
    options = _options()
    options.keep.mkdir(parents=True, exist_ok=True)
    limit(MEMORY)
    warnings.simplefilter("error")
    if options.again:
        tallies = list(map(again, options.again))
    else:
        tallies = [_fuzzed_for(name, options) for name in options.readers or FORMATS]
    _show(tallies, options.keep)
    return int(any(tally.finds for tally in tallies))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.fuzz", description="Fuzz the readers, one by one.")
    parser.add_argument("readers", nargs="*", metavar="READER", help=f"of {', '.join(FORMATS)}; else all")
    parser.add_argument("--minutes", type=float, default=10.0, help="for each reader (10)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "ibid-fuzz")
    parser.add_argument("--again", type=Path, nargs="+", metavar="FILE", help="read files that were kept")
    options = parser.parse_args()
    if unknown := set(options.readers) - set(FORMATS):
        parser.error(f"no such reader: {', '.join(sorted(unknown))}")
    return options


def _fuzzed_for(name: str, options: argparse.Namespace) -> Tally:
    end = time.monotonic() + 60 * options.minutes
    told = 0.0
    tally = Tally(name)
    faulthandler.dump_traceback_later(HANGS, exit=True)
    runs = fuzzed(name, FORMATS[name], options.seed, options.keep)
    for tally in runs:
        faulthandler.dump_traceback_later(HANGS, exit=True)
        now = time.monotonic()
        if now > told + 1 or now > end:
            told = now
            sys.stderr.write(f"\r{_row(tally)}  {max(0, end - now):.0f} s left ")
            sys.stderr.flush()
        if now > end:
            break
    runs.close()
    faulthandler.cancel_dump_traceback_later()
    sys.stderr.write("\n")
    return tally


def _row(tally: Tally) -> str:
    figures = f"{tally.runs:>9}{tally.read:>9}{tally.refused:>9}{tally.slowest:>8.1f} s"
    return f"{tally.reader:<9}{figures}{tally.finds.total():>7}"


def _show(tallies: list[Tally], keep: Path) -> None:
    lines = [f"{'reader':<9}{'runs':>9}{'read':>9}{'refused':>9}{'slowest':>10}{'finds':>7}"]
    lines += map(_row, tallies)
    for tally in tallies:
        lines += [f"{tally.reader}: FIND {count} x {what}" for what, count in tally.finds.most_common()]
        lines += [f"{tally.reader}: behind refusals {n} x {what}" for what, n in tally.hidden.most_common()]
        if tally.odd:
            shown = ", ".join(f"U+{ord(letter):04X}" for letter in sorted(tally.odd))
            lines.append(f"{tally.reader}: came through in texts: {shown}")
    if any(tally.finds for tally in tallies):
        lines.append(f"The files of the finds, with their traces, are in {keep}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
