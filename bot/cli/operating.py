"""Run the bot, and see whether all is well."""

from typing import Annotated

import typer

from bot.cli.app import app
from bot.cli.opened import read_settings
from bot.terminal.status import Exit

bot_app = typer.Typer(rich_markup_mode=None)
app.add_typer(bot_app, name="bot")


@bot_app.callback(invoke_without_command=True)
def run_bot(context: typer.Context) -> None:
    """Run the Discord bot, until it is stopped with Ctrl-C or SIGTERM.

    It needs DISCORD_TOKEN, as an environment variable or a line in .env; .env.example tells what
    else can be set. Run `ibid bot sync` once before, and after each update of Ibid, so that Discord
    knows its commands.
    """
    if context.invoked_subcommand:
        return
    settings = read_settings()
    from bot.discord import run as discord

    discord.run(settings)


@bot_app.command("sync")
def sync_bot(
    guild: Annotated[
        int | None,
        typer.Option(min=1, metavar="ID", help="In this server only, where you try out changes."),
    ] = None,
) -> None:
    """Register the commands with Discord."""
    settings = read_settings()
    from bot.discord import run as discord

    names = discord.sync(settings, guild)
    print(f"Registered {'everywhere' if guild is None else f'in server {guild}'}: {', '.join(names)}")


@app.command()
def doctor() -> None:
    """Say what works and how to mend the rest."""
    from bot.doctor import Health, examine
    from bot.terminal import render

    out = render.console()
    code = Exit.DONE
    for finding in examine(read_settings()):
        render.show_finding(out, finding)
        if finding.health is Health.BAD:
            code = Exit.INDEX if finding.of_index or code is Exit.INDEX else Exit.SERVICE
    raise typer.Exit(code)
