"""Who may do what, and where: pure decisions over ids. `None` and `True` mean yes."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

import discord

from bot.discord.texts import Texts
from bot.record.guilds import GuildSettings


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody speaks, and as what."""

    guild: int
    """0 in direct messages."""
    channel: int
    around: tuple[int, ...]
    """The channel of a thread, and the category of a channel."""
    member: int
    roles: frozenset[int]
    manages: bool
    """Whether they may manage the server."""


def place_of(
    guild: discord.Guild | None,
    channel: object,
    person: discord.User | discord.Member,
    permissions: discord.Permissions | None = None,
) -> Place:
    """`permissions` are those that Discord sends with an interaction."""
    roles: frozenset[int] = frozenset()
    if isinstance(person, discord.Member):
        roles = frozenset(role.id for role in person.roles)
        permissions = permissions or person.guild_permissions
    around = (getattr(channel, "parent_id", None), getattr(channel, "category_id", None))
    return Place(
        guild=guild.id if guild else 0,
        channel=getattr(channel, "id", 0),
        around=tuple(n for n in around if n),
        member=person.id,
        roles=roles,
        manages=bool(guild and permissions and permissions.manage_guild),
    )


Refusal = Callable[[Place, GuildSettings, Texts], str | None]
"""Why somebody may not do something, in words, or None where they may."""


def refusal_to_ask(place: Place, settings: GuildSettings, texts: Texts) -> str | None:
    """Why a question is not answered here, in words, or None where it is."""
    if not place.guild:
        return None
    if settings.channels and not {place.channel, *place.around} & set(settings.channels):
        return texts.wrong_channel
    if settings.askers and not place.manages and not place.roles & set(settings.askers):
        return texts.not_an_asker
    return None


def refusal_to_curate(place: Place, settings: GuildSettings, texts: Texts) -> str | None:
    if not place.guild:
        return texts.servers_only
    if place.manages or place.roles & set(settings.curators):
        return None
    return texts.not_a_curator


def refusal_to_manage(place: Place, _settings: GuildSettings, texts: Texts) -> str | None:
    if not place.guild:
        return texts.servers_only
    return None if place.manages else texts.not_a_manager


def is_addressed(
    content: str,
    bot: int,
    *,
    mentioned: Collection[int],
    everyone: bool,
    reply_to: int | None,
    own_thread: bool,
) -> bool:
    """Whether a message asks the bot: it names the bot, or replies to it or stands in a thread that
    the bot opened and names nobody else.

    `reply_to` is the author of the message that it replies to.
    """
    if f"<@{bot}>" in content or f"<@!{bot}>" in content:
        return True
    if everyone or any(person != bot for person in mentioned):
        return False
    return reply_to == bot or (own_thread and reply_to is None)


_MENTION = re.compile(r"<(?:@[!&]?|#)\d+>")


def without_mentions(content: str) -> str:
    """What is said, without to whom."""
    return " ".join(_MENTION.sub(" ", content).split()).strip(" ,:")
