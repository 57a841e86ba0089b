"""Bytes as they came from a file or the web, and the encodings that they may be read in."""

import codecs
from dataclasses import dataclass

from index.errors import InputRejected

LARGEST = 20_000_000
"""Bytes. A book is 1-2 MB; what is larger is a dump and would block the builder for hours."""

# Those of the WHATWG Encoding Standard, section 4.2. Python knows more, and some of those take
# quadratic time (idna, punycode).
_WEB = frozenset(
    "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be cp866 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 "
    "iso8859-7 iso8859-8 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman "
    "mac-cyrillic cp874 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 gb18030 "
    "big5hkscs euc_jp iso2022_jp cp932 cp949".split()
)
# Labels that the same standard reads as a larger encoding, because pages do.
_LARGER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}


@dataclass(frozen=True, slots=True)
class Raw:
    data: bytes
    name: str
    """The title of a text that shows none."""
    where: str
    """A path or an address, as messages name it."""
    charset: str | None = None
    """The label of an encoding that came with the bytes."""


def marked(data: bytes) -> str | None:
    """The encoding whose byte order mark the data begins with."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    return "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else None


def known(label: str | None) -> str | None:
    """Python's name for the encoding that a page means by `label`."""
    try:
        name = codecs.lookup(label or "").name
    except (LookupError, ValueError):
        return None
    name = _LARGER.get(name, name)
    return name if name in _WEB else None


def decoded(raw: Raw) -> str:
    """The text of a file that has to say or be what it is encoded in. Raises InputRejected."""
    encoding = marked(raw.data) or known(raw.charset) or "utf-8"
    try:
        text = raw.data.decode(encoding)
    except UnicodeDecodeError as error:
        binary = b"\0" in raw.data[:8192]
        name = "UTF-16" if encoding.startswith("utf-16") else encoding.removesuffix("-sig").upper()
        advice = (
            "it is a binary file" if binary else f"byte {error.start} is not {name}; save the file as UTF-8"
        )
        raise InputRejected(f"{raw.where} is not text that can be read: {advice}.") from None
    if "\0" in text:
        raise InputRejected(f"{raw.where} is not text that can be read: it is a binary file.")
    return text.replace("\r\n", "\n").replace("\r", "\n")
