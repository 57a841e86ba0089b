"""The `ibid` command: parse, call, render. What is heavy is imported by the command that needs it.

`main` is the outer shell: it turns every error into one line on stderr and an exit code.
"""

import gc
import os
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.terminal.status import Exit, explained
from index.errors import InputRejected

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.settings import Settings
    from index.builder import Builder, Progress
    from index.catalog import Filter


app = typer.Typer(
    name="ibid",
    help="Ask questions about articles; every sentence of an answer shows where it stands.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Articles = Annotated[
    list[str] | None,
    typer.Option("--article", "-a", metavar="ID", help="Use this article only; may be repeated."),
]
Since = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Use articles published on this day or later."),
]
Until = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Use articles published on this day or earlier."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Batch = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Read JSON lines (- for stdin), write a JSON line for each."),
]


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """`run` reads --debug itself, so that it may stand anywhere; here it gets its line of help."""


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="What you want to know.")] = None,
    article: Articles = None,
    since: Since = None,
    until: Until = None,
    writer: Annotated[
        str, typer.Option(metavar="extractive|llm", help="Who writes; see IBID_WRITER.")
    ] = "auto",
    as_json: Json = False,
    batch: Batch = None,
) -> None:
    """Ask a question, or a batch of them."""
    from bot.answer import Answer, Question, Reason, clean
    from bot.settings import WriterChoice
    from bot.terminal import batches, render

    if writer not in list(WriterChoice):
        raise typer.BadParameter(f"--writer is extractive or llm, not {writer!r}.")
    choice = WriterChoice(writer)
    if batch:
        _not_both(question)
        with _desk() as desk:
            allowed = _filter(desk, article, since, until)
            raise typer.Exit(batches.ask(desk, batch, choice, allowed))
    text = clean(_given(question, "question"))
    out = render.console()
    with _desk() as desk:
        asked = Question(text, allowed=_filter(desk, article, since, until))
        for part in desk.ask(asked, choice):
            match part:
                case Answer() if as_json:
                    print(part.model_dump_json(indent=2))
                case Answer():
                    render.show_rest(out, part)
                case _ if not as_json:
                    render.show_statement(out, part)
    if isinstance(part, Answer) and part.reason is Reason.MODEL_UNAVAILABLE:
        raise typer.Exit(Exit.SERVICE)


@app.command()
def chat(article: Articles = None) -> None:
    """Ask question after question; follow-ups count."""
    from bot.terminal import repl

    with _desk() as desk:
        repl.run(desk, _settings().home / "history", _filter(desk, article))


@app.command()
def search(
    query: Annotated[str | None, typer.Argument(help="Words, or a question.")] = None,
    top: Annotated[int, typer.Option(min=1, max=50, help="How many passages.")] = 5,
    article: Articles = None,
    since: Since = None,
    until: Until = None,
    as_json: Json = False,
    batch: Batch = None,
) -> None:
    """Find the passages nearest to a query."""
    from bot.answer import clean
    from bot.terminal import batches, render

    if batch:
        _not_both(query)
        with _desk() as desk:
            allowed = _filter(desk, article, since, until)
            raise typer.Exit(batches.search(desk, batch, top, allowed))
    text = clean(_given(query, "query"), "query")
    out = render.console()
    with _desk() as desk:
        hits = desk.search(text, top, _filter(desk, article, since, until))
        if as_json:
            print(batches.search_json(hits))
            return
        titles = {found.id: found.metadata for found in desk.articles()}
    for n, hit in enumerate(hits, 1):
        render.show_hit(out, n, hit, titles[hit.passage.article])
    if not hits:
        out.print("Nothing was found: there is no article that may be searched.")


@app.command()
def check(
    statement: Annotated[str | None, typer.Argument(help="One sentence.")] = None,
    article: Articles = None,
    as_json: Json = False,
    batch: Batch = None,
) -> None:
    """Check a statement against the articles."""
    from bot.answer import clean
    from bot.terminal import batches, render

    if batch:
        _not_both(statement)
        with _desk() as desk:
            raise typer.Exit(batches.check(desk, batch, _filter(desk, article)))
    text = clean(_given(statement, "statement"), "statement")
    with _desk() as desk:
        report = desk.check(text, _filter(desk, article))
    if as_json:
        print(report.model_dump_json(indent=2))
    else:
        render.show_check(render.console(), report)


