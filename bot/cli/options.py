"""Options that several commands take."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

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
