"""PDFs as printers set them: columns, broken words, running heads, notes."""

import io
import re
from dataclasses import dataclass, field

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

PAGE = (595.0, 842.0)
MARGIN = 72.0


@dataclass
class Press:
    """Sets paragraphs; `**` around a whole one makes it a heading."""

    columns: int = 1
    gutter: float = 14.0
    size: float = 10.0
    leading: float = 12.0
    indent: float = 12.0
    gap: float = 0.0
    hyphenates: bool = False
    justifies: bool = True
    one_by_one: bool = False
    rows_first: bool = False
    heads: tuple[str, ...] = ()
    """For pages in turn; `#` is the page's number."""
    number: str = ""
    title: str = ""
    abstract: str = ""
    info: dict[str, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    """Set small at the foot of a page, counted from 1."""
    encrypt: object = None
    starts: list[str] = field(default_factory=list)
    """The first line of the body on each page, filled in by printing."""

    def print(self, *paragraphs: str) -> bytes:
        out = io.BytesIO()
        canvas = Canvas(out, pagesize=PAGE, invariant=1, encrypt=self.encrypt)
        for key, value in self.info.items():
            getattr(canvas, f"set{key}")(value)
        self._page = 0
        self._open(canvas)
        top = self._above(canvas)
        width = (PAGE[0] - 2 * MARGIN - (self.columns - 1) * self.gutter) / self.columns
        lines = [line for text in paragraphs for line in self._lines(text, width)]
        column, y = 0, top
        drawn: list[tuple[float, float, str, float, str]] = []
        for text, x, word_space, font, size, before in lines:
            y -= before if y < top else 0
            if y < MARGIN + (40 if self._page in self.notes else 0):
                column, y = column + 1, top
                if column == self.columns:
                    self._flush(canvas, drawn)
                    canvas.showPage()
                    self._open(canvas)
                    column, y, top = 0, PAGE[1] - MARGIN, PAGE[1] - MARGIN
            if len(self.starts) < self._page:
                self.starts.append(text)
            left = MARGIN + column * (width + self.gutter)
            drawn.append((left + x, y, text, word_space, f"{font} {size}"))
            y -= self.leading * size / self.size
        self._flush(canvas, drawn)
        canvas.showPage()
        canvas.save()
        return out.getvalue()

    def _open(self, canvas: Canvas) -> None:
        self._page += 1
        canvas.setFont("Times-Italic", 8)
        if self.heads:
            head = self.heads[(self._page - 1) % len(self.heads)].replace("#", str(self._page))
            place = MARGIN if self._page % 2 else 300
            canvas.drawString(place, PAGE[1] - 40, head)
        if self.number:
            canvas.drawCentredString(PAGE[0] / 2, 36, self.number.replace("#", str(self._page)))
        if note := self.notes.get(self._page):
            canvas.setFont("Times-Roman", 8)
            for n, line in enumerate(note.split("\n")):
                canvas.drawString(MARGIN, MARGIN + 16 - 10 * n, line)

    def _above(self, canvas: Canvas) -> float:
        y = PAGE[1] - MARGIN
        if self.title:
            for line in self.title.split("\n"):
                canvas.setFont("Times-Bold", 18)
                canvas.drawCentredString(PAGE[0] / 2, y, line)
                y -= 22
            y -= 10
        if self.abstract:
            for text, x, space, font, size, _ in self._lines(self.abstract, PAGE[0] - 2 * MARGIN):
                self._draw(canvas, MARGIN + x, y, text, space, f"{font} {size}")
                y -= self.leading
            y -= 14
        return y

    def _lines(self, text: str, width: float) -> list[tuple[str, float, float, str, float, float]]:
        font, size, before = "Times-Roman", self.size, self.gap
        first = self.indent
        if heading := re.fullmatch(r"\*\*(.*)\*\*", text):
            text, font, size, before, first = heading[1], "Times-Bold", self.size * 1.2, 10.0, 0.0
        words = text.split()
        lines: list[tuple[str, float, float, str, float, float]] = []
        line: list[str] = []
        while words:
            x = 0.0 if lines else first
            room = width - x
            if stringWidth(" ".join([*line, words[0]]), font, size) <= room:
                line.append(words.pop(0))
                continue
            taken = stringWidth(" ".join([*line, ""]), font, size)
            head = self._head(words[0], font, size, room - taken)
            if head:
                line.append(head)
                words[0] = words[0][len(head.removesuffix("\u2010")) :]
            elif not line:
                line.append(words.pop(0))
            shown = " ".join(line).replace("\u2010", "-")
            slack = room - stringWidth(shown, font, size)
            space = slack / (len(line) - 1) if self.justifies and len(line) > 1 else 0.0
            lines.append((shown, x, max(0.0, space), font, size, 0.0 if lines else before))
            line = []
        if line:
            x = 0.0 if lines else first
            lines.append((" ".join(line), x, 0.0, font, size, 0.0 if lines else before))
        return lines

    def _head(self, word: str, font: str, size: float, room: float) -> str:
        """The longest part of a word that fits; U+2010 marks a hyphen that was put there."""
        heads = [word[: m.end()] for m in re.finditer(r"\w-(?=\w)", word)]
        if self.hyphenates and re.fullmatch(r"[^\W\d_]{6,}\W*", word):
            letters = word.rstrip(".,;:!?)”\"'")
            heads += [
                word[:n] + "\u2010"
                for n in range(3, len(letters) - 2)
                if word[n - 1] in "aeiouy" and word[n] not in "aeiouy"
            ]
        fitting = (h for h in heads if stringWidth(h.replace("\u2010", "-"), font, size) <= room)
        return max(fitting, key=len, default="")

    def _flush(self, canvas: Canvas, drawn: list[tuple[float, float, str, float, str]]) -> None:
        for entry in sorted(drawn, key=lambda d: (-d[1], d[0])) if self.rows_first else drawn:
            self._draw(canvas, *entry)
        drawn.clear()

    def _draw(self, canvas: Canvas, x: float, y: float, text: str, space: float, face: str) -> None:
        font, size = face.split()
        if not self.one_by_one:
            line = canvas.beginText(x, y)
            line.setFont(font, float(size))
            line.setWordSpace(space)
            line.textOut(text)
            canvas.drawText(line)
            return
        canvas.setFont(font, float(size))
        for letter in text:
            if letter != " ":
                canvas.drawString(x, y, letter)
            x += stringWidth(letter, font, float(size)) + (space if letter == " " else 0)


HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n" % (len(data), entries) + data + b"\nendstream"


def built(*objects: bytes) -> bytes:
    """A PDF of these objects, the first of which is its catalog."""
    out = b"%PDF-1.7\n"
    places = b"0000000000 65535 f \n"
    for n, content in enumerate(objects, 1):
        places += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n" % n + content + b"\nendobj\n"
    count = len(objects) + 1
    table = b"xref\n0 %d\n" % count + places
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (count, len(out))
    return out + table + trailer


def drawn(
    content: bytes,
    *more: bytes,
    entries: bytes = b"",
    resources: bytes = b"",
    font: bytes = HELVETICA,
    kids: bytes = b"3 0 R",
) -> bytes:
    """A PDF whose one page draws this; its font is /F, object 5, and `more` are 6 and on."""
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>%s>>>>"
    )
    tree = b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, kids.count(b"R"))
    return built(
        b"<</Type/Catalog/Pages 2 0 R>>", tree, page % resources, stream(content, entries), font, *more
    )
