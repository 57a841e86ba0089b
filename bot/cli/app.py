"""The application that the commands are commands of."""

from typing import Annotated

import typer

app = typer.Typer(
    name="ibid",
    help="Ask questions about articles; every sentence of an answer shows where it stands.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """`run` reads --debug itself, so that it may stand anywhere; here it gets its line of help."""
