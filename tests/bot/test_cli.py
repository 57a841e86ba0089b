import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.opening import BUNDLED
from tests.bot.conftest import Ran

Ibid = Callable[..., Ran]
TRADE = "How much could informal trade between Iran and Pakistan be worth?"


def one_line(text: str) -> bool:
    return text.endswith("\n") and text.count("\n") == 1 and "Traceback" not in text


def test_an_empty_home_gets_the_bundled_article_with_a_progress_line(ibid: Ibid, empty_home: Path) -> None:
    ran = ibid("ask", TRADE)
    assert ran.code == 0
    assert "Indexing The skies are quiet" in ran.err
    assert "Indexed 17 passages" in ran.err
    assert "three billion dollars per year" in ran.out
    assert "Muhammad Faisal, New Atlanticist, Atlantic Council, 25 January 2024" in ran.out
    assert "“Trade ties that bind”, characters " in ran.out
    again = ibid("ask", TRADE)
    assert again.err == ""


def test_a_home_that_was_given_articles_first_holds_just_those(
    ibid: Ibid, empty_home: Path, tmp_path: Path
) -> None:
    own = tmp_path / "dam.txt"
    own.write_text("The dam on the river Kura was opened in 1953 by the engineer Ana Beridze.\n")
    assert ibid("add", str(own)).code == 0
    answer = json.loads(ibid("ask", "Who opened the dam on the Kura?", "--json").out)
    assert [citation["article"] for citation in answer["citations"]] == ["dam"]
    assert [article["id"] for article in json.loads(ibid("articles", "--json").out)] == ["dam"]


def test_the_answer_as_json_keeps_the_contract(ibid: Ibid, home: Path) -> None:
    answer = json.loads(ibid("ask", "Who visited Moscow, and when?", "--json").out)
    text = ibid("show", "iran-pakistan-strikes", "--text").out
    assert answer["status"] == "answered"
    assert answer["reason"] is None
    assert answer["question"] == answer["standalone_question"] == "Who visited Moscow, and when?"
    assert answer["withheld"] == 0
    assert answer["nearest"] == []
    assert answer["writer"]["name"] == "extractive"
    assert answer["writer"]["prompt"] is None
    assert answer["index"]["embedding"] == "all-MiniLM-L6-v2-int8"
    assert set(answer["timings_ms"]) == {"condense", "retrieve", "write", "check", "total"}
    assert 0 < answer["confidence"] <= 1
    assert any("Imran Khan" in citation["quote"] for citation in answer["citations"])
    for citation in answer["citations"]:
        assert citation["quote"] == text[citation["start"] : citation["end"]]
        assert citation["article"] == "iran-pakistan-strikes"
        assert citation["author"] == "Muhammad Faisal"
        assert citation["published"] == "2024-01-25"
        assert citation["url"] is citation["link"] is None
    numbers = {citation["n"] for citation in answer["citations"]}
    for statement in answer["statements"]:
        assert set(statement["citations"]) <= numbers
        assert statement["support"] in ("supported", "partial")


def test_a_decline_cites_nothing_and_shows_the_nearest_passages(ibid: Ibid, home: Path) -> None:
    ran = ibid("ask", "What is the boiling point of water?", "--json")
    answer = json.loads(ran.out)
    assert ran.code == 0
    assert answer["status"] == "declined"
    assert answer["reason"] == "passages_do_not_answer"
    assert answer["statements"] == answer["citations"] == []
    assert answer["nearest"]
    shown = ibid("ask", "What is the boiling point of water?").out
    assert "The articles do not answer this." in shown
    assert "which are not an answer" in shown


def test_the_text_that_is_shown_is_the_text_of_the_file(ibid: Ibid, home: Path) -> None:
    assert ibid("show", "iran-pakistan-strikes", "--text").out == BUNDLED.read_text("utf-8")


