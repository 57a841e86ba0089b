"""A follow-up made standalone by the language model."""

from pydantic import BaseModel, ConfigDict, ValidationError

import prompts
from bot.answer import Question, clean
from bot.model import Turn
from index.errors import InputRejected, ModelUnavailable


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: str


def rewrite(model: Turn, question: Question) -> str:
    """The question as it can be asked alone. Raises ModelUnavailable."""
    values = {"history": "\n".join(question.history), "question": question.text}
    reply = "".join(model.stream(prompts.load("condense"), values, _Reply.model_json_schema()))
    try:
        return clean(_Reply.model_validate_json(reply).question)
    except (ValidationError, InputRejected):
        raise ModelUnavailable("The model did not rewrite the question.") from None
