"""The checker on statements about the bundled article that were judged before it saw them (pairs.py)."""

import pytest

from bot.check import MOST_CITED, Criterion, Outcome, check
from index import sentences
from index.article import Article
from index.embeddings import MiniLM, as_vector
from tests.bot.pairs import FAIR, WRONG

KNOWN_LIMITS = {
    # The cited sentence says "it"; only the one before says who.
    "Pakistan conducted retaliatory strikes inside southeastern Iran 48 hours after the attack.",
    # Who did it to whom: every word stands in the cited sentence.
    "Pakistan carried out unilateral strikes in western Iran on January 16.",
}


@pytest.fixture(scope="module")
def texts(bundled: Article) -> list[str]:
    spans = [(sentence.start, sentence.end) for sentence in sentences.split(bundled)]
    spans += [(block.start, block.end) for block in bundled.blocks]  # the caption is no sentence
    return list(dict.fromkeys(bundled.text[start:end] for start, end in spans))


def checked(statement: str, words: str, texts: list[str], embedder: MiniLM) -> Outcome:
    cited = min((text for text in texts if words in text), key=len)
    first, second = map(as_vector, embedder.embed_documents([statement, cited]))
    return check(statement, [cited], float(first @ second), texts)


@pytest.mark.parametrize(("statement", "words"), FAIR)
def test_a_fair_paraphrase_passes(
    statement: str, words: str, texts: list[str], embedder: MiniLM, request: pytest.FixtureRequest
) -> None:
    if statement in KNOWN_LIMITS:
        request.applymarker(pytest.mark.xfail(strict=True))
    outcome = checked(statement, words, texts, embedder)
    assert outcome.holds, list(map(str, outcome.failures))


@pytest.mark.parametrize(("statement", "words", "criterion"), WRONG)
def test_a_wrong_statement_is_withheld_for_what_is_wrong(
    statement: str,
    words: str,
    criterion: Criterion,
    texts: list[str],
    embedder: MiniLM,
    request: pytest.FixtureRequest,
) -> None:
    if statement in KNOWN_LIMITS:
        request.applymarker(pytest.mark.xfail(strict=True))
    outcome = checked(statement, words, texts, embedder)
    assert criterion in [failure.criterion for failure in outcome.failures]


def test_without_a_citation_nothing_holds() -> None:
    (failure,) = check("Anything.", [], 1.0).failures
    assert failure.criterion is Criterion.CITATIONS


def test_a_quotation_holds_whatever_it_is() -> None:
    assert check("No 7, not On 5 May.", ["No 7, not On 5 May."], 0.0) == Outcome(1.0, ())


def test_citing_everything_is_citing_nothing() -> None:
    (failure,) = check("It rained.", ["It rained."] * (MOST_CITED + 1), 1.0).failures
    assert failure.criterion is Criterion.CITATIONS


def test_what_has_nothing_in_common_is_withheld() -> None:
    (failure,) = check("The dam broke at night.", ["Prices rose slowly all year."], 0.1).failures
    assert failure.criterion is Criterion.MEANING


def test_a_link_has_to_stand_in_the_cited_text() -> None:
    link = "Prices rose, see https://prices.example/a."
    assert not check(link, ["Prices rose."], 0.9).holds
    assert check("Prices rose, see https://prices.example/a", [f"{link} All year."], 0.9).holds


@pytest.mark.parametrize(
    "statement", ["", " ", "\x00", "9" * 5_000, "2024-13-45", "٣", "-" * 1_000, "’s", "U.S."]
)
def test_strange_statements_are_checked_without_an_error(statement: str) -> None:
    assert not check(statement, ["Prices rose on 5 May."], 0.0).holds
