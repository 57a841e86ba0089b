"""The state database: answers with their story, who asked, what people said of them, and limits."""

from bot.record.answers import Record, Recorded

__all__ = ["Record", "Recorded"]
