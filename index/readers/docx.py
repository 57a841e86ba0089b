"""DOCX -> the words that Word shows, with headings, lists, tables, text boxes and footnotes.

Read from its XML and not through python-docx: that leaves out what stands in tracked insertions, content
controls, text boxes and footnotes, shows hidden text, and unpacks every picture.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from index.article import BlockKind, Metadata
from index.errors import InputRejected
from index.readers.page import Page, assemble, parse_date
from index.readers.raw import Raw, is_old_office
from index.readers.zipped import Container, attribute, local

LONGEST_HEADING = 250
"""Characters. What is longer is a paragraph in the looks of a heading."""
LONGEST_HEAD_LINE = 120
"""Characters. Above the first longer line stand the byline and the date."""

_LEFT_OUT = frozenset(
    "del moveFrom delText instrText delInstrText pPr rPr sdtPr sdtEndPr tblPr tblGrid trPr tcPr sectPr "
    "footnotePr numPr rt annotationRef".split()
)
_SHOWN = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_BYLINE = re.compile(r"by\s+([^\W\d_].{2,80})", re.IGNORECASE)
_NO_AUTHOR = re.compile(
    r"(?:microsoft|python-docx|libreoffice|windows|admin\w*|(?:default )?user\w*|owner|unknown|author)\b.*",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(r"(?:microsoft )?word document|document\s?\d*|untitled|title|\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Style:
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int | None = None
    hidden: bool = False


_PLAIN = _Style()
_Piece = tuple[BlockKind, str, int | None]


def read(raw: Raw) -> Page:
    """Read a Word document; a date of publication that only its file gives is marked as a guess.

    Raises InputRejected, also for the format before 2007 and for one that is protected.
    """
    if is_old_office(raw.data):
        if "EncryptedPackage".encode("utf-16-le") in raw.data:
            raise InputRejected(f"{raw.where} is protected by a password; save it without one.")
        raise InputRejected(f"{raw.where} is a Word document of the old format; save it as .docx.")
    container = Container(raw, "Word document")
    main = _main(container)
    styles = _styles(container, posixpath.join(posixpath.dirname(main), "styles.xml"))
    body = container.xml(main)
    pieces = list(_blocks(body, styles))
    notes = posixpath.join(posixpath.dirname(main), "footnotes.xml")
    if notes in container.names:
        for note in container.xml(notes):
            if attribute(note, "type") in (None, "normal"):
                pieces += [(BlockKind.NOTE, words, None) for _, words, _ in _blocks(note, styles)]
    return _page(pieces, _core(container), raw.name)


def _main(container: Container) -> str:
    if "_rels/.rels" in container.names:
        for relation in container.xml("_rels/.rels"):
            if (attribute(relation, "Type") or "").endswith("/officeDocument"):
                return posixpath.normpath((attribute(relation, "Target") or "").lstrip("/"))
    return "word/document.xml"


def _styles(container: Container, name: str) -> dict[str, _Style]:
    if name not in container.names:
        return {}
    elements = {
        attribute(style, "styleId") or "": style for style in container.xml(name) if local(style) == "style"
    }
    return {key: _style(key, elements) for key in elements}


def _style(key: str, elements: dict[str, Any]) -> _Style:
    """What a style shows text as, by the first of its ancestors that says so; ids are in Word's language."""
    hidden = False
    seen: set[str] = set()
    while key in elements and key not in seen:
        seen.add(key)
        style = elements[key]
        hidden = hidden or _is_hidden(_child(style, "rPr"))
        name = (_value(_child(style, "name")) or "").lower()
        level = _outline(_child(style, "pPr"))
        if name == "title":
            return _Style(BlockKind.TITLE, hidden=hidden)
        if re.fullmatch(r"(toc|index) \d|table of (figures|contents)|toc heading", name):
            return _Style(BlockKind.FURNITURE, hidden=hidden)
        if heading := re.fullmatch(r"heading (\d)", name):
            return _Style(BlockKind.HEADING, int(heading[1]), hidden)
        if level is not None:
            return _Style(BlockKind.HEADING, level, hidden)
        key = _value(_child(style, "basedOn")) or ""
    return _Style(hidden=hidden)


def _blocks(element: Any, styles: dict[str, _Style]) -> Iterator[_Piece]:
    for child in _shown(element):
        name = local(child)
        if name == "p":
            yield from _paragraph(child, styles)
        elif name == "tr":
            cells = (
                " ".join(" ".join(words.split()) for _, words, _ in _blocks(cell, styles))
                for cell in _cells(child)
            )
            row = " | ".join(cells)
            if row.strip(" |"):
                yield BlockKind.PARAGRAPH, row, None
        else:
            yield from _blocks(child, styles)


def _cells(row: Any) -> Iterator[Any]:
    for child in _shown(row):
        if local(child) == "tc":
            yield child
        else:
            yield from _cells(child)


