import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from langchain_core.retrievers import BaseRetriever

from index.builder import Builder
from index.catalog import Filter
from index.embeddings import MiniLM
from index.generation import Generation
from index.library import Library
from index.retriever import Hit, HybridRetriever
from tests.index.notes import COFFEE, COMETS, GENEVA, note, silent


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory, embedder: MiniLM) -> Iterator[Generation]:
    """Four notes: three dated, one copied in capitals under another name."""
    library = Library(tmp_path_factory.mktemp("notes"))
    articles = [
        note("treaty", GENEVA, published=date(2023, 5, 1)),
        note("coffee", COFFEE, published=date(2024, 1, 25)),
        note("comets", COMETS),
        note("treaty-copy", GENEVA.upper(), published=date(2024, 6, 1)),
    ]
    Builder(library, embedder).add(articles, silent)
    yield library.current()
    library.close()


@pytest.fixture
def retriever(generation: Generation, embedder: MiniLM) -> HybridRetriever:
    return HybridRetriever(generation=generation, embedder=embedder)


def found(retriever: HybridRetriever, query: str, **changes: object) -> list[str]:
    return [hit.passage.article for hit in retriever.model_copy(update=changes).search(query)]


def test_a_hit_is_a_slice_of_its_article_with_its_scores(
    retriever: HybridRetriever, generation: Generation
) -> None:
    first, *others = retriever.search("What happened to coffee prices in Brazil?")
    assert isinstance(first, Hit)
    assert first.passage.article == "coffee"
    article = generation.catalog.article("coffee")
    assert first.page_content == article.text[first.passage.start : first.passage.end]
    assert first.lexical > 0
    assert 0.3 < first.dense <= 1
    assert 0.3 < first.score <= 1
    assert all(other.score < first.score for other in others)
    assert all(other.lexical == 0 for other in others)


def test_a_passage_that_repeats_another_is_left_out(retriever: HybridRetriever) -> None:
    assert sum(name.startswith("treaty") for name in found(retriever, "fishing rights in Geneva")) == 1


def test_only_allowed_articles_are_searched(retriever: HybridRetriever) -> None:
    assert found(retriever, "Geneva treaty", allowed=Filter(articles=("comets",)), top=1) == ["comets"]
    assert found(retriever, "Geneva treaty", allowed=Filter(articles=("treaty-copy",))) == ["treaty-copy"]
    assert found(retriever, "Geneva treaty", allowed=Filter(articles=("unknown",))) == []
    assert found(retriever, "Geneva treaty", allowed=Filter(articles=())) == []


def test_an_article_without_a_date_is_outside_every_range(retriever: HybridRetriever) -> None:
    day = date(2024, 1, 25)
    query = "comets made of ice"
    assert set(found(retriever, query)) >= {"comets", "coffee"}
    assert set(found(retriever, query, allowed=Filter(published_from=day))) == {"coffee", "treaty-copy"}
    assert set(found(retriever, query, allowed=Filter(published_to=day))) == {"coffee", "treaty"}
    assert found(retriever, query, allowed=Filter(published_from=day, published_to=day)) == ["coffee"]
    assert found(retriever, query, allowed=Filter(articles=("comets",), published_to=day)) == []


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "*",
        "coffee*",
        '"coffee',
        "NEAR(coffee prices, 2)",
        "coffee AND OR NOT",
        "AND",
        "body: coffee",
        "- ^coffee {title} : (",
        "_",
        "coffee -- ; DROP TABLE words",
        "",
        "?!",
        "🙂",
        "\0",
        "كم سعر القهوة؟",
        "the of and",
        "coffee " * 2_000,
    ],
)
def test_nothing_in_a_query_is_read_as_syntax(retriever: HybridRetriever, query: str) -> None:
    hits = retriever.search(query)
    assert len(hits) == 3
    if "coffee" in query:
        assert hits[0].passage.article == "coffee"


def test_an_empty_library_finds_nothing(tmp_path: Path, embedder: MiniLM) -> None:
    library = Library(tmp_path)
    builder = Builder(library, embedder)
    builder.add([note("comets", COMETS)], silent)
    builder.remove(["comets"])
    generation = library.current()
    assert generation.manifest.passages == 0
    assert HybridRetriever(generation=generation, embedder=embedder).search("comets") == []
    builder.add([note("coffee", COFFEE)], silent)
    assert found(HybridRetriever(generation=library.current(), embedder=embedder), "coffee") == ["coffee"]
    library.close()


def test_it_is_a_retriever_for_langchain_now_and_later(retriever: HybridRetriever) -> None:
    assert isinstance(retriever, BaseRetriever)
    now = retriever.invoke("coffee prices")
    later = asyncio.run(retriever.ainvoke("coffee prices"))
    assert [hit.page_content for hit in now] == [hit.page_content for hit in later]
    assert now[0].page_content == COFFEE


def test_the_bundled_article_answers_with_its_own_passages(stocked: Library, embedder: MiniLM) -> None:
    retriever = HybridRetriever(generation=stocked.current(), embedder=embedder)
    hits = retriever.search("How many dollars a year is the informal trade between Iran and Pakistan?")
    assert any("three billion dollars per year" in hit.page_content for hit in hits[:2])
    assert hits[0].passage.heading == "Trade ties that bind"
    stocked.close()


def test_any_number_of_copies_leaves_room_for_other_passages(library: Library, embedder: MiniLM) -> None:
    copies = [replace(note(f"copy-{n}", GENEVA), source=f"/{n}/treaty.txt") for n in range(6)]
    Builder(library, embedder).add([*copies, note("coffee", COFFEE), note("comets", COMETS)], silent)
    retriever = HybridRetriever(generation=library.current(), embedder=embedder, top=2)
    articles = [hit.passage.article for hit in retriever.search("Where was the treaty signed?")]
    assert len(articles) == 2
    assert articles[0].startswith("copy-")
    assert articles[1] in ("coffee", "comets")
    library.close()
