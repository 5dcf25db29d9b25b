"""`accord faults`: what the reference server can be made to do wrong."""

from __future__ import annotations

from fnmatch import fnmatchcase

import click
from rich.padding import Padding
from rich.text import Text

from accord_contracts import faults
from accord_contracts.cli.complaint import Complaint
from accord_contracts.cli.console import console
from accord_contracts.faults.bank import BANK, Fault
from accord_contracts.scope import near


def one(name: str) -> Fault:
    """The fault of a name.

    Raises:
        Complaint: there is none. Globs and families name none: whoever starts a server with
            dozens of faults did not mean to.
    """
    if name not in BANK:
        raise _unknown(name)
    return BANK[name]


def _unknown(name: str) -> Complaint:
    lists = "`accord faults` lists all of them"
    found = near(name, BANK)
    return Complaint(f"no fault is called {name!r}", f"{found} {lists}" if found else lists)


def named(pattern: str) -> list[Fault]:
    """The faults that a glob or a family names.

    Raises:
        Complaint: it names none.
    """
    found = [
        fault
        for fault in faults.ALL
        if fnmatchcase(fault.name, pattern) or fault.name.partition(".")[0] == pattern
    ]
    if not found:
        raise _unknown(pattern)
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
