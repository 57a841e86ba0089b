"""`/settings`: one private panel that shows what is set in a server, and changes it."""

import asyncio
import logging
import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import ChannelType, SelectDefaultValue, SelectDefaultValueType, app_commands, ui
from discord.ext import commands

from bot.desks import guild_library
from bot.discord.access import refusal_to_manage
from bot.discord.app import Ibid, Interaction, Refused, allowed, telling
from bot.discord.escape import escaped
from bot.discord.forms import Form
from bot.discord.kept import Kept
from bot.discord.texts import Texts, texts
from bot.record.guilds import LONGEST_COOLDOWN, MOST_A_DAY, MOST_A_MINUTE, GuildSettings
from index.errors import IndexMissing

log = logging.getLogger("ibid.discord")

MOST_CHOSEN = 25
"""Channels or roles that a menu of Discord's takes."""
LONGEST_NUMBER = 8
MOST = {"cooldown": LONGEST_COOLDOWN, "channel_rate": MOST_A_MINUTE, "daily_budget": MOST_A_DAY}
CHANNELS = [
    ChannelType.text,
    ChannelType.news,
    ChannelType.forum,
    ChannelType.voice,
    ChannelType.stage_voice,
    ChannelType.category,
]
"""Kinds of channels to choose from; a category stands for its channels, a channel for its threads."""


class SettingsPanel(commands.Cog):
    @app_commands.command(name="settings")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def settings(self, interaction: Interaction) -> None:
        """Set where I answer, who may ask, and how much."""
        async with telling(interaction):
            settings, words = await allowed(interaction, refusal_to_manage)
            assert interaction.guild
            view = panel(interaction.guild, settings, words)
            await interaction.response.send_message(view=view, ephemeral=True)


class Choose(Kept, template=r"ibid:settings:(?P<name>channels|askers|curators|language)"):
    """A menu: what is chosen is set, in place of what was."""

    async def used(self, interaction: Interaction, match: re.Match[str]) -> None:
        await allowed(interaction, refusal_to_manage)
        name = match["name"]
        # Not the menu's own `values`: these leave out what the cache does not know.
        data: Any = interaction.data
        chosen = data["values"]
        value: object = chosen[0] if name == "language" else tuple(int(n) for n in chosen)
        await save(interaction, name, **{name: value})


class Switch(Kept, template=r"ibid:settings:(?P<name>threads|private|own_library):(?P<to>on|off)"):
    """A button that says what it sets, so that a panel of yesterday does no surprising thing."""

    async def used(self, interaction: Interaction, match: re.Match[str]) -> None:
        await allowed(interaction, refusal_to_manage)
        name, to = match["name"], match["to"]
        if name == "own_library" and to == "on":
            await _require_own_library(interaction)
        await save(interaction, name, **{name: to == "on"})


class ChangeLimits(Kept, template=r"ibid:settings:limits(:(?P<typed>.*))?"):
    """Asks for the limits, with what is set, or with what was typed before and could not be taken."""

    async def used(self, interaction: Interaction, match: re.Match[str]) -> None:
        settings, words = await allowed(interaction, refusal_to_manage)
        set_now = [str(getattr(settings, name)) for name in MOST]
        shown = match["typed"].split("|") if match["typed"] else set_now
        await interaction.response.send_modal(AskLimits(shown, words))


class AskLimits(Form, template=r"ibid:limits"):
    def __init__(self, shown: Sequence[str], words: Texts) -> None:
        super().__init__("ibid:limits", words.limits_title)
        for (name, most), text in zip(MOST.items(), shown, strict=True):
            hint = words.limit_hint.format(most=f"{most:,}")
            self.ask(name, words.limits[name], hint, default=text, max_length=LONGEST_NUMBER)

    @classmethod
    async def submitted(cls, interaction: Interaction, typed: dict[str, str], **_of_id: str) -> None:
        settings, words = await allowed(interaction, refusal_to_manage)
        typed = {name: typed[name].strip() for name in MOST}
        if wrong := [name for name, text in typed.items() if not _is_within(text, MOST[name])]:
            note = " ".join(
                words.not_saved.format(
                    what=words.limits[name], most=f"{MOST[name]:,}", typed=escaped(typed[name])
                )
                for name in wrong
            )
            assert interaction.guild
            view = panel(interaction.guild, settings, words, note, tuple(typed.values()))
            await interaction.response.edit_message(view=view)
        else:
            await save(interaction, "limits", **{name: int(text) for name, text in typed.items()})


async def save(interaction: Interaction, name: str, **changes: object) -> None:
    """Set something, and show the panel with what was set on top."""
    guild = interaction.guild
    assert guild
    change = interaction.client.guild_settings.change
    settings = await asyncio.to_thread(change, guild.id, **changes)
    log.info("settings changed", extra={"guild": guild.id, "setting": name})
    words = texts(settings.language)
    note = words.saved.format(what=lines(settings, words)[name])
    await interaction.response.edit_message(view=panel(guild, settings, words, note))


