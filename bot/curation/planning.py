"""Finds out, in a process of its own, what a change would do, and lays it down to be built."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from pydantic import TypeAdapter

from bot.curation.jobs import Edit, FromFile, FromUrl, Planning, Refresh, Remove, Say
from bot.curation.plans import Correction, Duplicate, Entry, Known, Named, Plan
from bot.curation.reading import PARSE_SECONDS, Found, read, read_again
from bot.curation.staging import articles_path, plan_path, uploads_path
from index import chunking, diff, sentences
from index.article import Article, BlockKind, Metadata
from index.catalog import Catalog
from index.generation import catalog_path
from index.identity import Comparison, compare
from index.library import Library
from index.metadata import mended
from index.sources.reading import UPLOADED

PARSE_UPLOAD_SECONDS = 45.0
BEGINS = 300
"""Characters of a sentence that a preview shows at most."""
EDITS = 6
"""Changed sentences of an article that a preview shows at most."""
ARTICLES = TypeAdapter(list[Article])


def plan(job: Planning, say: Say) -> None:
    """Find out what a change would do, and lay it down with the articles that it needs.

    Raises InputRejected, IndexMissing or IndexCorrupt.
    """
    with closing(catalog_of(Library(job.library))) as catalog:
        found = _find(job, catalog, say)
        compared = compare(found.articles, catalog)
        updated = (*compared.updated, *found.edited)
        laid = Plan(
            token=job.folder.name,
            guild=job.guild,
            kind=job.wanted.do,
            added=tuple(_entry(article) for article in compared.new),
            updated=tuple(_entry(article, catalog.article(article.id)) for article in updated),
            unchanged=tuple(_named(article) for article in (*compared.unchanged, *found.same)),
            removed=tuple(_entry(article) for article in found.removed),
            merged=tuple(_merged(compared)),
            refused=tuple(found.refused),
            left_out=found.left_out,
            copied=catalog.count("article") if job.begins_own else None,
            typed=job.wanted.typed if isinstance(job.wanted, Edit) else {},
        )
    # As they were read, for the builder looks anew which is which.
    articles_path(job.folder).write_bytes(ARTICLES.dump_json(found.articles))
    plan_path(job.folder).write_text(laid.model_dump_json(), "utf-8")


def catalog_of(library: Library) -> Catalog:
    """What a library holds now. Raises IndexMissing or IndexCorrupt."""
    return Catalog.open(catalog_path(library.generations / library.current_id()))


def _find(job: Planning, catalog: Catalog, say: Say) -> Found:
    match job.wanted:
        case FromUrl(url=url):
            return read(url, PARSE_SECONDS, job.patience, job.contact, say)
        case FromFile(name=name):
            os.chdir(uploads_path(job.folder))  # so that messages name the file as its owner knows it
            return read(name, PARSE_UPLOAD_SECONDS, job.patience, job.contact, say)
        case Remove(article=article_id):
            return Found(removed=[catalog.article(article_id)])
        case Refresh(article=article_id):
            chosen = [catalog.article(article_id)] if article_id else catalog.articles()
            return read_again(chosen, job.patience, job.contact, say)
        case Edit(article=article_id, typed=typed):
            before = catalog.article(article_id)
            fields = mended(typed) | ({"published_is_guess": False} if "published" in typed else {})
            after = replace(before, metadata=replace(before.metadata, **fields))
            return Found(same=[after]) if after == before else Found(edited=[after])


def _merged(compared: Comparison) -> Iterator[Duplicate]:
    """What becomes one more place of an article, in place of one by itself."""
    titles = {article.id: article.metadata.title for article in (*compared.new, *compared.updated)}
    for merged in compared.merged:
        if title := titles.get(merged.article):
            yield Duplicate(source=merged.source.removeprefix(UPLOADED), article=merged.article, title=title)


def _named(article: Article) -> Named:
    return Named(id=article.id, title=article.metadata.title)


def _entry(article: Article, before: Article | None = None) -> Entry:
    _, passages = chunking.split(article)
    meta = article.metadata
    rewritten = before if before and before.revision != article.revision else None
    edits = diff.changes(rewritten, article) if rewritten else ()
    return Entry(
        id=article.id,
        title=meta.title,
        author=meta.author,
        publisher=meta.publisher,
        published=meta.published,
        published_is_guess=meta.published_is_guess,
        url=meta.url,
        characters=len(article.text),
        passages=len(passages),
        begins=_first_sentence(article)[:BEGINS],
        was=before.metadata.title if before else None,
        characters_before=len(rewritten.text) if rewritten else None,
        edits=tuple(
            replace(edit, before=edit.before[:BEGINS], after=edit.after[:BEGINS]) for edit in edits[:EDITS]
        ),
        more_edits=max(len(edits) - EDITS, 0),
        corrections=tuple(_corrections(before.metadata, meta)) if before else (),
    )


def _corrections(before: Metadata, after: Metadata) -> Iterator[Correction]:
    for what in Known:
        was, becomes = (str(getattr(meta, what) or "") for meta in (before, after))
        if was != becomes:
            yield Correction(what=what, before=was, after=becomes)


def _first_sentence(article: Article) -> str:
    """Of the first paragraph that holds one; empty where there is none."""
    paragraphs = (block for block in article.blocks if block.kind is BlockKind.PARAGRAPH)
    for block in paragraphs:
        text = article.text[block.start : block.end]
        for start, end in sentences.spans(text):
            return text[start:end]
    return ""
