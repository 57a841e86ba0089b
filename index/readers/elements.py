"""Elements of HTML -> blocks of words, all of them: of what is known to be text and no page."""

from typing import Any

from index.article import BlockKind
from index.readers.zipped import attribute, local

_BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer "
    "form header hr li main ol p section summary table tbody tfoot thead tr ul".split()
)
_HEADINGS = {"h1": BlockKind.TITLE} | dict.fromkeys("h2 h3 h4 h5 h6".split(), BlockKind.HEADING)
_UNSEEN = frozenset("head script style nav rt rp template object audio video svg".split())
_UNSEEN_TYPES = frozenset("noteref pagebreak toc landmarks page-list".split())


def pieces(root: Any) -> list[tuple[BlockKind, str]]:
    """The words below an element, parted wherever a block begins or ends. Depth is the caller's care."""
    found: list[tuple[BlockKind, str]] = []
    parts: list[str] = []

    def end(kind: BlockKind) -> None:
        found.append((kind, " ".join("".join(parts).split())))
        parts.clear()

    def walk(element: Any, kind: BlockKind) -> None:
        parts.append(element.text or "")
        for child in element:
            name = local(child)
            if name in _UNSEEN or _UNSEEN_TYPES & set((attribute(child, "type") or "").split()):
                pass
            elif name == "pre":
                end(kind)
                found.append((kind, "".join(child.itertext()).strip()))
            elif name == "tr":
                end(kind)
                cells = (" ".join(words for _, words in pieces(cell) if words) for cell in child)
                found.append((kind, " | ".join(cells)))
            elif name in _HEADINGS or name in _BLOCKS:
                end(kind)
                inner = _HEADINGS.get(name, kind)
                walk(child, inner)
                end(inner)
            elif name == "br":
                parts.append(" ")
            else:
                walk(child, kind)
            parts.append(child.tail or "")

    walk(root, BlockKind.PARAGRAPH)
    end(BlockKind.PARAGRAPH)
    return [(kind, words) for kind, words in found if words.strip(" |")]
