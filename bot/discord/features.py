"""All that the bot can do, and the bot that can do it."""

from bot.discord import (
    articles,
    ask,
    below,
    buttons,
    check,
    follow_up,
    forms,
    gaps,
    greeting,
    library,
    listen,
    reader,
    refreshing,
    watch,
)
from bot.discord import (
    settings as settings_,
)
from bot.discord.app import Ibid
from bot.settings import Settings

COMMANDS = (
    ask.setup,
    follow_up.setup,
    buttons.setup,
    below.setup,
    reader.setup,
    listen.setup,
    check.setup,
    articles.setup,
    library.setup,
    settings_.setup,
    gaps.setup,
    forms.recognising(buttons.WhatWentWrong, settings_.AskLimits, follow_up.NextQuestion, library.Correct),
)
FEATURES = (*COMMANDS, greeting.setup, watch.setup, refreshing.setup)


def create_bot(settings: Settings | None = None) -> Ibid:
    """The bot, configured and not yet connected. Raises SettingsInvalid."""
    return Ibid(settings or Settings.load(), FEATURES)
