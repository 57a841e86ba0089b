"""Statements written by a language model, which cites sentences by number and types no quotation."""

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder

from pydantic import BaseModel, ConfigDict, ValidationError

import prompts
from bot.answer import Writer as Signature
from bot.evidence import Evidence
from bot.model import Turn
from bot.writers import Decision, Draft
from index.errors import ModelUnavailable

MOST_STATEMENTS = 6
"""The prompt asks for four at the most; a model that goes on is not read further."""


class _Strict(BaseModel):
    """Closed, and with every key required, as the strict mode of structured output wants it."""

    model_config = ConfigDict(extra="forbid")


class _Statement(_Strict):
    sentences: list[int]
    text: str


class _Reply(_Strict):
    answered: bool
    statements: list[_Statement]


class LlmWriter:
    """Hands out each statement as soon as the model has closed it, so that it can be checked."""

    def __init__(self, model: Turn, name: str) -> None:
        self._model = model
        self._name = name
        self._prompt = prompts.load("answer")

    @property
    def signature(self) -> Signature:
        return Signature(name="llm", prompt=self._prompt.label, model=self._name)

    def write(self, evidence: Evidence) -> Iterator[Decision | Draft]:
        values = {"sentences": _numbered(evidence), "question": evidence.standalone}
        reply = _Partial()
        given: list[_Statement] = []
        for piece in self._model.stream(self._prompt, values, _Reply.model_json_schema()):
            for statement in self._valid(reply, piece):
                if not given:
                    yield Decision(True, "the model says that the sentences answer")
                if statement not in given:  # a small model may say one thing again and again
                    yield _draft(statement)
                given.append(statement)
                if len(given) == MOST_STATEMENTS:
                    return
        whole = self._whole(reply.text)
        if not given:
            answers = whole.answered and bool(whole.statements)
            verb = "answer" if answers else "do not answer"
            yield Decision(answers, f"the model says that the sentences {verb}")
        if whole.answered:
            yield from map(_draft, whole.statements[len(given) : MOST_STATEMENTS])

    def _valid(self, reply: "_Partial", piece: str) -> Iterator[_Statement]:
        try:
            for statement in reply.take(piece):
                yield _Statement.model_validate(statement)
        except (ValueError, RecursionError):  # the wrong form, or nested and long beyond all measure
            raise self._formless() from None

    def _whole(self, reply: str) -> _Reply:
        try:
            return _Reply.model_validate_json(reply)
        except ValidationError:
            raise self._formless() from None

    def _formless(self) -> ModelUnavailable:
        return ModelUnavailable(
            f"The model {self._name} did not keep to the form of the answer; "
            "choose an IBID_MODEL that takes json_schema output."
        )


class _Partial:
    """A reply that is still coming in, read as far as its statements are closed."""

    _OPENING = re.compile(r'\s*\{\s*"answered"\s*:\s*true\s*,\s*"statements"\s*:\s*\[')
    _NEXT = re.compile(r"[\s,]*(?=\{)")

    def __init__(self) -> None:
        self.text = ""
        self._at = 0
        """Where the next statement begins; 0 while none can."""
        self._decoder = JSONDecoder()

    def take(self, piece: str) -> Iterator[object]:
        """Yield each statement that the piece closes. Raises ValueError or RecursionError."""
        self.text += piece
        if "}" not in piece:
            return
        if not self._at and (opening := self._OPENING.match(self.text)):
            self._at = opening.end()
        while self._at and (start := self._NEXT.match(self.text, self._at)):
            try:
                statement, self._at = self._decoder.raw_decode(self.text, start.end())
            except JSONDecodeError:
                return
            yield statement


def _numbered(evidence: Evidence) -> str:
    """The sentences under their numbers, each article under its title."""
    lines = []
    article = None
    for offered in evidence.offered:
        if offered.sentence.article != article:
            article = offered.sentence.article
            lines.append(f"\nFrom “{_one_line(evidence.articles[article].metadata.title)}”:")
        lines.append(f"[{offered.number}] {_one_line(offered.text)}")
    return "\n".join(lines).strip()


def _draft(statement: _Statement) -> Draft:
    return Draft(_one_line(statement.text), tuple(statement.sentences))


def _one_line(text: str) -> str:
    """White space folded, so that no text can start a line of its own in a prompt or an answer."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
