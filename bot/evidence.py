"""What a writer is given: the passages that were retrieved, as numbered sentences."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.answer import Also, Citation, Question, page_link, text_fragment_link
from bot.recency import Recency
from index.article import Article, Metadata, Passage, Sentence
from index.catalog import Catalog
from index.generation import Generation
from index.retriever import Hit

_STRAIGHT = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")


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
    """Each holds at least one of the sentences that are offered."""
    offered: tuple[Offered, ...]
    """The sentences of the hits, article by article, each article in reading order."""
    articles: dict[str, Article]
    """The articles that the hits come from, by id."""
    recency: Recency

    def within(self, passage: Passage) -> list[Offered]:
        """The sentences of a passage that are offered, in reading order."""
        return [
            offered
            for offered in self.offered
            if offered.sentence.article == passage.article
            and passage.first <= offered.sentence.n <= passage.last
        ]

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
    recency: Recency,
) -> Evidence:
    """Number the sentences of the hits from 1.

    What an article has in common with one that is alike and comes before it is offered once: the same
    words in two outlets are one source.
    """
    found = dict.fromkeys(hit.passage.article for hit in hits)
    offered: list[Offered] = []
    articles: dict[str, Article] = {}
    said: dict[str, set[str]] = {}
    for article_id in found:
        article = articles[article_id] = generation.catalog.article(article_id)
        alike = generation.catalog.alike(article_id) if len(found) > 1 else ()
        elsewhere = set().union(*(said.get(other, ()) for other in alike))
        own = said[article_id] = set()
        numbers: set[int] = set()
        for hit in hits:
            if hit.passage.article == article_id:
                numbers.update(range(hit.passage.first, hit.passage.last + 1))
        for sentence in generation.catalog.sentences(article_id, min(numbers), max(numbers)):
            if sentence.n in numbers:
                text = article.text[sentence.start : sentence.end]
                own.add(_folded(text))
                if _folded(text) in elsewhere:
                    continue
                offered.append(Offered(len(offered) + 1, sentence, text))
    evidence = Evidence(question, standalone, generation, tuple(hits), tuple(offered), articles, recency)
    return replace(evidence, hits=tuple(hit for hit in hits if evidence.within(hit.passage)))


def cite(n: int, span: Sentence | Passage, evidence: Evidence) -> Citation:
    """The footnote for a span of an article. Every quotation that Ibid shows is cut here."""
    article = evidence.articles[span.article]
    meta = article.metadata
    quote = article.text[span.start : span.end]
    page = bisect_right(article.pages, span.start) or None
    return Citation(
        n=n,
        article=article.id,
        title=meta.title,
        author=meta.author,
        publisher=meta.publisher,
        published=meta.published,
        published_is_guess=meta.published_is_guess,
        age_days=evidence.recency.age(meta.published),
        url=meta.url,
        section=span.heading,
        start=span.start,
        end=span.end,
        quote=quote,
        link=page_link(meta.url, page) if page else text_fragment_link(meta.url, quote),
        page=page,
        revision=article.revision,
        also=tuple(_also(article, quote, evidence.generation.catalog)),
    )


def _also(article: Article, quote: str, catalog: Catalog) -> Iterator[Also]:
    """Where else the very words of a quotation stand."""
    for place in article.also:
        yield _place(None, place.metadata, quote)
    for other_id in catalog.alike(article.id):
        other = catalog.article(other_id)
        if _folded(quote) in _folded(other.text):
            yield _place(other.id, other.metadata, quote)


def _place(article_id: str | None, meta: Metadata, quote: str) -> Also:
    return Also(
        article=article_id,
        title=meta.title,
        publisher=meta.publisher,
        published=meta.published,
        url=meta.url,
        link=text_fragment_link(meta.url, quote),
    )


def _folded(text: str) -> str:
    """Text without what editors change: capitals, spaces and the shape of quotation marks."""
    return " ".join(text.translate(_STRAIGHT).casefold().split())
