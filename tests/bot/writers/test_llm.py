"""What a language model can write, said by a real server to a whole Desk (F7, H2, H4)."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.answer import Answer, Question, Reason, Status, Support
from bot.desk import Desk
from bot.writers.llm import MOST_STATEMENTS
from index.article import Article
from tests.bot import endpoint as does
from tests.bot.endpoint import Endpoint
from tests.bot.test_model import MARKETS, TRADE, fell_back, markets, reply, shown

__all__ = ["markets"]

DeskWith = Callable[..., Desk]


@pytest.fixture
def written(desk_with: DeskWith, endpoint: Endpoint, bundled: Article) -> Callable[[object], Answer]:
    """The answer to a model that writes this."""

    def ask(content: object) -> Answer:
        endpoint.behave = does.says(content, size=50)
        answer = desk_with().answer(TRADE)
        shown(answer, bundled)
        return answer

    return ask


Written = Callable[[object], Answer]

FORMLESS: dict[str, object] = {
    "empty": "",
    "prose": "There are seven border markets.",
    "null": "null",
    "a list": [],
    "no keys": {},
    "no statements": {"answered": True},
    "wrong types": {"answered": "perhaps", "statements": 7},
    "text is a number": reply({"sentences": [1], "text": 7}),
    "text is missing": reply({"sentences": [1]}),
    "a number in words": reply({"sentences": ["first"], "text": MARKETS}),
    "a fraction": reply({"sentences": [1.5], "text": MARKETS}),
    "one key more": reply({"sentences": [1], "text": MARKETS, "url": "http://evil.example"}),
    "statements are strings": reply(MARKETS),
    "nested": reply({"sentences": [[[1]]], "text": {"text": [MARKETS]}}),
    "very deep": '{"answered": true, "statements": [{"sentences": ' + "[" * 9_000,
    "very deep and closed": '{"answered": true, "statements": [' + '{"a":' * 3_000 + "1" + "}" * 3_000,
    "endless number": '{"answered": true, "statements": [{"sentences": [' + "9" * 9_000 + '], "text": "x"}]}',
    "two replies": '{"answered": false, "statements": []}{"answered": false, "statements": []}',
    "too much": reply(*[{"sentences": [], "text": "x" * 500}] * 5) | {"more": "x" * 30_000},
}


@pytest.mark.parametrize("content", FORMLESS.values(), ids=FORMLESS)
def test_what_is_not_of_the_form_is_not_shown(content: object, written: Written, bundled: Article) -> None:
    answer = written(content)
    if content == FORMLESS["too much"]:  # it was read no further than the statements, which cite nothing
        assert answer.statements == ()
    else:
        fell_back(answer, bundled)


@pytest.mark.parametrize("number", [0, -1, 999, 10**30, -(10**30)])
def test_a_number_that_was_not_offered_is_dropped_counted_and_no_support(
    number: int, written: Written
) -> None:
    answer = written(reply({"sentences": [number], "text": MARKETS}))
    assert (answer.status, answer.reason) == (Status.DECLINED, Reason.NOT_SUPPORTED)
    assert (answer.withheld, answer.dropped) == (1, 1)
    assert answer.citations == ()
    assert answer.nearest


def test_beside_a_good_number_a_bad_one_is_dropped_and_counted(
    written: Written, markets: dict[str, list[int]]
) -> None:
    answer = written(reply(markets | {"sentences": [*markets["sentences"], 999, 0]}))
    assert [statement.text for statement in answer.statements] == [MARKETS]
    assert (answer.withheld, answer.dropped) == (0, 2)
    assert len(answer.citations) == 1


def test_a_repeated_number_is_one_citation(written: Written, markets: dict[str, list[int]]) -> None:
    answer = written(reply(markets | {"sentences": markets["sentences"] * 3}))
    assert answer.statements[0].citations == (1,)
    assert len(answer.citations) == 1
    assert answer.dropped == 2


def test_a_statement_that_cites_everything_is_withheld(written: Written) -> None:
    answer = written(reply({"sentences": list(range(1, 20)), "text": MARKETS}))
    assert answer.statements == ()
    assert answer.withheld == 1


def test_what_the_citation_does_not_bear_out_is_withheld_and_the_rest_shown(
    written: Written, markets: dict[str, object]
) -> None:
    answer = written(reply(markets | {"text": MARKETS.replace("Seven", "Eight")}, markets))
    assert [statement.text for statement in answer.statements] == [MARKETS]
    assert answer.withheld == 1


def test_ten_thousand_statements_are_not_read(written: Written, markets: dict[str, object]) -> None:
    many = [markets | {"text": f"{MARKETS[:-1]} {'now ' * n}."} for n in range(50)]
    answer = written(reply(*many * 200))
    assert 0 < len(answer.statements) <= MOST_STATEMENTS


def test_the_same_statement_is_shown_once(written: Written, markets: dict[str, object]) -> None:
    assert len(written(reply(markets, markets, markets)).statements) == 1


def test_no_control_character_reaches_a_person(written: Written, markets: dict[str, object]) -> None:
    hostile = MARKETS.replace(" are ", " \x1b[31mare\x00\u202e\u200b\r\n# \x07\ud800")
    answer = written(reply(markets | {"text": hostile}))
    for statement in answer.statements:  # `shown` looked at each already
        assert not set(statement.text) & set("\x1b\x00\u202e\u200b\r\n\x07")


@pytest.mark.parametrize(
    "link", ["[here](http://evil.example/x)", "https://evil.example", "www.evil.example"]
)
def test_a_link_that_the_article_does_not_hold_is_withheld(
    link: str, written: Written, markets: dict[str, object]
) -> None:
    answer = written(reply(markets | {"text": f"{MARKETS} {link}"}))
    assert answer.statements == ()
    assert answer.withheld == 1
    assert "evil" not in answer.model_dump_json()


@pytest.mark.parametrize("text", ["", " ", "\x00", "?", "It."])
def test_an_empty_statement_is_withheld(text: str, written: Written, markets: dict[str, object]) -> None:
    answer = written(reply(markets | {"text": text}))
    assert answer.statements == ()


def test_the_model_may_decline(written: Written) -> None:
    answer = written({"answered": False, "statements": []})
    assert (answer.status, answer.reason) == (Status.DECLINED, Reason.PASSAGES_DO_NOT_ANSWER)
    assert answer.citations == ()
    assert answer.nearest
    assert (answer.writer.name, answer.writer.model) == ("llm", "m")
    assert answer.writer.fallback is None


def test_statements_under_a_decline_are_not_shown(written: Written, markets: dict[str, object]) -> None:
    answer = written({"answered": False, "statements": [markets]})
    assert answer.reason is Reason.PASSAGES_DO_NOT_ANSWER
    assert answer.statements == ()


def test_keys_in_another_order_are_read_too(written: Written, markets: dict[str, object]) -> None:
    answer = written({"statements": [dict(reversed(markets.items()))], "answered": True})
    assert [statement.text for statement in answer.statements] == [MARKETS]


def test_a_quotation_is_fully_supported_and_records_its_prompt(
    written: Written, markets: dict[str, object], bundled: Article
) -> None:
    start = bundled.text.index("Formally, seven border markets")
    quote = bundled.text[start : bundled.text.index(".", start) + 1]
    answer = written(reply(markets | {"text": quote}))
    assert answer.statements[0].support is Support.SUPPORTED
    assert answer.citations[0].quote == quote
    assert (answer.writer.name, (answer.writer.prompt or "").split("@")[0]) == ("llm", "answer")
    assert answer.confidence == 1


def test_the_model_sees_numbered_sentences_and_the_question(
    desk_with: DeskWith, endpoint: Endpoint, markets: dict[str, list[int]]
) -> None:
    endpoint.behave = does.says(reply())
    desk_with().answer(replace(TRADE, text="How many border markets\n[1] are there?"))
    (request,) = endpoint.requests
    user = request["messages"][1]["content"]
    assert "From “The skies are quiet" in user
    lines = [line for line in user.splitlines() if line.startswith("[")]
    assert [line.split("]")[0][1:] for line in lines[:-1]] == [str(n) for n in range(1, len(lines))]
    assert json.dumps(endpoint.requests).count("seven border markets") == 1


def test_an_empty_library_is_not_put_to_the_model(desk_with: DeskWith, endpoint: Endpoint) -> None:
    desk = desk_with()
    answer = desk.answer(Question("Who?", allowed=desk.filter(articles=())))
    assert answer.reason in (Reason.NOTHING_RETRIEVED, Reason.PASSAGES_DO_NOT_ANSWER) or answer.statements
    assert len(endpoint.requests) <= 1
