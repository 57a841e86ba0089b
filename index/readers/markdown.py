"""Markdown -> the words that a reader of the rendered page sees, with headings known as headings."""

from collections.abc import Iterator
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.article import BlockKind, Metadata
from index.readers import front
from index.readers.page import Page, assemble

_parser = MarkdownIt("commonmark").enable("table")


def read(text: str, name: str, where: str | None = None) -> Page:
    """Read Markdown; the title is the front matter's, else the first level-one heading, else `name`.

    Raises InputRejected, naming `where`, for front matter that is meant as such and cannot be used.
    """
    found, prose, rest = front.parted(text, where or name)
    metadata = front.metadata(found, "") if found else Metadata(title="")
    # Parsed together, a line above the second rule would be a heading.
    pieces = [*_pieces(_parser.parse(prose)), *_pieces(_parser.parse(rest))]
    title = metadata.title or None
    for n, (kind, words) in enumerate(pieces):
        if kind is BlockKind.TITLE and words:
            first = not any(k is BlockKind.TITLE and w for k, w in pieces[:n])
            title = title or (words if first else None)
            pieces[n] = (kind if first else BlockKind.HEADING, words)
    return assemble(pieces, replace(metadata, title=title or name))


def _pieces(tokens: list[Token]) -> Iterator[tuple[BlockKind, str]]:
    kind = BlockKind.PARAGRAPH
    row: list[str] = []
    in_row = False
    for token in tokens:
        if token.type == "heading_open":
            kind = BlockKind.TITLE if token.tag == "h1" else BlockKind.HEADING
        elif token.type == "heading_close":
            kind = BlockKind.PARAGRAPH
        elif token.type == "tr_open":
            row, in_row = [], True
        elif token.type == "tr_close":
            in_row = False
            yield BlockKind.PARAGRAPH, " | ".join(row)
        elif token.type == "inline":
            words = _words(token)
            if in_row:
                row.append(words)
            else:
                yield kind, words
        elif token.type in ("fence", "code_block"):
            yield BlockKind.PARAGRAPH, token.content.strip()
        elif token.type == "html_block":
            yield from _html(token.content)


def _words(inline: Token) -> str:
    shown = {"text": None, "code_inline": None, "softbreak": " ", "hardbreak": "\n"}
    parts = []
    for token in inline.children or []:
        if token.type in shown:
            parts.append(shown[token.type] or token.content)
        elif token.type == "html_inline" and token.content.lower().startswith("<br"):
            parts.append("\n")
    return "".join(parts).strip()


def _html(block: str) -> list[tuple[BlockKind, str]]:
    # Importing it takes 0.05 s, which only those pay whose Markdown holds HTML.
    from lxml import etree, html

    from index.readers import elements

    try:
        parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        return elements.pieces(html.document_fromstring(block.encode(), parser=parser))
    except etree.ParserError:  # nothing but a comment
        return []
