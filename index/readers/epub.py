"""EPUB -> the words of a book in the order of its spine, with its headings."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from html.entities import html5
from typing import Any
from urllib.parse import unquote

from index.article import BlockKind, Metadata
from index.errors import InputRejected
from index.readers import elements
from index.readers.page import Page, assemble
from index.readers.raw import Raw, read_as
from index.readers.zipped import Container, attribute, local

_FONTS_ONLY = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31};)")
_OF_XML = frozenset({b"amp;", b"lt;", b"gt;", b"quot;", b"apos;"})


def read(raw: Raw) -> Page:
    """Read a book. Raises InputRejected, also for one whose text is encrypted."""
    container = Container(raw, "EPUB")
    _check_rights(container)
    package_name = _package_name(container)
    package = container.xml(package_name)
    metadata = _metadata(package, raw.name)
    pieces: list[tuple[BlockKind, str]] = []
    for name in _spine(package, posixpath.dirname(package_name)):
        if name in container.names:
            pieces += elements.pieces(_document(container, name))
    pieces = [(BlockKind.HEADING if kind is BlockKind.TITLE else kind, words) for kind, words in pieces]
    for n, (kind, words) in enumerate(pieces):
        if kind is BlockKind.HEADING and words.casefold() == metadata.title.casefold():
            pieces[n] = (BlockKind.TITLE, words)
            break
    return assemble(pieces, metadata)


def _check_rights(container: Container) -> None:
    if "META-INF/encryption.xml" not in container.names:
        return
    for element in container.xml("META-INF/encryption.xml").iter():
        if local(element) == "EncryptedData":
            methods = {
                attribute(child, "Algorithm") for child in element if local(child) == "EncryptionMethod"
            }
            if not methods or methods - _FONTS_ONLY:
                raise InputRejected(f"{container.raw.where} is encrypted; Ibid reads books without DRM only.")


def _package_name(container: Container) -> str:
    for element in container.xml("META-INF/container.xml").iter():
        if local(element) == "rootfile":
            return attribute(element, "full-path") or ""
    raise container.damaged()


def _spine(package: Any, folder: str) -> Iterator[str]:
    items = {attribute(e, "id"): e for e in package.iter() if local(e) == "item"}
    for reference in package.iter():
        item = items.get(attribute(reference, "idref")) if local(reference) == "itemref" else None
        if item is None or "nav" in (attribute(item, "properties") or "").split():
            continue
        yield posixpath.normpath(posixpath.join(folder, unquote(attribute(item, "href") or "")))


def _document(container: Container, name: str) -> Any:
    """A chapter. XHTML that is no XML is read as HTML, as reading systems do."""
    from lxml import etree, html

    data = _ENTITY.sub(_numbered, container.read(name))
    try:
        return container.parsed(data)
    except InputRejected:
        text = read_as(replace(container.raw, data=data, charset=None), None, data)
        if "<!ENTITY" in text:
            raise
    try:
        parser = html.HTMLParser(encoding="utf-8", remove_comments=True)
        root = html.document_fromstring(text.encode(), parser=parser)
    except (etree.ParserError, ValueError):
        raise container.damaged() from None
    container.check_depth(root)
    return root


def _numbered(entity: re.Match[bytes]) -> bytes:
    """A name of HTML as a number, for XML knows five names only."""
    shown = html5.get(entity[1].decode()) if entity[1] not in _OF_XML else None
    return "".join(f"&#{ord(c)};" for c in shown).encode() if shown else entity[0]


def _metadata(package: Any, name: str) -> Metadata:
    section = next((e for e in package if local(e) == "metadata"), ())
    said: dict[str, list[str]] = {}
    published: date | None = None
    for element in section:
        words = " ".join((element.text or "").split())
        if words:
            said.setdefault(local(element), []).append(words)
        if local(element) == "date" and attribute(element, "event") in (None, "publication"):
            published = published or _day(words)
    addresses = [*said.get("identifier", []), *said.get("source", [])]
    return Metadata(
        title=said.get("title", [name])[0],
        author=", ".join(dict.fromkeys(said.get("creator", []))) or None,
        publisher=", ".join(said.get("publisher", [])[:1]) or None,
        published=published,
        url=next((a for a in addresses if _is_web(a)), None),
        tags=tuple(dict.fromkeys(said.get("subject", []))),
    )


def _is_web(address: str) -> bool:
    return re.fullmatch(r"https?://[^\s/]\S*", address) is not None


def _day(written: str) -> date | None:
    try:
        return datetime.fromisoformat(written).date()
    except ValueError:  # a year alone is no date
        return None
