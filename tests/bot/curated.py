"""What tests of curation share: an article, a library of a guild's own, a builder that gets stuck."""

from collections.abc import Sequence

from bot.desks import guild_library
from bot.record.guilds import Guilds
from bot.settings import Settings
from index.article import Article
from index.builder import Builder
from index.embeddings import MiniLM
from index.library import Library
from tests.index.notes import GENEVA, note, silent

COFFEE = (
    "Coffee in the frost\n\nCoffee prices doubled in Brazil after the frost. Growers expect a poor harvest."
)
STUCK = """
import sys, time
sys.stdin.readline()
print('{"line": "progress", "state": "embedding", "title": "Ships", "done": 120, "total": 480}', flush=True)
sys.stdin.read()
"""
"""A program that begins a build, and never ends it."""


def give_own(
    settings: Settings, guilds: Guilds, guild: int, embedder: MiniLM, more: Sequence[Article] = ()
) -> Library:
    """Give a guild a library of its own: two articles from files of the operator's, and more."""
    own = guild_library(settings, guild)
    articles = [note("treaty", GENEVA), note("coffee", COFFEE.partition("\n\n")[2])]
    Builder(own, embedder).add([*articles, *more], silent)
    guilds.change(guild, own_library=True)
    return own


def titles(library: Library) -> set[str]:
    """What a library holds now, as somebody sees it who opens it anew."""
    fresh = Library(library.folder)
    found = {article.metadata.title for article in fresh.current().catalog.articles()}
    fresh.close()
    return found
