"""Plans, builds and standings as messages: pure text, whoever reads it and wherever it is put."""

from collections.abc import Iterable

from bot.curation import Entry, Outcome, Plan, Progress, Refreshed, Standing, UnderWay, Why
from bot.discord.escape import escaped, shortened, verbatim
from bot.discord.render import LONGEST, SPARED, byline, when
from bot.discord.texts import Texts, counted
from index.builder import Change
from index.errors import BuilderBusy, BuildFailed, IbidError, IndexUnavailable, ModelUnavailable
from index.pace import Pace

MB = 1_000_000
FEW = 6
"""Articles of which a preview says more than their names."""
BAR = 10
"""Characters of the bar that shows how far a build is."""
BEGINS = 300
"""Characters of a sentence at most, where there is one article."""


def preview(plan: Plan, words: Texts) -> str:
    """What would change, as one message."""
    unchanged = [f"-# {words.unchanged.format(n=f'{len(plan.unchanged):,}')}"] * bool(plan.unchanged)
    if not plan.changed:
        return _fitting([f"**{words.nothing_changes}**", *unchanged, *_unread(plan, words)], words)
    show = _whole if len(plan.changed) == 1 else _shown if len(plan.changed) <= FEW else _named
    merged = {duplicate.article for duplicate in plan.merged}
    lines = [f"**{words.preview}**"]
    for lead, entries in (
        (words.to_add, plan.added),
        (words.to_update, plan.updated),
        (words.to_remove, plan.removed),
    ):
        # Of an article that only gets one more place, it is said below.
        lines += [show(lead, entry, words) for entry in entries if entry.differs or entry.id not in merged]
    lines += [
        words.merged.format(source=_bold(duplicate.source), what=_bold(duplicate.title))
        for duplicate in plan.merged
    ]
    lines += unchanged
    last = []
    if plan.copied is not None:
        last.append(f"-# {words.becomes_own.format(articles=_articles(plan.copied, words))}")
    return _fitting([*lines, *_unread(plan, words)], words, last)


def result(plan: Plan, change: Change, words: Texts) -> str:
    """What a build did, which may be less than was planned where others were faster."""
    titles = {entry.id: entry.title for entry in (*plan.changed, *plan.unchanged)}
    places = {entry.id for entry in plan.updated if not entry.differs}
    places &= {merged.article for merged in change.merged}
    lines = []
    for lead, ids in (
        (words.was_added, change.added),
        (words.was_updated, tuple(n for n in change.updated if n not in places)),
        (words.was_merged, tuple(n for n in change.updated if n in places)),
        (words.was_removed, change.removed),
    ):
        if ids:
            named = [_bold(titles.get(n, n)) for n in ids[:5]]
            more = [words.and_more.format(n=len(ids) - 5)] if len(ids) > 5 else []
            lines.append(lead.format(what=", ".join([*named, *more])))
    if not lines:
        return words.nothing_changed
    lines.append(words.from_now_on)
    if plan.copied is not None:
        lines.append(f"-# {words.has_own}")
    return "\n".join(lines)


def described(standing: Standing, words: Texts) -> list[str]:
    """How a server's library stands, in lines."""
    kind = words.status_own if standing.own else words.status_shared
    lines = [
        f"**{kind}**",
        words.holds.format(
            articles=_articles(standing.articles, words), passages=_passages(standing.passages, words)
        ),
        words.built.format(
            when=when(standing.built),
            size=f"{standing.size / MB:.1f} MB",
            generation=f"`{standing.generation}`",
        ),
    ]
    if standing.refreshed and (line := _refreshed(standing.refreshed, words)):
        lines.append(line)
    if standing.last:
        lines.append(_ended(standing.last, words))
    if standing.under_way:
        lines.append(being_built(standing.under_way, words))
    return lines


def subject(plan: Plan) -> str:
    """What a plan is about: its first article, and how many more there are."""
    return _what(plan.changed[0].title, len(plan.changed) - 1)


def being_built(first: UnderWay, words: Texts) -> str:
    """A build that is under way, and how far it is."""
    doing = words.doing[first.plan.kind].format(what=subject(first.plan))
    return words.under_way.format(
        doing=doing, when=when(first.began), progress=how_far(first.progress, words)
    )


def how_far(progress: Progress, words: Texts, pace: Pace | None = None) -> str:
    """What is being done, and how fast where that is known."""
    full = round(BAR * progress.done / progress.total) if progress.total else 0
    said = words.progress[progress.state].format(
        title=shortened(escaped(progress.title), 100),
        next=f"{progress.done + 1:,}",
        done=f"{progress.done:,}",
        total=f"{progress.total:,}",
        bar="▰" * full + "▱" * (BAR - full),
    )
    if pace is None or pace.rate is None or pace.left is None:
        return said
    minutes = round(pace.left / 60)
    left = (
        words.minutes_left.format(n=minutes) if minutes > 1 else words.seconds_left.format(n=round(pace.left))
    )
    rate = [words.rate.format(rate=f"{pace.rate:,.0f}")] if pace.rate >= 1 else []
    return " · ".join([said, *rate, left])


