"""`accord faults`: what the reference server can be made to do wrong."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from accord_contracts import faults
from accord_contracts.cli.complaint import complaints
from accord_contracts.cli.console import console
from accord_contracts.faults.bank import Fault
from accord_contracts.faults.naming import matching
from accord_contracts.reports.printable import counted
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
@click.option("--json", "as_json", is_flag=True, help="Write them as a JSON array.")
def command(pattern: str, as_json: bool) -> None:
    """List deliberate faults of the reference server, and the rules that catch each.

    PATTERN is a fault, a family, a glob, or a rule: then those are listed that it must catch.

    \b
    Examples:
        accord faults
        accord faults 'stream.*'
        accord faults stream.ends-with-done
        accord faults --json
        accord serve --fault stream.no-done
    """  # noqa: D301 - click reads the \b
    chosen = [fault for fault in faults.ALL if pattern in fault.caught_by] or named(pattern)
    if as_json:
        click.echo(json.dumps([_json(fault) for fault in chosen], indent=1))
        return
    out = console()
    for fault in chosen:
        _print(out, fault)
    click.echo(
        f"{counted(len(chosen), 'fault')}; `accord serve --fault NAME` has one, "
        "`accord selftest --fault NAME` tries it",
        err=True,
    )


def _json(fault: Fault) -> dict[str, object]:
    return {
        "name": fault.name,
        "summary": fault.summary,
        "level": fault.level,
        "caught_by": list(fault.caught_by),
    }


def _print(out: Console, fault: Fault) -> None:
    out.print(Text.assemble((fault.name, "bold cyan"), (f"  {fault.level}", "dim")))
    out.print(Padding(Text(fault.summary), (0, 0, 0, 4)))
    out.print(Padding(Text(f"caught by {', '.join(fault.caught_by)}", "dim"), (0, 0, 0, 4)))
