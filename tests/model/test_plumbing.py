"""The whole way with a real model, as a person goes it. What is asserted holds whatever the model says."""

import json
from pathlib import Path
from typing import Any

import pytest

import prompts
from tests.model.conftest import Ibid, serve

pytestmark = pytest.mark.model

MARKETS = "How many border markets are operational?"
TRADE = "How large could informal trade between Iran and Pakistan be?"


def keeps_the_rules(answer: dict[str, Any], ibid: Ibid) -> None:
    text = ibid("show", "iran-pakistan-strikes", "--text").out
    for citation in answer["citations"] + answer["nearest"]:
        assert citation["quote"] == text[citation["start"] : citation["end"]]
    numbers = [citation["n"] for citation in answer["citations"]]
    for statement in answer["statements"]:
        assert statement["citations"]
        assert set(statement["citations"]) <= set(numbers)
    answered = answer["status"] == "answered"
    assert answered == bool(answer["statements"]) == (answer["reason"] is None)
    assert answered == (not answer["nearest"])
    assert answered or not answer["citations"]
    story = ibid("why", answer["id"]).out
    assert story.count("withheld:") == answer["withheld"]
    for statement in answer["statements"]:
        assert statement["text"] in story


def is_signed(answer: dict[str, Any]) -> bool:
    """By the model with its prompt; or by who stood in, a small model losing the thread, with the reason."""
    writer = answer["writer"]
    if writer["name"] == "llm":
        return bool(writer["model"] == "local" and writer["prompt"] == prompts.load("answer").label)
    return bool(writer["name"] == "extractive" and writer["fallback"])


def test_smoke_an_answer_is_written_checked_and_cited(ibid: Ibid) -> None:
    ran = ibid("ask", MARKETS, "--json")
    assert ran.code == 0
    answer = ran.json
    keeps_the_rules(answer, ibid)
    assert is_signed(answer)


def test_smoke_a_bad_key_falls_back_and_says_so(ibid: Ibid) -> None:
    ran = ibid("ask", MARKETS, "--json", OPENAI_API_KEY="sk-wrong")
    assert ran.code == 0
    keeps_the_rules(ran.json, ibid)
    assert ran.json["writer"]["name"] == "extractive"
    assert "check OPENAI_API_KEY" in ran.json["writer"]["fallback"]
    assert "sk-wrong" not in ran.out + ran.err


def test_smoke_doctor_reports_the_model(ibid: Ibid) -> None:
    ran = ibid("doctor")
    assert "language model: local at http://127.0.0.1:" in ran.out
    assert "answers" in ran.out


def test_a_follow_up_is_made_standalone_by_the_model(ibid: Ibid, tmp_path: Path) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_text(json.dumps({"ref": 7, "question": "And the official one?", "history": [TRADE]}))
    ran = ibid("ask", "--batch", str(batch))
    assert ran.code == 0
    answer = ran.json
    assert answer["ref"] == 7
    assert answer["question"] == "And the official one?"
    assert answer["standalone_question"]
    assert answer["timings_ms"]["condense"] > 0
    keeps_the_rules(answer, ibid)


def test_what_the_article_does_not_say_is_never_put_in_its_mouth(ibid: Ibid) -> None:
    ran = ibid("ask", "Who won the 2024 general election in Pakistan?", "--json")
    assert ran.code == 0
    keeps_the_rules(ran.json, ibid)
    assert is_signed(ran.json)


def test_a_person_sees_the_statements_and_their_sources(ibid: Ibid) -> None:
    ran = ibid("ask", TRADE)
    assert ran.code == 0
    assert ("Sources" in ran.out) or ("The nearest passages, which are not an answer:" in ran.out)
    assert " local, answer@" in ran.out or "Quoted from the articles instead" in ran.out


def test_a_context_that_is_too_small_falls_back(ibid: Ibid) -> None:
    ran = ibid("ask", " ".join(["Pakistan"] * 200), "--json", IBID_PASSAGES="20")
    assert ran.code == 0
    keeps_the_rules(ran.json, ibid)


def test_a_deadline_that_is_too_short_falls_back(ibid: Ibid) -> None:
    ran = ibid("ask", "Why is diesel smuggled to Balochistan?", "--json", IBID_DEADLINE="1")
    assert ran.code == 0
    keeps_the_rules(ran.json, ibid)
    assert "not done after 1 s" in ran.json["writer"]["fallback"]


def test_a_server_that_was_stopped_falls_back(ibid: Ibid, gguf: Path) -> None:
    stopped = serve(gguf)
    stopped.stop()
    ran = ibid("ask", MARKETS, "--json", OPENAI_BASE_URL=stopped.url)
    assert ran.code == 0
    keeps_the_rules(ran.json, ibid)
    assert "cannot be reached" in ran.json["writer"]["fallback"]
    declined = ibid("ask", MARKETS, "--json", OPENAI_BASE_URL=stopped.url, IBID_FALLBACK="false")
    assert declined.code == 4
    keeps_the_rules(declined.json, ibid)
    assert declined.json["reason"] == "model_unavailable"
