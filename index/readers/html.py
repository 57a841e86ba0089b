"""HTML -> the words of its article, without the menus, advertisements and scripts around them."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from index.article import BlockKind, Metadata
from index.errors import InputRejected
from index.readers.page import Page, assemble
from index.readers.raw import Raw, known, marked

DEEPEST = 250
"""Elements within elements. libxml2 drops what lies below 256; pages that people read stay under 50."""
LARGEST_TREE = 50_000
"""Elements. Plain paragraphs take 4 s, and the worst page that we could make of them takes 32 s."""
LONGEST_NODE = 9_000_000
"""Bytes of one text or tag. libxml2 drops the rest of a page above 10,000,000."""
MOST_LOST = 0.001
"""Share of characters that may be unreadable; above it the encoding is wrong or it is no text."""

_META = re.compile(rb"""<meta[^>]{1,200}charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_BLOCKS = frozenset("cell code head item list p quote row table".split())


def read(raw: Raw) -> Page:
    """Read a page; what it says of itself is its metadata, and `raw.name` its title where it says none.

    Raises InputRejected, also for a page that shows its text by JavaScript only.
    """
    # Importing it takes 0.3 s, which only those pay who read a page.
    from trafilatura import bare_extraction, load_html

    text = _decoded(raw)
    _check_nodes(raw, text)
    tree = load_html(text)
    if tree is None:
        raise InputRejected(f"{raw.where} is no HTML page; save it as text, or give another address.")
    _check_tree(raw, tree)
    for unseen in list(tree.iter("noscript")):
        unseen.drop_tree()
    found = bare_extraction(
        tree,
        output_format="xml",
        with_metadata=True,
        include_comments=False,
        # Searched for everywhere, it would be any date that the text mentions.
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    if found is None or isinstance(found, dict):
        raise InputRejected(_empty(raw))
    pieces = list(_pieces(found.body))
    title = _mark_title(pieces, found.title)
    metadata = Metadata(
        title=title or raw.name,
        author=found.author.replace("; ", ", ") if found.author else None,
        publisher=found.sitename or None,
        published=_date(found.date),
        url=found.url or None,
    )
    page = assemble(pieces, metadata)
    if not page.can_be_cited:
        raise InputRejected(_empty(raw))
    return page


def _empty(raw: Raw) -> str:
    return (
        f"{raw.where} holds no text that could be cited; where JavaScript writes the page, "
        "save what it shows as a text file."
    )


def _decoded(raw: Raw) -> str:
    """Decode as browsers do: by the mark, the header, the page's own word; then by what fits."""
    declared = _META.search(raw.data[:4096])
    own = known(declared[1].decode()) if declared else None
    if own and own.startswith("utf-16"):  # then the declaration could not have been found
        own = "utf-8"
    said = marked(raw.data) or known(raw.charset) or own
    for encoding in filter(None, (said, "utf-8")):
        try:
            return raw.data.decode(encoding)
        except UnicodeDecodeError:
            continue
    for likely in filter(None, (said, "utf-8", _guessed(raw.data))):
        text = raw.data.decode(likely, errors="replace")
        if text.count("\ufffd") < MOST_LOST * len(text):
            return text
    raise InputRejected(f"{raw.where} is in an unknown encoding; save the page as UTF-8.")


def _guessed(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return known(best.encoding) if best else None


def _check_nodes(raw: Raw, text: str) -> None:
    if len(text) > LONGEST_NODE // 4 and max(map(len, text.encode().split(b"<"))) > LONGEST_NODE:
        raise InputRejected(f"{raw.where} has a part that is too large to read; split it into articles.")


def _check_tree(raw: Raw, tree: Any) -> None:
    level, depth, elements = [tree], 0, 0
    while level:
        depth += 1
        elements += len(level)
        if depth > DEEPEST:
            raise InputRejected(f"{raw.where} is nested too deeply to be a page; save its text as a file.")
        if elements > LARGEST_TREE:
            raise InputRejected(f"{raw.where} has too many parts to be one article; save some of it as text.")
        level = [child for element in level for child in element]


def _pieces(element: Any) -> Iterator[tuple[BlockKind, str]]:
    """The words of an element, parted wherever a block begins or ends within it."""
    kind = BlockKind.HEADING if element.tag == "head" else BlockKind.PARAGRAPH
    if element.tag == "code":
        yield kind, "".join(element.itertext()).strip()
        return
    if element.tag == "row" and not any(len(cell) and cell[0].tag in _BLOCKS for cell in element):
        yield kind, " | ".join(_words("".join(cell.itertext())) for cell in element)
        return
    words = element.text or ""
    for child in element:
        is_block = child.tag in _BLOCKS and (child.tag != "code" or element.tag in ("body", "quote"))
        if is_block or element.tag == "body":
            yield kind, _words(words)
            yield from _pieces(child)
            words = ""
        else:
            words += " " if child.tag == "lb" else "".join(child.itertext())
        words += child.tail or ""
    yield kind, _words(words)


def _words(text: str) -> str:
    return " ".join(text.split())


def _mark_title(pieces: list[tuple[BlockKind, str]], title: str | None) -> str | None:
    """Mark the heading that repeats the title as the title."""
    title = _words(title or "") or None
    for n, (kind, words) in enumerate(pieces):
        if kind is BlockKind.HEADING and title and words.casefold() == title.casefold():
            pieces[n] = (BlockKind.TITLE, words)
            break
    return title


def _date(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written or "")
    except ValueError:
        return None
