"""The group of commands. Each is imported when it is used, so that `accord --help` is instant."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Final, NamedTuple

import click


class Home(NamedTuple):
    """Where a command lives, and what the list of commands says of it."""

    module: str
    summary: str


COMMANDS: Final[Mapping[str, Home]] = {
    "check": Home("check", "Judge a server by the contract."),
    "rules": Home("rules", "List the rules, or some of them."),
    "explain": Home("explain", "Show all that is known of a rule."),
    "serve": Home("serve", "Run the reference server."),
    "faults": Home("faults", "List what `serve --fault` can do wrong."),
    "ask": Home("ask", "Ask a model a question."),
    "chat": Home("chat", "Talk with a model."),
    "models": Home("models", "List a server's models."),
}

INTERRUPTED: Final = 130


class Commands(click.Group):
    """A group that knows its commands' names and summaries without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"accord_contracts.cli.{COMMANDS[cmd_name].module}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, home.summary) for name, home in COMMANDS.items()])


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`accord COMMAND --help` tells more. Exit codes: 0 fine, 1 the contract is broken, "
    "2 usage or the target can't be reached, 3 incomplete.",
)
@click.version_option(package_name="accord", prog_name="accord")
def accord() -> None:
    """Accord: is a server what the clients of OpenAI's API expect?

    \b
    See it work on the embedded reference server:
        accord check
    \b
    Check a server of yours:
        accord check http://127.0.0.1:8000/v1
    \b
    Understand a rule, and run it alone:
        accord explain stream.ends-with-done
        accord check http://127.0.0.1:8000/v1 --only stream.ends-with-done
    """  # noqa: D301 - click reads the \b


def run() -> None:
    """Run the command, whatever the terminal can show and whenever it is interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # The suite leaves answers unread on purpose: that the embedded server notices is no news.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    try:
        sys.exit(accord.main(prog_name="accord", standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("accord: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the output has gone (`accord rules | head`): nobody is left to tell.
        sys.stderr.close()
        sys.exit(1)
