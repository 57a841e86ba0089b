"""Article -> sentences and passages: runs of whole sentences inside one section.

The sizes were chosen by measurement on SQuAD 2, ClapNQ and chunking_evaluation: shorter passages
rank a little better (Hit@1 on SQuAD), longer ones cover more of an answer (recall at k=5).
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from index import sentences
from index.article import Article, Passage, Sentence

LONGEST = 800
"""Characters. About 180 tokens, so that title, heading and passage fit in the model's 256."""
SHORTEST = 300
"""Characters. A passage below this is joined with the next paragraph of its section."""
MANY = 500
"""Sentences. A longer paragraph is halved first, as the search for the fewest runs is quadratic: a
log of 3 MB without a blank line took 66 s."""


def split(article: Article) -> tuple[list[Sentence], list[Passage]]:
    """Split an article; every sentence is in exactly one passage, in reading order."""
    its_sentences = sentences.split(article)
    passages: list[Passage] = []
    for heading, section in groupby(its_sentences, key=lambda sentence: sentence.heading):
        passages.extend(
            Passage(
                article=article.id,
                start=run[0].start,
                end=run[-1].end,
                first=run[0].n,
                last=run[-1].n,
                heading=heading,
            )
            for run in _runs(list(section))
        )
    return its_sentences, passages


def indexed_text(article: Article, passage: Passage) -> str:
    """What is embedded for a passage: its words led by where they stand."""
    words = article.text[passage.start : passage.end]
    return "\n".join(filter(None, (article.metadata.title, passage.heading, words)))


def _runs(section: Sequence[Sentence]) -> list[list[Sentence]]:
    runs: list[list[Sentence]] = []
    for _, paragraph in groupby(section, key=lambda sentence: sentence.block):
        for part in _balanced(list(paragraph)):
            if (
                runs
                and runs[-1][-1].end - runs[-1][0].start < SHORTEST
                and part[-1].end - runs[-1][0].start <= LONGEST
            ):
                runs[-1].extend(part)
            else:
                runs.append(part)
    return runs


def _balanced(paragraph: list[Sentence]) -> Iterator[list[Sentence]]:
    """Cut a paragraph into the fewest runs of about equal length, none above `LONGEST` but for a
    single sentence that is longer by itself.
    """
    if len(paragraph) > MANY:
        middle = len(paragraph) // 2
        yield from _balanced(paragraph[:middle])
        yield from _balanced(paragraph[middle:])
        return
    start, end = paragraph[0].start, paragraph[-1].end
    for count in range(-(-(end - start) // LONGEST), len(paragraph) + 1):

        def part(sentence: Sentence, count: int = count) -> int:
            middle = (sentence.start + sentence.end) // 2
            return (middle - start) * count // (end - start)

        runs = [list(run) for _, run in groupby(paragraph, key=part)]
        if all(run[-1].end - run[0].start <= LONGEST for run in runs):
            yield from runs
            return
    yield from ([sentence] for sentence in paragraph)
