"""Real files of each format to begin with, and the marks to which the format gives a meaning."""

import io
import re
from pathlib import Path
from unittest import mock
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import etree
from reportlab import rl_config

from index import readers
from tests.fuzz.mutation import Material, Parts
from tests.index.readers import containers, test_docx, test_encodings, test_epub, test_html, test_pdf
from tests.index.readers.containers import book, core, paragraph, run, word
from tests.index.readers.pdfs import Press, drawn, stream
from tests.index.sources import test_feeds

BUNDLED = Path(readers.__file__).parents[1] / "articles" / "iran-pakistan-strikes.txt"
WHOLE = "whole"
"""The name of the only part of a file that is taken as it is."""


def _whole(parts: Parts) -> bytes:
    return b"".join(part for _, part in parts)


def _plain(*seeds: bytes) -> tuple[Parts, ...]:
    return tuple(((WHOLE, seed),) for seed in seeds)


def _marks(*lines: bytes) -> tuple[bytes, ...]:
    """What bars part."""
    return tuple(b"|".join(lines).split(b"|"))


# PDF

_PDF_TOKEN = re.compile(rb"\((?:\\.|[^()\\])*\)|<<|>>|<[^<>]*>|/?[^\s()<>/\[\]]+|[\[\]()<>/]|\s+")
_PDF_MARKS = _marks(
    rb"[|]|<<|>>|(|)|R|null|true|2 0 R|4 0 R|/W|/X Do |q |Q |BT |ET |T* |0 0 0 0 0 0 cm ",
    rb"1e30 0 0 1e30 0 0 cm |0 1 -1 0 0 0 Tm ",
    rb"0 Tf |/F 0 Tf |/F -12 Tf |/F 1e6 Tf |0 Tz |-100 Tz |99999 Tc |-1e9 0 Td |1e308 0 Td ",
    rb"(a)Tj |( )Tj |(\000)Tj |<D83D>Tj |[-1e9(a)1e9]TJ |BI ID EI |/Rotate 90|/UserUnit 9|/Kids[2 0 R]",
    rb"/Filter/FlateDecode|/Filter/ASCIIHexDecode|/Filter[/LZWDecode/RunLengthDecode]|/CropBox[9 9 1 1]",
    rb"/Encoding/Identity-V|/Encoding/GBK-EUC-H|/Subtype/Type3/FontMatrix[0 0 0 0 0 0]",
)
_CMAP = (
    b"/CIDInit /ProcSet findresource begin 1 begincodespacerange <0000> <ffff> endcodespacerange "
    b"2 beginbfrange <0020> <007e> <0020> <00a0> <00a3> [<FB01> <D800DC00> <0000>] endbfrange "
    b"3 beginbfchar <0041> <00650301> <0042> <202E> <0043> <E000> endbfchar endcmap end"
)
_WIDE = b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[7 0 R]/ToUnicode 6 0 R>>"
_DESCENDANT = b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/DW 500/W[32[250 300]65 90 600]>>"
_SPELLED = (
    b"<</Type/Font/Subtype/Type1/BaseFont/Courier/FirstChar 32/LastChar 35/Widths[250 300 400 500]"
    b"/Encoding<</BaseEncoding/WinAnsiEncoding/Differences[65/fi/Eacute 67/uni20AC/g12/afii10017]>>>>"
)


