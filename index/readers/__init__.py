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
from index.readers import docx, epub, html, markdown, pdf, text
from index.readers.page import Page
from index.readers.raw import LARGEST, Raw, decoded

if TYPE_CHECKING:
    from index.sources.fetch import Fetched
    from index.sources.link import Link

Reader = Callable[[Raw], Page]
"""Raises InputRejected, naming where the bytes came from."""


def _text(raw: Raw) -> Page:
    return text.read(decoded(raw), raw.name)


def _markdown(raw: Raw) -> Page:
    return markdown.read(decoded(raw), raw.name, raw.where)


FORMATS: dict[str, Reader] = {
    ".txt": _text,
    ".text": _text,
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": html.read,
    ".htm": html.read,
    ".pdf": pdf.read,
    ".docx": docx.read,
    ".epub": epub.read,
}
CONTENT_TYPES: dict[str, Reader] = {
    "text/html": html.read,
    "application/xhtml+xml": html.read,
    "text/markdown": _markdown,
    "text/plain": _text,
    "application/pdf": pdf.read,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": docx.read,
    "application/epub+zip": epub.read,
}
READ = "text, Markdown, HTML, PDF, Word (.docx) and EPUB"
"""What can be read, in words."""
LARGEST_CONTAINER = 100_000_000
"""Bytes of a file whose text is the smaller part of it: the rest is fonts and pictures."""
_CONTAINERS = (pdf.read, docx.read, epub.read)
_UNSAID = ("", "application/octet-stream", "binary/octet-stream", "application/x-download", "text/plain")
"""What servers say of a file of which they know nothing."""
_ZIPPED = ("application/zip", "application/x-zip-compressed")
"""What servers say of a document of which they know only how it is packed."""


def read(path: Path) -> Article:
    """Read one article from a file; a `.toml` beside it with the same stem is its metadata.

    Raises InputRejected, naming the file and what to do.
    """
    path = writable(path)
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
        most = LARGEST_CONTAINER if reader in _CONTAINERS else LARGEST
        page = _page(reader, Raw(_bytes(path, most), path.stem, str(path)))
        metadata = _with_sidecar(page.metadata, path.with_suffix(".toml"))
    except OSError as error:
        raise InputRejected(f"{path} cannot be read: {error.strerror}.") from None
    return Article(
        id=slug(path.stem),
        metadata=metadata,
        text=page.text,
        blocks=page.blocks,
        source=str(path.absolute()),
        pages=page.pages,
    )


def writable(path: Path) -> Path:
    """The path, if its name can be written down as text. Raises InputRejected."""
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError:
        shown = str(path).encode("ascii", "backslashreplace").decode()
        raise InputRejected(f"{shown} has a name that is not UTF-8; rename it.") from None
    return path


def read_url(url: str, fetch: "Callable[[str], Fetched] | None" = None) -> Article:
    """Read one article from the web, by default through `index.sources.fetch.fetch`.

    Raises InputRejected, naming the address and what to do.
    """
    # 0.15 s, which only those pay who read from the web
    from index.sources.fetch import fetch as fetch_public
    from index.sources.fetch import normalise

    source = normalise(url)
    return from_fetched((fetch or fetch_public)(source), source)


def from_fetched(fetched: "Fetched", source: str, said: "Link | None" = None) -> Article:
    """Read the article of a page that was asked for at `source`.

    `said` is what a feed, or an earlier reading, knows of it: that fills in what the page does not say,
    and its day wins over one that the page did not give as the day of publication.
    Raises InputRejected, naming `source` and what to do.
    """
    place = urlsplit(fetched.url)
    last = PurePosixPath(unquote(place.path))
    name = (said and said.title) or last.stem or place.netloc
    reader = _reader(fetched, last.suffix.lower(), source)
    page = _page(reader, Raw(fetched.data, name, source, fetched.charset))
    metadata = replace(page.metadata, url=_canonical(page.metadata.url, fetched.url))
    if said:
        author, publisher = metadata.author or said.author, metadata.publisher or said.publisher
        metadata = replace(metadata, author=author, publisher=publisher)
        if said.published and (metadata.published is None or metadata.published_is_guess):
            metadata = replace(metadata, published=said.published, published_is_guess=False)
    return Article(
        id=slug(metadata.title),
        metadata=metadata,
        text=page.text,
        blocks=page.blocks,
        source=source,
        pages=page.pages,
        validators=fetched.validators,
    )


def _reader(fetched: "Fetched", suffix: str, source: str) -> Reader:
    """By what the server says of a page, or where it knows nothing, by how the page begins."""
    if fetched.content_type == "text/html" and fetched.data.startswith(b"%PDF-"):
        return pdf.read
    if fetched.content_type in (*_UNSAID, *_ZIPPED):
        if fetched.data[:1024].lstrip().startswith(b"%PDF-"):
            return pdf.read
        if fetched.data.startswith(b"PK\3\4") and b"word/document.xml" in fetched.data:
            return docx.read
        if fetched.data.startswith(b"PK\3\4") and suffix in (".docx", ".epub"):
            return FORMATS[suffix]
    reader = CONTENT_TYPES.get(fetched.content_type)
    if reader is None:
        kind = fetched.content_type or "of no kind that its server names"
        raise InputRejected(f"{source} is {kind[:80]}, which cannot be read; Ibid reads {READ}.")
    if reader is _text and suffix in (".md", ".markdown"):  # as code hosts serve them
        return _markdown
    return reader


def _canonical(claimed: str | None, url: str) -> str:
    """The address that a page claims as its own, if it is on the host that served the page."""
    from index.sources.address import normalise

    try:
        canonical = normalise(urljoin(url, claimed or ""))
    except (InputRejected, ValueError):
        return url
    return canonical if urlsplit(canonical).hostname == urlsplit(url).hostname else url


def _bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise InputRejected(f"{path} is larger than {most // 1_000_000} MB; split it into articles.")
    return data


def _page(reader: Reader, raw: Raw) -> Page:
    if not raw.data or raw.data.isspace():
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
