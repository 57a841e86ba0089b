"""The content stream of a PDF page -> the words that it draws, and where.

pypdf's own extraction gives neither the width of what it found nor the place of a form within the
page; both are needed to tell columns apart. Operators are those of ISO 32000-1, section 9.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from index.errors import InputRejected

MOST_DRAWN = 20_000_000
"""Bytes of content streams in one document; pypdf parses 0.8 MB a second. A page of text takes 6,000,
set letter by letter 180,000, and a drawn map 3,000,000."""
LEAST_DRAWN = 400
"""Bytes that a form counts as at least: one that is empty takes 0.05 ms too."""
MOST_GLYPHS = 5_000_000
"""Of one document. A page holds 3,000, a book 2,000,000."""
DEEPEST_FORM = 10
"""Forms within forms. A page placed on a page takes two."""
WORD_GAP = 0.13
"""Of the font size. A space is .25 wide and .17 at its narrowest; kerning stays under .1."""
SKEW = 0.05
"""Slope of a baseline that is still read as level (3 degrees, as a slanting scan gives)."""

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_BOLD = re.compile(r"bold|black|heavy|demi|cmbx", re.IGNORECASE)
_FORCE_BOLD = 1 << 18  # table 123


@dataclass(frozen=True, slots=True)
class Fragment:
    """A word or a part of one. Points, from the page's lower left corner; `y` is the baseline's."""

    text: str
    x: float
    right: float
    y: float
    size: float
    bold: bool = False
    spaced: bool = False
    """A space was drawn before it."""


@dataclass(slots=True)
class Budget:
    """What may still be drawn. Raises InputRejected when it is spent."""

    where: str
    drawn: int = MOST_DRAWN
    glyphs: int = MOST_GLYPHS
    unreadable: int = 0
    """Glyphs met in fonts that do not say which letters they are."""

    def spend(self, drawn: int = 0, glyphs: int = 0) -> None:
        self.drawn -= drawn
        self.glyphs -= glyphs
        if self.drawn < 0 or self.glyphs < 0:
            raise InputRejected(f"{self.where} draws too much to be one article; split it into articles.")


@dataclass(frozen=True, slots=True)
class Typeface:
    glyphs: Callable[[bytes], Iterator[tuple[str, float, bool]]]
    """A string's letters, each with its width in text space and whether word spacing widens it."""
    bold: bool
    is_readable: bool


@dataclass(frozen=True, slots=True)
class _State:
    ctm: Matrix = _IDENTITY
    face: Typeface | None = None
    size: float = 0.0
    letter_spacing: float = 0.0
    word_spacing: float = 0.0
    stretch: float = 1.0
    leading: float = 0.0
    rise: float = 0.0


_SETTINGS = {b"Tc": "letter_spacing", b"Tw": "word_spacing", b"TL": "leading", b"Ts": "rise"}
_Box = tuple[float, float, float, float]


