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
_NOTE = re.compile(r"\[(?:\w{1,3}|(?:note|n\.|nb)\s\w{1,3})\]|[*†‡§¶∗]+", re.IGNORECASE)
_FIGURES = re.compile(r"[\d,+\-−–]+|\(\w{1,3}\)")
_MARKED = re.compile(r"[^\W\d_]{4}$|[.,;:!?)\]”’\"'»]$")  # units and symbols (km², x²) are shorter
_RAISED = str.maketrans("0123456789+-−–()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾ⁿ")
LEAST_PROSE = 60
"""Characters of a paragraph that belongs to an article and not to a menu or a banner."""
_ASIDE = frozenset("nav header footer aside form menu dialog".split())
_LEADING = frozenset("h1 h2 h3 h4 h5 h6".split())
_TRAILING = frozenset("p ul ol dl table pre blockquote div figure".split())
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
    _settle_raised(tree)
    stated, site = dates.stated(tree), _site(tree)
    _frame(tree)
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


def _settle_raised(tree: Any) -> None:
    """Drop the marks of footnotes, which would become a part of their words, and keep exponents raised."""
    dropped = None
    for raised in list(tree.iter("sup")):
        parent = raised.getparent()
        if parent is None:  # it stood in one that is settled
            continue
        words, before = _words("".join(raised.itertext())), _before(raised)
        is_linked = raised.find(".//a") is not None or (
            parent.tag == "a" and _words("".join(parent.itertext())) == words
        )
        if dropped is not None and raised.getprevious() is dropped and not (dropped.tail or "").strip():
            before = "."  # one mark stands after another
        is_note = _NOTE.fullmatch(words) and (before.strip() or is_linked)
        is_figure = _FIGURES.fullmatch(words)
        is_mark = before.strip() and (is_linked or _MARKED.search(before.rstrip()[-4:]))
        if is_note or is_figure:
            del raised[:]
            raised.text = words.translate(_RAISED)
        if is_note or (is_figure and is_mark):
            raised.text, dropped = None, raised  # to take each out would take the square of their number


def _before(element: Any) -> str:
    """The words right before an element, within its paragraph's own markup."""
    previous, parent = element.getprevious(), element.getparent()
    if previous is None:
        return (parent.text or "") or (_before(parent) if parent.tag in ("a", "span", "b", "i") else "")
    return previous.tail or ("".join(previous.itertext()) if isinstance(previous.tag, str) else "")


def _frame(tree: Any) -> None:
    """Put a page's prose into an <article> where the page does not say which part of it the article is.

    Without a frame trafilatura collects paragraphs from everywhere, and no list nor heading between them.
    """
    from trafilatura.xpaths import BODY_XPATH

    # Its last choices go by <main> and by names such as "main" that begin a class; <body> has none of them.
    if any(holder.tag != "body" and _is_prose(holder) for find in BODY_XPATH for holder in find(tree)[:1]):
        return
    prose = [
        p for p in tree.iter("p") if _is_prose(p) and not any(a.tag in _ASIDE for a in p.iterancestors())
    ]
    if not prose:
        return
    paths = [[*reversed(list(p.iterancestors()))] for p in (prose[0], prose[-1])]
    holder = next(reversed([a for a, b in zip(*paths, strict=False) if a is b]), tree)
    if holder.tag not in ("body", "section", "div", "td", "center", "font"):
        return
    first, last = (
        next(part for part in (p, *p.iterancestors()) if part.getparent() is holder)
        for p in (prose[0], prose[-1])
    )
    while (before := first.getprevious()) is not None and before.tag in _LEADING:
        first = before
    while (after := last.getnext()) is not None and (
        after.tag in _LEADING or (after.tag in _TRAILING and _is_prose(after, 1))
    ):
        last = after
    at = holder.index(first)
    inner = holder[at : holder.index(last) + 1]
    if all(part.tag == "p" for part in inner):  # which are found as they are
        return
    article = holder.makeelement("article")
    holder.insert(at, article)
    article.extend(inner)


def _is_prose(element: Any, least: int = LEAST_PROSE) -> bool:
    """Whether an element has words, most of which are in no link."""
    linked = sum(len(_words("".join(a.itertext()))) for a in element.iter("a"))
    return len(_words("".join(element.itertext()))) >= max(least, 2 * linked)


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
