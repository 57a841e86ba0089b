"""Which commands Discord knows, and telling it ours: asked for by `ibid bot sync`, never done unasked."""

from typing import Any

import discord
from discord.app_commands import AppCommand, Command, ContextMenu, Group

from bot.discord.app import Ibid

Ours = Command[Any, ..., Any] | ContextMenu | Group

CHECKED = ("name", "type", "description", "required", "autocomplete")
"""What of a command and its options is compared; Discord fills in much of the rest."""


async def register(bot: Ibid, guild: int | None = None) -> list[str]:
    """Register every command, everywhere or in one guild, and return their names. Raises HTTPException."""
    where = discord.Object(guild) if guild else None
    if where:
        bot.tree.copy_global_to(guild=where)
    await bot.tree.sync(guild=where)
    return names(bot)


def names(bot: Ibid) -> list[str]:
    """As members see them: `/library add`, and those of a message's menu by their title."""
    found = [ours for ours in bot.tree.walk_commands() if not isinstance(ours, Group)]
    menus = [menu.name for menu in _ours(bot) if isinstance(menu, ContextMenu)]
    return sorted(f"/{command.qualified_name}" for command in found) + sorted(f"“{menu}”" for menu in menus)


async def state(bot: Ibid) -> str:
    """Whether Discord knows the commands as they are, in words. Raises HTTPException."""
    known = await bot.tree.fetch_commands()
    if not known:
        return "none registered; run `ibid bot sync`"
    theirs = {(one.type, one.name): (_shape(one.to_dict()), _needed(one)) for one in known}
    ours = {
        (_type(one), one.name): (_shape(one.to_dict(bot.tree)), one.default_permissions) for one in _ours(bot)
    }
    return "registered" if theirs == ours else "changed since they were registered; run `ibid bot sync`"


def _ours(bot: Ibid) -> list[Ours]:
    kinds = (discord.AppCommandType.chat_input, discord.AppCommandType.message, discord.AppCommandType.user)
    return [one for kind in kinds for one in bot.tree.get_commands(type=kind)]


def _type(command: Ours) -> discord.AppCommandType:
    return command.type if isinstance(command, ContextMenu) else discord.AppCommandType.chat_input


def _needed(command: AppCommand) -> discord.Permissions | None:
    return command.default_member_permissions


def _shape(given: Any) -> tuple[Any, ...]:
    return (*(given.get(name) or None for name in CHECKED), *map(_shape, given.get("options") or ()))
