"""Answers as Discord messages: pure functions from what the desk says to Markdown that is safe."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import zip_longest
from typing import Protocol

import discord

from bot.answer import Also, Answer, CheckReport, Citation, Statement, Support, Verdict
from bot.check import Criterion
from bot.desk import Context
from bot.discord.escape import escaped, shortened, target
from bot.discord.texts import Texts, counted
from bot.recency import told

LONGEST = 2_000
"""Characters that Discord takes in a message."""
EXCERPT = 240
"""Characters of a passage under a decline; its button shows the whole."""
SPARED = 120
"""Characters kept free on a page for the lines around it."""
NAMED_BELOW, NAMED = 2, 5
"""How many other places of the same words are named below an answer, and in the reader."""
LONGEST_LINK = 250
"""Characters of an address that is worth its room in a line."""


def answer_pages(answer: Answer, texts: Texts, *, echo: bool) -> list[str]:
    """An answer as one message or more, split between statements and between sources.

    `echo` quotes the question above it, where nobody else sees it.
    """
    blocks = [question_line(answer.question)] if echo else []
    if answer.reason:
        blocks.append(f"**{texts.reasons[answer.reason]}**")
        if answer.nearest:
            blocks.append(f"-# {texts.nearest}")
            blocks += _excerpts(answer.nearest, texts)
    links = {citation.n: citation.link for citation in answer.citations}
    blocks += [statement_line(statement, links, texts) for statement in answer.statements]
    if answer.citations:
        blocks[-1] += "\n"
        blocks += source_lines(answer.citations, texts)
    blocks += [f"-# {note}" for note in _notes(answer, texts)]
    return paged(blocks)


def draft_page(question: str | None, statements: Sequence[Statement], texts: Texts) -> str:
    """The statements that are checked so far, as much as one message holds."""
    blocks = [question_line(question)] if question else []
    blocks += [statement_line(statement, {}, texts) for statement in statements]
    first, *_ = paged(blocks)
    return f"{first}\n-# {texts.writing}"


def question_line(question: str) -> str:
    return f"> {shortened(escaped(question), 500)}\n"


def statement_line(statement: Statement, links: dict[int, str | None], texts: Texts) -> str:
    notes = " ".join(footnote(n, links.get(n)) for n in statement.citations)
    line = f"{escaped(statement.text)} {notes}"
    if statement.support is Support.PARTIAL:
        line += f" {texts.partial}"
    if len(line) > LONGEST - SPARED:  # links are the longest part of it, and stand in the reader too
        notes = " ".join(footnote(n, None) for n in statement.citations)
        line = f"{shortened(escaped(statement.text), LONGEST - SPARED - len(notes) - 1)} {notes}"
    return line


def footnote(n: int, link: str | None) -> str:
    """`[1]`, leading to the quoted words where the article has an address."""
    return f"[[{n}]]({target(link)})" if link else f"[{n}]"


def source_lines(citations: Iterable[Citation], texts: Texts) -> list[str]:
    """A line for each article, led by the numbers of the footnotes that quote it."""
    grouped: dict[str, list[Citation]] = {}
    for citation in citations:
        grouped.setdefault(citation.article, []).append(citation)
    return [f"-# {' '.join(f'[{c.n}]' for c in same)} {source(same, texts)}" for same in grouped.values()]


def source(same: Sequence[Citation], texts: Texts) -> str:
    """What citations of one article are of, in one line."""
    also = [place for citation in same for place in citation.also]
    return " · ".join(
        [
            _title(same[0]),
            byline(same[0], texts),
            *place_and_age(same, texts),
            *also_in(also, NAMED_BELOW, texts),
        ]
    )


class Origin(Protocol):
    """What is known of where something comes from."""

    @property
    def author(self) -> str | None: ...
    @property
    def publisher(self) -> str | None: ...
    @property
    def published(self) -> date | None: ...
    @property
    def published_is_guess(self) -> bool: ...


def byline(origin: Origin, texts: Texts) -> str:
    """Who wrote it, where it appeared, and when."""
    known = [shortened(escaped(part), 80) for part in (origin.author, origin.publisher) if part]
    return " · ".join([", ".join(known)] * bool(known) + [day(origin, texts)])


def day(origin: Origin, texts: Texts) -> str:
    published = origin.published
    if published is None:
        return texts.undated
    told_day = f"{published.day} {published:%B %Y}"
    return texts.guessed.format(day=told_day) if origin.published_is_guess else told_day


def place_and_age(citations: Sequence[Citation], texts: Texts) -> Iterable[str]:
    """The pages that citations of one article stand on, and how old it is where that is worth saying."""
    if pages := sorted({citation.page for citation in citations if citation.page}):
        forms = texts.on_page if len(pages) == 1 else texts.on_pages
        yield forms.format(n=", ".join(map(str, pages)))
    if citations[0].age_days is not None:
        yield texts.old.format(age=told(citations[0].age_days))


def also_in(places: Iterable[Also], most: int, texts: Texts) -> Iterable[str]:
    """Where else the same words stand: the first places by name, and how many more there are."""
    links: dict[str, str | None] = {}
    for place in places:
        name = shortened(escaped(place.publisher or place.title), 60)
        links[name] = links.get(name) or place.link
    if not links:
        return
    shown = [_linked(name, link) for name, link in list(links.items())[:most]]
    if len(links) > most:
        shown.append(texts.and_more.format(n=len(links) - most))
    yield texts.also_in.format(places=", ".join(shown))


def _linked(name: str, link: str | None) -> str:
    """A name that leads to its page; without the words to highlight, which would take much room."""
    return f"[{name}]({target(link.partition('#')[0])})" if link and len(link) < LONGEST_LINK else name


def reader_page(citation: Citation, total: int, context: Context, texts: Texts, *, declined: bool) -> str:
    """One citation: the quoted sentence in bold inside its paragraph, and where it comes from."""
    place = (texts.near if declined else texts.cited).format(n=citation.n, total=total)
    heading = [f"*{shortened(escaped(citation.section), 120)}*"] if citation.section else []
    origin = [byline(citation, texts), *heading, *place_and_age([citation], texts)]
    head = [f"-# {place}", f"**{_title(citation)}**", f"-# {' · '.join(origin)}"]
    head += [f"-# {where[0].upper()}{where[1:]}" for where in also_in(citation.also, NAMED, texts)]
    if said := texts.since[context.since]:
        head.append(f"-# {said}")
    room = LONGEST - SPARED - sum(map(len, head))
    return "\n".join([*head, "> " + _paragraph(context, room)])


def check_pages(reports: Sequence[tuple[str, CheckReport]], texts: Texts, note: str = "") -> list[str]:
    """What the articles say of each sentence, with the sentences that say it."""
    blocks = [texts.checked]
    for sentence, report in reports:
        lines = [f"**{texts.check_verdicts[report.verdict]}**: {shortened(escaped(sentence), 500)}"]
        if report.verdict is Verdict.CONTRADICTED:
            lines += [f"-# {reason(failure, texts)}" for failure in report.failures]
        for citation in report.citations:
            quote = shortened(escaped(citation.quote), 400)
            link = footnote(citation.n, citation.link)
            lines.append(f"> “{quote}” {link}\n> -# {source([citation], texts)}")
        lines[-1] += "\n"
        blocks += lines
    return paged([*blocks, note] if note else blocks)


def reason(failure: str, texts: Texts) -> str:
    """What a failed check of a statement means, in words."""
    criterion, _, detail = failure.partition(": ")
    return texts.check_reasons[Criterion(criterion)].format(detail=shortened(escaped(detail), 160))


def when(moment: datetime) -> str:
    """A moment as Discord shows it, in the words and the time zone of the reader."""
    return discord.utils.format_dt(moment, "R")


def paged(blocks: Iterable[str]) -> list[str]:
    """Put blocks of lines into as few messages as hold them, none cut in two or ended by a blank line."""
    pages: list[str] = []
    for block in blocks:
        if pages and len(pages[-1]) + 1 + len(block) <= LONGEST - SPARED:
            pages[-1] += f"\n{block}"
        else:
            pages.append(block)
    return [page.rstrip() for page in pages]


def _paragraph(context: Context, room: int) -> str:
    """The quotation in bold, with as much before and after it as there is room for."""
    quote = shortened(escaped(context.quote), room - 4)
    left = room - len(quote) - 6
    after = shortened(escaped(context.after), left // 2) if context.after.strip() and left > 40 else ""
    left -= len(after)
    before = escaped(context.before)
    if len(before) > left:
        before = "…" + before[len(before) - max(left - 1, 0) :].partition(" ")[2] if left > 20 else "…"
    return " ".join(part for part in (before, f"**{quote}**", after) if part)


def _title(citation: Citation) -> str:
    return shortened(escaped(citation.title), 160)


def _excerpts(nearest: Sequence[Citation], texts: Texts) -> Iterable[str]:
    """The beginnings of passages; those of one article that follow each other name it once."""
    for citation, following in zip_longest(nearest, nearest[1:]):
        excerpt = f"> “{shortened(escaped(citation.quote), EXCERPT)}”\n"
        if following is None or following.article != citation.article:
            excerpt += f"> -# {source([citation], texts)}\n"
        yield excerpt


def _notes(answer: Answer, texts: Texts) -> Iterable[str]:
    if answer.standalone_question != answer.question:
        yield texts.understood.format(question=shortened(escaped(answer.standalone_question), 300))
    if answer.writer.fallback and not answer.reason:
        yield texts.quoted_instead if answer.writer.name == "extractive" else texts.cut_off
    if answer.withheld:
        yield counted(texts.withheld, answer.withheld)
