"""A file or a page on the web -> an `Article`. One small module a format."""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from index.article import Article, Metadata, slug
from index.errors import InputRejected
from index.readers import html, markdown, text
from index.readers.page import Page
from index.readers.raw import LARGEST, Raw, decoded

if TYPE_CHECKING:
    from index.sources.fetch import Fetched

Reader = Callable[[Raw], Page]
"""Raises InputRejected, naming where the bytes came from."""


def _text(raw: Raw) -> Page:
    return text.read(decoded(raw), raw.name)


def _markdown(raw: Raw) -> Page:
    return markdown.read(decoded(raw), raw.name)


FORMATS: dict[str, Reader] = {
    ".txt": _text,
    ".text": _text,
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": html.read,
    ".htm": html.read,
}
CONTENT_TYPES: dict[str, Reader] = {
    "text/html": html.read,
    "application/xhtml+xml": html.read,
    "text/markdown": _markdown,
    "text/plain": _text,
}


def read(path: Path) -> Article:
    """Read one article from a file; a `.toml` beside it with the same stem is its metadata.

    Raises InputRejected, naming the file and what to do.
    """
    reader = FORMATS.get(path.suffix.lower())
    try:
        if path.is_dir():
            raise InputRejected(f"{path} is a folder; name the files in it: {path}/*.txt")
        if not path.exists():
            raise InputRejected(f"{path}: no such file.")
        if not path.is_file():  # a pipe or a device may never end
            raise InputRejected(f"{path} is not a file.")
        if reader is None:
            formats = ", ".join(FORMATS)
            raise InputRejected(f"{path}: cannot read this format; save it as one of {formats}.")
        page = _page(reader, Raw(_bytes(path), path.stem, str(path)))
        metadata = _with_sidecar(page.metadata, path.with_suffix(".toml"))
    except OSError as error:
        raise InputRejected(f"{path} cannot be read: {error.strerror}.") from None
    return Article(
        id=slug(path.stem),
        metadata=metadata,
        text=page.text,
        blocks=page.blocks,
        source=str(path.absolute()),
    )


def read_url(url: str, fetch: "Callable[[str], Fetched] | None" = None) -> Article:
    """Read one article from the web, by default through `index.sources.fetch.fetch`.

    Raises InputRejected, naming the address and what to do.
    """
    from index.sources.fetch import (
        fetch as fetch_public,
    )  # 0.15 s, which only those pay who read from the web
    from index.sources.fetch import normalise

    source = normalise(url)
    fetched = (fetch or fetch_public)(source)
    place = urlsplit(fetched.url)
    last = PurePosixPath(unquote(place.path))
    reader = CONTENT_TYPES.get(fetched.content_type)
    if reader is None:
        formats = ", ".join(CONTENT_TYPES)
        kind = fetched.content_type or "of no kind that its server names"
        raise InputRejected(f"{source} is {kind[:80]}, which cannot be read; Ibid reads {formats}.")
    if reader is _text and last.suffix.lower() in (".md", ".markdown"):  # as code hosts serve them
        reader = _markdown
    name = last.stem or place.netloc
    page = _page(reader, Raw(fetched.data, name, source, fetched.charset))
    return Article(
        id=slug(page.metadata.title),
        metadata=replace(page.metadata, url=_canonical(page.metadata.url, fetched.url)),
        text=page.text,
        blocks=page.blocks,
        source=source,
    )


def _canonical(claimed: str | None, url: str) -> str:
    """The address that a page claims as its own, if it is on the host that served the page."""
    from index.sources.fetch import normalise

    try:
        canonical = normalise(urljoin(url, claimed or ""))
    except (InputRejected, ValueError):
        return url
    return canonical if urlsplit(canonical).hostname == urlsplit(url).hostname else url


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > LARGEST:
        megabytes = LARGEST // 1_000_000
        raise InputRejected(f"{path} is larger than {megabytes} MB; split it into articles.")
    return path.read_bytes()


def _page(reader: Reader, raw: Raw) -> Page:
    if not raw.data.strip():
        raise InputRejected(f"{raw.where} is empty.")
    page = reader(raw)
    if not page.can_be_cited:
        raise InputRejected(f"{raw.where} holds no text that could be cited.")
    return page


def _with_sidecar(metadata: Metadata, sidecar: Path) -> Metadata:
    """What a person wrote down beside the file wins over what was read from it."""
    if not sidecar.is_file():
        return metadata
    try:
        given: dict[str, Any] = tomllib.loads(sidecar.read_text("utf-8"))
        names = ("title", "author", "publisher", "url")
        known: dict[str, Any] = {key: given[key] for key in names if key in given}
        if not all(isinstance(value, str) for value in known.values()):
            raise ValueError("title, author, publisher and url are strings")
        if "published" in given:
            known["published"] = given["published"]
            if type(known["published"]) is not date:
                raise ValueError("published is a date such as 2024-01-25, without quotes")
        if "tags" in given:
            known["tags"] = given["tags"]
            if not isinstance(known["tags"], list):
                raise ValueError('tags is a list such as ["Trade", "Iran"]')
            known["tags"] = tuple(map(str, known["tags"]))
    except (ValueError, RecursionError) as error:  # tomllib's and Unicode's are ValueErrors
        raise InputRejected(f"{sidecar}: {error}.") from None
    return replace(metadata, **known)
