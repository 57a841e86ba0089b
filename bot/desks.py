"""One Desk for each library: the default one, and one for each guild that has articles of its own."""

from collections import OrderedDict
from threading import Lock

from bot.desk import Desk
from bot.record import Record
from bot.record.guilds import Guilds
from bot.settings import Settings
from index.embeddings import Embedder, MiniLM
from index.library import Library

OPEN = 32
"""Libraries of guilds kept open at once; the one asked least recently is let go of first."""


def default_library(settings: Settings) -> Library:
    return Library(settings.home / "index")


def guild_library(settings: Settings, guild: int) -> Library:
    return Library(settings.home / "guilds" / str(guild) / "index")


def library_of(settings: Settings, guilds: Guilds, guild: int) -> Library:
    """The library that is read in a guild; 0 means direct messages. Raises StateUnavailable."""
    own = guild and guilds.settings(guild).own_library
    return guild_library(settings, guild) if own else default_library(settings)


class Desks:
    """The desks share the embedding model, which takes most of the memory, and the state database.

    A guild with a library of its own is never shown another's: its desk knows no other articles.
    """

    def __init__(self, settings: Settings, embedder: Embedder, encoder: MiniLM, record: Record) -> None:
        self.settings = settings
        self.record = record
        self.guilds = Guilds(record.database)
        self._embedder = embedder
        self._encoder = encoder
        self._lock = Lock()
        self._own: OrderedDict[int, Desk] = OrderedDict()
        self.default = self._desk(default_library(settings))

    def of(self, guild: int) -> Desk:
        """The desk that answers in a guild; 0 means direct messages. Raises StateUnavailable."""
        if not guild or not self.guilds.settings(guild).own_library:
            return self.default
        with self._lock:
            if guild not in self._own:
                self._own[guild] = self._desk(guild_library(self.settings, guild))
            self._own.move_to_end(guild)
            if len(self._own) > OPEN:
                # Answers that are under way keep what they read; it is closed behind the last one.
                self._own.popitem(last=False)
            return self._own[guild]

    def abandon(self) -> None:
        """Let go of every model that is waited for, in whichever thread."""
        for desk in self._all():
            desk.abandon()

    def close(self) -> None:
        """Let go of every index. No answer may be under way."""
        for desk in self._all():
            desk.close()

    def _all(self) -> list[Desk]:
        with self._lock:
            return [self.default, *self._own.values()]

    def _desk(self, library: Library) -> Desk:
        return Desk(self.settings, library, self._embedder, self._encoder, self.record)