def test_search_gives_passages_that_are_slices_with_all_three_scores(ibid: Ibid, home: Path) -> None:
    text = ibid("show", "iran-pakistan-strikes", "--text").out
    found = json.loads(ibid("search", "border markets", "--top", "3", "--json").out)["passages"]
    assert len(found) == 3
    assert "seven border markets" in found[0]["text"]
    for passage in found:
        assert set(passage) == {"article", "start", "end", "text", "score", "lexical", "dense"}
        assert passage["text"] == text[passage["start"] : passage["end"]]
    assert [p["score"] for p in found] == sorted((p["score"] for p in found), reverse=True)


def test_a_batch_answers_in_order_and_carries_the_refs(ibid: Ibid, home: Path, tmp_path: Path) -> None:
    lines = [
        {"ref": "a", "question": TRADE},
        {"ref": 2, "question": "And the official one?", "history": [TRADE]},
        {"ref": None, "question": ""},
        {"ref": "nul\u0000", "question": "Who visited\u0000 Moscow\ud800?"},
        {"ref": "d", "question": "Who visited Moscow?", "article": "nope"},
        {"ref": "e", "question": "Who visited Moscow?", "article": "iran-pakistan-strikes"},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n\nnot json\n[1]\n")
    ran = ibid("ask", "--batch", str(file))
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert [answer["ref"] for answer in answers] == ["a", 2, None, "nul\u0000", "d", "e", None, None]
    assert answers[0]["status"] == answers[1]["status"] == "answered"
    assert answers[1]["standalone_question"] == f"{TRADE} And the official one?"
    assert answers[3]["question"] == "Who visited Moscow ?"
    assert all(one_line(answers[n]["error"] + "\n") for n in (2, 4, 6, 7))
    assert answers[5]["status"] == "answered"
    assert ran.code == 5
    assert ran.err == "ibid: 4 of 8 lines were rejected; their `error` says why.\n"


def test_search_and_check_take_batches_too(ibid: Ibid, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text(
        json.dumps({"ref": 1, "question": "border", "statement": "China has citizens in Gwadar."})
    )
    found = json.loads(ibid("search", "--batch", str(file), "--top", "2").out)
    assert found["ref"] == 1
    assert len(found["passages"]) == 2
    checked = json.loads(ibid("check", "--batch", str(file)).out)
    assert checked["ref"] == 1
    assert checked["verdict"] in ("supported", "contradicted", "not_mentioned")


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        ("Seven border markets are now operational to facilitate barter trade.", "supported"),
        ("Nine border markets are now operational to facilitate barter trade.", "contradicted"),
        ("Seven border markets are not operational to facilitate barter trade.", "contradicted"),
        ("The moon is made of cheese.", "not_mentioned"),
    ],
)
def test_a_statement_is_checked_against_the_articles(
    ibid: Ibid, home: Path, statement: str, verdict: str
) -> None:
    report = json.loads(ibid("check", statement, "--json").out)
    assert report["verdict"] == verdict
    assert bool(report["citations"]) == (verdict != "not_mentioned")


def test_why_tells_the_whole_story_of_an_answer(ibid: Ibid, home: Path) -> None:
    answer = json.loads(ibid("ask", TRADE, "--json").out)
    story = ibid("why", answer["id"]).out
    for part in (TRADE, "Retrieved", "BM25", "Considered", "Decided", "Checked", "100% borne out, shown"):
        assert part in story


def test_articles_and_show_describe_the_article(ibid: Ibid, home: Path) -> None:
    (article,) = json.loads(ibid("articles", "--json").out)
    assert article["title"].startswith("The skies are quiet")
    assert article["published"] == "2024-01-25"
    shown = ibid("show", "iran-pakistan-strikes").out
    assert "Rethinking border security; Trade ties that bind" in shown
    assert "url        not known" in shown