def _paragraph(paragraph: Any, styles: dict[str, _Style]) -> Iterator[_Piece]:
    properties = _child(paragraph, "pPr")
    style = styles.get(_value(_child(properties, "pStyle")) or "", _PLAIN)
    level = _outline(properties)
    if level is not None and style.kind is BlockKind.PARAGRAPH:
        style = replace(style, kind=BlockKind.HEADING, level=level)
    boxes: list[Any] = []
    words = "" if style.hidden else "".join(_words(paragraph, styles, boxes))
    kind = style.kind
    if kind in (BlockKind.HEADING, BlockKind.TITLE):
        words = " ".join(words.split())
        kind = kind if len(words) <= LONGEST_HEADING else BlockKind.PARAGRAPH
    for piece in re.split(r"\n[^\S\n]*\n\s*", words):  # people part paragraphs by two line breaks, too
        if piece.strip():
            yield kind, piece.strip(), style.level
    for box in boxes:
        yield from _blocks(box, styles)


def _words(element: Any, styles: dict[str, _Style], boxes: list[Any]) -> Iterator[str]:
    for child in _shown(element):
        name = local(child)
        if name == "t":
            yield child.text or ""
        elif name in _SHOWN:
            yield _SHOWN[name]
        elif name == "txbxContent":
            boxes.append(child)
        elif not (name == "r" and _is_hidden(_child(child, "rPr"), styles)):
            yield from _words(child, styles, boxes)


def _is_hidden(properties: Any, styles: dict[str, _Style] | None = None) -> bool:
    vanish = _child(properties, "vanish")
    if vanish is not None:
        return _value(vanish) not in ("0", "false", "off")
    style = _value(_child(properties, "rStyle"))
    return bool(styles and style and styles.get(style, _PLAIN).hidden)


def _outline(properties: Any) -> int | None:
    """The level of a heading, counted from 1, where one is set; 9 in the file means body text."""
    written = _value(_child(properties, "outlineLvl")) or ""
    return int(written) + 1 if re.fullmatch("[0-8]", written) else None


def _shown(element: Any) -> Iterator[Any]:
    """The children whose words Word shows; of a box drawn for new and for old editions, the latter."""
    has_fallback = any(local(child) == "Fallback" for child in element)
    for child in element:
        if local(child) not in _LEFT_OUT and not (has_fallback and local(child) == "Choice"):
            yield child


def _child(element: Any, name: str) -> Any:
    return next((child for child in element if local(child) == name), None) if element is not None else None


def _value(element: Any) -> str | None:
    return attribute(element, "val") if element is not None else None


def _core(container: Container) -> Metadata:
    if "docProps/core.xml" not in container.names:
        return Metadata(title="")
    said = {
        local(child): " ".join((child.text or "").split()) for child in container.xml("docProps/core.xml")
    }
    title, author = said.get("title", ""), said.get("creator", "")
    created = _day(said.get("created", ""))
    return Metadata(
        title="" if _NO_TITLE.fullmatch(title) else title,
        author=None if _NO_AUTHOR.fullmatch(author) else author.replace(";", ", ").replace(" ,", ",") or None,
        published=created,
        published_is_guess=created is not None,
        tags=tuple(filter(None, (tag.strip() for tag in re.split("[,;]", said.get("keywords", ""))))),
    )


def _day(written: str) -> date | None:
    try:
        return datetime.fromisoformat(written).date()
    except ValueError:
        return None


def _page(pieces: list[_Piece], core: Metadata, name: str) -> Page:
    """Find the title and what stands above the body: a date, a byline."""
    blocks = [(kind, words) for kind, words, _ in pieces]
    titles = [n for n, (kind, _) in enumerate(blocks) if kind is BlockKind.TITLE]
    firsts = [n for n, (kind, _, level) in enumerate(pieces) if kind is BlockKind.HEADING and level == 1]
    same = [n for n, (kind, words) in enumerate(blocks) if words.casefold() == core.title.casefold()]
    for n in titles[1:]:
        blocks[n] = (BlockKind.HEADING, blocks[n][1])
    shown = next(iter(titles or same or ([] if core.title else firsts)), None)
    metadata = replace(core, title=core.title or (blocks[shown][1] if shown is not None else name))
    if shown is not None:
        blocks[shown] = (BlockKind.TITLE, blocks[shown][1])
    for n, (kind, words) in enumerate(blocks[:12]):
        if kind is not BlockKind.PARAGRAPH:
            continue
        if len(words) > LONGEST_HEAD_LINE:
            break
        byline, day = _BYLINE.fullmatch(words), parse_date(words)
        if byline:
            metadata = replace(metadata, author=byline[1])
        if day:
            metadata = replace(metadata, published=day, published_is_guess=False)
        if byline or day:
            blocks[n] = (BlockKind.FURNITURE, words)
    return assemble(blocks, metadata)
