"""`accord rules`: list the rules, or some of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from accord_contracts import rules
from accord_contracts.cli import choosing
from accord_contracts.cli.complaint import complaints
from accord_contracts.cli.console import console
from accord_contracts.cli.filled import filled
from accord_contracts.effort import Effort
from accord_contracts.reports.printable import counted
from accord_contracts.rule import Level, Rule
from accord_contracts.scope import ScopeError, select
from accord_contracts.traceability import load


@click.command("rules", short_help="List the rules, or some of them.")
@click.argument("pattern", required=False, type=filled)
@choosing.level
@click.option("--scope", type=filled, metavar="WORDS", help="As in `accord check --scope`.")
@click.option(
    "--obligations",
    is_flag=True,
    help="List what a server must do, each with those of these rules that answer for it.",
)
@click.option("--json", "as_json", is_flag=True, help="Write them as a JSON array.")
def command(
    pattern: str | None, level: str, scope: str | None, obligations: bool, as_json: bool
) -> None:
    """List the rules that PATTERN names: an id, a family, or a glob; without it, all of them.

    \b
    Examples:
        accord rules
        accord rules stream
        accord rules '*usage*' --level MUST
        accord rules --scope chat,tools
        accord rules --obligations
    """  # noqa: D301 - click reads the \b
    with complaints(ScopeError):
        only = [pattern] if pattern else []
        chosen = select(
            rules.ALL,
            only=only,
            scope=scope or "",
            level=Level(level),
            effort=Effort.THOROUGH,
        ).rules
    if obligations:
        _obligations(chosen, as_json=as_json)
        return
    if as_json:
        click.echo(json.dumps([_json(rule) for rule in chosen], indent=1))
        return
    out = console()
    for rule in chosen:
        _print(out, rule)
    click.echo(f"{counted(len(chosen), 'rule')}; `accord explain RULE` tells more of one", err=True)


def _obligations(chosen: Sequence[Rule], *, as_json: bool) -> None:
    """List the obligations that these rules answer for; those without a rule where all are."""
    bound = [one.bound(chosen) for one in load()]
    found = [one for one in bound if one.rules or (one.excluded and len(chosen) == len(rules.ALL))]
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=1))
        return
    out = console()
    for one in found:
        out.print(Text.assemble((one.id, "bold cyan"), "  ", one.says))
        answer = ", ".join(one.rules) or f"no rule: {one.excluded}"
        out.print(Padding(Text(answer, "dim"), (0, 0, 0, 4)))
    excluded = sum(1 for one in found if one.excluded)
    told = f"{counted(len(found), 'obligation')}, {excluded} of them without a rule"
    click.echo(f"{told}; the sources are in the JSON", err=True)


def _json(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "level": str(rule.level),
        "summary": rule.document.obligation,
        "endpoints": sorted(rule.endpoints),
        "features": sorted(rule.features),
        "effort": str(rule.effort),
        "spec": rule.spec,
    }


def _print(out: Console, rule: Rule) -> None:
    dear = ["--thorough"] if rule.effort is Effort.THOROUGH else []
    words = ", ".join([*sorted(rule.endpoints), *sorted(rule.features), *dear])
    out.print(Text.assemble((rule.id, "bold cyan"), f"  {rule.level}  ", (words, "dim")))
    out.print(Padding(Text(rule.document.obligation), (0, 0, 0, 4)))
