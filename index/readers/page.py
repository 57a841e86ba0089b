"""What every reader returns: text, the blocks in it, and the metadata that the file itself gives."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from index.article import Block, BlockKind, Metadata


@dataclass(frozen=True, slots=True)
class Page:
    text: str
    blocks: tuple[Block, ...]
    metadata: Metadata
    pages: tuple[int, ...] = ()
    """Where in `text` each page begins, in a format that has pages; never falling."""

    @property
    def can_be_cited(self) -> bool:
        return any(b.kind in (BlockKind.PARAGRAPH, BlockKind.NOTE) for b in self.blocks)


def assemble(pieces: Iterable[tuple[BlockKind, str]], metadata: Metadata) -> Page:
    """Join blocks of text with blank lines and note where each one stands."""
    blocks: list[Block] = []
    parts: list[str] = []
    position = 0
    for kind, piece in pieces:
        if not piece:
            continue
        # As in plain text. Whoever reads what `ibid show --text` prints may see one where there were two.
        piece = piece.replace("\r\n", "\n").replace("\r", "\n")
        blocks.append(Block(kind, position, position + len(piece)))
        parts.append(piece)
        position += len(piece) + 2
    return Page("\n\n".join(parts), tuple(blocks), metadata)


def parse_date(line: str) -> date | None:
    """Read a line that is a date and nothing else: `January 25, 2024`, `25 Jan 2024`, `2024-01-25`."""
    line = re.sub(r"^(published|posted|updated)( on)?:? ", "", line.strip(), flags=re.IGNORECASE)
    line = line.replace(".", "").replace(",", "")
    for form in ("%Y-%m-%d", "%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y", "%Y/%m/%d"):
        try:
            return datetime.strptime(line, form).date()
        except ValueError:
            continue
    return None
