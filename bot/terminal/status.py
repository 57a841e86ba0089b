"""Exit codes, and the one line that is said of each error."""

from enum import IntEnum

import typer

from index.errors import (
    BuilderBusy,
    BuildFailed,
    DiscordUnavailable,
    IbidError,
    IndexUnavailable,
    InputRejected,
    ModelUnavailable,
    SettingsInvalid,
    StateUnavailable,
)


class Exit(IntEnum):
    """A decline is an answer and exits with DONE."""

    DONE = 0
    BUG = 1
    USAGE = 2
    INDEX = 3
    SERVICE = 4
    INPUT = 5
    STOPPED = 130


EXIT_OF: dict[type[IbidError], Exit] = {
    InputRejected: Exit.INPUT,
    SettingsInvalid: Exit.USAGE,
    IndexUnavailable: Exit.INDEX,
    BuilderBusy: Exit.SERVICE,
    BuildFailed: Exit.SERVICE,
    StateUnavailable: Exit.SERVICE,
    ModelUnavailable: Exit.SERVICE,
    DiscordUnavailable: Exit.SERVICE,
}

# Typer ships its own copy of click and does not export the root of click's errors.
_ClickError: type[Exception] = typer.BadParameter.__mro__[2]


def explained(error: BaseException) -> tuple[str, Exit]:
    """What to say of an error, in one line, and how to exit."""
    if isinstance(error, IbidError):
        return str(error), next(EXIT_OF[kind] for kind in type(error).__mro__ if kind in EXIT_OF)
    if isinstance(error, _ClickError):
        message: str = error.format_message()  # type: ignore[attr-defined]
        return f"{message} See `ibid --help`.", Exit.USAGE
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return "stopped.", Exit.STOPPED
    return f"a bug in Ibid ({type(error).__name__}); add --debug to see where.", Exit.BUG
