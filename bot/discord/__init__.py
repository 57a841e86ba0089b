"""The bot: parses what members do on Discord, calls the desk, and renders its answers."""

from bot.discord.app import Ibid, create_bot

__all__ = ["Ibid", "create_bot"]
