"""The bot: parses what members do on Discord, calls the desk, and renders its answers."""

from bot.discord.app import Ibid
from bot.discord.features import create_bot

__all__ = ["Ibid", "create_bot"]
