"""What answers say of their sources: their age and other places, and what became of them since."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.answer import Answer, Question, Statement
from bot.desk import Desk
from bot.recency import Recency, told
from bot.record import Record
from bot.settings import Settings
from bot.since import Since
from index.article import Article
from index.builder import Builder
from index.embeddings import MiniLM
from index.errors import SourceChanged
from index.library import Library
from tests.bot.conftest import Ran
from tests.index.notes import COFFEE, COMETS, GENEVA, note, silent

QUESTION = Question("Where was the treaty on fishing rights signed?")
SIGNED = "The treaty on fishing rights was signed in Geneva."


@pytest.fixture
def desk(library: Library, embedder: MiniLM, tmp_path: Path) -> Iterator[Desk]:
    settings = Settings(home=tmp_path, old_after=365)
    record = Record(tmp_path / "state.sqlite")
    made = Desk(settings, library, embedder, embedder, record, now=lambda: datetime(2026, 3, 1, tzinfo=UTC))
    yield made
    made.close()


def test_a_source_that_changed_opens_as_it_was_cited(builder: Builder, desk: Desk) -> None:
    builder.add([note("treaty", GENEVA, COFFEE)], silent)
    (citation,) = desk.answer(QUESTION).citations
    assert (desk.since([citation]), desk.context(citation).since) == ([Since.SAME], Since.SAME)
    builder.add([note("treaty", COMETS, GENEVA)], silent)
    context = desk.context(citation)
    assert context.since is Since.CHANGED
    assert context.before + context.quote + context.after == GENEVA
    builder.add([note("treaty", COMETS)], silent)
    context = desk.context(citation)
    assert (context.since, context.quote) == (Since.LOST, SIGNED)
    builder.add([note("coffee", COFFEE)], silent)
    builder.remove(["treaty"])
    assert desk.since([citation]) == [Since.GONE]
    with pytest.raises(SourceChanged, match="“Treaty” was changed or removed"):
        desk.context(citation)


def test_a_citation_from_before_revisions_goes_by_its_words(builder: Builder, desk: Desk) -> None:
    builder.add([note("treaty", GENEVA)], silent)
    (citation,) = desk.answer(QUESTION).citations
    old = citation.model_copy(update={"revision": None})
    assert desk.context(old).since is Since.SAME
    builder.add([note("treaty", COMETS, GENEVA)], silent)
    assert desk.since([old]) == [Since.CHANGED]
    with pytest.raises(SourceChanged):
        desk.context(old)


def test_an_article_past_the_set_age_is_called_old(builder: Builder, desk: Desk) -> None:
    builder.add([note("treaty", GENEVA, published=date(2024, 1, 25))], silent)
    (citation,) = desk.answer(QUESTION).citations
    assert citation.age_days == (date(2026, 3, 1) - date(2024, 1, 25)).days
    day = date(2026, 3, 1)
    assert Recency(day, 365).age(date(2025, 3, 1)) is None
    assert Recency(day, 0).age(date(1900, 1, 1)) is None
    assert Recency(day, 365).age(None) is None


@pytest.mark.parametrize(
    ("days", "words"),
    [(1, "1 day"), (45, "45 days"), (70, "2 months"), (366, "1 year"), (766, "2 years")],
)
def test_an_age_is_told_in_words(days: int, words: str) -> None:
    assert told(days) == words


def outlets() -> list[Article]:
    """An agency's text in two outlets, the second with a paragraph of its own."""
    agency = [GENEVA, "Fishing fleets of all nine states will be counted every spring.", COMETS]
    ours = note("agency", *agency)
    theirs = note("courier", "Our own reporter was there.", *agency, "More on page two.")
    meta = replace(theirs.metadata, publisher="The Courier", url="https://courier.example/treaty")
    return [ours, replace(theirs, metadata=meta)]


def test_the_same_words_in_two_outlets_are_one_source(builder: Builder, desk: Desk) -> None:
    builder.add([*outlets(), note("coffee", COFFEE)], silent)
    *said, answer = desk.ask(QUESTION)
    assert isinstance(answer, Answer)
    texts = [part.text for part in said if isinstance(part, Statement)]
    assert texts.count(SIGNED) == 1
    cited = [citation for citation in answer.citations if citation.quote == SIGNED]
    assert len(cited) == 1
    (also,) = cited[0].also
    assert {cited[0].article, also.article} == {"agency", "courier"}


def test_a_sentence_that_only_one_outlet_has_names_no_other_place(builder: Builder, desk: Desk) -> None:
    builder.add(outlets(), silent)
    answer = desk.answer(Question("Who was there for the Courier, a reporter?"))
    quotes = {citation.quote: citation.also for citation in (*answer.citations, *answer.nearest)}
    assert quotes
    for quote, also in quotes.items():
        held = [article.id for article in desk.articles() if quote in article.text]
        assert len(also) == len(held) - 1


def test_the_very_text_elsewhere_is_a_place_with_its_link(builder: Builder, desk: Desk) -> None:
    copy = replace(note("copy", GENEVA), source="https://a.example/copy")
    meta = replace(copy.metadata, publisher="A", url="https://a.example/copy")
    builder.add([note("treaty", GENEVA), replace(copy, metadata=meta)], silent)
    (citation,) = desk.answer(QUESTION).citations
    (also,) = citation.also
    assert (also.article, also.publisher) == (None, "A")
    assert also.link
    assert also.link.startswith("https://a.example/copy#:~:text=The%20treaty")


def test_a_page_is_named_and_its_link_leads_to_it(builder: Builder, desk: Desk) -> None:
    report = note("report", COMETS, GENEVA)
    meta = replace(report.metadata, url="https://a.example/report.pdf")
    builder.add([replace(report, metadata=meta, pages=(0, len(COMETS) + 2))], silent)
    (citation,) = desk.answer(QUESTION).citations
    assert (citation.page, citation.link) == (2, "https://a.example/report.pdf#page=2")


def test_the_command_line_says_what_became_of_a_source(
    empty_home: Path, ibid: Callable[..., Ran], tmp_path: Path
) -> None:
    path = tmp_path / "treaty.txt"
    path.write_text(f"{GENEVA}\n")
    ibid("add", str(path))
    answer_id = ibid("ask", QUESTION.text).out.split("ibid why ")[1].strip()
    assert "since" not in ibid("why", answer_id).out
    revision = ibid("show", "treaty").out.split("revision")[1].split()[0]
    path.write_text(f"{COMETS}\n")
    ibid("add", str(path))
    assert "[1] The source has changed since; the quoted words no longer" in ibid("why", answer_id).out
    assert f"before     {revision}" in ibid("show", "treaty").out
    assert ibid("show", "treaty", "--revision", revision[:6], "--text").out == f"{GENEVA}\n"
    assert "is not kept" in ibid("show", "treaty", "--revision", "0000").err


def test_what_is_known_of_an_article_can_be_mended(home: Path, ibid: Callable[..., Ran]) -> None:
    article = "iran-pakistan-strikes"
    assert ibid("edit", article, "--date", "2024-02-01", "--url", "https://a.example/b").code == 0
    shown = ibid("show", article).out
    assert "published  1 February 2024" in shown
    assert "mended     published, url" in shown
    assert '"published": "2024-02-01"' in ibid("articles", "--json").out
    wrong = ibid("edit", article, "--date", "soon")
    assert (wrong.code, wrong.err) == (5, "ibid: 'soon' is no date; write it as 2024-01-25.\n")
    assert ibid("edit", article).code == 2
    assert ibid("edit", "nobody", "--title", "x").code == 5
