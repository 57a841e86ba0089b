"""Versioned prompt templates: Markdown files with their name and version in front, and the loader."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Prompt:
    """A template of two messages. `version` is recorded with every answer that it wrote."""

    name: str
    version: str
    system: str
    user: Template

    @property
    def label(self) -> str:
        return f"{self.name}@{self.version}"


@cache
def load(name: str) -> Prompt:
    """Load `prompts/NAME.md`: a `version:` line, a `# System` part and a `# User` part.

    Raises FileNotFoundError or ValueError: a prompt ships with Ibid, so either is a bug.
    """
    text = (_FOLDER / f"{name}.md").read_text("utf-8")
    _, front, body = text.split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in front.strip().splitlines())
    system, user = body.split("\n# User\n", 1)
    return Prompt(
        name=name,
        version=fields["version"],
        system=system.strip().removeprefix("# System").strip(),
        user=Template(user.strip()),
    )
