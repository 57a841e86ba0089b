"""What a writer is given: the passages that were retrieved, as numbered sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answer import Citation, Question, text_fragment_link
from index.article import Article, Sentence
from index.generation import Generation
from index.retriever import Hit


@dataclass(frozen=True, slots=True)
class Offered:
    """A sentence under the number by which the writer may cite it. `text` is cut from the article."""

    number: int
    sentence: Sentence
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    question: Question
    standalone: str
    generation: Generation
    hits: tuple[Hit, ...]
    offered: tuple[Offered, ...]
    """The sentences of the hits, article by article, each article in reading order."""
    articles: dict[str, Article]
    """The articles that the hits come from, by id."""

    def resolve(self, numbers: Sequence[int]) -> list[Offered]:
        """The sentences with these numbers, each once, in reading order.

        Numbers that were not offered are left out: this is where an invented citation ends.
        """
        wanted = set(numbers)
        return [offered for offered in self.offered if offered.number in wanted]


def gather(
    question: Question,
    standalone: str,
    hits: Sequence[Hit],
    generation: Generation,
) -> Evidence:
    """Number the sentences of the hits from 1."""
    found = dict.fromkeys(hit.passage.article for hit in hits)
    offered: list[Offered] = []
    articles: dict[str, Article] = {}
    for article_id in found:
        article = articles[article_id] = generation.catalog.article(article_id)
        numbers: set[int] = set()
        for hit in hits:
            if hit.passage.article == article_id:
                numbers.update(range(hit.passage.first, hit.passage.last + 1))
        for sentence in generation.catalog.sentences(article_id, min(numbers), max(numbers)):
            if sentence.n in numbers:
                text = article.text[sentence.start : sentence.end]
                offered.append(Offered(len(offered) + 1, sentence, text))
    return Evidence(question, standalone, generation, tuple(hits), tuple(offered), articles)


def cite(n: int, article: Article, start: int, end: int, section: str | None) -> Citation:
    """The footnote for a span of an article. Every quotation that Ibid shows is cut here."""
    meta = article.metadata
    quote = article.text[start:end]
    return Citation(
        n=n,
        article=article.id,
        title=meta.title,
        author=meta.author,
        publisher=meta.publisher,
        published=meta.published,
        url=meta.url,
        section=section,
        start=start,
        end=end,
        quote=quote,
        link=text_fragment_link(meta.url, quote),
    )
