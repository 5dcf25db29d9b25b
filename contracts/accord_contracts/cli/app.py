"""The group of commands. Each is imported when it is used, so that `accord --help` is instant."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

import click

from accord_contracts.cli import output


class Home(NamedTuple):
    """Where a command lives, and what the list of commands says of it."""

    module: str
    summary: str


COMMANDS: Final[Mapping[str, Home]] = {
    "check": Home("check", "Judge a server by the contract."),
    "judge": Home("judge", "Judge recorded traffic, without a network."),
    "fuzz": Home("fuzz", "Judge a server by requests that nobody thought of."),
    "rules": Home("rules", "List the rules, or some of them."),
    "explain": Home("explain", "Show all that is known of a rule."),
    "schema": Home("schema", "Print the JSON Schema of JSON reports."),
    "serve": Home("serve", "Run the reference server."),
    "observe": Home("observe", "Run a program, and judge the requests it makes."),
    "faults": Home("faults", "List what `serve --fault` can do wrong."),
    "selftest": Home("selftest", "Judge the rules by the fault bank."),
    "ask": Home("ask", "Ask a model a question."),
    "chat": Home("chat", "Talk with a model."),
    "models": Home("models", "List a server's models."),
}

INTERNAL: Final = 70
"""What sysexits.h calls EX_SOFTWARE. Not 1, which says that the contract is broken."""


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
    "2 usage, the target can't be reached or the output can't be written, 3 incomplete, "
    "70 an error of Accord itself, 130 interrupted.",
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
    """Run the command, whatever the terminal can show and however the command ends."""
    output.guard()
    # The suite leaves answers unread on purpose: that the embedded server notices is no news.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    try:
        try:
            code = accord.main(prog_name="accord", standalone_mode=False)
        finally:
            output.flush()
    except Exception as error:  # noqa: BLE001 - Python's own exit code for it would be a verdict
        code = _ended_by(error)
    except KeyboardInterrupt as error:
        code = _ended_by(error)
    output.discard()
    sys.exit(code)


def _ended_by(error: BaseException) -> int:
    """Say what ended the command, and give the exit code."""
    message, code = _farewell(error)
    with suppress(output.Unwritten):  # then nobody is left to tell
        if isinstance(error, click.ClickException):
            error.show()
        elif code != output.READER_GONE:
            click.echo(f"accord: {message}", err=True)
    return code


def _farewell(error: BaseException) -> tuple[str, int]:
    if isinstance(error, (click.ClickException, output.Unwritten)):
        return f"error: {error}", error.exit_code
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        return "interrupted", output.INTERRUPTED
    # Without its message, which may hold what was sent, and so the key.
    at = ", ".join(
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)[-4:]
    )
    return f"internal error: {type(error).__name__} at {at}; please report it", INTERNAL
