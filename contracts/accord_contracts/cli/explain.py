"""`accord explain`: all that is known of a rule."""

from __future__ import annotations

from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from accord_contracts import clients, rules
from accord_contracts.cli.complaint import complaints
from accord_contracts.cli.console import console
from accord_contracts.clients import Obligation
from accord_contracts.effort import Effort
from accord_contracts.faults.bank import BANK
from accord_contracts.fuzz import obligations
from accord_contracts.rule import Rule
from accord_contracts.schema import document
from accord_contracts.scope import ScopeError, matching
from accord_contracts.traceability import load
from accord_contracts.views import at, members, text

LABEL: Final = 10
"""Columns of the labels."""

COPIED: Final = {"Spec", "Alone", "See it"}
"""The labels of what is copied and pasted."""


@click.command("explain", short_help="Show all that is known of a rule.")
@click.argument("rule")
def command(rule: str) -> None:
    """Show all that is known of RULE: what it demands, why, where it was seen broken.

    RULE may be a glob or a family; then each rule that it names is explained. Besides the rules
    of `accord rules`, those of `accord fuzz` (fuzz.*) are known, and what `accord observe` asks
    of clients (request.*, conduct.*).

    \b
    Examples:
        accord explain stream.ends-with-done
        accord explain 'chat.*tool*'
        accord explain request.content-type-is-json
    """  # noqa: D301 - click reads the \b
    known: list[Rule | Obligation] = [*rules.ALL, *obligations.ALL, *clients.ALL.values()]
    with complaints(ScopeError):
        chosen = matching(rule, known)
    out = console()
    for number, one in enumerate(chosen):
        if number:
            out.print()
        explain(out, one)


def explain(out: Console, rule: Rule | Obligation) -> None:
    """Print the documentation of a rule, of servers or of clients."""
    says = rule.document
    out.print(Text.assemble((rule.id, "bold cyan"), f"  {rule.level}"))
    out.print(Text(says.obligation))
    out.print()
    for label, content in (
        ("Why", says.why),
        ("Seen", says.seen),
        ("Sources", says.sources),
        ("Violation", says.violation),
        ("Judged on", _subject(rule)),
        ("Spec", rule.spec),
        ("", _said(rule.spec)),
        ("Answers to", ", ".join(one.id for one in load() if rule.id in one.rules)),
        ("Faults", ", ".join(_faults(rule))),
        ("Alone", _alone(rule)),
        ("See it", _demonstration(rule)),
    ):
        if content:
            _print(out, label, content)


def _print(out: Console, label: str, content: str) -> None:
    """A label and what it labels: in a column, but what is made to be copied on one line."""
    if label in COPIED:
        out.print(Text.assemble((f"{label:<{LABEL}} ", "dim"), content), soft_wrap=True)
        return
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=LABEL, no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    grid.add_row(label, Text(content))
    out.print(grid)


def _subject(rule: Rule | Obligation) -> str:
    """What a rule looks at, in the words of `--scope`."""
    if isinstance(rule, Obligation):
        return "clients"
    return ", ".join([*sorted(rule.endpoints), *sorted(rule.features)])


def _alone(rule: Rule | Obligation) -> str:
    """The command that judges by it."""
    if isinstance(rule, Obligation):
        return "accord observe -- COMMAND"
    if isinstance(rule, obligations.FuzzRule):
        return "accord fuzz BASE_URL"
    dear = " --thorough" if rule.effort is Effort.THOROUGH else ""
    return f"accord check BASE_URL --only {rule.id}{dear}"


def _faults(rule: Rule | Obligation) -> list[str]:
    """The faults that prove the rule."""
    # Only here, because importing the bank imports the server, which no other command needs.
    from accord_contracts import faults  # noqa: F401, PLC0415 - importing registers

    return [fault.name for fault in BANK.values() if rule.id in fault.caught_by]


def _demonstration(rule: Rule | Obligation) -> str:
    found = _faults(rule)
    return f"accord serve --fault {found[0]}" if found else ""


def _said(pointer: str) -> str:
    """What stands in the spec where a pointer leads."""
    if not pointer.startswith("#"):
        return ""
    found = members(_resolve(document(), pointer))
    said = text(found.get("description")) or text(found.get("summary")) or text(found.get("title"))
    return " ".join(said.split())


def _resolve(spec: Any, pointer: str) -> Any:
    """What a pointer names in the spec; a `$ref` that it leads to is followed."""
    found = at(spec, pointer.removeprefix("#"))
    for _ in range(8):  # references in the spec are not deep; a circle must end
        reference = members(found).get("$ref")
        if not isinstance(reference, str):
            break
        found = {**at(spec, reference.removeprefix("#")), **found, "$ref": None}
    return found
