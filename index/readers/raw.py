"""Bytes as they came from a file or the web, and the encodings that they may be read in."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass

from index.errors import InputRejected
from index.readers.detection import detected
from index.readers.labels import known, marked

LARGEST = 20_000_000
"""Bytes. A book is 1-2 MB; what is larger is a dump and would block the builder for hours."""
MOST_LOST = 0.001
"""Share of characters that may be unreadable; above it the encoding is wrong or it is no text."""


@dataclass(frozen=True, slots=True)
class Raw:
    data: bytes
    name: str
    """The title of a text that shows none."""
    where: str
    """A path or an address, as messages name it."""
    charset: str | None = None
    """The label of an encoding that came with the bytes."""


def decoded(raw: Raw) -> str:
    """The text of a file, with the line ends of Unix. Raises InputRejected, saying what else it is."""
    kind = next((kind for kind, is_one in _KINDS.items() if is_one(raw.data)), None)
    if kind:
        raise InputRejected(f"{raw.where} is not text that can be read: {kind}.")
    text = read_as(raw, None, raw.data)
    if "\0" in text:
        raise InputRejected(f"{raw.where} is not text that can be read: it is a binary file.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_as(raw: Raw, own: str | None, words: bytes) -> str:
    """Decode by the mark, by what came with the bytes, by `own` (what they say), by what `words` look like.

    A stray byte becomes U+FFFD, as in browsers and editors: whoever reads a quotation sees that a letter is
    lost, where a guess would show another letter. Raises InputRejected.
    """
    data = raw.data
    said = marked(data) or known(raw.charset) or own
    if not said and b"\x1b$" in data:
        said = "iso2022_jp"  # every byte of it is ASCII
    if not said and b"\0" in data[:8192]:  # so is every byte of English in UTF-16
        said = detected(words)
    for encoding in filter(None, (said, "utf-8")):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    damaged = "utf-8" if _is_mostly_utf8(data) else None
    for likely in filter(None, (said, damaged or detected(words), "utf-8")):
        text = data.decode(likely, errors="replace")
        if text.count("\ufffd") < MOST_LOST * len(text):
            return text
    raise InputRejected(f"{raw.where} is not text that can be read: {_why(data, said or 'utf-8')}.")


def _is_mostly_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", errors="replace")
    beyond, lost = len(text) - len(text.encode("ascii", errors="ignore")), text.count("\ufffd")
    return beyond > 2 * lost


def _why(data: bytes, encoding: str) -> str:
    if b"\0" in data[:8192]:
        return "it is a binary file"
    name = "UTF-16" if encoding.startswith("utf-16") else encoding.removesuffix("-sig").upper()
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        doubt = " (whether it is windows-1252 cannot be told)" if encoding == "utf-8" else ""
        return f"byte {error.start} is not {name}; save the file as UTF-8{doubt}"
    return "save the file as UTF-8"


def is_html(data: bytes) -> bool:
    start = data[:4096].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    is_tag = start.startswith(b"<html") and (b"<head" in start or b"<body" in start)
    return is_tag or start.startswith(b"<!doctype html")


def is_old_office(data: bytes) -> bool:
    """Whether it is an OLE compound file: Word before 2007, and whatever Office protects with a password."""
    return data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


_ZIP = b"PK\x03\x04"
_KINDS: dict[str, Callable[[bytes], bool]] = {
    "it is a PDF; rename it to end in .pdf": lambda data: data[:1024].lstrip().startswith(b"%PDF-"),
    "it is an EPUB; rename it to end in .epub": (
        lambda data: data.startswith(_ZIP) and b"META-INF/container.xml" in data
    ),
    "it is a Word document; rename it to end in .docx": (
        lambda data: data.startswith(_ZIP) and b"word/document.xml" in data
    ),
    "it is a zip archive; unpack it and add the files in it": lambda data: data.startswith(_ZIP),
    "it is an old or a protected Office file; save it as .docx without a password": is_old_office,
    "it is an HTML page; rename it to end in .html": is_html,
}