@dataclass(slots=True)
class _Pen:
    """Walks the operators of one page, and of the forms on it."""

    pdf: Any
    budget: Budget
    faces: dict[Any, Typeface]
    box: _Box
    state: _State = field(default_factory=_State)
    line: Matrix = _IDENTITY
    text: Matrix = _IDENTITY
    space: bool = False
    found: dict[int, list[Fragment]] = field(default_factory=lambda: defaultdict(list))
    """By the quarter turns of their baseline."""

    def walk(self, content: Any, resources: Any, depth: int) -> None:
        from pypdf.generic import ContentStream

        saved: list[_State] = []
        stream = ContentStream(content, self.pdf, "bytes")
        self.budget.spend(drawn=len(stream.get_data()) + LEAST_DRAWN)
        for operands, operator in stream.operations:
            if operator == b"q":
                saved.append(self.state)
            elif operator == b"Q":
                self.state = saved.pop() if saved else self.state
            elif operator == b"Do":
                self._form(operands, resources, depth)
            elif operator == b"Tf":
                self._font(operands, resources)
            else:
                self._draw(operator, operands)

    def _draw(self, operator: bytes, operands: Any) -> None:
        if operator == b"BT":
            self.line = self.text = _IDENTITY
        elif operator in (b"Tj", b"'", b'"', b"TJ"):
            if operator == b'"':
                word, letter = _numbers(operands[:2], 2) or (0.0, 0.0)
                self.state = replace(self.state, word_spacing=word, letter_spacing=letter)
            if operator in (b"'", b'"'):
                self._next_line(0.0, -self.state.leading)
            shown = operands[-1] if operands else b""
            self._show(shown if operator == b"TJ" and isinstance(shown, list) else [shown])
        elif operator == b"T*":
            self._next_line(0.0, -self.state.leading)
        elif operator in (b"Td", b"TD"):
            if moved := _numbers(operands, 2):
                if operator == b"TD":
                    self.state = replace(self.state, leading=-moved[1])
                self._next_line(*moved)
        elif operator in (b"Tm", b"cm"):
            if six := _numbers(operands, 6):
                a, b, c, d, e, f = six
                if operator == b"Tm":
                    self.line = self.text = (a, b, c, d, e, f)
                else:
                    self.state = replace(self.state, ctm=_times((a, b, c, d, e, f), self.state.ctm))
        elif operator == b"Tz" and (one := _numbers(operands, 1)):
            self.state = replace(self.state, stretch=one[0] / 100)
        elif operator in _SETTINGS and (one := _numbers(operands, 1)):
            known: dict[str, Any] = {_SETTINGS[operator]: one[0]}
            self.state = replace(self.state, **known)

    def _form(self, operands: Any, resources: Any, depth: int) -> None:
        forms = _resolved((resources or {}).get("/XObject"))
        form = _resolved((forms or {}).get(operands[0])) if operands else None
        if form is None or form.get("/Subtype") != "/Form":
            return
        if depth >= DEEPEST_FORM:
            raise InputRejected(f"{self.budget.where} has forms nested too deeply; print it to PDF again.")
        kept = self.state, self.line, self.text
        six = _numbers(_resolved(form.get("/Matrix")) or (), 6)
        if six:
            a, b, c, d, e, f = six
            self.state = replace(self.state, ctm=_times((a, b, c, d, e, f), self.state.ctm))
        self.walk(form, _resolved(form.get("/Resources")) or resources, depth + 1)
        self.state, self.line, self.text = kept

    def _font(self, operands: Any, resources: Any) -> None:
        if len(operands) < 2:
            return
        fonts = _resolved((resources or {}).get("/Font"))
        raw = fonts.raw_get(operands[0]) if fonts and operands[0] in fonts else None
        size = _numbers(operands[1:], 1)
        face = None
        if raw is not None:
            # Pages share their fonts, and one takes up to 20 ms to parse.
            key = (raw.idnum, raw.generation) if hasattr(raw, "idnum") else id(raw)
            if key not in self.faces:
                self.faces[key] = _typeface(_resolved(raw))
            face = self.faces[key]
        self.state = replace(self.state, face=face, size=size[0] if size else self.state.size)

    def _next_line(self, x: float, y: float) -> None:
        self.line = self.text = _times((1.0, 0.0, 0.0, 1.0, x, y), self.line)

    def _show(self, items: Any) -> None:
        """Draw strings, parting them wherever a space is drawn or the pen is moved by one."""
        state = self.state
        if state.face is None or not state.size:
            return
        word, start, pen = "", 0.0, 0.0
        for item in items:
            if isinstance(item, bytes):
                self.budget.spend(glyphs=len(item))
                for letters, width, is_space_code in state.face.glyphs(item):
                    if letters.isspace():
                        self._put(word, start, pen)
                        self.space, word = True, ""
                    elif letters:
                        start = start if word else pen
                        word += letters
                    spacing = state.letter_spacing + (state.word_spacing if is_space_code else 0.0)
                    pen += (width * state.size + spacing) * state.stretch
            elif isinstance(item, (int, float)):
                moved = -float(item) / 1000
                if abs(moved) > WORD_GAP:
                    self._put(word, start, pen)
                    word = ""
                pen += moved * state.size * state.stretch
        self._put(word, start, pen)
        self.text = _times((1.0, 0.0, 0.0, 1.0, pen, 0.0), self.text)

    def _put(self, word: str, start: float, end: float) -> None:
        if not word:
            return
        state = self.state
        a, b, c, d, e, f = _times(self.text, state.ctm)
        x, y = a * start + c * state.rise + e, b * start + d * state.rise + f
        size, width = abs(state.size) * math.hypot(c, d), (end - start) * math.hypot(a, b)
        spaced, self.space = self.space, False
        left, bottom, right, top = self.box
        # Outside of the page nobody sees it; what is not finite is not within either.
        if not (left <= x <= right and bottom <= y <= top and 0.5 < size < 2000 and abs(width) < 20_000):
            return
        if state.face is None or not state.face.is_readable:
            self.budget.unreadable += len(word)
            return
        turns = round(math.atan2(b, a) / (math.pi / 2)) % 4
        x, y, along, across = [(x, y, a, b), (y, -x, b, -a), (-x, -y, -a, -b), (-y, x, -b, a)][turns]
        if abs(across) <= SKEW * along:
            fragment = Fragment(word, x, x + abs(width), y, size, state.face.bold, spaced)
            self.found[turns].append(fragment)


