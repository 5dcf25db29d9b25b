"""The verdict on a client, for the terminal: what was seen, what it broke, one line to end it.

Nothing that a client sent is interpreted: texts are made printable, and none is markup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from accord_contracts.clients.entry import Entry
from accord_contracts.clients.verdict import Evidence, Result, Verdict
from accord_contracts.reports.printable import counted, printable
from accord_contracts.rule import Level

SHOWN: Final = 3
"""Kinds of evidence for each obligation; the rest is counted."""

STYLES: Final = {Level.MUST: "bold red", Level.SHOULD: "yellow", Level.MAY: "cyan"}


def print_verdict(console: Console, verdict: Verdict, *, strict: bool = False) -> None:
    """Print all that was seen of a client.

    Args:
        console: where to.
        verdict: with one entry at least.
        strict: whether a broken SHOULD counts, too.
    """
    console.print(_facts(verdict))
    for result in (*verdict.broken, *verdict.noted):
        console.print()
        console.print(_finding(result))
    console.print()
    console.print(_ending(verdict, strict=strict))


def _facts(verdict: Verdict) -> RenderableType:
    requests = counted(len(verdict.entries), "request")
    clients = ", ".join(printable(name) or "without a name" for name in verdict.clients)
    facts = [
        ("Client", clients),
        ("Seen", f"{requests} on {counted(verdict.connections, 'connection')}"),
        ("Calls", _counts(verdict.calls)),
        ("Answers", _counts(verdict.answers)),
    ]
    if verdict.retries:
        facts.append(("Retries", "\n".join(_retries(verdict.retries))))
    table = Table.grid(padding=(0, 2))
    for name, text in facts:
        table.add_row(Text(name, "dim"), Text(text))
    return table


def _counts(counter: Counter[str]) -> str:
    return "\n".join(f"{number:>4}  {printable(what)}" for what, number in counter.most_common())


def _retries(pairs: Iterable[tuple[Entry, Entry]]) -> Iterable[str]:
    for before, again in list(pairs)[:SHOWN]:
        waited = again.arrived - before.ended
        status = before.status or "no answer"
        yield f"request {again.number}, {waited:.1f} s after {status} to request {before.number}"


def _finding(result: Result) -> RenderableType:
    one = result.obligation
    number = counted(len(result.evidence), "time")
    level = "note" if one.level is Level.MAY else str(one.level)
    head = Text.assemble((level, STYLES[one.level]), "  ", (one.id, "bold"), f"  {number}")
    parts: list[RenderableType] = [Text(one.document.obligation)]
    groups = _alike(result.evidence)
    parts += [_evidence(group) for group in groups[:SHOWN]]
    if len(groups) > SHOWN:
        parts.append(Text(f"… and {len(groups) - SHOWN:,} more kinds of it", "dim"))
    parts.append(Text(f"Why: {one.document.why}", "dim"))
    return Group(head, *(Padding(part, (0, 0, 0, 4)) for part in parts))


def _alike(evidence: Iterable[Evidence]) -> list[list[Evidence]]:
    """Evidence that says the same, of requests to the same place, as one."""
    groups: dict[tuple[str, str, str], list[Evidence]] = {}
    for each in evidence:
        groups.setdefault((str(each.entry), each.pointer, each.message), []).append(each)
    return list(groups.values())


def _evidence(group: list[Evidence]) -> Text:
    first = group[0]
    place = f" at {printable(first.pointer, 100)}" if first.pointer else ""
    more = f" and {len(group) - 1:,} more" if len(group) > 1 else ""
    request = f"request {first.entry.number}{more}, {printable(str(first.entry), 100)}"
    return Text.assemble("- ", (request, "bold"), f"{place}: {printable(first.message)}")


def _ending(verdict: Verdict, *, strict: bool) -> Text:
    judged = [result for result in verdict.results if result.judged]
    levels = Counter(str(result.obligation.level) for result in verdict.broken)
    if not levels:
        return Text(f"{counted(len(judged), 'obligation')} judged, none broken", "bold green")
    broken = ", ".join(f"{number} {level}" for level, number in levels.items())
    style = "bold red" if verdict.exit_code(strict=strict) else "bold yellow"
    return Text(f"{counted(len(judged), 'obligation')} judged, broken: {broken}", style)
