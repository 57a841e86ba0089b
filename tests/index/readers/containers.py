"""Word documents and books made for the tests, part by part."""

import io
from html import escape
from zipfile import ZIP_DEFLATED, ZipFile

from index.article import BlockKind
from index.readers.page import Page

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _style(style_id: str, name: str, more: str = "") -> str:
    return f'<w:style w:type="paragraph" w:styleId="{style_id}"><w:name w:val="{name}"/>{more}</w:style>'


BASED, RING = (f'<w:basedOn w:val="{name}"/>' for name in ("berschrift2", "Ring"))
STYLES = f"""<w:styles {W}>
{_style("Titel", "Title")}
{_style("berschrift1", "heading 1")}
{_style("berschrift2", "heading 2")}
{_style("Eigene", "Mine", BASED)}
{_style("Ring", "Ring", RING)}
{_style("Inhalt", "toc 1")}
<w:style w:type="character" w:styleId="Geheim"><w:name w:val="Hid"/><w:rPr><w:vanish/></w:rPr></w:style>
</w:styles>"""
CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>"""


def zipped(parts: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


def run(words: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(words)}</w:t></w:r>'


def paragraph(inner: str, style: str = "", properties: str = "") -> str:
    marked = f'<w:pStyle w:val="{style}"/>' if style else ""
    inner = inner if inner.startswith("<") else run(inner)
    return f"<w:p><w:pPr>{marked}{properties}</w:pPr>{inner}</w:p>"


def word(body: str, more: dict[str, str | bytes] | None = None, head: str = "") -> bytes:
    document = f"{head}<w:document {W}><w:body>{body}<w:sectPr/></w:body></w:document>"
    return zipped({"word/document.xml": document, "word/styles.xml": STYLES, **(more or {})})


def core(inner: str) -> dict[str, str | bytes]:
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
    properties = f'<cp:coreProperties xmlns:cp="urn:cp" {spaces}>{inner}</cp:coreProperties>'
    return {"docProps/core.xml": properties}


def book(
    chapters: list[str], metadata: str = "", more: dict[str, str | bytes] | None = None, head: str = ""
) -> bytes:
    names = [f"c{n}.xhtml" for n in range(len(chapters))]
    items = "".join(f'<item id="{name}" href="text/{name}"/>' for name in names)
    spine = "".join(f'<itemref idref="{name}"/>' for name in ["nav", *names, "gone"])
    package = f"""<package xmlns="http://www.idpf.org/2007/opf" xmlns:opf="http://www.idpf.org/2007/opf">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata>
<manifest>{items}<item id="nav" properties="nav" href="nav.xhtml"/></manifest>
<spine>{spine}</spine></package>"""
    parts: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/content.opf": package,
        "OEBPS/nav.xhtml": "<html><body><p>Contents</p></body></html>",
    }
    for name, inner in zip(names, chapters, strict=True):
        parts[f"OEBPS/text/{name}"] = (
            f'{head}<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
            f"<head><title>t</title></head><body>{inner}</body></html>"
        )
    return zipped({**parts, **(more or {})})


def shown(page: Page, *kinds: BlockKind) -> list[str]:
    return [page.text[b.start : b.end] for b in page.blocks if not kinds or b.kind in kinds]
