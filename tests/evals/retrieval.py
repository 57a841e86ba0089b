"""How well the index finds passages: SQuAD 2 paragraphs, ClapNQ passages, chunking_evaluation spans.

Everything goes the way of a person's files: written to disk, read, split, embedded, searched.

usage: python -m tests.evals.retrieval [--data FOLDER] [--sample 1000] [--only squad2 clapnq chunking]
"""

import argparse
import csv
import json
import math
import random
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from index import readers
from index.builder import Builder
from index.catalog import EVERYTHING, Filter
from index.embeddings import MiniLM
from index.library import Library
from index.retriever import Hit, HybridRetriever

DATA = Path(__file__).parents[3] / "shared" / "evals"
FLOORS = {"squad2": "(.846, .961, .920)", "clapnq": "(.953, .993, .977)"}

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Hit@1, Hit@5 and nDCG@10 with one relevant item a question, and a 95 % interval of Hit@1."""

    questions: int
    hit1: float
    hit5: float
    ndcg10: float
    interval: tuple[float, float]

    def __str__(self) -> str:
        low, high = self.interval
        return (
            f"{self.questions} questions: Hit@1 {self.hit1:.3f} [{low:.3f}, {high:.3f}], "
            f"Hit@5 {self.hit5:.3f}, nDCG@10 {self.ndcg10:.3f}"
        )


def ranked(ranks: Sequence[int | None], seed: int = 0) -> Ranked:
    """Measures over the rank of the right item, from 0, or None where it was not found."""
    first = [rank == 0 for rank in ranks]
    draw = random.Random(seed)  # a bootstrap, not a secret
    means = sorted(sum(draw.choices(first, k=len(first))) / len(first) for _ in range(1000))
    return Ranked(
        questions=len(ranks),
        hit1=sum(first) / len(ranks),
        hit5=sum(rank is not None and rank < 5 for rank in ranks) / len(ranks),
        ndcg10=sum(1 / math.log2(rank + 2) for rank in ranks if rank is not None and rank < 10) / len(ranks),
        interval=(means[25], means[974]),
    )


class Shelf:
    """A library of texts under their ids, built in a folder of its own."""

    def __init__(self, folder: Path, embedder: MiniLM, texts: dict[str, str]) -> None:
        files = folder / "files"
        files.mkdir(parents=True)
        articles = []
        for name, text in texts.items():
            (files / f"{name}.txt").write_text(text, "utf-8")
            articles.append(readers.read(files / f"{name}.txt"))
        self._embedder = embedder
        library = Library(folder / "index")
        Builder(library, embedder).add(articles, _said)
        self._generation = library.current()
        self.texts = {article.id: article.text for article in articles}
        self.passages = self._generation.manifest.passages

    def search(self, question: str, top: int, allowed: Filter = EVERYTHING) -> list[Hit]:
        return HybridRetriever(
            generation=self._generation, embedder=self._embedder, top=top, allowed=allowed
        ).search(question)


def squad2(data: Path, shelf: Callable[[dict[str, str]], Shelf], sample: int) -> Ranked:
    """Paragraph retrieval for the answerable of `sample` questions drawn with seed 0."""
    loaded = json.loads((data / "squad2" / "dev-v2.0.json").read_text("utf-8"))["data"]
    texts: dict[str, str] = {}
    paragraphs: dict[str, list[Span]] = {}
    asked: list[tuple[str, bool, str, int]] = []
    for number, page in enumerate(loaded):
        name = f"squad-{number}"
        text = page["title"].replace("_", " ")
        spans = []
        for n, paragraph in enumerate(page["paragraphs"]):
            spans.append((len(text) + 2, len(text) + 2 + len(paragraph["context"])))
            text += "\n\n" + paragraph["context"]
            asked.extend((q["question"], q["is_impossible"], name, n) for q in paragraph["qas"])
        texts[name], paragraphs[name] = text, spans
    built = shelf(texts)
    ranks = []
    for question, impossible, name, n in random.Random(0).sample(asked, sample):
        if not impossible:
            hits = built.search(question, 20)
            found = [_most(hit, paragraphs[hit.passage.article]) for hit in hits]
            ranks.append(_rank(found, (name, n)))
    return ranked(ranks)


def clapnq(data: Path, shelf: Callable[[dict[str, str]], Shelf]) -> Ranked:
    """Passage retrieval for the answerable questions among the passages of all of them."""
    texts: dict[str, str] = {}
    asked: list[tuple[str, str]] = []
    for part in ("answerable", "unanswerable"):
        for number, line in enumerate((data / "clapnq" / f"{part}.jsonl").open(encoding="utf-8")):
            case = json.loads(line)
            (passage,) = case["passages"]
            texts[f"{part}-{number}"] = f"{passage['title']}\n\n{passage['text']}"
            if part == "answerable":
                asked.append((case["input"], f"{part}-{number}"))
    built = shelf(texts)
    return ranked(
        [_rank([hit.passage.article for hit in built.search(question, 20)], name) for question, name in asked]
    )


def chunking(data: Path, shelf: Callable[[dict[str, str]], Shelf], top: int = 5) -> str:
    """Recall, precision and IoU of the characters of the gold spans, as the set's authors define."""
    folder = data / "chunking_evaluation"
    texts = {path.stem.replace("_", "-"): path.read_text("utf-8") for path in folder.glob("corpora/*.md")}
    built = shelf(texts)
    sums = [0.0, 0.0, 0.0]
    rows = list(csv.DictReader((folder / "questions_df.csv").open(encoding="utf-8")))
    for row in rows:
        name = row["corpus_id"].replace("_", "-")
        gold = {
            (name, place)
            for reference in json.loads(row["references"])
            for place in range(reference["start_index"], reference["end_index"])
        }
        found = {
            (hit.passage.article, place)
            for hit in built.search(row["question"], top)
            for place in range(hit.passage.start, hit.passage.end)
        }
        both = len(gold & found)
        figures = (both / len(gold), both / max(len(found), 1), both / len(gold | found))
        sums = [total + figure for total, figure in zip(sums, figures, strict=True)]
    recall, precision, iou = (total / len(rows) for total in sums)
    return f"{len(rows)} questions: recall {recall:.3f}, precision {precision:.3f}, IoU {iou:.3f}"


