"""Guards over the whole bot: what holds for every command, button and text."""

import ast
from dataclasses import fields
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.ui import DynamicItem
from simcord import Env

import bot.discord
from bot.discord import Ibid, create_bot
from bot.discord.texts import ENGLISH
from bot.settings import Settings
from tests.bot.discord.conftest import Server, bot_of

CURATED = {"library", "settings", "gaps"}
"""Commands for those who look after a server."""
SOURCE = Path(bot.discord.__file__).parent


def leaves(ibid: Ibid) -> list[app_commands.Command[Any, ..., Any] | app_commands.ContextMenu]:
    commands = [c for c in ibid.tree.walk_commands() if not isinstance(c, app_commands.Group)]
    return [*commands, *ibid.tree.get_commands(type=discord.AppCommandType.message)]


async def test_every_command_and_option_is_described(env: Env) -> None:
    for command in leaves(bot_of(env)):
        if isinstance(command, app_commands.ContextMenu):
            continue
        assert len(command.description) > 10, command.qualified_name
        for parameter in command.parameters:
            assert parameter.description != "…", f"{command.qualified_name} {parameter.name}"


async def test_every_command_is_in_the_readme_and_the_members_ones_in_the_help(env: Env) -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    for command in leaves(bot_of(env)):
        root = command.qualified_name.split()[0]
        name = command.qualified_name if isinstance(command, app_commands.ContextMenu) else f"/{root}"
        assert name in readme, name
        if root not in CURATED | {"help"}:
            assert name in ENGLISH.help, name


async def test_what_changes_a_server_asks_discord_for_the_permission_too(env: Env) -> None:
    for command in bot_of(env).tree.get_commands():
        curated = command.name in CURATED
        assert command.guild_only is curated, command.name
        permissions = command.default_permissions
        assert bool(permissions and permissions.manage_guild) is curated, command.name


async def test_members_are_refused_in_private_what_is_the_moderators(env: Env, server: Server) -> None:
    """H13: Discord lets a role in by its own settings; the bot looks again."""
    for command in bot_of(env).tree.get_commands():
        if command.name in CURATED:
            command.default_permissions = None
    await bot_of(env).tree.sync()
    for path in ("settings", "gaps", "library status"):
        refused = await server.member.slash(server.channel, path)
        assert refused.ephemeral, path
        assert refused.response
        assert refused.response.content.startswith("This is for those who manage the server"), path
    assert not server.channel.history()


async def test_only_the_intents_that_are_needed(home: Path) -> None:
    asked = create_bot(Settings(home=home)).intents
    assert {name for name, wanted in asked if wanted} == {"guilds", "guild_messages", "dm_messages"}
    reading = create_bot(Settings(home=home, message_content=True)).intents
    assert reading.message_content
    assert not reading.members
    assert not reading.presences


def test_every_text_is_used_and_none_is_written_elsewhere() -> None:
    source = "".join(path.read_text("utf-8") for path in SOURCE.glob("*.py") if path.name != "texts.py")
    unused = [field.name for field in fields(ENGLISH) if f".{field.name}" not in source]
    assert not unused


@pytest.mark.parametrize("path", sorted(SOURCE.glob("*.py")), ids=lambda path: path.stem)
def test_nothing_turns_mentions_on(path: Path) -> None:
    """H1: the client's `AllowedMentions.none()` holds unless a call overrides it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "allowed_mentions":
            assert ast.unparse(node.value) == "discord.AllowedMentions.none()"


async def test_every_button_that_is_kept_is_known_to_a_new_bot(env: Env) -> None:
    """F15: each DynamicItem of the package is registered at start-up."""
    known = set(bot_of(env)._connection._view_store._dynamic_items.values())
    defined = {item for item in subclasses(DynamicItem) if item.__module__.startswith("bot.discord")}
    abstract = {item for item in defined if item.__subclasses__()}
    assert defined - abstract <= known


def subclasses(of: type[Any]) -> set[type[Any]]:
    children: list[type[Any]] = of.__subclasses__()
    return {found for child in children for found in {child, *subclasses(child)}}