def test_adding_twice_changes_nothing_and_removing_takes_it_away(
    ibid: Ibid, home: Path, tmp_path: Path
) -> None:
    own = tmp_path / "note.md"
    own.write_text(
        "---\ntitle: A note\ndate: 2023-05-01\n---\n# A note\n\nThe bridge is closed on Mondays.\n"
    )
    assert json.loads(ibid("add", str(own), "--json").out)["added"] == ["note"]
    assert json.loads(ibid("add", str(own), "--json").out)["unchanged"] == ["note"]
    own.write_text(own.read_text().replace("Mondays", "Sundays"))
    assert json.loads(ibid("add", str(own), "--json").out)["updated"] == ["note"]
    answer = json.loads(ibid("ask", "When is the bridge closed?", "--article", "note", "--json").out)
    assert [citation["quote"] for citation in answer["citations"]] == ["The bridge is closed on Sundays."]
    since = json.loads(ibid("search", "bridge", "--until", "2023-12-31", "--json").out)
    assert {passage["article"] for passage in since["passages"]} == {"note"}
    assert json.loads(ibid("remove", "note", "--json").out)["removed"] == ["note"]
    assert ibid("remove", "note").code == 5


def test_one_bad_file_stops_no_other(ibid: Ibid, home: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("The library of Timbuktu holds old books.")
    bad.write_bytes(b"\x7fELF\0\0\0\xff\xfe")
    ran = ibid("add", str(bad), str(good), str(tmp_path / "none.txt"))
    assert ran.code == 5
    assert ran.out == "added: good\n"
    assert "bad.txt" in ran.err
    assert "none.txt: no such file" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("ask",), 2),
        (("ask", ""), 5),
        (("ask", " \t\n"), 5),
        (("ask", "😀😀"), 5),
        (("ask", "x" * 6000), 5),
        (("ask", "Who?", "--article", "nope"), 5),
        (("ask", "Who?", "--writer", "poet"), 2),
        (("ask", "Who?", "--writer", "llm"), 4),
        (("ask", "Who?", "--since", "yesterday"), 2),
        (("ask", "Who?", "--batch", "x.jsonl"), 2),
        (("ask", "--batch", "missing.jsonl"), 5),
        (("ask", "Who?", "--colour"), 2),
        (("search", "x", "--top", "0"), 2),
        (("show", "nope"), 5),
        (("why", "nope"), 5),
        (("remove", "nope"), 5),
        (("restore", "nope"), 5),
        (("add", "missing.txt"), 5),
        (("dance",), 2),
    ],
)
def test_bad_input_gets_one_line_and_its_exit_code(
    ibid: Ibid, home: Path, arguments: tuple[str, ...], code: int
) -> None:
    ran = ibid(*arguments)
    assert ran.code == code
    assert ran.out == ""
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err


