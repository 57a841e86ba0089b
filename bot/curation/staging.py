"""Where plans wait to be built: a folder each, named by its token, forgotten after a day."""

import re
import secrets
import shutil
import time
from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bot.curation.errors import PlanGone
from bot.curation.plans import Plan

KEPT = 86_400.0
"""Seconds that a plan can be built."""
KEPT_IN_GUILD = 20


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    """As somebody called it; its file has the name `file_name(name)`."""
    data: bytes


class Staging:
    """The folder of plans. `busy` are the tokens of those that are being built, which stay."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, token: str) -> Path:
        return self._folder / token

    def begin(self, folder: Path, upload: Upload | None, busy: Container[str]) -> None:
        """Make the folder of a new plan, and forget what nobody built in a day. Raises OSError."""
        for old in self._folder.glob("*"):
            with suppress(OSError):
                if old.name not in busy and _is_old(old):
                    delete(old)
        temporary_path(folder).mkdir(parents=True)
        if upload:
            uploads_path(folder).mkdir()
            (uploads_path(folder) / file_name(upload.name)).write_bytes(upload.data)

    def keep(self, folder: Path, guild: int, busy: Container[str]) -> Plan:
        """The plan that was laid in a folder; its guild's oldest ones go where there are many."""
        plan = Plan.model_validate_json(plan_path(folder).read_bytes())
        delete(uploads_path(folder))
        (folder / str(guild)).touch()
        marks = sorted(self._folder.glob(f"*/{guild}"), key=lambda path: path.stat().st_mtime)
        for mark in marks[:-KEPT_IN_GUILD]:
            if mark.parent.name not in busy:
                delete(mark.parent)
        return plan

    def find(self, guild: int, token: str) -> Plan:
        """A plan that can still be built. Raises PlanGone, also where it is another guild's."""
        if not re.fullmatch("[0-9a-f]{16}", token):
            raise PlanGone
        path = plan_path(self.place(token))
        try:
            plan = Plan.model_validate_json(path.read_bytes())
            if plan.guild == guild and not _is_old(path):
                return plan
        except (OSError, ValidationError):
            pass
        raise PlanGone


def new_token() -> str:
    return secrets.token_hex(8)


def plan_path(folder: Path) -> Path:
    return folder / "plan.json"


def articles_path(folder: Path) -> Path:
    return folder / "articles.json"


def uploads_path(folder: Path) -> Path:
    return folder / "upload"


def temporary_path(folder: Path) -> Path:
    return folder / "tmp"


def file_name(given: str) -> str:
    """The name of an upload as that of a file in a folder of its own, whatever somebody called it."""
    name = re.sub(r"[^\w .,()&'+-]", "_", re.split(r"[/\\]", given)[-1]).strip(" .")
    path = Path(name or "article.txt")
    return path.stem[:50] + path.suffix[:10]


def delete(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _is_old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > KEPT
