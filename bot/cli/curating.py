"""Add, change and list articles."""

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import app
from bot.cli.opened import opened_builder, read_settings, told_when_stopped
from bot.cli.options import Json
from bot.terminal.status import Exit

if TYPE_CHECKING:
    from index.article import Article


@app.command()
def add(
    places: Annotated[
        list[str],
        typer.Argument(metavar="PATH|URL...", help="Files, folders, web pages, feeds or sitemaps."),
    ],
    most: Annotated[
        int,
        typer.Option(min=1, max=10_000, metavar="N", help="Read so many pages of each feed or sitemap."),
    ] = 100,
    as_json: Json = False,
) -> None:
    """Add articles from files, folders and the web.

    Text, Markdown, HTML, PDF, Word (.docx) and EPUB are read; of a folder, all such files in it and in
    the folders below. What was added before is brought up to date. What cannot be read is named, and
    stops nothing else; the exit code is 5 then.

    A .toml file beside a file, of the same name, may give its title, author, publisher,
    published, url and tags.
    """
    from bot.terminal import changes
    from bot.terminal.progress import EVERY, ReadingProgress
    from index.sources.apart import Apart
    from index.sources.reading import Refused, read
    from index.sources.web import Web

    began = time.monotonic()
    web = Web(contact=read_settings().contact)
    articles: list[Article] = []
    refused: list[Refused] = []
    with told_when_stopped("Nothing was added."), Apart() as parser, ReadingProgress() as progress:
        for found in read(places, web=web, parser=parser, report=progress.report, most=most):
            if isinstance(found, Refused):
                refused.append(found)
            else:
                articles.append(found)
    change = changes.NOTHING
    if articles:
        kept = "The index is as it was; what was embedded so far is kept for the next time."
        with told_when_stopped(kept), opened_builder(after=EVERY) as (builder, report):
            change = builder.add(articles, report)
    changes.show(change, refused, as_json=as_json, seconds=time.monotonic() - began)
    if any(one.is_fault for one in refused):
        raise typer.Exit(Exit.INPUT)


@app.command()
def refresh(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="As `ibid articles` lists; else all.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before articles are changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what changed; change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Read articles again from where they came from.

    Shows what changed before it is indexed, and in a terminal asks. Web servers are asked for what
    has changed since the last time only. An article that is gone there stays here.
    """
    from bot import opening
    from bot.terminal import changes, render, revisions
    from bot.terminal.progress import EVERY, ReadingProgress
    from index.identity import compare
    from index.sources.apart import Apart
    from index.sources.reading import Refused, Same, read_again
    from index.sources.web import Web

    began = time.monotonic()
    settings = read_settings()
    catalog = opening.catalog(opening.library(settings))
    chosen = [catalog.article(article_id) for article_id in dict.fromkeys(ids or catalog.titles())]
    found: list[Article] = []
    same: list[Article] = []
    refused: list[Refused] = []
    web = Web(contact=settings.contact)
    with told_when_stopped("Nothing was changed."), Apart() as parser, ReadingProgress() as progress:
        for before, again in read_again(chosen, web=web, parser=parser, report=progress.report):
            match again:
                case Refused():
                    refused.append(again)
                case Same():
                    same.append(before)
                case _:
                    found.append(again)
    compared = compare(found, catalog)
    out = render.console(stderr=as_json)
    for after in compared.updated:
        revisions.show(out, catalog.article(after.id), after)
    change = changes.would(compared, same)
    if (compared.updated or compared.new) and not dry_run:
        if out.is_terminal and not yes and not typer.confirm("Bring these articles up to date?"):
            print("Nothing was changed.")
            return
        with opened_builder(after=EVERY) as (builder, report):
            change = changes.with_same(builder.add(found, report), same)
    seconds = None if dry_run else time.monotonic() - began
    changes.show(change, refused, as_json=as_json, seconds=seconds, planned=dry_run)
    if any(one.is_fault for one in refused):
        raise typer.Exit(Exit.INPUT)


@app.command()
def edit(
    article_id: Annotated[str, typer.Argument(metavar="ID", help="As `ibid articles` lists.")],
    title: Annotated[str | None, typer.Option(help="Its title.")] = None,
    author: Annotated[str | None, typer.Option(help='Who wrote it; "" for nobody who is known.')] = None,
    publisher: Annotated[str | None, typer.Option(help="Who published it.")] = None,
    published: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="The day it was published.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Where it can be read; links lead there.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag; may be repeated, and replaces all.")] = None,
    as_json: Json = False,
) -> None:
    """Mend what is known of an article.

    Reading it again does not change what was set here. "" empties a field.
    """
    from bot.terminal import changes
    from index.metadata import mended

    given = {"title": title, "author": author, "publisher": publisher, "published": published, "url": url}
    fields = mended({**given, "tags": tag})
    if not fields:
        raise typer.BadParameter("Say what to mend: --title, --author, --publisher, --date, --url or --tag.")
    with opened_builder() as (builder, report):
        change = builder.edit(article_id, report, **fields)
    changes.show(change, as_json=as_json)


@app.command()
def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="As `ibid articles` lists.")],
    as_json: Json = False,
) -> None:
    """Remove articles."""
    from bot.terminal import changes

    with opened_builder() as (builder, _):
        change = builder.remove(list(dict.fromkeys(ids)))
    changes.show(change, as_json=as_json)


@app.command()
def articles(as_json: Json = False) -> None:
    """List the articles."""
    from bot import opening
    from bot.terminal import changes, render

    library = opening.library(read_settings())
    found = [] if library.is_new() else opening.catalog(library).articles()
    if as_json:
        print(changes.articles_json(found))
    elif found:
        render.show_articles(render.console(), found)
    else:
        print("No articles yet: `ibid add FILE` adds yours, and the first question adds the one")
        print("that ships with Ibid.")


@app.command()
def show(
    article_id: Annotated[str, typer.Argument(metavar="ID", help="As `ibid articles` lists.")],
    text: Annotated[bool, typer.Option("--text", help="Print the text that offsets count.")] = False,
    revision: Annotated[
        str | None, typer.Option(metavar="REVISION", help="As it was before; the first digits will do.")
    ] = None,
) -> None:
    """Show an article: what is known of it, or its text."""
    from bot import opening
    from bot.terminal import render

    catalog = opening.catalog(opening.library(read_settings()))
    article = catalog.article(article_id)
    former = catalog.revisions(article_id)
    if revision:
        wanted = next((name for name in (article.revision, *former) if name.startswith(revision)), revision)
        article = catalog.revision(article_id, wanted)
    if text:
        sys.stdout.write(article.text)
        return
    counts = len(catalog.sentences(article.id)), len(catalog.passage_ids(article.id))
    render.show_article(render.console(), render.Held(article, *counts, catalog.alike(article_id), former))


@app.command()
def rebuild(as_json: Json = False) -> None:
    """Embed every article anew.

    The way out of a damaged index, and into another IBID_EMBEDDING.
    """
    from bot.terminal import changes

    with opened_builder() as (builder, report):
        change = builder.rebuild(report)
    changes.show(change, as_json=as_json)


@app.command()
def restore(
    generation: Annotated[str, typer.Argument(metavar="GENERATION", help="As `ibid doctor` names.")],
) -> None:
    """Let an earlier index serve again.

    For when the newest is damaged.
    """
    from bot import opening
    from index.builder import restore

    restore(opening.library(read_settings()), generation)
    print(f"{generation} serves again.")
