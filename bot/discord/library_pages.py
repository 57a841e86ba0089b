"""Plans, builds and standings as messages: pure text, whoever reads it and wherever it is put."""

from collections.abc import Iterable

from bot.curation import Entry, Outcome, Plan, Progress, Standing, UnderWay, Why
from bot.discord.escape import escaped, shortened
from bot.discord.render import LONGEST, SPARED, day, when
from bot.discord.texts import Texts, counted
from index.builder import Change
from index.errors import BuilderBusy, BuildFailed, IbidError, IndexUnavailable, ModelUnavailable

MB = 1_000_000


def preview(plan: Plan, words: Texts) -> str:
    """What would change, as one message."""
    if not plan.changed:
        return _fitting([f"**{words.nothing_changes}**", *_unread(plan, words)], words)
    alone = len(plan.changed) == 1
    lines = [f"**{words.preview}**"]
    for lead, entries in (
        (words.to_add, plan.added),
        (words.to_update, plan.updated),
        (words.to_remove, plan.removed),
    ):
        lines += [_shown(lead, entry, words, whole=alone) for entry in entries]
    if plan.unchanged:
        lines.append(f"-# {words.unchanged.format(n=len(plan.unchanged))}")
    last = []
    if plan.copied is not None:
        last.append(f"-# {words.becomes_own.format(articles=_articles(plan.copied, words))}")
    return _fitting([*lines, *_unread(plan, words)], words, last)


def result(plan: Plan, change: Change, words: Texts) -> str:
    """What a build did, which may be less than was planned where others were faster."""
    titles = {entry.id: entry.title for entry in (*plan.changed, *plan.unchanged)}
    lines = []
    for lead, ids in (
        (words.was_added, change.added),
        (words.was_updated, change.updated),
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


def how_far(progress: Progress, words: Texts) -> str:
    return words.progress[progress.state].format(
        title=shortened(escaped(progress.title), 100), done=f"{progress.done:,}", total=f"{progress.total:,}"
    )


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


def _shown(lead: str, entry: Entry, words: Texts, *, whole: bool) -> str:
    """An article in a preview; `whole` where it is the only one."""
    title = _bold(entry.title)
    if entry.was and entry.was != entry.title:
        title = words.replaces.format(new=title, old=_bold(entry.was))
    known = [shortened(escaped(part), 60) for part in (entry.author, entry.publisher) if part]
    size = words.size.format(characters=f"{entry.characters:,}", passages=_passages(entry.passages, words))
    if entry.characters_before is not None:
        size += f" ({words.size_before.format(characters=f'{entry.characters_before:,}')})"
    lines = [lead.format(what=title), f"-# {' · '.join([*known, day(entry.published, words), size])}"]
    if whole and entry.begins:
        lines.append(f"> {shortened(escaped(entry.begins), 300)}")
    return "\n".join(lines)


def _unread(plan: Plan, words: Texts) -> Iterable[str]:
    for refusal in plan.refused:
        unreadable = refusal.why is Why.UNREADABLE
        why = shortened(escaped(refusal.more), 250) if unreadable else words.not_read_again[refusal.why]
        yield f"-# {_bold(refusal.title)}: {why}"


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
    return words.passage if n == 1 else words.passages.format(n=f"{n:,}")
