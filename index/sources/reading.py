"""Reads many places, one after another: files, folders, pages, feeds and sitemaps.

A bad one stops no other.
"""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Protocol

from index.article import Article, Validators
from index.errors import InputRejected
from index.readers import FORMATS, READ
from index.readers.raw import LARGEST
from index.sources import feeds
from index.sources.address import normalise
from index.sources.fetch import UNKNOWN, Fetched, NotModified
from index.sources.link import Feed, Link

UPLOADED = "attachment:"
"""How the source of an article begins that somebody uploaded."""
FEED_FILES = (".xml", ".rss", ".atom")
DEEPEST = 2
"""Sitemaps within sitemaps."""
MOST_SITEMAPS = 50
"""That are asked for one index of them: each costs its host a request, and us a pause."""
DEEPEST_FOLDER = 50

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)

Report = Callable[[str, int, int], None]
"""Called with what is being read, how many are done, and how many are known of."""


class Pages(Protocol):
    """As `index.sources.web.Web`."""

    def get(self, url: str, validators: Validators = ...) -> Fetched | NotModified: ...


class Parser(Protocol):
    """As `index.sources.apart.Apart`."""

    def read(self, path: Path) -> Article: ...

    def page(self, fetched: Fetched, source: str, said: Link | None = None) -> Article: ...


@dataclass(frozen=True, slots=True)
class Refused:
    place: str
    why: str
    """One line, which names the place."""
    is_fault: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class LeftOut(Refused):
    """What was not to be read: files of other formats in a folder, the older pages of a feed."""

    is_fault: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Same:
    """An article whose server was asked again, and says that it has not changed."""

    article: Article


@dataclass(frozen=True, slots=True)
class _Address:
    """What a person gave: a page, a feed or a sitemap."""

    url: str


_Item = Path | _Address | Link | Refused


def read(
    places: Iterable[str], *, web: Pages, parser: Parser, report: Report, most: int = 10_000
) -> Iterator[Article | Refused]:
    """Read what is at some places, in their order; of each feed or sitemap, `most` pages."""
    return _Reading(web, parser, most).run(places, report)


def read_again(
    articles: Sequence[Article], *, web: Pages, parser: Parser, report: Report
) -> Iterator[tuple[Article, Article | Same | Refused]]:
    """Read articles anew from everywhere that they come from.

    What is gone there is refused: it may stay here.
    """
    known = [place for article in articles for place in (article, *_elsewhere(article))]
    for done, article in enumerate(known):
        report(article.metadata.title, done, len(known))
        try:
            yield article, _again(article, web, parser)
        except InputRejected as error:
            yield article, Refused(article.source, str(error))
    report("", len(known), len(known))


def _elsewhere(article: Article) -> Iterator[Article]:
    """An article at its other places, which may say something else by now."""
    for place in article.also:
        if place.source.startswith(UPLOADED):
            continue
        yield replace(article, source=place.source, metadata=place.metadata, also=(), validators=Validators())


def _again(article: Article, web: Pages, parser: Parser) -> Article | Same:
    source, title = article.source, article.metadata.title
    if source.startswith(UPLOADED):
        raise InputRejected(f"“{title}” was uploaded; upload it again where it has changed.")
    if not _URL.match(source):
        with suppress(OSError):  # the reader says what is wrong with it
            if not Path(source).exists():
                raise InputRejected(f"{source} is gone; “{title}” stays as it was read.")
        return parser.read(Path(source))
    found = web.get(source, article.validators)
    if isinstance(found, NotModified):
        return Same(replace(article, validators=found.validators))
    return parser.page(found, source, _known(article))


def _known(article: Article) -> Link:
    """What was known of a page, by a feed or by the page itself, before it is read again."""
    meta = article.metadata
    published = None if meta.published_is_guess else meta.published
    return Link(article.source, meta.title, meta.author, published, publisher=meta.publisher)


@dataclass(slots=True)
class _Named:
    """What a feed, or a sitemap and those in it, name."""

    links: dict[str, Link] = field(default_factory=dict)
    sitemaps: set[str] = field(default_factory=set)
    trouble: list[Refused] = field(default_factory=list)
    more: bool = False
    """There are sitemaps that were not even looked at."""