def pdf() -> Material:
    text = test_pdf.TEXT
    form = stream(text, b"/Subtype/Form/Matrix[1 0 0 1 0 9]/Resources<</Font<</F 5 0 R>>>>")
    letters = "The old bridge ABC is closed. A ferry runs.".encode("utf-16-be").hex().encode()
    places = ((700 - 12 * n, n) for n in range(9))
    lines = b"".join(b"1 0 0 1 72 %d Tm (Line %d of the treaty of Marne-)Tj T* " % place for place in places)
    raised = b"BT /F 10 Tf 72 700 Td (The treaty)Tj /F 6 Tf 4 Ts (1)Tj 0 Ts 9 Tc 120 Tz 2 Tw ( covers)' "
    raised += b'1 2 (x)" ET '
    spaced = (
        b"q .5 0 0 2 9 9 cm BT /F 12 Tf 14 TL 72 300 TD [(The )-300(old)20( bridge)]TJ T* (is closed.)Tj "
    )
    spaced += b"ET Q "
    article = Press(
        columns=2,
        hyphenates=True,
        title="A bridge\nand its ferry",
        abstract=test_pdf.TALES[0],
        heads=("The Marne Review # (2024)", "Ada Quill"),
        number="- # -",
        notes={1: "1 See Marne."},
        info={"Title": "A bridge", "Author": "Ada Quill"},
    )
    with mock.patch.object(rl_config, "pageCompression", 0):
        plain = [
            article.print(*test_pdf.STORY, "**1 Repairs**"),
            Press(one_by_one=True).print("By Ada Quill", "January 25, 2024", *test_pdf.STORY[:2]),
            Press(columns=3, rows_first=True, gap=6).print(*test_pdf.STORY[:6]),
        ]
    made = [
        *plain,
        Press(columns=2).print(*test_pdf.STORY[:4]),
        drawn(b"q /X Do Q " + text, form, resources=b"/XObject<</X 6 0 R>>"),
        drawn(b"BT /F 12 Tf 72 700 Td <%s> Tj ET" % letters, stream(_CMAP), _DESCENDANT, font=_WIDE),
        drawn(raised + b"BT /F 9 Tf (A B C D)Tj ET", font=_SPELLED),
        drawn(b"BT /F 10 Tf 12 TL " + lines + b"ET " + raised),
        drawn(spaced * 3 + b"BI /W 2/H 2/BPC 8/CS/G ID abcd EI " + text),
        drawn(b"q 0 1 -1 0 800 0 cm " + text + b"Q"),
    ]
    seeds = (*map(_objects, made), *_plain(test_pdf.encrypted("", "AES-128")))
    return Material(seeds, _printed, _PDF_TOKEN, _PDF_MARKS)


def _objects(printed: bytes) -> Parts:
    """The number of the catalog, then all objects by number."""
    root = re.search(rb"/Root (\d+) 0 R", printed)
    assert root
    found = re.findall(rb"(?<=\n)(\d+) 0 obj\s(.*?)\sendobj", printed, re.DOTALL)
    return (("root", root[1]), *((number.decode(), content) for number, content in found))


def _printed(parts: Parts) -> bytes:
    """With a table and lengths that are right, so that what was changed is what is read."""
    if parts and parts[0][0] == WHOLE:
        return _whole(parts)
    out, places, root, most = b"%PDF-1.7\n", b"", b"1", 1
    for name, content in parts:
        if name == "root":
            root = content
            continue
        number = int(re.sub(r"\D", "", name) or 1)
        places += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        most = max(most, number + 1)
        out += b"%d 0 obj\n" % number + _measured(content) + b"\nendobj\n"
    table = b"xref\n0 1\n0000000000 65535 f \n" + places
    trailer = b"trailer\n<</Size %d/Root %s 0 R>>\nstartxref\n%d\n%%%%EOF" % (most, root, len(out))
    return out + table + trailer


def _measured(content: bytes) -> bytes:
    head, begin, data = content.partition(b"stream\n")
    length = len(data.removesuffix(b"endstream").removesuffix(b"\n"))
    return re.sub(rb"/Length \d+", b"/Length %d" % length, head, count=1) + begin + data


# Markup

_MARKUP = re.compile(rb"<[^>]*>|[^<\s]+|\s+|<")
_XML_MARKS = _marks(
    b"<|>|&|&#|&#0;|&#x110000;|&#xD800;|&#x1c;|&#x85;|&#x2028;|&nbsp;|&amp;#0;|]]>|<![CDATA[|<!--|-->|<?x|?>",
    b"<!DOCTYPE x [<!ENTITY e 'x'>]>|&e;|</|/>| xmlns='urn:x'|<a:b>|='|\"|'|\xff\xfe|<?xml version='1.1'?>",
    b"<?xml version='1.0' encoding='utf-16'?>",
)
_WORD_MARKS = _marks(
    b"<w:p>|</w:p>|<w:r>|</w:r>|<w:t>|</w:t>|<w:br/>|<w:br/> <w:br/>|<w:tab/>|<w:tbl><w:tr><w:tc>",
    b"</w:tc></w:tr></w:tbl>|<w:txbxContent>|</w:txbxContent>|<w:pStyle w:val='Titel'/>",
    b"<w:outlineLvl w:val='0'/>|<w:vanish/>|<w:basedOn/>",
)
_HTML_MARKS = _marks(
    b"<p>|</p>|<div>|</div>|<br>|<table><tr><td>|</table>|<pre>|</pre>|<li>|<ul>|<h1>|</h1>|<h2>|<blockquote>",
    b"<code>|</code>|<article>|</article>|<body>|</body>|<html>|<head>|<title>|</title>|<script>|</script>",
    b"<noscript>|<svg>|<template>|<img alt='x'>|<a href='x'>|</a>|<b>|<time datetime='2024-13-99'>|<math>",
    b"<meta charset='utf-16'>|<base href='//['>|<link rel=canonical href='http://[x'>|<ruby>|<rt>|<form>",
    b"<p class='byline'>|<span itemprop='author'>",
)