def lines(settings: GuildSettings, words: Texts) -> dict[str, str]:
    """Every setting in words, by name; the three limits are one."""
    channels = ", ".join(f"<#{n}>" for n in settings.channels)
    askers = ", ".join(f"<@&{n}>" for n in settings.askers)
    curators = ", ".join(f"<@&{n}>" for n in settings.curators)
    said = {
        "channels": channels or words.everywhere,
        "askers": words.askers.format(roles=askers) if askers else words.everyone,
        "curators": words.curators.format(roles=curators) if curators else words.no_curators,
        "threads": words.on if settings.threads else words.off,
        "private": words.on if settings.private else words.off,
        "limits": " · ".join(
            words.limit_values[name].format(n=f"{value:,}") if value else words.no_limit[name]
            for name in MOST
            for value in [getattr(settings, name)]
        ),
        "language": words.languages[settings.language],
        "own_library": words.own_library if settings.own_library else words.shared_library,
    }
    return {name: f"**{words.settings[name]}**: {value}" for name, value in said.items()}


def panel(
    guild: discord.Guild,
    settings: GuildSettings,
    words: Texts,
    note: str = "",
    typed: Sequence[str] = (),
) -> ui.LayoutView:
    """Every setting with what changes it. `typed` are limits that could not be taken."""
    told = lines(settings, words)

    def text(name: str) -> str:
        hint = words.setting_hints.get(name)
        return f"{told[name]}\n-# {hint}" if hint else told[name]

    def roles(chosen: Sequence[int]) -> list[SelectDefaultValue]:
        kind = SelectDefaultValueType.role
        return [SelectDefaultValue(id=n, type=kind) for n in chosen if guild.get_role(n)]

    menus: dict[str, ui.Item[Any]] = {
        "channels": ui.ChannelSelect(
            custom_id="ibid:settings:channels",
            channel_types=CHANNELS,
            placeholder=words.everywhere,
            min_values=0,
            max_values=MOST_CHOSEN,
            default_values=[
                SelectDefaultValue(id=n, type=SelectDefaultValueType.channel)
                for n in settings.channels
                if guild.get_channel(n)
            ],
        ),
        "askers": ui.RoleSelect(
            custom_id="ibid:settings:askers",
            placeholder=words.everyone,
            min_values=0,
            max_values=MOST_CHOSEN,
            default_values=roles(settings.askers),
        ),
        "curators": ui.RoleSelect(
            custom_id="ibid:settings:curators",
            placeholder=words.no_curators,
            min_values=0,
            max_values=MOST_CHOSEN,
            default_values=roles(settings.curators),
        ),
    }
    switches = {
        "threads": (settings.threads, words.turn_on, words.turn_off),
        "private": (settings.private, words.turn_on, words.turn_off),
        "own_library": (settings.own_library, words.use_own, words.use_shared),
    }
    box: ui.Container[Any] = ui.Container(ui.TextDisplay(words.settings_title))
    if note:
        box.add_item(ui.TextDisplay(note))
    box.add_item(ui.Separator())
    for name, menu in menus.items():
        box.add_item(ui.TextDisplay(text(name))).add_item(ui.ActionRow(Choose(menu)))
    box.add_item(ui.Separator())
    for name, (is_on, turn_on, turn_off) in switches.items():
        button: ui.Button[Any] = ui.Button(
            label=turn_off if is_on else turn_on,
            custom_id=f"ibid:settings:{name}:{'off' if is_on else 'on'}",
        )
        box.add_item(ui.Section(text(name), accessory=Switch(button)))
    kept = ":" + "|".join(text.replace("|", " ") for text in typed) if typed else ""
    button = ui.Button(label=words.change, custom_id=f"ibid:settings:limits{kept}")
    box.add_item(ui.Section(text("limits"), accessory=ChangeLimits(button)))
    language: ui.Select[Any] = ui.Select(custom_id="ibid:settings:language")
    for known, label in words.languages.items():
        language.add_option(label=label, value=known, default=known is settings.language)
    box.add_item(ui.TextDisplay(text("language"))).add_item(ui.ActionRow(Choose(language)))
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    return view


def _is_within(text: str, most: int) -> bool:
    return text.isdecimal() and int(text) <= most


async def _require_own_library(interaction: Interaction) -> None:
    bot = interaction.client
    _, words = await bot.settings_of(interaction.guild_id or 0)
    library = guild_library(bot.settings, interaction.guild_id or 0)
    try:
        await asyncio.to_thread(library.current_id)
    except IndexMissing:
        raise Refused(words.no_own_library) from None


async def setup(bot: Ibid) -> None:
    bot.add_dynamic_items(Choose, Switch, ChangeLimits)
    await bot.add_cog(SettingsPanel())
