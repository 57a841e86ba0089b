"""What changes when an article is read again, mended, or found in another place."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from index.article import Article, Block, BlockKind, Place, Validators
from index.builder import Builder
from index.catalog import Catalog
from index.embeddings import MiniLM
from index.errors import UnknownArticle, UnknownRevision
from index.generation import (
    catalog_path,
    list_files,
    read_manifest,
    write_manifest,
)
from index.library import Library
from index.retriever import HybridRetriever
from tests.index.notes import COFFEE, COMETS, GENEVA, note, silent

KEPT = 3
LONG = [f"In the year {1900 + n} the port of Gdynia took in {n} tons of salt. " * 6 for n in range(12)]


def catalog_of(library: Library) -> Catalog:
    return library.current().catalog


def test_of_an_article_that_changed_only_the_changed_passages_are_embedded(
    library: Library, builder: Builder
) -> None:
    whole = builder.add([note("port", *LONG)], silent).embedded
    edited = [*LONG[:6], LONG[6].replace("salt", "coal"), *LONG[7:]]
    change = builder.add([note("port", *edited)], silent)
    assert (change.updated, change.embedded) == (("port",), 1)
    assert whole == len(LONG) == library.current().vectors.count()


def test_to_mend_a_date_embeds_nothing_and_to_mend_the_title_embeds_the_article(
    library: Library, builder: Builder
) -> None:
    builder.add([note("port", *LONG), note("coffee", COFFEE)], silent)
    assert builder.edit("port", silent, published=date(2024, 1, 25)).embedded == 0
    assert builder.edit("port", silent, title="The port of Gdynia").embedded == len(LONG)
    assert builder.edit("port", silent, title="The port of Gdynia").unchanged == ("port",)
    article = catalog_of(library).article("port")
    assert article.mended == ("published", "title")
    assert article.metadata.published == date(2024, 1, 25)
    assert catalog_of(library).revisions("port") == []
    with pytest.raises(UnknownArticle):
        builder.edit("nobody", silent, title="x")


def test_a_former_revision_stays_readable_until_there_are_too_many(
    library: Library, builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.catalog.KEPT", KEPT)
    texts = [f"Ship number {n} left port." for n in range(KEPT + 2)]
    articles = [replace(note("ship", text), pages=(0,)) for text in texts]
    for article in articles:
        builder.add([article], silent)
    catalog = catalog_of(library)
    kept = [article.revision for article in articles[-2::-1]][:KEPT]
    assert catalog.revisions("ship") == kept
    for article in articles[1:]:
        assert catalog.revision("ship", article.revision) == article
    with pytest.raises(UnknownRevision, match="“Ship” is not kept"):
        catalog.revision("ship", articles[0].revision)
    builder.rebuild(silent)
    assert catalog_of(library).revisions("ship") == kept
    builder.remove(["ship"])
    with pytest.raises(UnknownArticle):
        catalog_of(library).revision("ship", articles[-1].revision)
    builder.add([articles[0]], silent)
    assert catalog_of(library).revisions("ship") == []


def test_everything_that_is_known_of_an_article_is_kept(library: Library, builder: Builder) -> None:
    meta = replace(note("copy").metadata, publisher="Courier", published=date(2024, 2, 3), tags=("x",))
    article = replace(
        note("treaty", GENEVA, COFFEE),
        pages=(0, len(GENEVA) + 2),
        mended=("title",),
        also=(Place("https://courier.example/", meta),),
        validators=Validators('W/"1"', "Sat, 03 Feb 2024 00:00:00 GMT"),
    )
    article = replace(article, metadata=replace(meta, published_is_guess=True, url="https://a.example/b"))
    builder.add([article], silent)
    stored = catalog_of(library).article("treaty")
    assert stored == article
    assert stored.validators == article.validators


def test_articles_that_are_alike_know_each_other_until_one_goes(library: Library, builder: Builder) -> None:
    agency = note("agency", *LONG)
    builder.add([agency], silent)
    builder.add([note("outlet", "Our own words lead it.", *LONG[2:]), note("coffee", COFFEE)], silent)
    assert catalog_of(library).alike("agency") == ["outlet"]
    assert catalog_of(library).alike("outlet") == ["agency"]
    assert catalog_of(library).alike("coffee") == []
    builder.add([note("outlet", COMETS)], silent)
    assert catalog_of(library).alike("agency") == []
    builder.add([note("outlet", *LONG)], silent)  # the very text: one more place
    assert [place.source for place in catalog_of(library).article("agency").also] == []


def as_version_1(library: Library) -> None:
    """Take out of the index that serves what the first Ibid did not write."""
    folder = library.generations / library.current_id()
    with closing(sqlite3.connect(catalog_path(folder))) as db:
        for name in ("published_is_guess", "pages", "mended", "also", "etag", "last_modified", "sketch"):
            db.execute(f"ALTER TABLE article DROP COLUMN {name}")
        db.executescript("DROP TABLE former; DROP TABLE alike; PRAGMA user_version = 0")
    manifest = read_manifest(folder).model_copy(update={"format": 1, "files": list_files(folder)})
    write_manifest(folder, manifest)
    library.close()


def test_an_index_of_version_1_is_read_as_it_is_and_brought_up_to_date_by_a_build(
    library: Library, builder: Builder, embedder: MiniLM
) -> None:
    articles = [note("port", *LONG), note("coffee", COFFEE)]
    builder.add(articles, silent)
    as_version_1(library)
    catalog = catalog_of(library)
    assert {article.id: article for article in catalog.articles()} == {a.id: a for a in articles}
    assert catalog.alike("port") == catalog.revisions("port") == []
    hits = HybridRetriever(generation=library.current(), embedder=embedder).search("coffee")
    assert hits[0].passage.article == "coffee"
    builder.add([note("copy", *LONG, COMETS)], silent)
    assert read_manifest(library.generations / library.current_id()).format == 2
    assert catalog_of(library).alike("port") == ["copy"]
    assert catalog_of(library).article("port") == articles[0]


def test_pages_and_blocks_of_a_former_revision_are_its_own(library: Library, builder: Builder) -> None:
    before = Article(
        id="report",
        metadata=note("report").metadata,
        text=f"{GENEVA}\n\n{COFFEE}",
        blocks=(
            Block(BlockKind.HEADING, 0, len(GENEVA)),
            Block(BlockKind.PARAGRAPH, len(GENEVA) + 2, len(GENEVA) + 2 + len(COFFEE)),
        ),
        source=str(Path("/reports/report.pdf")),
        pages=(0, len(GENEVA) + 2),
    )
    builder.add([before], silent)
    builder.add([replace(before, text=COMETS, blocks=note("x", COMETS).blocks, pages=(0,))], silent)
    assert catalog_of(library).revision("report", before.revision) == before