def fragments(page: Any, pdf: Any, budget: Budget, faces: dict[Any, Typeface]) -> list[Fragment]:
    """Give what a page draws along its main direction, turned upright; `faces` keeps fonts between pages.

    Raises InputRejected when the budget is spent, and whatever pypdf raises on a broken page.
    """
    box = page.cropbox
    edges = (float(box.left), float(box.bottom), float(box.right), float(box.top))
    pen = _Pen(pdf, budget, faces, (min(edges[::2]), min(edges[1::2]), max(edges[::2]), max(edges[1::2])))
    content = _resolved(page.get("/Contents"))
    if content is not None:  # a stream is a dictionary, and may be empty as such
        pen.walk(content, _resolved(page.get("/Resources")), 0)
    return max(pen.found.values(), key=lambda found: sum(len(f.text) for f in found), default=[])


def _resolved(value: Any) -> Any:
    from pypdf.generic import NullObject

    value = value.get_object() if hasattr(value, "get_object") else value
    return None if isinstance(value, NullObject) else value


def _typeface(font: Any) -> Typeface:
    from pypdf.generic._font import Font  # widths and encodings; pypdf offers them nowhere else

    known = Font.from_font_resource(font)
    subtype = font.get("/Subtype")
    encoding = str(_resolved(font.get("/Encoding")))
    is_coded = "/ToUnicode" in font or not (subtype == "/Type0" and encoding.startswith("/Identity"))
    scale = 0.001
    if subtype == "/Type3":
        matrix = _numbers(_resolved(font.get("/FontMatrix")) or (), 6)
        scale = abs(matrix[0]) if matrix else scale
    descriptor = known.font_descriptor
    heavy = str(descriptor.weight).isdigit() and int(str(descriptor.weight)) >= 600
    forced = isinstance(descriptor.flags, int) and bool(descriptor.flags & _FORCE_BOLD)
    is_bold = bool(_BOLD.search(known.name)) or heavy or forced
    return Typeface(_decoder(known, scale), is_bold, known.interpretable and is_coded)


def _decoder(font: Any, scale: float) -> Callable[[bytes], Iterator[tuple[str, float, bool]]]:
    widths, letters, encoding = font.character_widths, font.character_map, font.encoding
    seen: dict[str, tuple[str, float, bool]] = {}

    def glyph(code: str) -> tuple[str, float, bool]:
        if code not in seen:
            is_simple = isinstance(encoding, dict)
            named = encoding.get(ord(code), code) if is_simple else code
            width = font.space_width if code == font.space_char else widths.get(code, widths["default"])
            text = "".join(str(letters.get(c, c)) for c in named)
            seen[code] = (text, float(width) * scale, is_simple and code == " ")
        return seen[code]

    def glyphs(string: bytes) -> Iterator[tuple[str, float, bool]]:
        if isinstance(encoding, dict):
            return map(glyph, string.decode("latin-1"))
        try:
            return map(glyph, string.decode(encoding, "surrogatepass"))
        except UnicodeDecodeError:
            return map(glyph, string.decode(encoding, "replace"))

    return glyphs


def _numbers(operands: Any, count: int) -> list[float] | None:
    """The operands of an operator; None where they are not what it takes, and then it does nothing."""
    if len(operands) < count:
        return None
    given = operands[-count:]
    return [float(n) for n in given] if all(isinstance(n, (int, float)) for n in given) else None


def _times(m: Matrix, n: Matrix) -> Matrix:
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )
