"""HTML -> the words of its article, without the menus, advertisements and scripts around them."""

import json
import re
import warnings
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from index.article import BlockKind, Metadata
from index.errors import InputRejected
from index.readers import dates
from index.readers.labels import known
from index.readers.page import Page, assemble
from index.readers.raw import Raw, read_as

DEEPEST = 250
"""Elements within elements. libxml2 drops what lies below 256; pages that people read stay under 50."""
LARGEST_TREE = 50_000
"""Elements. Plain paragraphs take 4 s, and the worst page that we could make of them takes 32 s."""
LONGEST_NODE = 9_000_000
"""Bytes of one text or tag. libxml2 drops the rest of a page above 10,000,000."""
MOST_BROKEN = 20_000
"""Characters of JSON-LD that is no JSON. They take 0.7 s, and ten times as many a hundred times as long."""
_META = re.compile(rb"""<meta[^>]{1,200}charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_SCRIPT = re.compile(rb"</?(?:script|style)\b", re.IGNORECASE)
_TAG = re.compile(rb"<[^<>]{0,2000}>")
_BLOCKS = frozenset("cell code head item list p quote row table".split())


def read(raw: Raw) -> Page:
    """Read a page; what it says of itself is its metadata, and `raw.name` its title where it says none.

    Raises InputRejected, also for a page that shows its text by JavaScript only.
    """
    # Importing it takes 0.3 s, which only those pay who read a page.
    from trafilatura import bare_extraction, load_html
    from trafilatura.metadata import extract_title

    text = _decoded(raw)
    _check_nodes(raw, text)
    tree = load_html(text)
    if tree is None:
        raise InputRejected(f"{raw.where} is no HTML page; save it as text, or give another address.")
    tree = tree.getroottree().getroot()  # of what is a part of a page; htmldate drops a lone <svg> itself
    _check_tree(raw, tree)
    _drop_broken_json(tree)
    for unseen in list(tree.iter("noscript")):
        unseen.drop_tree()
    stated, site = dates.stated(tree), _site(tree)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dateutil warns of time zones that it does not know
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
    if not isinstance(found.title, str):  # JSON-LD may give a list of headlines
        found.title = extract_title(tree)
    pieces = list(_pieces(found.body))
    title = _mark_title(pieces, _without_site(found.title, site))
    metadata = Metadata(
        title=title or raw.name,
        author=_author(found.author),
        publisher=site or _publisher(found.sitename, found.url),
        published=stated or _date(found.date),
        published_is_guess=not stated and _date(found.date) is not None,
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
    return read_as(raw, own, _TAG.sub(b" ", b">".join(_SCRIPT.split(raw.data)[::2])))


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


def _drop_broken_json(tree: Any) -> None:
    """Leave out what trafilatura would search for names, again and again, since it is no JSON."""
    left = MOST_BROKEN
    for script in list(tree.iter("script")):
        if "json" in (script.get("type") or "") and not _is_json(script.text or ""):
            left -= len(script.text or "")
            if left < 0:
                script.drop_tree()


def _is_json(text: str) -> bool:
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return False
    return True


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


def _site(tree: Any) -> str | None:
    said = (meta.get("content") for meta in tree.iter("meta") if meta.get("property") == "og:site_name")
    return next((words for words in map(_words, filter(None, said)) if words), None)


def _without_site(title: str | None, site: str | None) -> str | None:
    """A title without the name of the site that many pages hang on to it."""
    if not site:
        return title
    head = re.sub(rf"\s+[-|–—·•:»]\s+{re.escape(site)}\s*$", "", title or "", flags=re.IGNORECASE)
    return head or title


def _publisher(named: str | None, url: str | None) -> str | None:
    """The publisher, which is not the host that trafilatura puts where the page names none."""
    host = urlsplit(url or "").hostname or ""
    return None if (named or "").lower().removeprefix("www.") == host.removeprefix("www.") else named or None


def _author(written: str | None) -> str | None:
    """The names, without a date that stands in the byline; a comma parts them where none is in a name."""
    names = (written or "").split("; ")
    names = [name for name in names if not any(c.isdigit() for c in name)] or names
    return ("; " if any("," in name for name in names) else ", ").join(names) or None


def _date(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written or "")
    except ValueError:
        return None
