"""Reads what a plan is made of: what somebody named, or what a library has from the web, in a set time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic, sleep

from bot.curation.jobs import Progress, Say, State
from bot.curation.plans import Refusal, Why
from index.article import Article
from index.errors import InputRejected
from index.sources import reading
from index.sources.apart import Apart
from index.sources.reading import UPLOADED, Refused, Same
from index.sources.web import Web

MOST = 20
"""Articles that one plan adds."""
PARSE_SECONDS = 10.0
_WEB = ("http://", "https://")


@dataclass
class Found:
    """What a change is made of."""

    articles: list[Article] = field(default_factory=list)
    """Those that were read."""
    same: list[Article] = field(default_factory=list)
    edited: list[Article] = field(default_factory=list)
    removed: list[Article] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    left_out: int = 0


def read(place: str, seconds: float, patience: float, contact: str | None, say: Say) -> Found:
    """Read what is at a place. Raises InputRejected where that is one thing, and cannot be read."""
    found, end = Found(), monotonic() + patience
    known = 1

    def report(name: str, done: int, total: int) -> None:
        nonlocal known
        known = total - done
        if name:
            say(Progress(state=State.READING, title=name, done=done, total=total))

    with Apart(seconds=seconds) as parser:
        web = Web(sleep=_waiting_until(end), contact=contact)
        for one in reading.read([place], web=web, parser=parser, report=report, most=MOST):
            if isinstance(one, Refused):
                found.refused.append(Refusal(why=Why.UNREADABLE, more=one.why))
            elif one.source.startswith(_WEB):
                found.articles.append(one)
            else:
                found.articles.append(replace(one, source=UPLOADED + place))
            if monotonic() > end:
                found.left_out = max(known - 1, 0)
                break
    if not found.articles and len(found.refused) == 1:
        raise InputRejected(found.refused[0].more)
    return found


def read_again(articles: list[Article], patience: float, contact: str | None, say: Say) -> Found:
    """Read what came from the web anew, and say why the others were not."""
    found, end = Found(), monotonic() + patience
    for article in articles:
        if not article.source.startswith(_WEB):
            why = Why.UPLOADED if article.source.startswith(UPLOADED) else Why.OPERATORS
            found.refused.append(Refusal(title=article.metadata.title, why=why))
    # A place that is a file is one of this machine, which moderators may not read.
    pages = [
        replace(article, also=tuple(place for place in article.also if place.source.startswith(_WEB)))
        for article in articles
        if article.source.startswith(_WEB)
    ]

    def report(title: str, done: int, total: int) -> None:
        if done < total:
            say(Progress(state=State.READING, title=title, done=done, total=total))

    with Apart(seconds=PARSE_SECONDS) as parser:
        web = Web(sleep=_waiting_until(end), contact=contact)
        again = reading.read_again(pages, web=web, parser=parser, report=report)
        seen: set[str] = set()
        for article, outcome in again:
            seen.add(article.id)
            match outcome:
                case Refused(why=more):
                    title = article.metadata.title
                    found.refused.append(Refusal(title=title, why=Why.UNREADABLE, more=more))
                case Same(article=same):
                    found.same.append(same)
                case _:
                    found.articles.append(outcome)
            if monotonic() > end:
                late = (page.metadata.title for page in pages if page.id not in seen)
                found.refused += [Refusal(title=title, why=Why.NO_TIME) for title in late]
                break
    return found


def _waiting_until(end: float) -> Callable[[float], None]:
    """A `sleep` that refuses to sleep beyond a moment."""

    def wait(seconds: float) -> None:
        if monotonic() + seconds > end:
            raise InputRejected(
                f"its host asks programs for a pause of {seconds:,.0f} s, for which there is no time left; "
                "try it again alone."
            )
        sleep(seconds)

    return wait