def test_a_bad_setting_is_named(ibid: Ibid, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IBID_PASSAGES", "many")
    ran = ibid("ask", "Who?")
    assert ran.code == 2
    assert ran.err.startswith("ibid: IBID_PASSAGES cannot be 'many'")


def test_a_missing_index_exits_with_3(ibid: Ibid, home: Path) -> None:
    (home / "index" / "current").unlink()
    for command in (("ask", "Who?"), ("articles",), ("show", "x"), ("add", str(BUNDLED))):
        ran = ibid(*command)
        assert ran.code == 3
        assert one_line(ran.err)


def test_a_corrupt_index_exits_with_3_and_doctor_says_how_to_mend_it(ibid: Ibid, home: Path) -> None:
    (vectors,) = home.glob("index/generations/*/chroma/*/data_level0.bin")
    data = bytearray(vectors.read_bytes())
    data[len(data) // 2] ^= 255
    vectors.write_bytes(data)
    ran = ibid("ask", TRADE)
    assert ran.code == 3
    assert one_line(ran.err)
    sick = ibid("doctor")
    assert sick.code == 3
    assert "`ibid rebuild`" in sick.out
    assert ibid("rebuild").code == 0
    assert ibid("doctor").code == 0
    assert ibid("ask", TRADE).code == 0


def test_another_embedding_model_is_refused_until_the_index_is_rebuilt(
    ibid: Ibid, home: Path, folder_of_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IBID_EMBEDDING", "fastembed:sentence-transformers/all-MiniLM-L6-v2")
    monkeypatch.setenv("IBID_EMBEDDING_FOLDER", str(folder_of_model))
    for command in (("ask", TRADE), ("add", str(BUNDLED)), ("search", "trade")):
        ran = ibid(*command)
        assert ran.code == 3
        assert one_line(ran.err)
        assert "`ibid rebuild`" in ran.err
    assert ibid("rebuild").out == "updated: iran-pakistan-strikes\n"
    answer = json.loads(ibid("ask", TRADE, "--json").out)
    assert "three billion" in answer["statements"][0]["text"]
    assert answer["index"]["embedding"] == "fastembed:sentence-transformers/all-MiniLM-L6-v2"


def test_an_earlier_generation_can_serve_again(ibid: Ibid, home: Path, tmp_path: Path) -> None:
    own = tmp_path / "note.txt"
    own.write_text("The bridge is closed on Mondays.")
    ibid("add", str(own))
    newest = (home / "index" / "current").read_text().strip()
    (home / "index" / "generations" / newest / "catalog.sqlite").write_bytes(b"")
    (earlier,) = {path.name for path in home.glob("index/generations/*")} - {newest}
    assert f"`ibid restore {earlier}`" in ibid("doctor").out
    assert ibid("restore", earlier).code == 0
    assert [article["id"] for article in json.loads(ibid("articles", "--json").out)] == [
        "iran-pakistan-strikes"
    ]


def test_an_unwritable_record_does_not_lose_the_answer(ibid: Ibid, home: Path) -> None:
    (home / "state.sqlite").write_bytes(b"this is no database, and long enough to be looked at" * 20)
    ran = ibid("ask", TRADE)
    assert "three billion" in ran.out
    assert ran.code == 4
    assert one_line(ran.err)


def test_text_from_an_article_cannot_steer_the_terminal(ibid: Ibid, home: Path, tmp_path: Path) -> None:
    own = tmp_path / "trap.txt"
    own.write_text("The ferry \x1b[31mto Aland\x1b]8;;http://evil\x07 leaves\u202e at noon every day.")
    ibid("add", str(own))
    out = ibid("ask", "When does the ferry to Aland leave?", "--article", "trap").out
    assert "leaves" in out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "\u202e" not in out


def test_debug_shows_the_traceback_wherever_it_stands(ibid: Ibid, home: Path) -> None:
    assert "Traceback" in ibid("show", "nope", "--debug").err
    assert "Traceback" in ibid("--debug", "show", "nope").err


IBID = [sys.executable, "-c", "from bot.cli import main; main()"]


def spawn(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    root = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [*IBID, *arguments],
        env={**os.environ, "PYTHONPATH": root, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        # A job in the background, as CI may be, is started with Ctrl-C ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def test_help_imports_nothing_heavy() -> None:
    probe = (
        "import sys; from bot.cli import run; run(['--help']); run(['ask', '--help']);"
        "print([m for m in ('chromadb', 'openai', 'langchain_openai', 'langchain_core', 'discord',"
        " 'onnxruntime', 'numpy') if m in sys.modules], file=sys.stderr)"
    )
    root = str(Path(__file__).parents[2])
    ran = subprocess.run(
        [sys.executable, "-c", probe],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr.strip() == "[]"
    for word in ("Usage: ibid", "doctor", "--batch"):
        assert word in ran.stdout


def test_a_pipe_that_closes_early_is_no_error(home: Path) -> None:
    with spawn("show", "iran-pakistan-strikes", "--text") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0


@pytest.mark.parametrize("after", [0.6, 6])
def test_ctrl_c_stops_with_one_line(home: Path, after: float) -> None:
    """Both while it loads and while it waits for the next line of a batch."""
    with spawn("ask", "--batch", "-") as process:
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert process.stderr
        assert process.stderr.read() == "ibid: stopped.\n"


def test_nothing_reaches_for_the_network(home: Path) -> None:
    probe = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('the network was reached for')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from bot.cli import run\n"
        f"sys.exit(run(['ask', {TRADE!r}]))"
    )
    root = str(Path(__file__).parents[2])
    ran = subprocess.run(
        [sys.executable, "-c", probe],
        env={**os.environ, "PYTHONPATH": root, "LANGSMITH_TRACING": "true", "LANGSMITH_API_KEY": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