@app.command()
def add(
    places: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH|URL...", help="Text, Markdown or HTML files, or pages at http:// or https://."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Add articles from files and from the web.

    A .toml file beside a file, of the same name, may give its title, author, publisher,
    published, url and tags.
    """
    from bot.terminal import changes
    from index import readers

    articles, refused = [], {}
    for place in places:
        is_url = re.match(r"[a-z][a-z0-9+.-]*://", place, re.IGNORECASE)
        try:
            articles.append(readers.read_url(place) if is_url else readers.read(Path(place)))
        except InputRejected as error:
            refused[place] = str(error)
    if articles:
        with _builder() as (builder, report):
            change = builder.add(articles, report)
    else:
        change = changes.NOTHING
    changes.show(change, refused, as_json=as_json)
    if refused:
        raise typer.Exit(Exit.INPUT)


@app.command()
def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="As `ibid articles` lists.")],
    as_json: Json = False,
) -> None:
    """Remove articles."""
    from bot.terminal import changes

    with _builder() as (builder, _):
        change = builder.remove(list(dict.fromkeys(ids)))
    changes.show(change, {}, as_json=as_json)


@app.command()
def rebuild(as_json: Json = False) -> None:
    """Embed every article anew.

    The way out of a damaged index, and into another IBID_EMBEDDING.
    """
    from bot.terminal import changes

    with _builder() as (builder, report):
        change = builder.rebuild(report)
    changes.show(change, {}, as_json=as_json)


@app.command()
def restore(
    generation: Annotated[str, typer.Argument(metavar="GENERATION", help="As `ibid doctor` names.")],
) -> None:
    """Let an earlier index serve again.

    For when the newest is damaged.
    """
    from bot import opening
    from index.builder import restore

    restore(opening.library(_settings()), generation)
    print(f"{generation} serves again.")


@app.command()
def articles(as_json: Json = False) -> None:
    """List the articles."""
    from bot import opening
    from bot.terminal import changes, render

    library = opening.library(_settings())
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

    catalog = opening.catalog(opening.library(_settings()))
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
    with _builder() as (builder, report):
        change = builder.edit(article_id, report, **fields)
    changes.show(change, {}, as_json=as_json)


@app.command()
def why(answer_id: Annotated[str, typer.Argument(metavar="ANSWER_ID")]) -> None:
    """Tell how an answer came about, and whether its sources have changed since."""
    from bot import opening
    from bot.terminal import render

    settings = _settings()
    recorded = opening.record(settings).find(answer_id)
    render.show_why(render.console(), recorded, opening.since(settings, recorded))


bot_app = typer.Typer(rich_markup_mode=None)
app.add_typer(bot_app, name="bot")


@bot_app.callback(invoke_without_command=True)
def run_bot(context: typer.Context) -> None:
    """Run the Discord bot, until it is stopped with Ctrl-C or SIGTERM.

    It needs DISCORD_TOKEN, as an environment variable or a line in .env; .env.example tells what
    else can be set. Run `ibid bot sync` once before, and after each update of Ibid, so that Discord
    knows its commands.
    """
    if context.invoked_subcommand:
        return
    settings = _settings()
    from bot.discord import run as discord

    discord.run(settings)


@bot_app.command("sync")
def sync_bot(
    guild: Annotated[
        int | None,
        typer.Option(min=1, metavar="ID", help="In this server only, where you try out changes."),
    ] = None,
) -> None:
    """Register the commands with Discord."""
    settings = _settings()
    from bot.discord import run as discord

    names = discord.sync(settings, guild)
    print(f"Registered {'everywhere' if guild is None else f'in server {guild}'}: {', '.join(names)}")


@app.command()
def doctor() -> None:
    """Say what works and how to mend the rest."""
    from bot.doctor import Health, examine
    from bot.terminal import render

    out = render.console()
    code = Exit.DONE
    for finding in examine(_settings()):
        render.show_finding(out, finding)
        if finding.health is Health.BAD:
            code = Exit.INDEX if finding.of_index or code is Exit.INDEX else Exit.SERVICE
    raise typer.Exit(code)


def _settings() -> "Settings":
    from bot.settings import Settings

    return Settings.load()


@contextmanager
def _desk() -> "Iterator[Desk]":
    from bot import opening
    from bot.terminal.progress import IndexingProgress

    with IndexingProgress() as progress:
        desk = opening.desk(_settings(), progress.report)
    gc.enable()
    gc.freeze()  # what is loaded by now stays: collecting it at exit would take 0.3 s
    try:
        yield desk
    finally:
        desk.close()


@contextmanager
def _builder() -> "Iterator[tuple[Builder, Progress]]":
    from bot import opening
    from bot.terminal.progress import IndexingProgress
    from index.builder import Builder

    settings = _settings()
    with IndexingProgress() as progress:
        builder = Builder(opening.library(settings), opening.embedder(settings))
        yield builder, progress.report


def _filter(
    desk: "Desk",
    article: list[str] | None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> "Filter":
    """Raises UnknownArticle for an id that no article has."""
    return desk.filter(
        tuple(article) if article else None,
        since.date() if since else None,
        until.date() if until else None,
    )


def _given(argument: str | None, what: str) -> str:
    if argument is None:
        raise typer.BadParameter(f"Give a {what} in quotes, or --batch FILE.")
    return argument


def _not_both(argument: str | None) -> None:
    if argument is not None:
        raise typer.BadParameter("--batch FILE takes the place of the argument; give one of them.")


def main() -> None:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; whatever goes wrong is one line on stderr."""
    # Importing what an answer needs takes 2.5 s with the collector running and 2.0 s without.
    gc.disable()
    # LangChain would send what it runs to a tracing service that is set up for another program.
    os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    try:
        code = int(app(args=arguments, prog_name="ibid", standalone_mode=False) or Exit.DONE)
        if code == Exit.STOPPED:  # Typer may turn Ctrl-C into a code and say nothing
            raise KeyboardInterrupt
        return code
    except BrokenPipeError:  # who read our output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except (Exception, KeyboardInterrupt) as error:  # the outermost shell: nothing may pass it
        if debug:
            traceback.print_exc()
        message, code = explained(error)
        print(f"ibid: {message}", file=sys.stderr)
        return code
