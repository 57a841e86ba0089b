"""Buttons and menus that outlive restarts: their id holds all that they know."""

import re
from typing import Any, Self

import discord
from discord import ui

from bot.discord.app import Interaction, telling


class Kept(ui.DynamicItem[Any], template=r"ibid:never"):
    """What it does is `used`. It may be used long after it was shown, and by whoever sees it."""

    @classmethod
    def button(cls, custom_id: str, **look: Any) -> Self:
        return cls(ui.Button(custom_id=custom_id, **look))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], _match: re.Match[str], /
    ) -> Self:
        return cls(item)

    async def callback(self, interaction: Interaction) -> Any:  # type: ignore[override]
        match = self.template.fullmatch(self.custom_id)
        assert match
        async with telling(interaction):
            await self.used(interaction, match)

    async def used(self, interaction: Interaction, match: re.Match[str]) -> None:
        """`match` is of the template with the id."""
        raise NotImplementedError


def turning(kind: type[Kept], place: str, n: int, total: int) -> list[Kept]:
    """‹ and › of page `n`, counted from 1; their ids are those of `place` with the page they lead to."""
    return [
        kind.button(f"{place}:{n - 1}", label="‹", disabled=n == 1),
        kind.button(f"{place}:{n + 1}", label="›", disabled=n == total),
    ]
