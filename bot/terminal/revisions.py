"""What changed in articles that were read again, shown before anything is built."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from bot.terminal.render import safe
from index.article import Article, Metadata
from index.diff import Edit, changes

MOST = 20
"""Changes of one article that are shown."""
NAMES = ("title", "author", "publisher", "published", "url")


def show(out: Console, before: Article, after: Article) -> None:
    """The fields and the sentences that differ, old ones after a minus and new ones after a plus."""
    out.print(Text(before.id, "cyan"))
    for line in _fields(before.metadata, after.metadata):
        out.print(Text(f"  {line}"))
    edits = changes(before, after)
    for edit in edits[:MOST]:
        for sentence in _lines(edit):
            out.print(sentence)
    if len(edits) > MOST:
        out.print(Text(f"  … and {len(edits) - MOST:,} more changes", "dim"))
    if not edits and before.text != after.text:
        out.print(Text("  its layout changed, and no sentence", "dim"))


def _fields(before: Metadata, after: Metadata) -> Iterable[str]:
    for name in NAMES:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield f"{name}: {_said(old)} → {_said(new)}"


def _said(value: object) -> str:
    return safe(str(value)) if value else "not known"


def _lines(edit: Edit) -> Iterable[Text]:
    if edit.before:
        yield Text(f"  - {safe(edit.before)}", "red")
    if edit.after:
        yield Text(f"  + {safe(edit.after)}", "green")
