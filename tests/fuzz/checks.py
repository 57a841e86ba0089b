"""What holds for whatever a reader makes of a file. What does not raises AssertionError, which says so."""

import re
from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from pydantic import TypeAdapter

from index import chunking, sentences
from index.article import Article, BlockKind, Passage, Sentence
from index.errors import InputRejected
from index.sources.link import Feed

NEVER = re.compile(r"[\0\r\ud800-\udfff]")
"""What ends a string in SQLite; what is in no UTF-8, so in no JSON and no message to Discord; and the line
end that tools change as they read what `ibid show --text` prints, which shifts all offsets behind it."""
ODD = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufffe\uffff]")
"""Controls and line ends that text may hold where its file does; those who show it have to know."""

_ARTICLE = TypeAdapter(Article)
_FEED = TypeAdapter(Feed)


def check_article(article: Article) -> None:
    text = article.text
    _check_blocks(article)
    assert list(article.pages) == sorted(article.pages), "a page begins before the one above it"
    assert all(0 <= start <= len(text) for start in article.pages), "a page begins outside of the text"
    its_sentences, passages = chunking.split(article)
    assert its_sentences == sentences.split(article), "the sentences are not those of their passages"
    _check_sentences(article, its_sentences)
    _check_passages(article, its_sentences, passages)
    meta = article.metadata
    for said in (text, meta.title, meta.author, meta.publisher, meta.url, *meta.tags):
        assert said is None or not NEVER.search(said), f"holds {NEVER.search(said)!r}"
    assert meta.title.strip(), "the title is empty"
    assert meta.published is None or type(meta.published) is date, "the day is none"
    assert _ARTICLE.validate_json(_ARTICLE.dump_json(article)) == article, "JSON changes it"


def _check_blocks(article: Article) -> None:
    blocks = article.blocks
    edges = [0, *(edge for block in blocks for edge in (block.start, block.end)), len(article.text)]
    assert edges == sorted(edges), "blocks overlap, fall, or lie outside of the text"
    assert all(article.text[block.start : block.end].strip() for block in blocks), "a block is empty"


def _check_sentences(article: Article, its_sentences: list[Sentence]) -> None:
    text = article.text
    assert [s.n for s in its_sentences] == list(range(len(its_sentences))), "sentences are misnumbered"
    ends = {n: block.start for n, block in enumerate(article.blocks)}
    for sentence in its_sentences:
        block = article.blocks[sentence.block]
        quote = text[sentence.start : sentence.end]
        assert quote == quote.strip() != "", "a sentence is empty or padded"
        assert len(quote) <= sentences.LONGEST, "a sentence is too long"
        assert ends[sentence.block] <= sentence.start < sentence.end <= block.end, (
            "a sentence leaves its place"
        )
        assert not text[ends[sentence.block] : sentence.start].strip(), "words stand between sentences"
        ends[sentence.block] = sentence.end
    assert all(a.block <= b.block for a, b in pairwise(its_sentences)), "sentences are out of order"
    for n, block in enumerate(article.blocks):
        if block.kind in (BlockKind.PARAGRAPH, BlockKind.NOTE):
            assert not text[ends[n] : block.end].strip(), "words stand behind the last sentence"


def _check_passages(article: Article, its_sentences: list[Sentence], passages: list[Passage]) -> None:
    numbers = [n for passage in passages for n in range(passage.first, passage.last + 1)]
    assert numbers == list(range(len(its_sentences))), "passages do not tile the sentences"
    for passage in passages:
        first, last = its_sentences[passage.first], its_sentences[passage.last]
        assert (passage.start, passage.end) == (first.start, last.end), "a passage is not its sentences"
        assert passage.end - passage.start <= chunking.LONGEST, "a passage is too long"
        own = its_sentences[passage.first : passage.last + 1]
        assert {sentence.heading for sentence in own} == {passage.heading}, "a passage is of two sections"
        assert chunking.indexed_text(article, passage).endswith(article.text[passage.start : passage.end])


def check_feed(feed: Feed) -> None:
    addresses = [*(link.url for link in feed.links), *feed.nested]
    assert all(re.fullmatch(r"https?://[!-~]+", address) for address in addresses), "an address is none"
    assert len({link.url for link in feed.links}) == len(feed.links), "an address comes twice"
    for link in feed.links:
        assert all(map(_is_line, (link.title, link.author, link.modified))), "a link says what is no line"
        assert link.published is None or type(link.published) is date, "the day is none"
    assert _is_line(feed.title), "the title of a feed is no line"
    assert _FEED.validate_json(_FEED.dump_json(feed)) == feed, "JSON changes it"


def _is_line(said: str | None) -> bool:
    return said is None or (said.isprintable() and said.strip() == said != "")


def check_refusal(error: InputRejected, where: str) -> None:
    message = str(error)
    assert where in message, "a refusal does not say of what"
    assert message.isprintable(), f"a refusal is more than one plain line: {message!r}"


def odd(texts: Iterable[str]) -> Iterable[str]:
    """The characters that came through and that not everyone can show."""
    return (letter for text in texts for letter in ODD.findall(text))
