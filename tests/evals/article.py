"""The project's own questions on the article that ships: is a sentence that answers cited, is the
rest declined, and is every quotation its slice?

usage: python -m tests.evals.article [--writer extractive|llm]
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bot import opening
from bot.answer import Question, Status
from bot.settings import Settings, WriterChoice

QUESTIONS = Path(__file__).with_name("article.jsonl")


def run(home: Path, choice: WriterChoice) -> Counter[str]:
    """Ask every question; count by kind what was right, and what quotations were not slices."""
    desk = opening.desk(Settings.load().model_copy(update={"home": home}), lambda *_: None)
    (article,) = desk.articles()
    figures: Counter[str] = Counter()
    for line in QUESTIONS.read_text("utf-8").splitlines():
        case = json.loads(line)
        answer = desk.answer(Question(case["question"]), choice)
        quotes = [citation.quote for citation in (*answer.citations, *answer.nearest)]
        declined = answer.status is Status.DECLINED
        cites = any(gold in citation.quote for gold in case["gold"] for citation in answer.citations)
        right = cites if case["kind"] == "answerable" else declined
        figures[f"{case['kind']}, of"] += 1
        figures[f"{case['kind']}, right"] += right
        figures["quotes"] += len(quotes)
        figures["quotes that are slices"] += sum(
            article.text[citation.start : citation.end] == citation.quote
            for citation in (*answer.citations, *answer.nearest)
        )
        if not right:
            what = "declined" if declined else [statement.text[:90] for statement in answer.statements]
            print(f"  wrong, {case['kind']}, {answer.confidence:.2f}: {case['question']} -> {what}")
    desk.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writer", type=WriterChoice, default=WriterChoice.EXTRACTIVE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        for name, figure in run(Path(home), options.writer).items():
            print(f"{name:<24} {figure}")
    sys.exit()


if __name__ == "__main__":
    main()
