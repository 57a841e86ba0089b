"""Forms that may be sent long after they were opened: what is sent is known by its id, not from memory."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from discord import ComponentType, InteractionType, ui
from discord.ext import commands

from bot.discord.app import Feature, Ibid, Interaction, telling


class Form(ui.Modal):
    """A form; what is done with what was typed is `submitted`, which may happen in a later process."""

    template: ClassVar[re.Pattern[str]]

    def __init_subclass__(cls, *, template: str) -> None:
        super().__init_subclass__()
        cls.template = re.compile(template)

    def __init__(self, custom_id: str, title: str) -> None:
        assert self.template.fullmatch(custom_id)
        super().__init__(custom_id=custom_id, title=title)
        self.stop()  # else discord.py keeps every form that was ever opened

    def ask(self, name: str, label: str, hint: str | None = None, **look: Any) -> None:
        """Add a field."""
        field: ui.TextInput[Any] = ui.TextInput(custom_id=name, **look)
        self.add_item(ui.Label(text=label, description=hint, component=field))

    @classmethod
    async def submitted(cls, interaction: Interaction, typed: dict[str, str], **of_id: str) -> None:
        """`typed` is the text of each field, by its name; `of_id` are the groups of the template."""
        raise NotImplementedError


class Forms(commands.Cog):
    def __init__(self, kinds: Iterable[type[Form]]) -> None:
        self.kinds = tuple(kinds)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        if interaction.type is not InteractionType.modal_submit:
            return
        data: Any = interaction.data
        for kind in self.kinds:
            match = kind.template.fullmatch(data["custom_id"])
            if match and interaction.client.is_new(interaction.id):
                async with telling(interaction):
                    await kind.submitted(interaction, typed_in(data["components"]), **match.groupdict())


def typed_in(components: Iterable[dict[str, Any]]) -> dict[str, str]:
    """The text of each field by its name, however deep it lies in rows and labels."""
    found: dict[str, str] = {}
    for component in components:
        if component["type"] == ComponentType.text_input.value:
            found[component["custom_id"]] = component["value"]
        inside = [*component.get("components", ()), component.get("component")]
        found |= typed_in(part for part in inside if part)
    return found


def recognising(*kinds: type[Form]) -> Feature:
    async def setup(bot: Ibid) -> None:
        await bot.add_cog(Forms(kinds))

    return setup