def failure(error: IbidError, words: Texts) -> str:
    """Why nothing has changed; what only the operator can do about it is left out."""
    if isinstance(error, BuilderBusy):
        return words.builder_busy
    if isinstance(error, BuildFailed):
        return words.build_failed
    if isinstance(error, IndexUnavailable):
        return words.index_unavailable
    if isinstance(error, ModelUnavailable):
        return words.embedding_unavailable
    return words.broken


def _named(lead: str, entry: Entry, words: Texts) -> str:
    """An article in a preview of many."""
    return f"{lead.format(what=_bold(entry.title))} · {byline(entry, words)}"


def _whole(lead: str, entry: Entry, words: Texts) -> str:
    """The only article in a preview."""
    lines = [_shown(lead, entry, words, room=900, sentence=BEGINS)]
    if not entry.edits and entry.begins:
        lines.append(f"> {shortened(escaped(entry.begins), BEGINS)}")
    return "\n".join(lines)


def _shown(lead: str, entry: Entry, words: Texts, room: int = 250, sentence: int = 100) -> str:
    """An article in a preview; `room` is in characters, for what changes in its text."""
    title = _bold(entry.title)
    if entry.was and entry.was != entry.title:
        title = words.replaces.format(new=title, old=_bold(entry.was))
    size = words.size.format(characters=f"{entry.characters:,}", passages=_passages(entry.passages, words))
    if entry.characters_before is not None:
        size += f" ({words.size_before.format(characters=f'{entry.characters_before:,}')})"
    lines = [lead.format(what=title), f"-# {byline(entry, words)} · {size}"]
    for correction in entry.corrections:
        before, after = (
            shortened(escaped(part), 120) or words.unknown for part in (correction.before, correction.after)
        )
        what = words.known[correction.what]
        lines.append(f"-# {words.correction.format(what=what, before=before, after=after)}")
    return "\n".join([*lines, *_differences(entry, words, room, sentence)])


def _differences(entry: Entry, words: Texts, room: int, sentence: int) -> Iterable[str]:
    """The sentences that were added (+) and removed (-), as many as there is room for, in a block."""
    lines: list[str] = []
    shown = 0
    for edit in entry.edits:
        both = [
            f"{mark} {shortened(verbatim(text), sentence)}"
            for mark, text in (("-", edit.before), ("+", edit.after))
            if text
        ]
        room -= sum(map(len, both))
        if shown and room < 0:
            break
        lines += both
        shown += 1
    if lines:
        yield "\n".join(["```diff", *lines, "```"])
    if more := entry.more_edits + len(entry.edits) - shown:
        yield f"-# {counted(words.more_changes, more)}"


def _unread(plan: Plan, words: Texts) -> Iterable[str]:
    for refusal in plan.refused:
        unreadable = refusal.why is Why.UNREADABLE
        why = shortened(escaped(refusal.more), 250) if unreadable else words.not_read_again[refusal.why]
        yield f"-# {_bold(refusal.title)}: {why}" if refusal.title else f"-# {why}"
    if plan.left_out:
        yield f"-# {counted(words.left_out, plan.left_out)}"


def _fitting(lines: list[str], words: Texts, last: Iterable[str] = ()) -> str:
    """As many of the lines as one message holds, and always the last ones."""
    end = "".join(f"\n{line}" for line in last)
    text = lines[0]
    for n, line in enumerate(lines[1:], 1):
        if len(text) + len(line) + len(end) > LONGEST - SPARED:
            text += f"\n-# {words.and_more.format(n=len(lines) - n)}"
            break
        text += f"\n{line}"
    return text + end


def _ended(last: Outcome, words: Texts) -> str:
    done = words.done[last.kind].format(what=_what(last.title, last.others))
    if last.failed:
        return words.last_failed.format(done=done, when=when(last.at))
    return words.last_change.format(done=done, when=when(last.at))


def _refreshed(how: Refreshed, words: Texts) -> str | None:
    """How a library was read again by itself; None where nothing in it is from the web."""
    if how.failed:
        return words.refresh_failed.format(when=when(how.at))
    if not (how.updated or how.unchanged or how.unread):
        return None
    said = words.refreshed_not_all if how.unread else words.refreshed
    numbers = {name: f"{getattr(how, name):,}" for name in ("updated", "unchanged", "unread")}
    return said.format(when=when(how.at), **numbers)


def _what(title: str, others: int) -> str:
    named = f"“{_title(title)}”"
    return f"{named} + {others}" if others else named


def _bold(title: str) -> str:
    return f"**{_title(title)}**"


def _title(title: str) -> str:
    return shortened(escaped(title), 110)


def _articles(n: int, words: Texts) -> str:
    return counted(words.article_count, n)


def _passages(n: int, words: Texts) -> str:
    return counted(words.passages, n)