def _most(hit: Hit, paragraphs: Sequence[Span]) -> tuple[str, int]:
    """The paragraph that a passage shares most with."""
    start, end = hit.passage.start, hit.passage.end
    shared = [min(end, last) - max(start, first) for first, last in paragraphs]
    return hit.passage.article, shared.index(max(shared))


def _rank(found: Iterable[object], wanted: object) -> int | None:
    distinct = list(dict.fromkeys(found))
    return distinct.index(wanted) if wanted in distinct else None


def _said(title: str, done: int, total: int) -> None:
    if done % 640 == 0 or done == total:
        print(f"  embedded {done} of {total} passages {title}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sample", type=int, default=1000)
    parser.add_argument("--only", nargs="*", choices=("squad2", "clapnq", "chunking"))
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"The public data is not at {options.data}; give its folder with --data.")
    embedder = MiniLM()
    with tempfile.TemporaryDirectory() as folder:

        def shelf(texts: dict[str, str]) -> Shelf:
            return Shelf(Path(tempfile.mkdtemp(dir=folder)), embedder, texts)

        wanted = options.only or ("squad2", "clapnq", "chunking")
        if "squad2" in wanted:
            print("squad2  ", squad2(options.data, shelf, options.sample), "floors", FLOORS["squad2"])
        if "clapnq" in wanted:
            print("clapnq  ", clapnq(options.data, shelf), "floors", FLOORS["clapnq"])
        if "chunking" in wanted:
            print("chunking", chunking(options.data, shelf))


if __name__ == "__main__":
    main()
