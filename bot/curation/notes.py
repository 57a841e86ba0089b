"""Small notes in a library's folder, for people who ask later. They may be lost: nothing rests on them."""

import logging
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

log = logging.getLogger("ibid.curation")

Note = TypeVar("Note", bound=BaseModel)


def read(path: Path, kind: type[Note]) -> Note | None:
    """What a note says; None where there is none that can be read."""
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def write(path: Path, note: BaseModel) -> None:
    """Replace a note, all of it or nothing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_suffix(".new")
        written.write_text(note.model_dump_json(), "utf-8")
        written.replace(path)
    except OSError as error:
        log.warning("not noted", extra={"why": str(error)})
