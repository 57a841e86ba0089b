"""The objects of the fake Discord: one application, one guild, one channel, and whoever speaks there."""

import itertools
import time
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

APP, GUILD, CHANNEL, MEMBER = 900, 1000 << 22, 2000, 3000
"""Ids. The application's is also that of the bot's user."""
TOKEN = "OTAw.Z-fake.t0ken-t0ken-t0ken"
EVERYDAY = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 35 | 1 << 38
"""Permissions: see, send, embed, read history, open public threads and write in them."""
MANAGE_GUILD = 1 << 5
LOADING = 1 << 7
EPHEMERAL = 1 << 6

_count = itertools.count()


def snowflake() -> int:
    """An id that is new and tells the present time, as discord.py reads it."""
    return (time.time_ns() // 1_000_000 - 1_420_070_400_000) << 22 | next(_count) % 4096


def now() -> str:
    return datetime.now(UTC).isoformat()


def user(id_: int = APP) -> Json:
    name = "ibid" if id_ == APP else f"reader{id_}"
    one = {"id": str(id_), "username": name, "global_name": name, "discriminator": "0", "avatar": None}
    return {**one, "bot": id_ == APP, "flags": 0, "public_flags": 0}


def member(id_: int, permissions: int = EVERYDAY) -> Json:
    one = {"user": user(id_), "roles": [], "joined_at": now(), "deaf": False, "mute": False, "flags": 0}
    return {**one, "nick": None, "avatar": None, "permissions": str(permissions)}


def channel(id_: int = CHANNEL, guild_id: int | None = GUILD) -> Json:
    if guild_id is None:
        return {"id": str(id_), "type": 1, "last_message_id": None, "recipients": [user(MEMBER)]}
    place = {"id": str(id_), "guild_id": str(guild_id), "type": 0, "name": f"channel{id_}", "position": 0}
    more = {
        "topic": None,
        "nsfw": False,
        "parent_id": None,
        "rate_limit_per_user": 0,
        "last_message_id": None,
    }
    return {**place, **more, "permission_overwrites": [], "permissions": str(EVERYDAY)}


def thread(id_: int, parent: int, name: str) -> Json:
    kept = {"archived": False, "auto_archive_duration": 1440, "archive_timestamp": now(), "locked": False}
    place = {
        "id": str(id_),
        "guild_id": str(GUILD),
        "parent_id": str(parent),
        "owner_id": str(APP),
        "type": 11,
    }
    return {**place, "name": name, "message_count": 0, "member_count": 1, "thread_metadata": kept}


def guild(id_: int = GUILD) -> Json:
    everyone = {"id": str(id_), "name": "@everyone", "permissions": str(EVERYDAY), "position": 0, "color": 0}
    role = {**everyone, "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}}
    role |= {"hoist": False, "managed": False, "mentionable": False, "icon": None, "flags": 0}
    room = CHANNEL if id_ == GUILD else id_ + 1
    levels = dict.fromkeys(("verification_level", "default_message_notifications", "mfa_level"), 0)
    levels |= dict.fromkeys(("explicit_content_filter", "nsfw_level", "premium_tier"), 0)
    kinds = ("emojis", "stickers", "features", "threads", "presences", "voice_states")
    lists: Json = {kind: [] for kind in kinds}
    people = {"members": [member(APP)], "member_count": 2, "large": False, "unavailable": False}
    people["preferred_locale"] = "en-US"
    named = {
        "id": str(id_),
        "name": f"guild{id_}",
        "icon": None,
        "owner_id": "1",
        "preferred_locale": "en-US",
    }
    return {**named, **levels, **lists, **people, "roles": [role], "channels": [channel(room, id_)]}


def message(content: str, author: Json, channel_id: int, **more: object) -> Json:
    place = {
        "id": str(snowflake()),
        "channel_id": str(channel_id),
        "timestamp": now(),
        "edited_timestamp": None,
    }
    lists: Json = {"embeds": [], "attachments": [], "components": [], "mentions": [], "mention_roles": []}
    flags = {"type": 0, "flags": 0, "tts": False, "pinned": False, "mention_everyone": False}
    return {**place, **lists, **flags, "content": content, "author": author, **more}


def options(given: Json) -> list[Json]:
    """The options of a slash command, each with the type number that its Python type stands for."""
    kinds = {str: 3, int: 4, bool: 5, float: 10}
    return [{"name": name, "type": kinds[type(value)], "value": value} for name, value in given.items()]


def command_data(path: str, given: Json, id_: str) -> Json:
    """What a slash command carries; `library add` is a command and its subcommand."""
    name, *under = path.split()
    inner = options(given)
    for depth, sub in enumerate(reversed(under), 1):
        inner = [{"name": sub, "type": depth, "options": inner}]
    return {"id": id_, "type": 1, "name": name, "options": inner}
