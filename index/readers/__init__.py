"""A file -> an `Article`. One small module a format."""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from index.article import Article, Metadata, slug
from index.errors import InputRejected
from index.readers import markdown, text
from index.readers.page import Page

FORMATS: dict[str, Callable[[str, str], Page]] = {
    ".txt": text.read,
    ".text": text.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
}
LARGEST = 20_000_000
"""Bytes. A book is 1-2 MB; what is larger is a dump and would block the builder for hours."""


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
        page = reader(_decoded(path), path.stem)
        metadata = _with_sidecar(page.metadata, path.with_suffix(".toml"))
    except OSError as error:
        raise InputRejected(f"{path} cannot be read: {error.strerror}.") from None
    if not page.can_be_cited:
        raise InputRejected(f"{path} holds no text that could be cited.")
    return Article(
        id=slug(path.stem),
        metadata=metadata,
        text=page.text,
        blocks=page.blocks,
        source=str(path.absolute()),
    )


def _decoded(path: Path) -> str:
    if path.stat().st_size > LARGEST:
        megabytes = LARGEST // 1_000_000
        raise InputRejected(f"{path} is larger than {megabytes} MB; split it into articles.")
    data = path.read_bytes()
    if not data.strip():
        raise InputRejected(f"{path} is empty.")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        decoded = data.decode(encoding)
    except UnicodeDecodeError as error:
        binary = b"\0" in data[:8192]
        advice = (
            "it is a binary file" if binary else f"byte {error.start} is not UTF-8; save the file as UTF-8"
        )
        raise InputRejected(f"{path} is not text that can be read: {advice}.") from None
    if "\0" in decoded:
        raise InputRejected(f"{path} is not text that can be read: it is a binary file.")
    return decoded.replace("\r\n", "\n").replace("\r", "\n")


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
