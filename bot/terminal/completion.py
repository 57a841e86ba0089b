"""Completes the commands of a chat and the ids of articles."""

from collections.abc import Iterator, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document


class ChatCompleter(Completer):
    def __init__(self, commands: Sequence[str], article_ids: Sequence[str]) -> None:
        self._commands = commands
        self._articles = article_ids

    def get_completions(
        self,
        document: Document,
        complete_event: CompleteEvent,  # noqa: ARG002  # the signature of Completer
    ) -> Iterator[Completion]:
        """A command at the start of a line; an id behind `/article`; nothing inside a question."""
        command, space, rest = document.text_before_cursor.partition(" ")
        if not space and command.startswith("/"):
            begun, choices = command, self._commands
        elif command == "/article":
            begun, choices = rest, self._articles
        else:
            return
        for choice in choices:
            if choice.startswith(begun):
                yield Completion(choice, start_position=-len(begun))
