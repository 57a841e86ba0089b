import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import opening
from bot.answer import Answer, Question, Reason, Statement, Status
from bot.desk import Desk
from bot.settings import Settings, WriterChoice
from index import readers
from index.builder import Builder
from index.catalog import Filter
from index.embeddings import MiniLM
from index.errors import ModelUnavailable, UnknownArticle
from index.library import Library

QUESTIONS = Path(__file__).parents[1] / "evals" / "article.jsonl"
TRADE = "How much could informal trade between Iran and Pakistan be worth?"


def silent(_title: str, _done: int, _total: int) -> None:
    pass


def assert_every_quote_is_its_slice(desk: Desk, answer: Answer) -> None:
    texts = {article.id: article.text for article in desk.articles()}
    for citation in (*answer.citations, *answer.nearest):
        assert citation.quote == texts[citation.article][citation.start : citation.end]
        assert citation.quote


def test_every_quote_of_the_bundled_questions_is_its_slice(desk: Desk) -> None:
    for line in QUESTIONS.read_text("utf-8").splitlines():
        assert_every_quote_is_its_slice(desk, desk.answer(Question(json.loads(line)["question"])))


def test_the_bundled_questions_are_answered_and_declined_as_they_should_be(desk: Desk) -> None:
    answered = declined = 0
    for line in QUESTIONS.read_text("utf-8").splitlines():
        case = json.loads(line)
        answer = desk.answer(Question(case["question"]))
        answered += any(gold in c.quote for gold in case["gold"] for c in answer.citations)
        declined += case["kind"] != "answerable" and answer.status is Status.DECLINED
    assert answered >= 18
    assert declined >= 8


WORDS = st.sampled_from(
    "ferry bridge Tallinn Kura dam opened closed Monday 1953 three million euros Ana Beridze "
    "\u202eold naïve 日本 😀 “quoted” e\u0301 U.S. no. [1] **bold** @everyone".split()
)
SENTENCES = st.lists(WORDS, min_size=3, max_size=12).map(lambda words: " ".join(words) + ".")
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=4).map(" ".join)
TEXTS = st.lists(PARAGRAPHS, min_size=1, max_size=4).map("\n\n".join)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=2), question=SENTENCES)
def test_every_quote_over_random_articles_is_its_slice(
    encoder: MiniLM, tmp_path_factory: pytest.TempPathFactory, texts: list[str], question: str
) -> None:
    home = tmp_path_factory.mktemp("random")
    for n, text in enumerate(texts):
        (home / f"{n}.txt").write_text(text, "utf-8")
    library = Library(home / "index")
    articles = [readers.read(home / f"{n}.txt") for n in range(len(texts))]
    Builder(library, encoder).add(articles, silent)
    desk = Desk(Settings(home=home), library, encoder, encoder, opening.record(Settings(home=home)))
    try:
        answer = desk.answer(Question(question))
        assert_every_quote_is_its_slice(desk, answer)
        for statement in answer.statements:
            quotes = [c.quote for c in answer.citations if c.n in statement.citations]
            assert [statement.text] == quotes
    finally:
        desk.close()


def test_statements_come_before_the_answer_and_are_its_own(desk: Desk) -> None:
    *statements, answer = desk.ask(Question("What were the two stages of Pakistan's strategy?"))
    assert isinstance(answer, Answer)
    assert all(isinstance(statement, Statement) for statement in statements)
    assert tuple(statements) == answer.statements


def test_the_same_question_gives_the_same_answer(desk: Desk) -> None:
    def essence(answer: Answer) -> object:
        return answer.model_dump(exclude={"id", "timings_ms"})

    assert essence(desk.answer(Question(TRADE))) == essence(desk.answer(Question(TRADE)))


def test_statements_are_cited_in_reading_order_with_footnotes_from_one(desk: Desk) -> None:
    answer = desk.answer(Question("What were the two stages of Pakistan's strategy?"))
    assert [citation.n for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert [c.start for c in answer.citations] == sorted(c.start for c in answer.citations)


def test_a_follow_up_is_asked_with_the_question_it_points_to(desk: Desk) -> None:
    answer = desk.answer(Question("And the official one?", (TRADE,)))
    assert answer.standalone_question == f"{TRADE} And the official one?"
    assert any("two billion dollars" in citation.quote for citation in answer.citations)


def test_a_filter_that_leaves_no_article_declines_because_nothing_was_retrieved(desk: Desk) -> None:
    answer = desk.answer(Question(TRADE, allowed=Filter(published_to=date(2020, 1, 1))))
    assert answer.reason is Reason.NOTHING_RETRIEVED
    assert answer.nearest == answer.citations == ()


def test_an_unknown_article_is_refused(desk: Desk) -> None:
    with pytest.raises(UnknownArticle, match="nope"):
        desk.filter(("nope",))


def test_a_model_that_is_not_configured_is_refused_with_advice(desk: Desk) -> None:
    with pytest.raises(ModelUnavailable, match="OPENAI_API_KEY"):
        desk.answer(Question(TRADE), WriterChoice.LLM)


def test_clock_and_ids_come_in_from_outside(home: Path, encoder: MiniLM) -> None:
    settings_ = Settings(home=home)
    ticks = iter(range(1000))
    desk = Desk(
        settings_,
        opening.library(settings_),
        encoder,
        encoder,
        opening.record(settings_),
        now=lambda: datetime(2030, 1, 1, tzinfo=UTC),
        clock=lambda: float(next(ticks)),
        new_id=lambda: "the-id",
    )
    answer = desk.answer(Question(TRADE))
    assert answer.id == "the-id"
    assert answer.timings_ms.total >= 4000
    assert desk.why("the-id").asked_at.year == 2030
    desk.close()


def test_the_context_of_a_citation_is_its_paragraph(desk: Desk) -> None:
    (citation,) = desk.answer(Question(TRADE)).citations
    context = desk.context(citation)
    (article,) = desk.articles()
    assert context.quote == citation.quote
    assert context.before + context.quote + context.after in article.text
    assert context.before.startswith("Taken together")
