"""What `apart` and its worker say to each other: a job a line, a result a line, as JSON."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from index.article import Article
from index.sources.fetch import Fetched
from index.sources.link import Link


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")


class File(_Line):
    do: Literal["file"] = "file"
    path: Path


class WebPage(_Line):
    do: Literal["page"] = "page"
    fetched: Fetched
    source: str
    said: Link | None


class Result(_Line):
    """How a job ended: with an article, or with why there is none."""

    article: Article | None = None
    why: str | None = None
    leaves: bool = False
    """The worker has grown, and ends."""


Job = File | WebPage
JOB: TypeAdapter[Job] = TypeAdapter(Annotated[Job, Field(discriminator="do")])
READY = b"ready\n"
"""What the worker says first."""


def too_much(where: str) -> str:
    return (
        f"{where} takes more time or memory than reading an article does; split it, or save its text "
        "as a .txt file."
    )