def _unzipped(data: bytes) -> Parts:
    with ZipFile(io.BytesIO(data)) as archive:
        return tuple((name, archive.read(name)) for name in archive.namelist())


def _zipped(parts: Parts) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in dict(parts).items():
            archive.writestr(name, part)
    return out.getvalue()


def _well_formed(part: bytes) -> bytes:
    try:
        root = etree.fromstring(part, etree.XMLParser(recover=True, resolve_entities=False))
        return part if root is None else bytes(etree.tostring(root, encoding="utf-8"))
    except (etree.XMLSyntaxError, ValueError):  # it is empty, or holds names that are no UTF-8
        return part


def docx() -> Material:
    prose = test_docx.PROSE
    table = "".join(f"<w:tc>{paragraph(words)}</w:tc>" for words in ("Year", "Cost"))
    box = f"<w:txbxContent>{paragraph('In a box.')}</w:txbxContent>"
    notes = f"<w:footnotes {containers.W}><w:footnote>{paragraph('A note.')}</w:footnote></w:footnotes>"
    said = core(
        "<dc:title>The bridge</dc:title><dc:creator>Ada Quill; Bo Reed</dc:creator>"
        "<dcterms:created>2020-01-01T00:00:00Z</dcterms:created><cp:keywords>bridge; ferry</cp:keywords>"
    )
    rels = '<R><r Type="http://purl.oclc.org/officeDocument" Target="/word/document.xml"/></R>'
    article = (
        paragraph("The bridge", "Titel"),
        paragraph("By Ada Quill"),
        paragraph("5 March 2024"),
        paragraph(prose * 3),
        paragraph("Costs", "berschrift1"),
        f"<w:tbl><w:tr>{table}</w:tr></w:tbl>",
        paragraph(run(prose) + box),
        paragraph(run("hidden", "<w:vanish/>") + "<w:r><w:br/><w:tab/><w:br/></w:r>" + run(prose)),
    )
    made = (
        word("".join(article), {**said, "word/footnotes.xml": notes, "_rels/.rels": rels}),
        word(paragraph(test_encodings.JAPANESE) + paragraph(prose, "Eigene")),
        word(paragraph(f"<w:ins>{run('Kept.')}</w:ins>{box}") * 3, said),
    )
    seeds = tuple(map(_unzipped, made))
    return Material(seeds, _zipped, _MARKUP, _XML_MARKS + _WORD_MARKS, _well_formed)


def epub() -> Material:
    said = (
        "<dc:title>The bridge</dc:title><dc:creator>Ada Quill</dc:creator><dc:date>2024-03-05</dc:date>"
        "<dc:identifier>https://courier.example/x</dc:identifier><dc:subject>bridges</dc:subject>"
    )
    method = "<EncryptionMethod Algorithm='http://www.idpf.org/2008/embedding'/>"
    rights = f"<encryption><EncryptedData>{method}</EncryptedData></encryption>"
    made = (
        book([test_epub.ONE, test_epub.TWO, f"<p>{test_encodings.FRENCH}</p>"], said),
        book(
            [f"<p>{test_encodings.JAPANESE}<br>{test_html.ONE}", "<h1>The bridge</h1>" + test_epub.TWO], said
        ),
        book([test_epub.TWO], said, {"META-INF/encryption.xml": rights}),
    )
    seeds = tuple(map(_unzipped, made))
    return Material(seeds, _zipped, _MARKUP, _XML_MARKS + _HTML_MARKS, _well_formed)


def html() -> Material:
    pages = [test_html.body(inner, head) for head, inner, _ in test_html.SYSTEMS.values()]
    code = f"<article>{test_html.PROSE}<pre><code>if x:\n\n  y</code></pre><p>{test_html.TWO}</p></article>"
    japanese = f"<article><p>{test_encodings.JAPANESE}</p></article>"
    seeds = [page.encode() for page in (test_html.NEWS, *pages, test_html.body(code))]
    seeds.append(test_html.body(japanese, "<meta charset=shift_jis>").encode("shift_jis"))
    return Material(_plain(*seeds), _whole, _MARKUP, _XML_MARKS + _HTML_MARKS)


