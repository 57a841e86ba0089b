"""Buttons that lead out of Discord, where it and the reader can trust the address."""

from typing import Any
from urllib.parse import urlsplit

from discord import ui

from bot.discord.escape import encoded

LONGEST = 512
"""Characters that Discord takes in the address of a button; one more, and it refuses the message."""


def link_button(url: str, label: str) -> ui.Button[Any] | None:
    """A button that opens a web page; where it is too long, without the words to highlight there.

    None where the address is not one of the web, or still too long.
    """
    url = encoded(url)
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    if len(url) > LONGEST:
        url = url.partition("#:~:")[0]
    return ui.Button(label=label, url=url) if len(url) <= LONGEST else None
