"""How long a person waits: a cold `ibid ask` against the imports and the model load that it cannot
avoid, and a warm search against the bare embedding of the question. All in one run.

usage: python -m tests.benchmarks.latency [--runs 7]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bot import opening
from bot.settings import Settings
from index.retriever import HybridRetriever

QUESTION = "How much could informal trade between Iran and Pakistan be worth?"
COLD = {
    "ibid ask": f"from bot.cli import run; run(['ask', {QUESTION!r}])",
    "import chromadb": "import chromadb",
    "model load": "from index.embeddings import MiniLM; MiniLM()",
    "ibid --help": "from bot.cli import run; run(['--help'])",
    "python": "pass",
}
LIMIT_COLD = 1.3
LIMIT_WARM = 1.5
WARM_RUNS = 200


def seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def cold(home: Path, runs: int) -> dict[str, float]:
    """The median wall time of each program as a process of its own, in turn."""
    environment = {**os.environ, "IBID_HOME": str(home), "PYTHONPATH": str(Path.cwd())}
    times: dict[str, list[float]] = {name: [] for name in COLD}
    for turn in range(runs + 1):
        for name, program in COLD.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
            took = time.perf_counter() - began
            if turn:  # the first turn warms the disk cache
                times[name].append(took)
    return {name: statistics.median(each) for name, each in times.items()}


def warm(home: Path) -> tuple[float, float]:
    """The medians of a search and of the bare embedding of its query, in turn."""
    settings = Settings(home=home)
    embedder = opening.embedder(settings)
    library = opening.library(settings)
    retriever = HybridRetriever(generation=library.current(), embedder=embedder)
    searches, embeddings = [], []
    for turn in range(WARM_RUNS + 20):
        embeddings.append(seconds(lambda: embedder.embed_query(QUESTION)))
        searches.append(seconds(lambda: retriever.invoke(QUESTION)))
        if turn < 20:
            searches.clear()
            embeddings.clear()
    library.close()
    return statistics.median(searches), statistics.median(embeddings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        opening.desk(Settings(home=home), lambda *_: None).close()
        times = cold(home, options.runs)
        search, embedding = warm(home)
    for name, took in times.items():
        print(f"{name:<18} {took:6.3f} s")
    least = times["import chromadb"] + times["model load"] - times["python"]
    print(f"cold ask           {times['ibid ask'] / least:6.2f} x imports and model (limit {LIMIT_COLD})")
    print(f"embedding          {1000 * embedding:6.2f} ms")
    print(f"warm search        {1000 * search:6.2f} ms")
    print(f"warm search        {search / embedding:6.2f} x the embedding (limit {LIMIT_WARM})")


if __name__ == "__main__":
    main()
