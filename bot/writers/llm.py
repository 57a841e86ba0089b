"""Statements written by a language model, which cites sentences by number and types no quotation."""

from collections.abc import Iterator
from typing import Any

from langchain_core.utils.json import parse_partial_json
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import prompts
from bot.answer import Writer as Signature
from bot.evidence import Evidence
from bot.model import ChatModel
from bot.writers import Decision, Draft
from index.errors import ModelUnavailable


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Statement(_Strict):
    sentences: list[int] = Field(description="numbers of the sentences that prove the statement")
    text: str


class _Reply(_Strict):
    answered: bool = Field(description="whether the sentences answer the question")
    statements: list[_Statement]


class LlmWriter:
    """Hands out each statement as soon as the model has closed it, so that it can be checked."""

    def __init__(self, model: ChatModel, name: str) -> None:
        self._model = model
        self._name = name
        self._prompt = prompts.load("answer")

    @property
    def signature(self) -> Signature:
        return Signature(name=self._name, prompt=self._prompt.label)

    def write(self, evidence: Evidence) -> Iterator[Decision | Draft]:
        values = {"sentences": _numbered(evidence), "question": evidence.standalone}
        reply = ""
        given = 0
        decided = False
        for piece in self._model.stream(self._prompt, values, _Reply.model_json_schema()):
            reply += piece
            partial = _partial(reply)
            statements = partial.get("statements")
            if partial.get("answered") is not True or not isinstance(statements, list):
                continue
            if len(statements) > given + 1:
                if not decided:
                    yield Decision(True, "the model says that the sentences answer")
                    decided = True
                for statement in statements[given:-1]:  # the last one may not be complete
                    yield _draft(statement)
                given = len(statements) - 1
        try:
            whole = _Reply.model_validate_json(reply)
        except ValidationError:
            raise ModelUnavailable(
                f"The model {self._name} did not keep to the form of the answer; "
                "choose an IBID_MODEL that takes json_schema output."
            ) from None
        if not decided:
            answers = whole.answered and bool(whole.statements)
            verb = "answer" if answers else "do not answer"
            yield Decision(answers, f"the model says that the sentences {verb}")
            if not answers:
                return
        for rest in whole.statements[given:]:
            yield Draft(_one_line(rest.text), tuple(rest.sentences))


def _numbered(evidence: Evidence) -> str:
    lines = []
    article = None
    for offered in evidence.offered:
        if offered.sentence.article != article:
            article = offered.sentence.article
            meta = evidence.articles[article].metadata
            lines.append(f"\nFrom {_one_line(meta.title)!r}, {meta.published or 'undated'}:")
        lines.append(f"[{offered.number}] {_one_line(offered.text)}")
    return "\n".join(lines).strip()


def _partial(reply: str) -> dict[str, Any]:
    try:
        parsed = parse_partial_json(reply)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _draft(statement: object) -> Draft:
    try:
        valid = _Statement.model_validate(statement)
    except ValidationError:
        raise ModelUnavailable("The model did not keep to the form of the answer.") from None
    return Draft(_one_line(valid.text), tuple(valid.sentences))


def _one_line(text: str) -> str:
    """White space folded, so that no text can start a line of its own in a prompt or an answer."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
