"""Fit the extractive writer's weights on SQuAD 2 and ClapNQ, and say how well they do on articles
that they were not fitted on.

    python tests/evals/fit_extractive.py [FOLDER OF THE PUBLIC DATA]

Questions that their articles answer are the positive cases. The negative ones: questions that were
written to look answerable (adversarial; ClapNQ's unanswerable are natural), answerable questions
whose paragraph is kept from the search (close), and those whose article is (off).
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answer import Question
from bot.evidence import gather
from bot.recency import Recency
from bot.writers import extractive
from bot.writers.alignment import SENTENCE_FEATURES, Asked, Reading, sentence_features
from bot.writers.extractive import (
    ANSWER_FEATURES,
    ExtractiveWriter,
    Regression,
    Weights,
    answer_features,
)
from index.article import Article, Block, BlockKind, Metadata, slug
from index.builder import Builder
from index.embeddings import MiniLM
from index.library import Library
from index.retriever import CANDIDATES, Hit, HybridRetriever

UNDATED = Recency(date(2026, 1, 1), 0)

ROOT = Path(__file__).parents[2]
TOP = 5
SAMPLED = 100
"""Questions of each sort, answerable and not, that are taken from each SQuAD 2 article."""
READINGS = 3_000
"""Passages whose token vectors stay in memory: all of a library, about 0.5 GB."""
GAPS = (1.5, 0.75)
"""Chosen by hand: 1.4 sentences an answer on SQuAD 2 and 2 on ClapNQ, whose answers are longer."""
KEPT = 0.85
"""Share of the answerable questions, on libraries of one article, that the threshold lets pass."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Setting(StrEnum):
    """What is searched."""

    MANY = "squad2, 16 articles"
    ONE = "squad2, one article"
    CLAPNQ = "clapnq, 275 passages"


class Sort(StrEnum):
    """What is asked of it."""

    ANSWERABLE = "answerable"
    UNANSWERABLE = "unanswerable"  # adversarial in SQuAD 2, natural in ClapNQ
    CLOSE = "close"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Task:
    """A question of a data set about one article."""

    text: str
    article: str
    answerable: bool
    gold: tuple[tuple[int, int], ...]
    """Where the article answers."""
    answers: frozenset[str]
    """In small letters."""
    around: tuple[int, int]
    """The paragraph that was asked about."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question as the writer meets it: with what the search found."""

    setting: Setting
    sort: Sort
    article: str
    asked: Asked
    readings: tuple[Reading, ...]
    features: NDArray[np.float32]
    gold: Flags
    """For each sentence, whether an answer stands in it."""


def squad2(path: Path, seed: int) -> tuple[list[Article], list[Task]]:
    """Every article, and a sample of the questions about each."""
    sampler = random.Random(seed)
    articles, tasks = [], []
    for entry in json.loads(path.read_bytes())["data"]:
        paragraphs = [paragraph["context"] for paragraph in entry["paragraphs"]]
        article = _article(entry["title"].replace("_", " "), paragraphs, path.name)
        articles.append(article)
        its_tasks = [
            _squad2_task(article, block, question)
            for block, paragraph in zip(article.blocks[1:], entry["paragraphs"], strict=True)
            for question in paragraph["qas"]
        ]
        for answerable in (True, False):
            of_a_sort = [task for task in its_tasks if task.answerable is answerable]
            tasks += sampler.sample(of_a_sort, min(SAMPLED, len(of_a_sort)))
    return articles, tasks


def _squad2_task(article: Article, block: Block, question: dict[str, Any]) -> Task:
    starts = {(block.start + a["answer_start"], len(a["text"])) for a in question["answers"]}
    return Task(
        text=question["question"].strip(),
        article=article.id,
        answerable=not question["is_impossible"],
        gold=tuple((start, start + length) for start, length in sorted(starts)),
        answers=frozenset(answer["text"].lower() for answer in question["answers"]),
        around=(block.start, block.end),
    )


def clapnq(folder: Path) -> tuple[list[Article], list[Task]]:
    """Every passage as an article of its own, and the question about it."""
    articles, tasks = [], []
    for answerable, name in ((True, "answerable.jsonl"), (False, "unanswerable.jsonl")):
        for line in (folder / name).read_text("utf-8").splitlines():
            entry = json.loads(line)
            (passage,) = entry["passages"]
            article = _article(passage["title"], [passage["text"].strip()], entry["id"])
            articles.append(article)
            chosen = {s.strip() for out in entry["output"] for s in out["selected_sentences"] if s}
            found = sorted((article.text.find(s), len(s)) for s in chosen)
            gold = tuple((start, start + length) for start, length in found if start >= 0)
            around = (0, len(article.text))
            tasks.append(Task(entry["input"], article.id, answerable, gold, frozenset(), around))
    return articles, tasks


