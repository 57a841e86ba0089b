import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.condense import is_courtesy, points_back, standalone

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


@pytest.mark.parametrize(
    "question",
    [
        "hey, who visited Moscow?",
        "Hey who visited Moscow?",
        "Hello! Who visited Moscow?",
        "Hi there 👋 who visited Moscow?",
        "Good morning - who visited Moscow?",
        "Okay so who visited Moscow?",
        "So, who visited Moscow?",
        ", who visited Moscow?",
        ": who visited Moscow?",
        "@Ibid: who visited Moscow?",
        "please tell me who visited Moscow",
        "Can you tell me who visited Moscow?",
        "Could you please explain who visited Moscow?",
        "Would you say who visited Moscow?",
        "Do you know who visited Moscow?",
        "I'd like to know who visited Moscow.",
        "I’d like to know who visited Moscow",
        "I would like to know: who visited Moscow?",
        "Who visited Moscow, please?",
        "who visited Moscow please",
        "Who visited Moscow? Thanks!",
        "Thanks. Who visited Moscow?",
        "Hey Ibid, could you please tell me who visited Moscow? Thank you very much 🙏",
    ],
)
def test_courtesies_are_taken_off(question: str) -> None:
    assert standalone(question, ()).rstrip("?.").lower() == "who visited moscow"


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("Good evening, in 2015 what did Pakistan refuse?", "in 2015 what did Pakistan refuse?"),
        ("Can you tell me in which year Iran struck?", "in which year Iran struck?"),
        ("Do you know if Iran will strike again?", "if Iran will strike again?"),
        ("Hello! Border markets?", "Border markets?"),
        ("Tell me about border markets", "about border markets"),
        ("Could you please explain the border markets?", "explain the border markets?"),
        ("Please list the border markets.", "list the border markets."),
        ("Why did Pakistan retaliate please?", "Why did Pakistan retaliate?"),
    ],
)
def test_what_is_left_is_in_the_words_of_the_one_who_asked(question: str, plain: str) -> None:
    assert standalone(question, ()) == plain


@pytest.mark.parametrize(
    "question",
    [
        "Can you swim?",
        "Could Iran strike again?",
        "Would you believe that Iran struck first?",
        "Do you know Imran Khan?",
        "Hello is a song by whom?",
        "Hey Jude was written by whom?",
        "Hi-fi systems: who sells them?",
        "Please Please Me: who produced it?",
        "OK Computer: who produced it?",
        "Thanks to whom did Iran win?",
        "So what is a proxy?",
        "Who did Pakistan want to please?",
        "Whom did the strike please?",
        "Who gave thanks?",
        "Who said please?",
        "@someone said what?",
        "Ibid. means what?",
        "Hello, border markets",
        "Hello?",
        "please",
        "thank you very much",
        ":",
        "",
    ],
)
def test_what_only_looks_like_a_courtesy_stays(question: str) -> None:
    assert standalone(question, ()) == question


@pytest.mark.parametrize(
    ("question", "history", "alone"),
    [
        ("Can you tell me why?", ("Hey, who visited Moscow?",), "who visited Moscow? why?"),
        ("Thanks! And when?", (KHAN,), f"{KHAN} And when?"),
        ("And when?", (KHAN, "thank you very much"), f"{KHAN} And when?"),
        ("And when?", ("thank you very much",), "And when?"),
        ("thank you very much", (KHAN,), "thank you very much"),
        ("Thanks!", (KHAN,), "Thanks!"),
        ("Tell me about Gwadar", (KHAN,), "about Gwadar"),
        ("Tell me about it", (KHAN,), f"{KHAN} about it"),
        ("Hello, who visited Moscow?", (TRADE,), "who visited Moscow?"),
    ],
)
def test_courtesies_count_neither_in_a_follow_up_nor_before_it(
    question: str, history: tuple[str, ...], alone: str
) -> None:
    assert standalone(question, history) == alone


@pytest.mark.parametrize(
    "text",
    [
        "thanks!",
        "Thank you very much",
        "Thanks for the help!",
        "thanks 🙏",
        "👍",
        "hello",
        "Good morning everyone!",
        "ok",
        "OK, got it.",
        "great, thanks",
        "good bot",
        "no thanks",
        "bye",
    ],
)
def test_thanks_greetings_and_acknowledgements_are_courtesies(text: str) -> None:
    assert is_courtesy(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "?",
        "ok?",
        "Why?",
        "Thanks to whom?",
        "Great powers",
        "Good Friday",
        "no troops",
        "okapi",
        KHAN,
    ],
)
def test_what_asks_or_says_something_is_no_courtesy(text: str) -> None:
    assert not is_courtesy(text)


FIRST = st.sampled_from(
    "Who What When Where Why How Which Did Does Is Are Was Could Iran's Border In".split()
)
PLAIN = st.sampled_from(
    "Iran Pakistan struck the border, in 2015 (U.S.) who visited why and is markets".split()
)
QUESTIONS = st.builds(
    lambda first, rest, end: f"{first} {' '.join(rest)}{end}",
    FIRST,
    st.lists(PLAIN, min_size=1, max_size=10),
    st.sampled_from(["?", "", ".", "??"]),
)
OPENINGS = st.sampled_from(
    ["hey, ", "Hello! ", "please ", "So, ", "@Ibid: ", "can you tell me ", "OK so ", "thanks, "]
)
ENDINGS = st.sampled_from([", please?", " please", ". Thanks!", "? thank you", " thanks", "?", " 🙏"])
PIECES = st.one_of(OPENINGS, ENDINGS, QUESTIONS, st.text(max_size=5))


@given(QUESTIONS)
def test_a_question_without_courtesies_is_unchanged(question: str) -> None:
    assert standalone(question, ()) == question


@given(st.lists(PIECES, max_size=8).map("".join))
def test_taking_courtesies_off_is_done_at_once_and_leaves_something(text: str) -> None:
    once = standalone(text, ())
    assert standalone(once, ()) == once
    assert once == text or re.search(r"\w", once)
