import pytest

from bot.condense import points_back, standalone

TRADE = "How large is informal trade between Iran and Pakistan?"
KHAN = "Who visited Moscow?"


@pytest.mark.parametrize(
    "question",
    [
        "And the official one?",
        "What about Russia?",
        "Why?",
        "Since when?",
        "When did he go there?",
        "How did they respond?",
        "Why did it refuse to send troops?",
        "What happened after that?",
        "Is the latter larger?",
        "What else did Pakistan do?",
        "But who won?",
        "Did its ambassador return?",
    ],
)
def test_a_follow_up_is_asked_together_with_what_it_points_to(question: str) -> None:
    assert standalone(question, (TRADE,)) == f"{TRADE} {question}"


@pytest.mark.parametrize(
    "question",
    [
        "Who visited Moscow?",
        "How many border markets are there?",
        "Are there border markets in Balochistan?",
        "What did Pakistan do after the attack?",
        "Which countries border Pakistan?",
        "Android phones in Iran: how many are sold?",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert not points_back(question)
    assert standalone(question, (TRADE,)) == question


@pytest.mark.parametrize("question", ["And the official one?", "Why?", KHAN])
def test_without_a_history_the_question_is_left_alone(question: str) -> None:
    assert standalone(question, ()) == question


def test_a_chain_of_follow_ups_leads_back_to_the_question_that_stands_alone() -> None:
    assert standalone("And when?", (TRADE, KHAN, "Why did he?", "With whom?")) == f"{KHAN} And when?"


def test_a_history_of_nothing_but_follow_ups_gives_the_first() -> None:
    assert standalone("And when?", ("Why did he?", "With whom?")) == "Why did he? And when?"


def test_a_question_asked_again_is_not_doubled() -> None:
    assert standalone("Why?", ("Why?",)) == "Why?"
