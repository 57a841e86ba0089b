"""`readers.read`: from a file on the disk to an article, or to a refusal in one line."""

import os
from datetime import date
from pathlib import Path

import pytest

from index import readers
from index.errors import InputRejected
from index.readers.raw import Raw
from tests.index.readers.pdfs import Press

PROSE = "This line is a full sentence of more than eight plain words."


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path) -> str:
    """The one line that reading a file is refused with."""
    with pytest.raises(InputRejected) as refused:
        readers.read(path)
    message = str(refused.value)
    assert message
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    "content",
    [
        PROSE.encode(),
        b"\xef\xbb\xbf" + PROSE.encode(),
        PROSE.encode("utf-16"),
        b"\xfe\xff" + PROSE.encode("utf-16-be"),
    ],
    ids=["plain", "utf-8-bom", "utf-16-le", "utf-16-be"],
)
def test_the_mark_of_an_encoding_is_no_part_of_the_text(tmp_path: Path, content: bytes) -> None:
    assert readers.read(written(tmp_path, "a.txt", content)).text == PROSE


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"], ids=["crlf", "cr", "lf"])
def test_line_ends_of_every_system_are_read_as_one(tmp_path: Path, ending: str) -> None:
    article = readers.read(written(tmp_path, "a.txt", f"{PROSE}{ending}{ending}{PROSE}"))
    assert article.text == f"{PROSE}\n\n{PROSE}"
    assert len(article.blocks) == 2


def test_the_id_is_the_slug_of_the_file_name(tmp_path: Path) -> None:
    assert readers.read(written(tmp_path, "My Réport (v2).TXT", PROSE)).id == "my-report-v2"
    assert readers.read(written(tmp_path, "报告.txt", PROSE)).id.startswith("article-")


def test_a_sidecar_wins_over_what_the_file_says(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", f"Read title\n\nBy Some Body\n\n{PROSE}")
    written(tmp_path, "a.toml", 'title = "Given"\npublished = 2024-01-25\ntags = ["x", "y"]\n')
    meta = readers.read(path).metadata
    assert (meta.title, meta.author) == ("Given", "Some Body")
    assert (meta.published, meta.tags) == (date(2024, 1, 25), ("x", "y"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"title = ", "value"),
        (b"title = 7", "strings"),
        (b'published = "2024-01-25"', "without quotes"),
        (b"published = 2024-01-25T10:00:00", "without quotes"),
        (b'tags = "Iran"', "list"),
        (b"\xff\xfe", "utf-8"),
        (b"a = " + b"[" * 100_000, "recursion"),
    ],
)
def test_a_sidecar_that_cannot_be_used_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    path = written(tmp_path, "a.txt", PROSE)
    written(tmp_path, "a.toml", content)
    message = refusal(path)
    assert "a.toml" in message
    assert reason in message


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.txt", b" \r\n\t\n", "is empty"),
        ("mark.txt", b"\xef\xbb\xbf", "no text that could be cited"),
        ("latin.txt", "café ".encode("latin-1"), "byte 3 is not UTF-8; save the file as UTF-8"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff", "binary"),
        ("nul.txt", b"text with a \0 in it", "binary"),
        ("wide.txt", "a text".encode("utf-16-le"), "binary"),
        ("odd.txt", b"\xff\xfea\0b", "binary"),
        ("title.md", b"# Nothing but a title", "no text that could be cited"),
        ("paper.doc", b"\xd0\xcf\x11\xe0", "cannot read this format; save it as one of .txt"),
        ("paper.pdf", b"%PDF-1.7", "not a PDF that can be read"),
        ("paper.docx", b"PK\3\4", "paper.docx"),
        ("paper.epub", b"No book", "paper.epub"),
        ("without-suffix", b"text", "cannot read this format"),
        ("line\nbreak.txt", b"", "is empty"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    message = refusal(written(tmp_path, name, content))
    assert reason in message
    assert name.split("\n")[0] in message


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.txt").endswith("no such file.")
    assert refusal(tmp_path / "none.pdf").endswith("no such file.")
    assert refusal(tmp_path / "nul\0.txt").endswith("no such file.")
    assert "cannot be read" in refusal(tmp_path / ("x" * 300 + ".txt"))


def test_a_folder_is_refused_with_a_way_to_name_its_files(tmp_path: Path) -> None:
    assert f"{tmp_path}/*.txt" in refusal(tmp_path)


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert "not a file" in refusal(tmp_path / "pipe.txt")


@pytest.mark.parametrize(
    ("name", "megabytes"), [("dump.txt", 20), ("dump.html", 20), ("scan.pdf", 100), ("b.epub", 100)]
)
def test_a_file_that_is_too_large_is_refused(tmp_path: Path, name: str, megabytes: int) -> None:
    path = written(tmp_path, name, "")
    os.truncate(path, megabytes * 1_000_000 + 1)
    assert f"larger than {megabytes} MB" in refusal(path)


def test_a_file_that_is_longer_than_it_says_is_refused_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "endless.txt").symlink_to("/proc/self/status")  # of which the system says: 0 bytes
    monkeypatch.setattr(readers, "LARGEST", 100)
    assert "larger than" in refusal(tmp_path / "endless.txt")


def test_a_name_that_is_no_text_is_refused_in_words_that_can_be_shown(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_text(PROSE)
    assert "has a name that is not UTF-8" in refusal(path).encode().decode()


def test_the_pages_of_a_pdf_are_those_of_its_article(tmp_path: Path) -> None:
    path = written(tmp_path, "paper.pdf", Press(title="On bridges").print(*[PROSE * 12] * 12))
    article = readers.read(path)
    assert len(article.pages) > 1
    assert article.pages == readers.pdf.read(Raw(path.read_bytes(), "paper", "paper.pdf")).pages
