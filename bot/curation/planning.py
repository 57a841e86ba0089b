"""Finds out, in a process of its own, what a change would do, and lays it down to be built."""

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import monotonic

from pydantic import TypeAdapter

from bot.curation.jobs import FromFile, FromUrl, Planning, Progress, Refresh, Remove, Say, State
from bot.curation.plans import Entry, Plan, Refusal, Why
from bot.curation.staging import articles_path, plan_path, uploads_path
from index import chunking, readers, sentences
from index.article import Article, BlockKind
from index.catalog import Catalog
from index.errors import InputRejected
from index.generation import catalog_path
from index.identity import compare
from index.library import Library

ATTACHMENT = "attachment:"
"""How the source of an article begins that was uploaded; the file's name follows."""
BEGINS = 300
"""Characters of an article that a preview shows at most."""
ARTICLES = TypeAdapter(list[Article])


def plan(job: Planning, say: Say) -> None:
    """Find out what a change would do, and lay it down with the articles that it needs.

    Raises InputRejected, IndexMissing or IndexCorrupt.
    """
    with closing(_catalog(Library(job.library))) as catalog:
        read: list[Article] = []
        removed: list[Article] = []
        refused: list[Refusal] = []
        match job.wanted:
            case FromUrl(url=url):
                read = [readers.read_url(url)]
            case FromFile(name=name):
                read = [_uploaded(job.folder, name)]
            case Remove(article=article_id):
                removed = [catalog.article(article_id)]
            case Refresh(article=article_id):
                chosen = [catalog.article(article_id)] if article_id else catalog.articles()
                read, refused = _read_again(chosen, job.patience, say)
        found = compare(read, catalog)
        laid = Plan(
            token=job.folder.name,
            guild=job.guild,
            kind=job.wanted.do,
            added=tuple(_entry(article) for article in found.new),
            updated=tuple(_entry(article, catalog.article(article.id)) for article in found.updated),
            unchanged=tuple(_entry(article) for article in found.unchanged),
            removed=tuple(_entry(article) for article in removed),
            refused=tuple(refused),
            copied=catalog.count("article") if job.begins_own else None,
        )
    articles = [*found.new, *found.updated, *found.unchanged]
    articles_path(job.folder).write_bytes(ARTICLES.dump_json(articles))
    plan_path(job.folder).write_text(laid.model_dump_json(), "utf-8")


def _catalog(library: Library) -> Catalog:
    return Catalog.open(catalog_path(library.generations / library.current_id()))


def _uploaded(folder: Path, name: str) -> Article:
    os.chdir(uploads_path(folder))  # so that messages name the file as its owner knows it
    article = readers.read(Path(name))
    return replace(article, source=ATTACHMENT + name)


def _read_again(articles: list[Article], patience: float, say: Say) -> tuple[list[Article], list[Refusal]]:
    """The articles that have an address, read anew, and why the others were not."""
    end = monotonic() + patience
    read: list[Article] = []
    refused: list[Refusal] = []
    for n, article in enumerate(articles):
        title = article.metadata.title
        say(Progress(state=State.READING, title=title, done=n, total=len(articles)))
        if article.source.startswith(ATTACHMENT):
            refused.append(Refusal(title=title, why=Why.UPLOADED))
        elif not article.source.startswith(("http://", "https://")):
            refused.append(Refusal(title=title, why=Why.OPERATORS))
        elif monotonic() > end:
            refused.append(Refusal(title=title, why=Why.NO_TIME))
        else:
            try:
                read.append(readers.read_url(article.source))
            except InputRejected as error:
                refused.append(Refusal(title=title, why=Why.UNREADABLE, more=str(error)))
    return read, refused


def _entry(article: Article, before: Article | None = None) -> Entry:
    _, passages = chunking.split(article)
    meta = article.metadata
    return Entry(
        id=article.id,
        title=meta.title,
        author=meta.author,
        publisher=meta.publisher,
        published=meta.published,
        url=meta.url,
        characters=len(article.text),
        passages=len(passages),
        begins=_first_sentence(article)[:BEGINS],
        was=before.metadata.title if before else None,
        characters_before=len(before.text) if before else None,
    )


def _first_sentence(article: Article) -> str:
    """Of the first paragraph that holds one; empty where there is none."""
    paragraphs = (block for block in article.blocks if block.kind is BlockKind.PARAGRAPH)
    for block in paragraphs:
        text = article.text[block.start : block.end]
        for start, end in sentences.spans(text):
            return text[start:end]
    return ""
