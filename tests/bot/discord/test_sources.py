"""Where a citation comes from, as a line below an answer and as the head of the reader."""

from datetime import date

import pytest
from simcord import Env

from bot.answer import Also, CheckReport, Citation, Verdict
from bot.desk import Context
from bot.discord.render import LONGEST, check_pages, reader_page, source_lines
from bot.discord.texts import ENGLISH
from bot.since import Since
from index.builder import Builder
from index.embeddings import MiniLM
from tests.bot.discord.conftest import Server, at_rest, bot_of
from tests.index.notes import note, silent

QUOTE = "Nine states joined the treaty on fishing rights at once."
ASK = "How many states joined the treaty on fishing rights?"
HOSTILE = "](https://evil.example) @everyone <@1>"


def also(publisher: str, link: str | None = None) -> Also:
    return Also(article=None, title="T", publisher=publisher, published=None, url=link, link=link)


def citation(n: int = 1, page: int | None = None, places: tuple[Also, ...] = ()) -> Citation:
    return Citation(
        n=n,
        article="treaty",
        title="The treaty",
        author="Ann",
        published=date(2024, 1, 25),
        url=None,
        start=0,
        end=len(QUOTE),
        quote=QUOTE,
        link=None,
        publisher="Herald",
        page=page,
        published_is_guess=True,
        age_days=800,
        also=places,
    )


def test_a_source_is_told_with_its_pages_its_guessed_day_its_age_and_its_other_places() -> None:
    places = (also("Courier", "https://courier.example/a#:~:text=Nine"), also("Dawn"), also("Dawn"))
    (line,) = source_lines([citation(1, 12, places), citation(2, 3), citation(3, 12)], ENGLISH)
    assert line == (
        "-# [1] [2] [3] The treaty · Ann, Herald · 25 January 2024 (a guess) · pp. 3, 12 · 2 years old"
        " · also in: [Courier](<https://courier.example/a>), Dawn"
    )
    (plain,) = source_lines([citation(1, 4)], ENGLISH)
    assert plain.endswith("(a guess) · p. 4 · 2 years old")


def test_few_places_are_named_and_the_others_counted() -> None:
    places = tuple(also(f"Paper {n}") for n in range(9))
    (line,) = source_lines([citation(places=places)], ENGLISH)
    assert line.endswith("also in: Paper 0, Paper 1, and 7 more")
    page = reader_page(
        citation(places=places), 1, Context("", QUOTE, "", Since.SAME), ENGLISH, declined=False
    )
    assert "-# Also in: Paper 0, Paper 1, Paper 2, Paper 3, Paper 4, and 4 more\n" in page


def test_other_places_are_text_and_their_links_are_those_of_the_web() -> None:
    """H2 and H3"""
    long = "https://courier.example/" + "a" * 500
    places = (also(HOSTILE, "https://courier.example/) [x](https://evil.example"), also("Long", long))
    for shown in (
        *source_lines([citation(places=places)], ENGLISH),
        reader_page(citation(places=places), 1, Context("", QUOTE, "", Since.SAME), ENGLISH, declined=False),
        *check_pages(
            [("S.", CheckReport(verdict=Verdict.SUPPORTED, score=1, citations=(citation(places=places),)))],
            ENGLISH,
        ),
    ):
        assert r"[\](https:\\/" in shown.replace(r"\]", r"\]") or r"\](https:\//evil.example)" in shown
        assert "@everyone" not in shown
        assert "](<https://courier.example/%29" in shown
        assert "Long" in shown
        assert "aaaa" not in shown


def test_a_check_with_long_sources_is_split_and_never_too_long() -> None:
    places = tuple(also("P" * 200, f"https://p{n}.example/" + "a" * 200) for n in range(4))
    report = CheckReport(
        verdict=Verdict.SUPPORTED, score=1, citations=tuple(citation(n, 1, places) for n in range(1, 7))
    )
    pages = check_pages([("word " * 100, report)], ENGLISH)
    assert len(pages) > 1
    assert all(len(page) <= LONGEST for page in pages)


@pytest.mark.parametrize("since", list(Since))
def test_the_reader_says_what_became_of_a_source(since: Since) -> None:
    page = reader_page(citation(), 1, Context("Before. ", QUOTE, "", since), ENGLISH, declined=False)
    said = {
        Since.SAME: "",
        Since.CHANGED: "-# The source has changed since; the quoted words still stand in it.",
        Since.LOST: "-# The source has changed since; the quoted words no longer stand in it.",
        Since.GONE: "-# The article was removed since; this is what was cited.",
    }[since]
    assert said in page
    assert ("since" in page) is bool(said)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (QUOTE + " Ten more followed.", "still stand in it"),
        ("Ten states joined the treaty on fishing rights.", "no longer stand in it"),
    ],
)
async def test_the_reader_shows_the_paragraph_that_was_cited_and_that_it_changed(
    env: Env, server: Server, embedder: MiniLM, now: str, said: str
) -> None:
    builder = Builder(at_rest(bot_of(env).settings), embedder)
    lead = "The weather in Geneva was cold that day."
    builder.add([note("treaty", f"{lead} {QUOTE}")], silent)
    asked = await server.member.slash(server.channel, "ask", question=ASK)
    assert asked.response
    assert "Nine states" in asked.response.content
    builder.add([note("treaty", f"{lead} {now}")], silent)
    read = await server.member.click(asked.response, label="Sources")
    assert read.response
    assert f"> {lead} **{QUOTE}**" in read.response.content
    assert f"-# The source has changed since; the quoted words {said}." in read.response.content
    builder.remove(["treaty"])
    read = await server.member.click(asked.response, label="Sources")
    assert read.response
    assert f"> **{QUOTE}**" in read.response.content
    assert "-# The article was removed since; this is what was cited." in read.response.content
