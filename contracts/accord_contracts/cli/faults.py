"""`accord faults`: what the reference server can be made to do wrong."""

from __future__ import annotations

import click
from rich.padding import Padding
from rich.text import Text

from accord_contracts import faults
from accord_contracts.cli.complaint import Complaint
from accord_contracts.cli.console import console
from accord_contracts.faults.bank import BANK, Fault
from accord_contracts.scope import near


def named(pattern: str) -> list[Fault]:
    """The faults that a name, a family or a glob names, or a name without its `@endpoint`.

    Raises:
        Complaint: it names none.
    """
    found = [fault for fault in faults.ALL if fault.matches(pattern)]
    if not found:
        lists = "`accord faults` lists all of them"
        hint = near(pattern, BANK)
        raise Complaint(f"no fault is called {pattern!r}", f"{hint} {lists}" if hint else lists)
    return found


@click.command("faults", short_help="List what `serve --fault` can do wrong.")
@click.argument("pattern", default="*")
def command(pattern: str) -> None:
    """List deliberate faults of the reference server, and the rules that catch each.

    \b
    Examples:
        accord faults
        accord faults 'stream.*'
        accord serve --fault stream.no-done
    """  # noqa: D301 - click reads the \b
    out = console()
    for fault in named(pattern):
        out.print(Text(fault.name, "bold cyan"))
        out.print(Padding(Text(fault.summary), (0, 0, 0, 4)))
        out.print(Padding(Text(f"caught by {', '.join(fault.caught_by)}", "dim"), (0, 0, 0, 4)))
