"""Which article of a library one that was read is: a new one, a new revision, or the same again."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlsplit

from index.article import Article, Place, Validators, slug
from index.similar import ALIKE, similarity, sketch


@dataclass(frozen=True, slots=True)
class Identity:
    """What an article of a library is known by."""

    id: str
    revision: str
    source: str
    url: str | None
    also: tuple[str, ...]
    """The sources of the other places at which its text stands."""

    @classmethod
    def of(cls, article: Article) -> "Identity":
        also = tuple(place.source for place in article.also)
        return cls(article.id, article.revision, article.source, article.metadata.url, also)


class Held(Protocol):
    """The articles of a library, of which few have to be read whole."""

    def identities(self) -> list[Identity]: ...

    def article(self, article_id: str) -> Article: ...


@dataclass(frozen=True, slots=True)
class Merged:
    """Something that was read and turned out to be the text of an article from elsewhere."""

    source: str
    article: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Articles under the ids that they get in a library, by what adding them does to it."""

    new: tuple[Article, ...] = ()
    updated: tuple[Article, ...] = ()
    unchanged: tuple[Article, ...] = ()
    merged: tuple[Merged, ...] = ()


def compare(articles: Iterable[Article], held: Held | None) -> Comparison:
    """What adding articles to a library would do; None is a library that holds nothing.

    One is known by its source, or by the address that it names as its own if it reads alike, else by its
    text: the same text from elsewhere is one more place of the article. Another one whose id is taken
    gets a number.
    """
    known = _Known(held)
    for article in articles:
        known.take(article)
    return known.comparison()


class _Known:
    """The articles of a library as they are after those that were compared so far."""

    def __init__(self, held: Held | None) -> None:
        self._held = held
        self._before = {identity.id: identity for identity in (held.identities() if held else ())}
        self._ids = set(self._before)
        self._touched: dict[str, Article] = {}
        self._merged: list[Merged] = []
        self._sources: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._places: dict[str, str] = {}
        for identity in self._before.values():
            self._note(identity)

    def take(self, given: Article) -> None:
        if found := self._sources.get(given.source) or self._at_its_address(given):
            before = self._article(found)
            after = revised(before, given)
            self._touch(after)
            if before.revision != after.revision:
                self._part(before)
            return
        same = self._texts.get(given.revision)
        elsewhere = self._places.get(given.source)
        if elsewhere and elsewhere != same:  # this place has another text by now
            article = self._article(elsewhere)
            others = tuple(place for place in article.also if place.source != given.source)
            del self._places[given.source]
            self._touch(replace(article, also=others))
        if same:
            article = self._article(same)
            if elsewhere != same:
                self._merged.append(Merged(given.source, same))
            others = tuple(place for place in article.also if place.source != given.source)
            self._touch(replace(article, also=(*others, Place(given.source, given.metadata))))
            return
        self._touch(replace(given, id=self._free(given.id)))

    def _part(self, before: Article) -> None:
        """Make the other places of an article, which has another text by now, an article by themselves."""
        self._texts.pop(before.revision, None)
        if not before.also:
            return
        first, *others = before.also
        article_id = self._free(slug(first.metadata.title))
        self._touch(
            replace(
                before,
                id=article_id,
                source=first.source,
                metadata=first.metadata,
                mended=(),
                also=tuple(others),
                validators=Validators(),
            )
        )
        self._places.pop(first.source, None)

    def comparison(self) -> Comparison:
        new, updated, unchanged = [], [], []
        for article in self._touched.values():
            if self._held is None or article.id not in self._before:
                new.append(article)
            elif article != self._held.article(article.id):
                updated.append(article)
            else:
                unchanged.append(article)
        return Comparison(tuple(new), tuple(updated), tuple(unchanged), tuple(self._merged))

    def _at_its_address(self, given: Article) -> str | None:
        """The article with the address that this one names as its own; some sites name one for many."""
        found = self._addresses.get(_own_address(given.metadata.url) or "")
        if found and similarity(sketch(self._article(found).text), sketch(given.text)) >= ALIKE:
            return found
        return None

    def _article(self, article_id: str) -> Article:
        if article_id in self._touched:
            return self._touched[article_id]
        assert self._held
        return self._held.article(article_id)

    def _touch(self, article: Article) -> None:
        self._touched[article.id] = article
        self._note(Identity.of(article))

    def _note(self, identity: Identity) -> None:
        self._ids.add(identity.id)
        self._sources[identity.source] = identity.id
        self._texts[identity.revision] = identity.id
        self._places |= dict.fromkeys(identity.also, identity.id)
        if address := _own_address(identity.url):
            self._addresses[address] = identity.id

    def _free(self, wanted: str) -> str:
        number, free = 1, wanted
        while free in self._ids:
            number += 1
            free = f"{wanted}-{number}"
        return free


def revised(before: Article, given: Article) -> Article:
    """An article as it was read again: under its id, with what people have mended, and with its other
    places where its text is still theirs.
    """
    kept = {name: getattr(before.metadata, name) for name in before.mended}
    if "published" in kept:
        kept["published_is_guess"] = False
    return replace(
        given,
        id=before.id,
        metadata=replace(given.metadata, **kept),
        mended=before.mended,
        also=before.also if before.revision == given.revision else (),
    )


def _own_address(url: str | None) -> str | None:
    """An address that stands for one article: careless pages all name the front page as theirs."""
    if not url:
        return None
    parts = urlsplit(url)
    return url if parts.scheme in ("http", "https") and (parts.path.strip("/") or parts.query) else None
