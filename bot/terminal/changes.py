"""What a change to the articles did, and lists of articles, as text or JSON."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot.terminal.render import console, safe
from index.article import Article
from index.builder import Change

NOTHING = Change()


def show(change: Change, refused: Mapping[str, str], *, as_json: bool) -> None:
    """Say what was added, updated, unchanged, removed, and what was refused and why."""
    groups = {
        "added": change.added,
        "updated": change.updated,
        "unchanged": change.unchanged,
        "removed": change.removed,
    }
    if as_json:
        listed = [{"path": path, "why": why} for path, why in refused.items()]
        print(json.dumps({**groups, "refused": listed}, ensure_ascii=False, indent=2))
        return
    out = console()
    for word, ids in groups.items():
        for article_id in ids:
            out.print(f"{word}: {article_id}")
    errors = console(stderr=True)
    for why in refused.values():
        errors.print(f"refused: {safe(why)}")


def articles_json(articles: Iterable[Article]) -> str:
    return json.dumps([_listed(article) for article in articles], ensure_ascii=False, indent=2)


def _listed(article: Article) -> dict[str, Any]:
    meta = article.metadata
    return {
        "id": article.id,
        "title": meta.title,
        "author": meta.author,
        "publisher": meta.publisher,
        "published": meta.published.isoformat() if meta.published else None,
        "url": meta.url,
        "tags": meta.tags,
        "characters": len(article.text),
        "revision": article.revision,
        "source": article.source,
    }