class _Reading:
    def __init__(self, web: Pages, parser: Parser, most: int) -> None:
        self._web = web
        self._parser = parser
        self._most = most
        self._asked: set[str] = set()
        """The pages that were read, which more than one feed may name."""

    def run(self, places: Iterable[str], report: Report) -> Iterator[Article | Refused]:
        waiting = deque(dict.fromkeys(item for place in places for item in _items(place)))
        done, known = 0, _count(waiting)
        while waiting:
            item = waiting.popleft()
            if isinstance(item, Refused):
                yield item
                continue
            report(_name(item), done, known)
            done += 1
            try:
                found = self._read(item)
            except InputRejected as error:
                yield Refused(_name(item), str(error))
                continue
            if isinstance(found, Article):
                yield found
            else:
                waiting.extendleft(reversed(found))
                known += _count(found)
        report("", done, known)

    def _read(self, item: Path | _Address | Link) -> Article | list[_Item]:
        match item:
            case Path() if item.suffix.lower() in FEED_FILES:
                return self._listed(_local_feed(item), str(item))
            case Path():
                return self._parser.read(item)
            case Link(url=url):
                return self._parser.page(self._get(url), url, item)
            case _Address(url=url):
                source = normalise(url)
                fetched = self._get(source)
                if (feed := _feed(fetched)) is not None:
                    return self._listed(feed, source)
                return self._parser.page(fetched, source)

    def _listed(self, feed: Feed, place: str) -> list[_Item]:
        """The pages that a feed names, and what is to be said of the others."""
        named = _Named()
        self._gather(feed, 0, named)
        links = [link for link in named.links.values() if link.url not in self._asked]
        wanted = links[: self._most]
        self._asked.update(link.url for link in wanted)
        told = list(named.trouble)
        if not named.links and not told:
            told.append(Refused(place, f"{place} is a feed or sitemap that names no pages."))
        if named.more or len(links) > len(wanted):
            which = "newest" if any(link.published for link in wanted) else "first"
            number = f"{'more than ' if named.more else ''}{len(links):,}"
            why = f"{place} names {number} pages, of which only the {which} {len(wanted):,} are read."
            told.append(LeftOut(place, why))
        return [*wanted, *told]

    def _gather(self, feed: Feed, depth: int, named: "_Named") -> None:
        """Collect what a feed and the sitemaps in it name."""
        for link in feed.links:
            named.links.setdefault(link.url, replace(link, publisher=feed.title))
        for nested in feed.nested:
            if len(named.links) > self._most or len(named.sitemaps) >= MOST_SITEMAPS:
                named.more = True
                return
            if nested in named.sitemaps:
                continue
            named.sitemaps.add(nested)
            try:
                if depth == DEEPEST:
                    raise InputRejected(f"{nested} is a sitemap too deep within others; add it itself.")
                inner = _feed(self._get(nested))
                if inner is None:
                    raise InputRejected(f"{nested} is no sitemap, though another one says so.")
            except InputRejected as error:
                named.trouble.append(Refused(nested, str(error)))
            else:
                self._gather(inner, depth + 1, named)

    def _get(self, url: str) -> Fetched:
        found = self._web.get(url, UNKNOWN)
        assert isinstance(found, Fetched), "without validators, each answer is a page"
        return found


def _feed(fetched: Fetched) -> Feed | None:
    return feeds.links(fetched.data, fetched.url, fetched.content_type)


def _local_feed(path: Path) -> Feed:
    """Raises InputRejected."""
    try:
        if not path.is_file():
            raise InputRejected(f"{path} is not a file." if path.exists() else f"{path}: no such file.")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise InputRejected(f"{path} cannot be read: {error.strerror}.") from None
    if len(data) > LARGEST:
        raise InputRejected(f"{path} is larger than {LARGEST // 1_000_000} MB; split it.")
    try:
        feed = feeds.links(data, None)
    except InputRejected as error:
        raise InputRejected(str(error).replace("This feed", str(path), 1)) from None
    if feed is None:
        raise InputRejected(f"{path} is no feed and no sitemap; Ibid reads {READ}.")
    return feed


def _count(items: Iterable[_Item]) -> int:
    return sum(not isinstance(item, Refused) for item in items)


def _name(item: Path | _Address | Link) -> str:
    return str(item) if isinstance(item, Path) else item.url


def _items(place: str) -> list[_Item]:
    """What stands for a place that a person gave."""
    if _URL.match(place):
        return [_Address(place)]
    path = Path(place)
    return _within(path) if _is_folder(path) else [path]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # the reader says what is wrong with it
        return False


def _within(top: Path) -> list[_Item]:
    """The files in a folder, in the order of their names, and what is to be said of the others."""
    found: list[_Item] = []
    others: Counter[str] = Counter()
    trouble: list[_Item] = []

    def enter(folder: Path, depth: int) -> None:
        try:
            names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
        except OSError as error:
            trouble.append(Refused(str(folder), f"{folder} cannot be opened: {error.strerror}."))
            return
        articles = {Path(name).stem for name in names if Path(name).suffix.lower() in FORMATS}
        for name in names:
            path = folder / name
            kind = path.suffix.lower()
            if _is_folder(path):
                if path.is_symlink():  # it may lead back up, or to what nobody meant to add
                    why = f"{path} is a link to another folder, which is not read; add it itself."
                    trouble.append(LeftOut(str(path), why))
                elif depth == DEEPEST_FOLDER:
                    trouble.append(Refused(str(path), f"{path} lies too deep; add it itself."))
                else:
                    enter(path, depth + 1)
            elif kind in FORMATS:
                found.append(path)
            elif kind != ".toml" or path.stem not in articles:
                others[kind] += 1

    enter(top, 0)
    if others:
        trouble.append(_other_formats(top, others, alone=not found))
    elif not found and not trouble:
        trouble.append(Refused(str(top), f"{top} is an empty folder."))
    return [*found, *trouble]


def _other_formats(top: Path, others: Counter[str], *, alone: bool) -> Refused:
    total = others.total()
    files = "1 file of another format" if total == 1 else f"{total:,} files of other formats"
    kinds = [kind or "without a suffix" for kind, _ in others.most_common(5)]
    files += f" ({', '.join(kinds)}{', …' if len(others) > len(kinds) else ''})"
    if alone:
        why = f"{top} holds nothing that can be read, only {files}; Ibid reads {READ}."
        return Refused(str(top), why)
    return LeftOut(str(top), f"{top} also holds {files}, which {'is' if total == 1 else 'are'} not read.")
