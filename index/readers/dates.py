"""The day that an HTML page states as that of its publication, in its own metadata."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

# As publishers write them: Open Graph, Dublin Core, schema.org, Parsely, Sailthru, Highwire, and GOV.UK.
_META = frozenset(
    "article:published_time og:published_time og:article:published_time datepublished date.issued "
    "dc.date.issued dcterms.issued dc.issued dcterms.created dc.date.created dc.date dcterms.date "
    "dc.date.published date pubdate publishdate publish_date publish-date published published_time "
    "publication_date parsely-pub-date sailthru.date citation_publication_date citation_date "
    "citation_online_date article.published article:published govuk:first-published-at "
    "govuk:public-updated-at cxenseparse:recs:publishtime rnews:datepublished bt:pubdate "
    "originalpublicationdate displaydate timestamp".split()
)
_LATER = "govuk:public-updated-at"
_DAY = re.compile(r"\s*(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?!\d)")
_ARTICLE = re.compile(r"(?:Article|Posting|Report|Blog|News|Review)")
_MOST_JSON = 1_000_000
"""Characters."""


def stated(tree: Any) -> date | None:
    """The day that JSON-LD, a meta element or a marked <time> gives, and not any that the text mentions."""
    for written in (*_in_json(tree), *_in_meta(tree), *_in_time(tree)):
        if day := _day(written):
            return day
    return None


def _day(written: str) -> date | None:
    found = _DAY.match(written)
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
    return day if day and day.year > 1500 else None  # 0001-01-01 means that none is set


def _in_json(tree: Any) -> list[str]:
    said: list[tuple[bool, str]] = []
    for script in tree.iter("script"):
        if (script.get("type") or "").split(";")[0].strip().lower() == "application/ld+json":
            text = script.text or ""
            try:
                loaded = json.loads(text, strict=False) if len(text) < _MOST_JSON else None
            except (ValueError, RecursionError):
                continue
            for thing in _things(loaded, 0):
                day = thing.get("datePublished")
                if isinstance(day, str):
                    said.append((_ARTICLE.search(str(thing.get("@type"))) is None, day))
    return [day for _, day in sorted(said, key=lambda pair: pair[0])]


def _things(loaded: Any, depth: int) -> Iterator[dict[str, Any]]:
    """What the page is about; what stands in its lists of other pages has days of its own."""
    if isinstance(loaded, list):
        for item in loaded[:100]:
            if depth < 5:
                yield from _things(item, depth + 1)
    elif isinstance(loaded, dict):
        yield loaded
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            if depth < 5:
                yield from _things(loaded.get(key), depth + 1)


def _in_meta(tree: Any) -> list[str]:
    said: list[tuple[bool, str]] = []
    for meta in tree.iter("meta"):
        names = {(meta.get(key) or "").strip().lower() for key in ("property", "name", "itemprop")}
        if names & _META:
            said.append((_LATER in names, meta.get("content") or ""))
    return [day for _, day in sorted(said, key=lambda pair: pair[0])]


def _in_time(tree: Any) -> Iterator[str]:
    for time in tree.iter("time"):
        classes = set((time.get("class") or "").lower().split())
        marked = time.get("pubdate") is not None or (time.get("itemprop") or "").lower() == "datepublished"
        if marked or classes & {"published", "dt-published", "entry-date"}:
            yield time.get("datetime") or ""
