"""The way of a question, as one LangChain runnable: condense | retrieve | write | check.

Each stage is a function of typed values. Writing and checking are pulled statement by statement, so
that a statement is shown as soon as it is checked, and none before.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from langchain_core.runnables import Runnable, RunnableGenerator, RunnableLambda

from bot.answer import Answer, Question, Statement, Writer
from bot.evidence import Evidence
from bot.trace import Trace
from bot.writers import Decision, Draft


@dataclass(frozen=True, slots=True)
class Condensed:
    question: Question
    standalone: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Retrieved:
    evidence: Evidence
    condensed: Condensed
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Signed:
    """Who writes what follows. A second one says that another writer took over."""

    writer: Writer


@dataclass(frozen=True, slots=True)
class Failed:
    """No writer could be had; why, in words."""

    why: str


@dataclass(frozen=True, slots=True)
class Finished:
    answer: Answer
    trace: Trace


Written = Retrieved | Signed | Failed | Decision | Draft
Event = Statement | Finished


def compose(
    condense: Callable[[Question], Condensed],
    retrieve: Callable[[Condensed], Retrieved],
    write: Callable[[Iterator[Retrieved]], Iterator[Written]],
    check: Callable[[Iterator[Written]], Iterator[Event]],
) -> Runnable[Question, Event]:
    """Stream it: checked statements, then one `Finished`."""
    return (
        RunnableLambda(condense)
        | RunnableLambda(retrieve)
        | RunnableGenerator(write)
        | RunnableGenerator(check)
    ).with_config(run_name="ibid")
