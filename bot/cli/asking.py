"""Ask, search and check, and learn how an answer came about."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import app
from bot.cli.opened import opened_desk, read_settings
from bot.cli.options import Articles, Batch, Json, Since, Until
from bot.terminal.status import Exit

if TYPE_CHECKING:
    from bot.desk import Desk
    from index.catalog import Filter


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
        with opened_desk() as desk:
            allowed = _filter(desk, article, since, until)
            raise typer.Exit(batches.ask(desk, batch, choice, allowed))
    text = clean(_given(question, "question"))
    out = render.console()
    with opened_desk() as desk:
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

    with opened_desk() as desk:
        repl.run(desk, read_settings().home / "history", _filter(desk, article))


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
        with opened_desk() as desk:
            allowed = _filter(desk, article, since, until)
            raise typer.Exit(batches.search(desk, batch, top, allowed))
    text = clean(_given(query, "query"), "query")
    out = render.console()
    with opened_desk() as desk:
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
        with opened_desk() as desk:
            raise typer.Exit(batches.check(desk, batch, _filter(desk, article)))
    text = clean(_given(statement, "statement"), "statement")
    with opened_desk() as desk:
        report = desk.check(text, _filter(desk, article))
    if as_json:
        print(report.model_dump_json(indent=2))
    else:
        render.show_check(render.console(), report)


@app.command()
def why(answer_id: Annotated[str, typer.Argument(metavar="ANSWER_ID")]) -> None:
    """Tell how an answer came about, and whether its sources have changed since."""
    from bot import opening
    from bot.terminal import render

    settings = read_settings()
    recorded = opening.record(settings).find(answer_id)
    render.show_why(render.console(), recorded, opening.since(settings, recorded))


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
