"""What a change to the articles did, and lists of articles, as text or JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.terminal.render import console, safe
from index.article import Article
from index.builder import Change
from index.identity import Comparison

if TYPE_CHECKING:
    from index.sources.reading import Refused  # 0.2 s

NOTHING = Change()
FEW = 20
"""Articles that are listed a line each; of more, a person is shown a count and the first ones."""
FIRST = 5


def show(
    change: Change,
    refused: Sequence["Refused"] = (),
    *,
    as_json: bool,
    seconds: float | None = None,
    planned: bool = False,
) -> None:
    """Say what was done on stdout, and on stderr what was refused and, with `seconds`, how much it was.

    What was only `planned` is told as such.
    """
    groups = {
        "added": change.added,
        "updated": change.updated,
        "unchanged": change.unchanged,
        "removed": change.removed,
    }
    if as_json:
        print(json.dumps({**groups, **_details(change, refused)}, ensure_ascii=False, indent=2))
        return
    out, errors = console(), console(stderr=True)
    for word, ids in groups.items():
        told = f"would be {word}" if planned and word != "unchanged" else word
        for line in _listed(told, [str(article_id) for article_id in ids]):
            out.print(line)
    same = [f"{safe(one.source)} is the same text as {one.article}" for one in change.merged]
    for line in _listed("merged", same):
        out.print(line)
    for one in refused:
        errors.print(f"{'refused' if one.is_fault else 'left out'}: {safe(one.why)}")
    if seconds is not None and sum(map(len, groups.values())) + len(change.merged):
        errors.print(_totals(change, refused, seconds))


def would(compared: Comparison, same: Iterable[Article]) -> Change:
    """What adding articles would do, as a change; `same` did not even have to be read."""
    change = Change(
        added=tuple(article.id for article in compared.new),
        updated=tuple(article.id for article in compared.updated),
        unchanged=tuple(article.id for article in compared.unchanged),
        merged=compared.merged,
    )
    return with_same(change, same)


def with_same(change: Change, same: Iterable[Article]) -> Change:
    """A change with articles that did not even have to be read to be found unchanged."""
    known = dict.fromkeys([*change.unchanged, *(article.id for article in same)])
    return replace(change, unchanged=tuple(each for each in known if each not in change.updated))


def articles_json(articles: Iterable[Article]) -> str:
    return json.dumps([_described(article) for article in articles], ensure_ascii=False, indent=2)


def _details(change: Change, refused: Sequence["Refused"]) -> dict[str, Any]:
    return {
        "merged": [{"source": one.source, "id": one.article} for one in change.merged],
        "refused": [{"path": one.place, "why": one.why} for one in refused if one.is_fault],
        "left_out": [{"path": one.place, "why": one.why} for one in refused if not one.is_fault],
        "passages_embedded": change.embedded,
    }


def _listed(word: str, items: Sequence[str]) -> Iterable[str]:
    if len(items) <= FEW or not console().is_terminal:
        return [f"{word}: {item}" for item in items]
    return [f"{word}: {len(items):,} articles: {', '.join(items[:FIRST])}, …"]


def _totals(change: Change, refused: Sequence["Refused"], seconds: float) -> str:
    """`284 added, 3 unchanged, 10 refused; 2,100 passages embedded in 55.3 s.`"""
    counts = {
        "added": len(change.added),
        "updated": len(change.updated),
        "unchanged": len(change.unchanged),
        "merged": len(change.merged),
        "refused": sum(one.is_fault for one in refused),
    }
    told = ", ".join(f"{number:,} {word}" for word, number in counts.items() if number)
    passages = f"{change.embedded:,} passage{'s' * (change.embedded != 1)}"
    return f"{told}; {passages} embedded in {seconds:.1f} s."


def _described(article: Article) -> dict[str, Any]:
    meta = article.metadata
    return {
        "id": article.id,
        "title": meta.title,
        "author": meta.author,
        "publisher": meta.publisher,
        "published": meta.published.isoformat() if meta.published else None,
        "published_is_guess": meta.published_is_guess,
        "url": meta.url,
        "tags": meta.tags,
        "characters": len(article.text),
        "revision": article.revision,
        "source": article.source,
    }
