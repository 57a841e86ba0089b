"""Zip containers of XML (DOCX, EPUB), read in memory, with sizes counted and nothing looked up elsewhere."""

import io
import struct
import zlib
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from index.errors import InputRejected
from index.readers.raw import Raw

MOST_PARTS = 5_000
"""Files in the container. An illustrated book has some hundreds."""
LARGEST_WHOLE = 500_000_000
"""Bytes that all parts claim to have, pictures among them, which are never unpacked."""
LARGEST_READ = 50_000_000
"""Bytes that are unpacked in all. A novel has 1-2 MB of XML; 50 MB in lxml take 0.5 GB."""
DEEPEST = 200
"""Elements within elements, in XML. Tables within tables in Word reach 40."""
_DAMAGED = (
    BadZipFile,
    OSError,
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    NotImplementedError,
    OverflowError,
)


class Container:
    """The parts of a zip file by name. Raises InputRejected for one that is not what it claims to be."""

    def __init__(self, raw: Raw, kind: str) -> None:
        self.raw = raw
        self.kind = kind
        self._left = LARGEST_READ
        try:
            self._archive = ZipFile(io.BytesIO(raw.data))
            parts = self._archive.infolist()
        except _DAMAGED:
            raise self.damaged() from None
        if any(part.flag_bits & 1 for part in parts):
            raise InputRejected(f"{raw.where} is protected by a password; save it without one.")
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_WHOLE:
            raise self._too_large()
        if len({part.filename for part in parts}) < len(parts):
            raise self.damaged()
        self.names = frozenset(part.filename for part in parts)

    def read(self, name: str) -> bytes:
        """Unpack a part, as far as `LARGEST_READ` allows for the container as a whole."""
        try:
            part = self._archive.getinfo(name)
            if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # as the standards of both formats ask
                raise self.damaged()
            with self._archive.open(part) as stream:
                data = stream.read(self._left + 1)
        except (KeyError, RuntimeError, *_DAMAGED):
            raise self.damaged() from None
        self._left -= len(data)
        if self._left < 0:
            raise self._too_large()
        return data

    def xml(self, name: str) -> Any:
        """The root element of a part. What it refers to is not looked up, on the disk or elsewhere."""
        return self.parsed(self.read(name))

    def parsed(self, data: bytes) -> Any:
        from lxml import etree

        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError):
            raise self.damaged() from None
        declared = root.getroottree().docinfo.internalDTD
        if declared is not None and any(True for _ in declared.iterentities()):
            raise InputRejected(f"{self.raw.where} declares entities, which a {self.kind} has no use for.")
        self.check_depth(root)
        return root

    def check_depth(self, root: Any) -> None:
        level = [root]
        for _ in range(DEEPEST):
            level = [child for element in level for child in element]
            if not level:
                return
        raise InputRejected(
            f"{self.raw.where} is nested too deeply to be an article; save its text as a file."
        )

    def damaged(self) -> InputRejected:
        where = self.raw.where
        return InputRejected(
            f"{where} is no {self.kind} that can be read: it is damaged; save or get it again."
        )

    def _too_large(self) -> InputRejected:
        return InputRejected(f"{self.raw.where} unpacks to more than an article has; split it into articles.")


def local(element: Any) -> str:
    """The name of an element without its namespace, which differs among the editions of a standard."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: Any, name: str) -> str | None:
    """The value of an attribute, whatever namespace it is in."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)