def _article(title: str, paragraphs: Sequence[str], source: str) -> Article:
    text = title
    blocks = [Block(BlockKind.TITLE, 0, len(title))]
    for paragraph in paragraphs:
        blocks.append(Block(BlockKind.PARAGRAPH, len(text) + 2, len(text) + 2 + len(paragraph)))
        text += "\n\n" + paragraph
    return Article(
        id=slug(f"{title} {source}"),
        metadata=Metadata(title),
        text=text,
        blocks=tuple(blocks),
        source=f"{source}#{title}",
    )


class Collector:
    """Searches a library and reads what is found, as the product does."""

    def __init__(self, folder: Path, encoder: MiniLM, articles: Sequence[Article]) -> None:
        library = Library(folder)
        Builder(library, encoder).add(articles, lambda *_: None)
        self._generation = library.current()
        self._retriever = HybridRetriever(generation=self._generation, embedder=encoder, top=CANDIDATES)
        self._writer = ExtractiveWriter(encoder, kept=READINGS)

    def cases(self, task: Task, setting: Setting) -> Iterator[Case]:
        hits = self._retriever.search(task.text)
        if not task.answerable:
            yield self._case(task, setting, Sort.UNANSWERABLE, hits[:TOP])
            return
        yield self._case(task, setting, Sort.ANSWERABLE, hits[:TOP])
        close = [hit for hit in hits if not _is_around(hit, task)][:TOP]
        if close and not _holds_answer(close, task):
            yield self._case(task, setting, Sort.CLOSE, close)
        if setting is Setting.MANY:
            off = [hit for hit in hits if hit.passage.article != task.article][:TOP]
            if off and not _holds_answer(off, task):
                yield self._case(task, setting, Sort.OFF, off)

    def _case(self, task: Task, setting: Setting, sort: Sort, hits: list[Hit]) -> Case:
        evidence = gather(Question(task.text), task.text, hits, self._generation, UNDATED)
        asked, readings = self._writer.read(evidence)
        sentences = {(o.sentence.article, o.sentence.n): o.sentence for o in evidence.offered}
        read = [
            sentences[hit.passage.article, n]
            for hit in hits
            for n in range(hit.passage.first, hit.passage.last + 1)
        ]
        gold = [
            sentence.article == task.article
            and any(start < sentence.end and sentence.start < end for start, end in task.gold)
            for sentence in read
        ]
        features = np.concatenate([sentence_features(asked, reading) for reading in readings])
        return Case(setting, sort, task.article, asked, tuple(readings), features, np.array(gold, np.bool_))


def _is_around(hit: Hit, task: Task) -> bool:
    start, end = task.around
    passage = hit.passage
    return passage.article == task.article and passage.start < end and start < passage.end


def _holds_answer(hits: list[Hit], task: Task) -> bool:
    found = " ".join(hit.page_content for hit in hits).lower()
    return any(answer in found for answer in task.answers)


def collect(data: Path, folder: Path) -> list[Case]:
    """Every case of both data sets. Takes most of the script's time."""
    encoder = MiniLM()
    cases: list[Case] = []
    began = time.monotonic()

    def run(name: str, setting: Setting, articles: list[Article], tasks: list[Task]) -> None:
        collector = Collector(folder / name, encoder, articles)
        for n, task in enumerate(tasks):
            if n % 500 == 499:
                print(f"{time.monotonic() - began:4.0f} s  {name}: {n} of {len(tasks)} questions", flush=True)
            cases.extend(collector.cases(task, setting))
        print(f"{time.monotonic() - began:4.0f} s  {name}: {len(cases)} cases", flush=True)

    passages, questions = clapnq(data / "clapnq")
    run("clapnq", Setting.CLAPNQ, passages, questions)
    articles, tasks = squad2(data / "squad2" / "dev-v2.0.json", seed=0)
    for article in articles:
        its_tasks = [task for task in tasks if task.article == article.id]
        run(article.id, Setting.ONE, [article], its_tasks)
    run("squad2", Setting.MANY, articles, tasks)
    return cases


def fit_regression(rows: Floats, targets: Flags, weights: Floats, penalty: float) -> Regression:
    """Logistic regression by Newton's method, with an L2 penalty on the weights of scaled features.

    `rows` is (rows, features); `weights` says how much each row counts.
    """
    means, scales = rows.mean(axis=0), rows.std(axis=0)
    scales[scales == 0] = 1.0
    design = np.column_stack([(rows - means) / scales, np.ones(len(rows))])
    ridge = np.full(design.shape[1], penalty)
    ridge[-1] = 0.0  # the intercept is free
    beta = np.zeros(design.shape[1])
    for _ in range(30):
        chances = 1 / (1 + np.exp(-design @ beta))
        slope = design.T @ (weights * (targets - chances)) - ridge * beta
        curvature = (design.T * (weights * chances * (1 - chances))) @ design + np.diag(ridge)
        step = np.linalg.solve(curvature, slope)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    return Regression(
        means=means.tolist(),
        scales=scales.tolist(),
        weights=beta[:-1].tolist(),
        intercept=float(beta[-1]),
    )