def feeds() -> Material:
    in_json = (
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "Courier", "authors": [{"name": "Ada"}], '
        b'"items": [{"id": "1", "url": "/a", "title": "The bridge", "date_published": "2024-03-05T10:00Z", '
        b'"authors": [{"name": "Bo"}]}, {"id": "https://courier.example/b", "date_modified": "2024-03-06"}]}'
    )
    marks = _marks(
        rb'{|}|[|]|,|:|null|1e999|NaN|"\ud800"|"\u0000"|"url": |"items": |"date_published": 7|"authors": [7]',
        b"<item>|</item>|<link>|<link href='//['/>|<title type='xhtml'>|<updated>9999-99-99</updated>",
        b"<pubDate>|Tue, 99 Mar 99999 24:61:61 +9999|<loc>|<url>|<sitemap>|http://[::1|https://xn--/|javascript:|\\",
    )
    token = re.compile(rb'<[^>]*>|"[^"]*"|[^<\s"]+|\s+|[<"]')
    return Material(_plain(*test_feeds.SEEDS, in_json, in_json), _whole, token, _XML_MARKS + marks)


# Text


def markdown() -> Material:
    in_yaml = (
        '---\ntitle: "Rice: a report"\nauthors: [Ada Lin, {name: Bo}]\ndate: 2024-01-25 10:00\n'
        "url: https://a.example/x\ntags: [rice, trade]\nsource: Field Notes\n---\n"
    )
    in_toml = "+++\ntitle = 'Rice'\ndate = 2024-01-25\ntags = ['a']\n+++\n"
    article = (
        f"# Rice\n\n{test_html.ONE} **{test_html.TWO}**\n\n## What it *costs*\n\n- one\n  - two `code`\n\n"
        f"> {test_html.THREE}\n\n| Year | Cost |\n|---|---|\n| 2024 | 3 |\n\n```py\nif x:\n\n    y\n```\n\n"
        "    indented\n\n<div>In <b>HTML</b>.</div>\n\n<!-- not -->\n\nA line  \nbroken, "
        "[a link](http://a.example 'x') ![p](q)<br>end.\n\nRule\n---\n\n***\n\n1. first\n2. second\n\n"
        "[ref]: http://a.example\n"
    )
    no_front = f"---\nNote: this is prose.\n---\n{test_encodings.FRENCH}"
    seeds = (in_yaml + article, in_toml + article, article, no_front)
    marks = _marks(
        b"---\n|+++\n|# |## |\n\n|\n|  \n|    |\t|- |> |1. |```\n|~~~\n|`|*|**|_|[|](|)|![|<div>|</div>",
        b"<!--|-->|<br>|<p|&#0;|&amp;|&#xD800;|\\|title: |date: 2024-13-45\n|tags: [&a [*a]]\n|? |: ",
        b'!!python/object |\'|"\\ud800"|"\\0"|]]>|<![CDATA[|<?php|<script>|=====\n|-----\n',
    )
    token = re.compile(rb"\w+|[^\w\n]|\n+")
    return Material(_plain(*(seed.encode() for seed in seeds)), _whole, token, (*marks, b"|", b"|---|\n"))


def text() -> Material:
    french, german = test_encodings.FRENCH, test_encodings.GERMAN
    russian, japanese = test_encodings.RUSSIAN, test_encodings.JAPANESE
    wrapped = "A title\n\nBy Ada Quill\nJanuary 25, 2024\n\n" + re.sub(r"(.{60,80}) ", r"\1\n", german)
    wrapped += "\n\nCosts\n\n" + "\n".join(f"{n}\t{n * n}" for n in range(40))
    wrapped += "\n\nFurther reading\n\nA list\n"
    encoded = (
        (french, ("utf-8", "utf-8-sig", "cp1252")),
        (german, ("utf-8", "utf-16", "utf-16-le")),
        (russian, ("utf-8", "koi8-r", "cp1251")),
        (japanese, ("utf-8", "shift_jis", "euc_jp", "iso2022_jp")),
    )
    seeds = [words.encode(encoding) for words, encodings in encoded for encoding in encodings]
    marks = _marks(
        b"\n|\n\n| \n \n|\r\n|\r|. |...|?! | Mr. |\x1b$B|\x1b(B|\xff\xfe|\xfe\xff|\xef\xbb\xbf",
        b"\xed\xa0\x80|\x81|\0|By Ada Quill\n",
        b"January 25, 2024\n|Further reading\n|Image: x\n|%PDF-|<!doctype html>|PK\3\4",
        "。。。。。|“”".encode(),
    )
    token = re.compile(rb"[^\s]+|\s+")
    whole = _plain(BUNDLED.read_bytes(), wrapped.encode(), *seeds)
    return Material(whole, _whole, token, (*marks, b"a" * 900, b" " * 900))
