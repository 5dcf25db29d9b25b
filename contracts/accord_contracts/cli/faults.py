"""`accord faults`: what the reference server can be made to do wrong."""

from __future__ import annotations

import click
from rich.padding import Padding
from rich.text import Text

from accord_contracts.cli.complaint import complaints
from accord_contracts.cli.console import console
from accord_contracts.faults.bank import Fault
from accord_contracts.faults.naming import matching
from accord_contracts.scope import ScopeError


def named(pattern: str) -> list[Fault]:
    """The faults that a name, a family or a glob names, or a name without its `@endpoint`.

    Raises:
        Complaint: it names none.
    """
    with complaints(ScopeError):
        return matching(pattern)


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
