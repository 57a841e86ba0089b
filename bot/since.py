"""What became of a source since it was cited. Answers point at the revision that they cite, which is kept."""

from enum import StrEnum

from bot.answer import Citation
from index.article import Article
from index.catalog import Catalog
from index.errors import SourceChanged, UnknownArticle, UnknownRevision


class Since(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    """The article has another text by now, in which the quoted words still stand."""
    LOST = "lost"
    """The article has another text by now, in which the quoted words no longer stand."""
    GONE = "gone"
    """The article was removed."""


def since(citation: Citation, catalog: Catalog) -> Since:
    try:
        article = catalog.article(citation.article)
    except UnknownArticle:
        return Since.GONE
    if _cited(citation, article):
        return Since.SAME
    return Since.CHANGED if citation.quote in article.text else Since.LOST


def as_cited(citation: Citation, catalog: Catalog) -> Article:
    """The article as it was when it was cited. Raises SourceChanged where that is not kept any more."""
    try:
        article = catalog.article(citation.article)
        if not _cited(citation, article):
            article = catalog.revision(citation.article, citation.revision or "")
    except (UnknownArticle, UnknownRevision):
        raise SourceChanged(citation.title) from None
    return article


def _cited(citation: Citation, article: Article) -> bool:
    """Answers of Ibid 0.1 do not name the revision that they cite."""
    if citation.revision:
        return article.revision == citation.revision
    return article.text[citation.start : citation.end] == citation.quote
