"""Follow-ups made standalone by a model, which a real server plays."""

from collections.abc import Callable

import pytest

from bot.answer import Question
from bot.desk import Desk
from tests.bot import endpoint as does
from tests.bot.endpoint import Endpoint

DeskWith = Callable[..., Desk]
FIRST = "How large is informal trade between Iran and Pakistan?"
FOLLOW_UP = Question("And the official one?", (FIRST,))
REWRITTEN = "How large is official trade between Iran and Pakistan?"
DECLINE = does.says({"answered": False, "statements": []})


def test_the_models_question_is_searched_and_shown(desk_with: DeskWith, endpoint: Endpoint) -> None:
    endpoint.behave = does.in_turn(does.says({"question": REWRITTEN}), DECLINE)
    answer = desk_with().answer(FOLLOW_UP)
    assert answer.standalone_question == REWRITTEN
    assert answer.question == FOLLOW_UP.text
    first, second = endpoint.requests
    assert FIRST in first["messages"][1]["content"]
    assert second["messages"][1]["content"].endswith(f"Question: {REWRITTEN}")


def test_without_a_history_the_model_is_not_asked_to_rewrite(desk_with: DeskWith, endpoint: Endpoint) -> None:
    endpoint.behave = DECLINE
    answer = desk_with().answer(Question(FIRST))
    assert answer.standalone_question == FIRST
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no JSON",
        "[]",
        {},
        {"question": 7},
        {"question": ""},
        {"question": "?!"},
        {"question": "x" * 3_000},
        {"question": REWRITTEN, "answer": "two billion"},
    ],
)
def test_where_the_model_writes_no_question_the_rule_stands(
    content: object, desk_with: DeskWith, endpoint: Endpoint
) -> None:
    endpoint.behave = does.in_turn(does.says(content), DECLINE)
    answer = desk_with().answer(FOLLOW_UP)
    assert answer.standalone_question == f"{FIRST} {FOLLOW_UP.text}"


def test_a_question_of_the_model_is_cleaned(desk_with: DeskWith, endpoint: Endpoint) -> None:
    endpoint.behave = does.in_turn(does.says({"question": "Who\x00\x1b[31m\nvisited Moscow?"}), DECLINE)
    assert desk_with().answer(FOLLOW_UP).standalone_question == "Who [31m visited Moscow?"