def fit(cases: Sequence[Case]) -> tuple[Regression, Regression]:
    """The sentence and the answer regression."""
    answering = [case for case in cases if case.sort is Sort.ANSWERABLE and case.gold.any()]
    lengths = [len(case.gold) for case in answering]
    sentence = fit_regression(
        np.concatenate([case.features for case in answering]).astype(np.float64),
        np.concatenate([case.gold for case in answering]),
        np.repeat([4.0 if case.setting is Setting.CLAPNQ else 1.0 for case in answering], lengths),
        penalty=1.0,
    )
    rows = np.concatenate([_answer_row(case, sentence) for case in cases]).astype(np.float64)
    answerable = np.array([case.sort is Sort.ANSWERABLE for case in cases])
    weights = np.array([_weight(case) for case in cases])
    weights[answerable] *= weights[~answerable].sum() / weights[answerable].sum()
    return sentence, fit_regression(rows, answerable, weights, penalty=3.0)


def _weight(case: Case) -> float:
    """How much a case counts: ClapNQ is small, and its questions are the natural ones."""
    if case.setting is Setting.CLAPNQ:
        return 6.0
    return {Sort.UNANSWERABLE: 0.3, Sort.OFF: 0.5}.get(case.sort, 1.0)


def _answer_row(case: Case, sentence: Regression) -> NDArray[np.float32]:
    return answer_features(case.asked, case.readings, sentence.logits(case.features))


NOWHERE = 1_000


@dataclass(frozen=True, slots=True)
class Figures:
    """How cases fared under weights that were not fitted on their articles."""

    cases: Sequence[Case]
    chances: Floats
    """For each case, that it is answered."""
    ranks: NDArray[np.int64]
    """For each case, the rank of the first sentence that holds the answer; `NOWHERE` without one."""

    def of(self, setting: Setting, sort: Sort) -> NDArray[np.intp]:
        chosen = [case.setting is setting and case.sort is sort for case in self.cases]
        return np.flatnonzero(chosen)


def measure(cases: Sequence[Case], sentence: Regression, answer: Regression) -> Figures:
    rows = np.concatenate([_answer_row(case, sentence) for case in cases])
    chances = 1 / (1 + np.exp(-answer.logits(rows).astype(np.float64)))
    ranks = []
    for case in cases:
        order = np.argsort(-sentence.logits(case.features), kind="stable")
        ranks.append(int(case.gold[order].argmax()) if case.gold.any() else NOWHERE)
    return Figures(cases, chances, np.array(ranks))


def auroc(positive: Floats, negative: Floats) -> float:
    """The chance that a positive case scores above a negative one."""
    above = np.searchsorted(np.sort(negative), positive, side="left")
    up_to = np.searchsorted(np.sort(negative), positive, side="right")
    return float((above + up_to).mean() / 2 / len(negative))


def report(figures: Figures, threshold: float) -> None:
    for setting in Setting:
        rows = figures.of(setting, Sort.ANSWERABLE)
        ranks, positive = figures.ranks[rows], figures.chances[rows]
        print(
            f"{setting}: {len(rows)} answerable, kept {(positive >= threshold).mean():.3f}; "
            f"answer in the best sentence {(ranks < 1).mean():.3f}, "
            f"in the best two {(ranks < 2).mean():.3f}, retrieved {(ranks < NOWHERE).mean():.3f}"
        )
        for sort in (Sort.UNANSWERABLE, Sort.CLOSE, Sort.OFF):
            negative = figures.chances[figures.of(setting, sort)]
            if len(negative):
                print(
                    f"    {sort}: {len(negative)}, AUROC {auroc(positive, negative):.3f}, "
                    f"answered {(negative >= threshold).mean():.3f}"
                )


def halves(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """The cases of one half of the articles, and those of the other."""
    first: set[str] = set()
    for its_setting in (Setting.ONE, Setting.CLAPNQ):
        articles = sorted({case.article for case in cases if case.setting is its_setting})
        random.Random(0).shuffle(articles)
        first.update(articles[::2])
    one = [case for case in cases if case.article in first]
    return one, [case for case in cases if case.article not in first]


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "evals"
    with tempfile.TemporaryDirectory() as folder:
        cases = collect(data, Path(folder))
    one, other = halves(cases)
    held_out = [measure(other, *fit(one)), measure(one, *fit(other))]
    kept = [figures.chances[figures.of(Setting.ONE, Sort.ANSWERABLE)] for figures in held_out]
    threshold = float(np.quantile(np.concatenate(kept), 1 - KEPT))
    for name, figures in zip(("second", "first"), held_out, strict=True):
        print(f"\nHeld out: the {name} half of the articles, at {threshold:.3f}")
        report(figures, threshold)
    sentence, answer = fit(cases)
    weights = Weights(sentence=sentence, answer=answer, threshold=threshold, gaps=GAPS)
    path = Path(extractive.__file__).with_name("weights.json")
    path.write_text(weights.model_dump_json(indent=1) + "\n", "utf-8")
    for names, model in ((SENTENCE_FEATURES, sentence), (ANSWER_FEATURES, answer)):
        print({name: round(weight, 2) for name, weight in zip(names, model.weights, strict=True)})


if __name__ == "__main__":
    main()
