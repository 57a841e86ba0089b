"""Markdown -> the words that a reader of the rendered page sees, with headings known as headings."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from index.article import BlockKind, Metadata
from index.readers.page import Page, assemble, parse_date

_parser = MarkdownIt("commonmark").enable("table").use(front_matter_plugin)


def read(text: str, name: str) -> Page:
    """Read Markdown; the title is the front matter's, else the first level-one heading, else `name`."""
    tokens = _parser.parse(text)
    front = _front_matter(tokens)
    pieces = list(_pieces(tokens))
    title = _text_or_none(front.get("title"))
    for n, (kind, words) in enumerate(pieces):
        if kind is BlockKind.TITLE:
            first = not any(k is BlockKind.TITLE for k, _ in pieces[:n])
            title = title or (words if first else None)
            pieces[n] = (kind if first else BlockKind.HEADING, words)
    tags = front.get("tags") or []
    metadata = Metadata(
        title=title or name,
        author=_text_or_none(front.get("author")),
        publisher=_text_or_none(front.get("publisher")),
        published=_date_or_none(front.get("published") or front.get("date")),
        url=_text_or_none(front.get("url")),
        tags=tuple(filter(None, map(_text_or_none, tags if isinstance(tags, list) else [tags]))),
    )
    return assemble(pieces, metadata)


def _front_matter(tokens: list[Token]) -> dict[str, Any]:
    for token in tokens:
        if token.type == "front_matter":
            try:
                loaded = yaml.safe_load(token.content)
            except (yaml.YAMLError, ValueError, RecursionError):  # impossible dates; [[[[[[[[
                return {}  # then it is text between two rules, and no metadata
            return loaded if isinstance(loaded, dict) else {}
    return {}


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


def _words(inline: Token) -> str:
    shown = {"text": None, "code_inline": None, "softbreak": " ", "hardbreak": "\n"}
    parts = [
        token.content if shown[token.type] is None else shown[token.type]
        for token in inline.children or []
        if token.type in shown
    ]
    return "".join(part or "" for part in parts).strip()


def _text_or_none(value: object) -> str | None:
    if not value or isinstance(value, (list, dict, set)):  # aliases can nest to any size
        return None
    return str(value).encode(errors="replace").decode()  # YAML can write lone surrogates


def _date_or_none(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return parse_date(_text_or_none(value) or "")
