"""The `ibid` command: parse, call, render. What is heavy is imported by the command that needs it.

`main` is the outer shell: it turns every error into one line on stderr and an exit code.
"""

import gc
import os
import sys
import traceback

from bot.cli import asking, curating, operating  # noqa: F401  # their commands
from bot.cli.app import app
from bot.terminal.status import Exit, explained


def main() -> None:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; whatever goes wrong is one line on stderr."""
    # Importing what an answer needs takes 2.5 s with the collector running and 2.0 s without.
    gc.disable()
    # LangChain would send what it runs to a tracing service that is set up for another program.
    os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    try:
        code = int(app(args=arguments, prog_name="ibid", standalone_mode=False) or Exit.DONE)
        if code == Exit.STOPPED:  # Typer may turn Ctrl-C into a code and say nothing
            raise KeyboardInterrupt
        return code
    except BrokenPipeError:  # who read our output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except (Exception, KeyboardInterrupt) as error:  # the outermost shell: nothing may pass it
        if debug:
            traceback.print_exc()
        message, code = explained(error)
        print(f"ibid: {message}", file=sys.stderr)
        return code
