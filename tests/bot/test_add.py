"""`ibid add`: real files of every format, a real server, the real worker and the real index."""

import io
import json
import os
import signal
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pypdf
import pytest
from docx import Document
from reportlab.pdfgen.canvas import Canvas
from rich.console import Console

from bot.terminal import changes
from index import chunking, readers
from index.builder import Change
from index.identity import Merged
from index.journal import Journal
from index.sources.fetch import fetch
from index.sources.reading import LeftOut, Refused
from index.sources.web import Web
from tests.bot.conftest import Ran
from tests.index.sources.server import HERE, Server, says, serving

Ibid = Callable[..., Ran]
HARBOUR = "The harbour of {} was dredged in 1921 by the engineer Ana Beridze, and ships came back."


def pdf(place: str) -> bytes:
    data = io.BytesIO()
    canvas = Canvas(data, invariant=True)
    for n, line in enumerate([HARBOUR.format(place), "A second line says that the quay is long."]):
        canvas.drawString(72, 720 - 14 * n, line)
    canvas.showPage()
    canvas.save()
    return data.getvalue()


def encrypted(data: bytes) -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(data))
    writer.encrypt("hush", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    return locked.getvalue()


def docx(place: str) -> bytes:
    document = Document()
    document.add_heading(f"The port of {place}", 0)
    document.add_paragraph(HARBOUR.format(place))
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def bomb() -> bytes:
    """A Word document of which a part becomes 300 MB."""
    data = io.BytesIO(docx("Nowhere"))
    with zipfile.ZipFile(data) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        for name, part in parts.items():
            with bad.open(name, "w", force_zip64=True) as file:
                file.write(part[: part.find(b"<w:p>")] if name == "word/document.xml" else part)
                if name == "word/document.xml":
                    for _ in range(300):
                        file.write(b" " * 1_000_000)
    return out.getvalue()


def epub(place: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
            '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/>'
            "</rootfiles></container>",
        )
        book.writestr(
            "book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">1</dc:identifier>'
            f"<dc:title>The port of {place}</dc:title><dc:language>en</dc:language></metadata>"
            '<manifest><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="c"/></spine></package>',
        )
        book.writestr(
            "c.xhtml",
            f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>One</title></head><body>'
            f"<h1>Chapter one</h1><p>{HARBOUR.format(place)}</p></body></html>",
        )
    return data.getvalue()


def html(place: str, head: str = "") -> bytes:
    paragraphs = f"<p>{HARBOUR.format(place)} {HARBOUR.format(place)}</p>" * 2
    return f"<!doctype html><html><head>{head}</head><body>{paragraphs}</body></html>".encode()


def said(ran: Ran) -> list[str]:
    """What is on stderr beside progress, of which a slow machine shows more."""
    return [line for line in ran.err.splitlines() if not line.startswith(("Reading ", "Indexing "))]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command reach the server on this machine, and spare the pauses."""
    here = partial(Web, fetch=partial(fetch, allowance=HERE), pause=0)
    monkeypatch.setattr("index.sources.web.Web", here)


def test_every_format_is_added_from_a_folder_and_answers(
    ibid: Ibid, empty_home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "ports"
    folder.mkdir()
    files = {
        "batumi.txt": HARBOUR.format("Batumi").encode(),
        "poti.md": b"# The port of Poti\n\n" + HARBOUR.format("Poti").encode(),
        "sochi.html": html("Sochi", "<title>The port of Sochi</title>"),
        "trabzon.pdf": pdf("Trabzon"),
        "varna.docx": docx("Varna"),
        "yalta.epub": epub("Yalta"),
        "notes.xlsx": b"PK",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    ran = ibid("add", str(folder))
    assert ran.code == 0
    assert ran.out == "".join(
        f"added: {name}\n" for name in ("batumi", "poti", "sochi", "trabzon", "varna", "yalta")
    )
    left_out, totals = said(ran)
    assert left_out == f"left out: {folder} also holds 1 file of another format (.xlsx), which is not read."
    assert totals.startswith("6 added; ")
    assert " passages embedded in " in totals
    places = ("Batumi", "Poti", "Sochi", "Trabzon", "Varna", "Yalta")
    batch = tmp_path / "questions.jsonl"
    batch.write_text("\n".join(json.dumps({"question": f"harbour of {place}"}) for place in places))
    for place, line in zip(places, ibid("search", "--batch", str(batch)).out.splitlines(), strict=True):
        first = json.loads(line)["passages"][0]
        assert HARBOUR.format(place) in first["text"]
        assert first["article"] == place.lower()
    again = json.loads(ibid("add", str(folder), "--json").out)
    assert len(again["unchanged"]) == 6
    assert again["added"] == again["updated"] == again["refused"] == again["merged"] == []
    assert again["passages_embedded"] == 0
    assert len(again["left_out"]) == 1


def test_a_feed_its_pages_and_a_pdf_are_added_from_the_web(
    ibid: Ibid, empty_home: Path, server: Server, web: None
) -> None:
    server.reply = says(404)
    for n, place in enumerate(("Batumi", "Poti", "Sochi")):
        head = f"<title>The port of {place}</title>"
        server.pages[f"/{n}"] = says(200, html(place, head), content_type="text/html")
    entries = "".join(f"<item><link>{server.url(f'/{n}')}</link></item>" for n in range(4))
    server.pages["/feed"] = says(200, f'<rss version="2.0"><channel>{entries}</channel></rss>'.encode())
    server.pages["/a.pdf"] = says(200, pdf("Trabzon"), content_type="application/octet-stream")
    ran = ibid("add", server.url("/feed"), server.url("/a.pdf"), "--json")
    assert ran.code == 5
    assert json.loads(ran.out) == {
        "added": ["the-port-of-batumi", "the-port-of-poti", "the-port-of-sochi", "a"],
        "updated": [],
        "unchanged": [],
        "removed": [],
        "merged": [],
        "refused": [
            {
                "path": server.url("/3"),
                "why": f"{server.url('/3')} does not exist (404); check the address.",
            }
        ],
        "left_out": [],
        "passages_embedded": 4,
    }
    few = ibid("add", server.url("/feed"), "--most", "2")
    assert few.code == 0
    assert few.out == "unchanged: the-port-of-batumi\nunchanged: the-port-of-poti\n"
    assert "names 4 pages, of which only the first 2 are read." in few.err


def test_bad_files_are_named_and_the_others_added(ibid: Ibid, empty_home: Path, tmp_path: Path) -> None:
    bad = {
        "bomb.docx": bomb(),
        "cut.pdf": pdf("Cut")[:200],
        "empty.txt": b"",
        "locked.pdf": encrypted(pdf("Locked")),
        "picture.txt": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff",
    }
    for name, data in {**bad, "good.txt": HARBOUR.format("Poti").encode()}.items():
        (tmp_path / name).write_bytes(data)
    ran = ibid("add", *(str(tmp_path / name) for name in (*bad, "good.txt")))
    assert ran.code == 5
    assert ran.out == "added: good\n"
    *refused, totals = said(ran)
    assert totals.startswith("1 added, 5 refused; 1 passage embedded in ")
    for line, name in zip(refused, bad, strict=True):
        assert line.startswith(f"refused: {tmp_path / name}")
    assert "encrypted" in refused[3]


def test_the_same_text_from_elsewhere_is_told(ibid: Ibid, empty_home: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(HARBOUR.format("Poti"))
    ran = ibid("add", str(tmp_path))
    assert ran.out == f"added: a\nmerged: {tmp_path / 'b.txt'} is the same text as a\n"


def test_only_a_bad_setting_is_told_before_anything_is_read(
    ibid: Ibid, empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IBID_EMBEDDING", "nonsense")
    ran = ibid("add", str(tmp_path / "none.txt"))
    assert ran.code == 2
    assert "IBID_EMBEDDING" in ran.err


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C as in a terminal: what runs in the background of a shell ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_while_reading_adds_nothing(
    ibid: Ibid, empty_home: Path, tmp_path: Path, server: Server, web: None, interruptible: None
) -> None:
    (tmp_path / "a.txt").write_text(HARBOUR.format("Poti"))
    server.reply = lambda _handler: os.kill(os.getpid(), signal.SIGINT)
    ran = ibid("add", str(tmp_path / "a.txt"), server.url("/page"))
    assert ran.code == 130
    assert ran.out == ""
    assert said(ran) == ["Nothing was added.", "ibid: stopped."]
    assert not (empty_home / "index").exists()


def test_ctrl_c_while_indexing_leaves_the_index_and_keeps_what_was_embedded(
    ibid: Ibid, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interruptible: None
) -> None:
    text = "\n\n".join(HARBOUR.format(f"number {n}") * 9 for n in range(50))
    (tmp_path / "long.txt").write_text(text)
    keep = Journal.keep

    def kept(self: Journal, made: object) -> None:
        keep(self, made)  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Journal, "keep", kept)
    ran = ibid("add", str(tmp_path / "long.txt"))
    assert ran.code == 130
    *_, told, stopped = ran.err.splitlines()
    assert told == "The index is as it was; what was embedded so far is kept for the next time."
    assert stopped == "ibid: stopped."
    assert [article["id"] for article in json.loads(ibid("articles", "--json").out)] == [
        "iran-pakistan-strikes"
    ]
    monkeypatch.undo()
    monkeypatch.setenv("IBID_HOME", str(home))
    change = json.loads(ibid("add", str(tmp_path / "long.txt"), "--json").out)
    assert change["added"] == ["long"]
    passages = len(chunking.split(readers.read(tmp_path / "long.txt"))[1])
    assert 0 < change["passages_embedded"] < passages - 30


def test_of_many_a_person_is_shown_a_count_and_the_first_ones(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    change = Change(
        added=tuple(f"a-{n}" for n in range(284)),
        unchanged=("same",),
        merged=(Merged("/b\x1b[31m.txt", "a-1"),),
        embedded=2_100,
    )
    refused = [Refused(f"/{n}", f"/{n} is empty.") for n in range(30)]
    changes.show(change, as_json=False)
    assert capsys.readouterr().out.splitlines()[:284] == [f"added: a-{n}" for n in range(284)]
    plain = partial(Console, force_terminal=True, highlight=False, color_system=None, width=200)
    monkeypatch.setattr(changes, "console", lambda stderr=False: plain(stderr=stderr))
    changes.show(change, [*refused, LeftOut("/x", "/x is not read.")], as_json=False, seconds=55.32)
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "added: 284 articles: a-0, a-1, a-2, a-3, a-4, …",
        "unchanged: same",
        "merged: /b [31m.txt is the same text as a-1",
    ]
    lines = err.splitlines()
    assert lines[:30] == [f"refused: /{n} is empty." for n in range(30)]
    assert lines[30:] == [
        "left out: /x is not read.",
        "284 added, 1 unchanged, 1 merged, 30 refused; 2,100 passages embedded in 55.3 s.",
    ]
