"""The encodings of the web, by the labels and marks that name them."""

import codecs

# Those of the WHATWG Encoding Standard, section 4.2. Python knows more, and some of those take
# quadratic time (idna, punycode).
WEB = frozenset(
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


def marked(data: bytes) -> str | None:
    """The encoding whose byte order mark the data begins with."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    # First, for the mark of little-endian UTF-16 begins that of UTF-32.
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    return "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else None


def known(label: str | None) -> str | None:
    """Python's name for the encoding that a page means by `label`."""
    try:
        name = codecs.lookup(label or "").name
    except (LookupError, ValueError):
        return None
    name = _LARGER.get(name, name)
    return name if name in WEB else None
