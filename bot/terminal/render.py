"""Answers, passages and stories as text for a terminal, and as plain text where it is a pipe."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.style import Style
from rich.text import Text

from bot.answer import Answer, CheckReport, Citation, Reason, Statement, Status, Support, Verdict
from bot.desk import Context
from bot.doctor import Finding, Health
from bot.recency import told
from bot.record import Recorded
from bot.since import Since
from index.article import Article, BlockKind, Metadata
from index.retriever import Hit

REASONS = {
    Reason.NOTHING_RETRIEVED: "Nothing was found: there is no article that may be searched.",
    Reason.PASSAGES_DO_NOT_ANSWER: "The articles do not answer this.",
    Reason.NOT_SUPPORTED: "The articles do not support what the model wrote, so it is not shown.",
    Reason.MODEL_UNAVAILABLE: "The model could not be reached, so there is no answer.",
}
VERDICTS = {
    Verdict.SUPPORTED: ("Supported", "green"),
    Verdict.CONTRADICTED: ("Contradicted", "red"),
    Verdict.NOT_MENTIONED: ("Not mentioned", "yellow"),
}
SINCE = {
    Since.SAME: "",
    Since.CHANGED: "The source has changed since; the quoted words still stand in it.",
    Since.LOST: "The source has changed since; the quoted words no longer stand in it.",
    Since.GONE: "The article was removed since.",
}
_BIDI = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


def console(*, stderr: bool = False) -> Console:
    """A console that wraps in a terminal and leaves lines whole in a pipe. It heeds NO_COLOR."""
    made = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not made.is_terminal:
        made.soft_wrap = True
    return made


def safe(text: str) -> str:
    """Text that cannot steer a terminal: no escape sequences, no reversal of what follows."""
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in text.translate(_BIDI))
    return " ".join(kept.split())


def show_statement(out: Console, statement: Statement) -> None:
    line = Text(safe(statement.text) + " ", style="bold")
    for n in statement.citations:
        line.append(f"[{n}]", "cyan")
    if statement.support is Support.PARTIAL:
        line.append(" (supported in part)", "yellow")
    out.print(line)


def show_rest(out: Console, answer: Answer) -> None:
    """All of an answer but its statements: reason or sources, notes, and where it is kept."""
    if answer.reason:
        out.print(Text(REASONS[answer.reason], "bold"))
    for note in notes(answer):
        out.print(Text(note, "yellow"))
    out.print()
    if answer.citations:
        out.print(Text("Sources", "bold"))
        for citation in answer.citations:
            show_citation(out, citation)
    elif answer.nearest:
        out.print(Text("The nearest passages, which are not an answer:", "bold"))
        for citation in answer.nearest:
            show_citation(out, citation)
    seconds = answer.timings_ms.total / 1000
    kind = "likely answered" if answer.status is Status.ANSWERED else "likely answerable"
    out.print(
        Text(
            f"{_signed(answer)} · {answer.confidence:.0%} {kind} · {seconds:.1f} s · ibid why {answer.id}",
            "dim",
        )
    )


def notes(answer: Answer) -> Iterable[str]:
    """What a reader has to know about how the answer came about, a sentence each."""
    if answer.standalone_question != answer.question:
        yield f"Understood as: {safe(answer.standalone_question)}"
    if answer.writer.fallback:
        taken = "Quoted from the articles instead. " if answer.writer.name == "extractive" else ""
        yield f"{taken}{answer.writer.fallback}"
    if answer.withheld:
        yield f"{_count(answer.withheld, 'statement')} withheld: not borne out by what it cites."
    if answer.dropped:
        yield f"{_count(answer.dropped, 'citation')} dropped: they named no sentence, or one twice."


def show_citation(out: Console, citation: Citation) -> None:
    out.print(Text.assemble((f"[{citation.n}] ", "cyan"), (f"“{safe(citation.quote)}”", "italic")))
    place = f"“{safe(citation.section)}”, " if citation.section else ""
    page = f"page {citation.page}, " if citation.page else ""
    span = f"characters {citation.start}-{citation.end} of {citation.article}"
    title = Text(safe(citation.title), Style(link=citation.link))
    byline = Text(_byline(citation), "dim")
    if citation.age_days is not None:
        byline.append(f", {told(citation.age_days)} old", "not dim yellow")
    lines = [title, byline, Text(place + page + span, "dim")]
    if citation.also:
        lines.append(Text(f"also in {_also(citation)}", "dim"))
    _indented(out, *lines)
    out.print()


def show_hit(out: Console, n: int, hit: Hit, metadata: Metadata) -> None:
    scores = f"score {hit.score:.2f} · BM25 {hit.lexical:.1f} · cosine {hit.dense:.2f}"
    place = f" “{safe(hit.passage.heading)}”," if hit.passage.heading else ""
    where = f"{hit.passage.article},{place} characters {hit.passage.start}-{hit.passage.end}"
    out.print(Text.assemble((f"{n}. ", "cyan"), safe(hit.page_content)))
    _indented(out, Text(safe(metadata.title)), Text(where, "dim"), Text(scores, "dim"))
    out.print()


def show_check(out: Console, report: CheckReport) -> None:
    word, style = VERDICTS[report.verdict]
    out.print(Text.assemble((word, f"bold {style}"), (f" · score {report.score:.2f}", "dim")))
    for failure in report.failures:
        out.print(Text(f"  not borne out: {safe(failure)}", "yellow"))
    if report.citations:
        out.print()
        for citation in report.citations:
            show_citation(out, citation)


def show_context(out: Console, citation: Citation, context: Context) -> None:
    if citation.section:
        out.print(Text(safe(citation.section), "bold underline"))
    text = Text()
    parts = ((context.before, ""), (context.quote, "bold reverse"), (context.after, ""))
    for part, style in parts:
        edge = " " if part[-1:].isspace() else ""
        lead = " " if part[:1].isspace() else ""
        text.append(lead + safe(part), style)
        text.append(edge)
    out.print(text)
    out.print(Text(_byline(citation), "dim"))
    if context.since is not Since.SAME:
        out.print(Text(SINCE[context.since], "yellow"))


def show_articles(out: Console, articles: Sequence[Article]) -> None:
    for article in articles:
        meta = article.metadata
        out.print(Text(article.id, "cyan"))
        _indented(out, Text(safe(meta.title)), Text(_byline(meta), "dim"))


@dataclass(frozen=True, slots=True)
class Held:
    """An article with what its index knows of it."""

    article: Article
    sentences: int
    passages: int
    alike: Sequence[str]
    """The articles that share much of its text, by id."""
    revisions: Sequence[str]
    """Former ones, newest first."""


def show_article(out: Console, held: Held) -> None:
    article, meta = held.article, held.article.metadata
    headings = [safe(article.text[b.start : b.end]) for b in article.blocks if b.kind is BlockKind.HEADING]
    rows = {
        "id": article.id,
        "title": safe(meta.title),
        "author": meta.author and safe(meta.author),
        "publisher": meta.publisher and safe(meta.publisher),
        "published": meta.published and _day(meta),
        "url": meta.url and safe(meta.url),
        "tags": safe(", ".join(meta.tags)),
        "sections": "; ".join(headings),
        "length": _length(held),
        "revision": article.revision[:12],
        "source": safe(article.source),
    }
    more = {
        "mended": ", ".join(article.mended),
        "also at": "; ".join(safe(place.source) for place in article.also),
        "much like": ", ".join(held.alike),
        "before": ", ".join(revision[:12] for revision in held.revisions),
    }
    shown = {name: value or "not known" for name, value in rows.items()}
    for name, value in (shown | {name: value for name, value in more.items() if value}).items():
        out.print(Text.assemble((f"{name:<10} ", "dim"), value))


def _length(held: Held) -> str:
    pages = f"{_count(len(held.article.pages), 'page')}, " if held.article.pages else ""
    characters = _count(len(held.article.text), "character")
    return f"{pages}{characters}, {_count(held.sentences, 'sentence')}, {_count(held.passages, 'passage')}"


def show_why(out: Console, recorded: Recorded, became: Sequence[Since] = ()) -> None:
    """The whole story of an answer, in the order in which it happened, and what `became` of its sources."""
    answer, trace = recorded.answer, recorded.trace
    out.print(Text(f"Answer {answer.id}, {recorded.asked_at:%d %B %Y %H:%M} UTC", "bold"))
    out.print(f"Asked: {safe(answer.question)}")
    if answer.standalone_question != answer.question:
        out.print(f"Understood as: {safe(answer.standalone_question)}")
    _heading(out, "Retrieved")
    for n, candidate in enumerate(trace.candidates, 1):
        scores = f"{candidate.score:.3f} = BM25 {candidate.lexical:.2f}, cosine {candidate.dense:.2f}"
        where = f"{candidate.article} {candidate.start}-{candidate.end}"
        out.print(f"{n}. {scores} · {where}")
        _indented(out, Text(_short(candidate.text), "dim"))
    _heading(out, "Considered")
    cited = {n for checked in trace.checked for n in checked.cited}
    scored = sorted(trace.considered, key=lambda c: (-(c.score or 0), c.number))
    for considered in [c for c in scored if c.number in cited or c.score is not None][:10]:
        mark = "cited" if considered.number in cited else "     "
        score = "" if considered.score is None else f"{considered.score:.0%} "
        out.print(f"{mark} sentence {considered.number}: {score}{_short(considered.text)}")
    _heading(out, "Decided")
    out.print(f"{_signed(answer)}: {trace.decision}")
    if answer.writer.fallback:
        out.print(f"The model: {answer.writer.fallback}")
    _heading(out, "Checked")
    for checked in trace.checked:
        outcome = "shown" if checked.shown else "withheld: " + "; ".join(checked.failures)
        dropped = f", {_count(checked.dropped, 'citation')} dropped" if checked.dropped else ""
        numbers = ", ".join(map(str, checked.cited)) or "none"
        out.print(f"{checked.score:.0%} borne out, {outcome}{dropped}")
        _indented(out, Text(f"{safe(checked.text)} (cites {numbers})"))
    if not trace.checked:
        out.print("no statement was written")
    _heading(out, "Answered" if answer.status is Status.ANSWERED else "Declined")
    if answer.reason:
        out.print(REASONS[answer.reason])
    for citation, since in zip(answer.citations, became, strict=False):
        if since is not Since.SAME:
            out.print(Text(f"[{citation.n}] {SINCE[since]}", "yellow"))
    times = answer.timings_ms
    out.print(
        f"confidence {answer.confidence:.0%} · condense {times.condense:.0f}, retrieve "
        f"{times.retrieve:.0f}, write {times.write:.0f}, check {times.check:.0f} ms · index "
        f"{answer.index.generation}, {answer.index.embedding}"
    )


HEALTH = {Health.GOOD: ("✓", "green"), Health.NOTE: ("-", "yellow"), Health.BAD: ("✗", "red")}


def show_finding(out: Console, finding: Finding) -> None:
    mark, style = HEALTH[finding.health]
    out.print(Text.assemble((f"{mark} ", style), (f"{finding.what}: ", "bold"), safe(finding.detail)))


def _signed(answer: Answer) -> str:
    writer = answer.writer
    if answer.status is Status.DECLINED:
        return f"asked {writer.model}, {writer.prompt}" if writer.model else "no model was asked"
    return f"written by {writer.model}, {writer.prompt}" if writer.model else "quoted word for word"


def _indented(out: Console, *lines: Text) -> None:
    for line in lines:
        # Padding would cut a line at the width of a page that a pipe does not have.
        out.print(Padding(line, (0, 0, 0, 4)) if out.is_terminal else Text("    ") + line)


def _heading(out: Console, title: str) -> None:
    out.print()
    out.print(Text(title, "bold"))


def _byline(source: Citation | Metadata) -> str:
    known = [safe(part) for part in (source.author, source.publisher) if part]
    return ", ".join([*known, _day(source)])


def _day(source: Citation | Metadata) -> str:
    day = source.published
    if day is None:
        return "undated"
    return f"{day.day} {day:%B %Y}{' (a guess)' if source.published_is_guess else ''}"


def _also(citation: Citation) -> str:
    """The other places of the quoted words, each by its publisher, or by its title."""
    return "; ".join(safe(place.publisher or place.title) for place in citation.also)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _short(text: str, limit: int = 100) -> str:
    text = safe(text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
