"""The terminal report: results by family, each failure with its evidence, one line to end it.

Nothing that a server sent is interpreted: texts are made printable, and none is markup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule as Line
from rich.table import Table
from rich.text import Text

from accord_contracts.causes import Cause, causes
from accord_contracts.finding import Finding, Place, Problem, Repeats, Verdict
from accord_contracts.patience import NOT_NOW
from accord_contracts.report import Report
from accord_contracts.reports.excerpt import excerpt, headline
from accord_contracts.reports.printable import counted, printable
from accord_contracts.reports.shown import (
    LONGEST_REASON,
    NAMES,
    alike,
    levels,
    marks,
    reason,
    seen_in,
    sent,
)
from accord_contracts.target import Target

STYLES: Final[Mapping[str, str]] = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.UNSUPPORTED: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.COULD_NOT_RUN: "magenta",
    Verdict.HARNESS_ERROR: "bold magenta",
}

EXPLAINED: Final[Mapping[Verdict, str]] = {
    Verdict.UNSUPPORTED: "the server refused the feature clearly, which these rules allow",
    Verdict.NOT_APPLICABLE: "what these rules judge was looked for and not seen",
    Verdict.COULD_NOT_RUN: "a prerequisite failed, so nothing is known",
    Verdict.HARNESS_ERROR: "Accord's own fault, not the server's: please report it",
}

LONGEST_SHORT: Final = 140
"""Characters of the message of a failure that likely has the cause of one shown in full."""

LATER: Final = "ask for less at a time (--concurrency 1, --quick, --scope), or later"
"""What to do about a server that sends everybody away."""

LABEL: Final = 10
"""Columns of the labels in front of a failure's parts."""

Alone = str | Callable[[Finding], str]
"""The command that shows a failure again: what `--only RULE` is added to, or what gives it."""


def print_head(console: Console, target: str, rules: int) -> None:
    """Say what is about to be checked, before anything is sent."""
    console.print(_pairs([("Target", Text(printable(target)))]))
    console.print(_pairs([("Rules", Text(str(rules)))]))


def print_report(console: Console, report: Report, *, alone: Alone, strict: bool = False) -> None:
    """Print everything that a run found.

    Args:
        console: where to.
        report: what was found.
        alone: the command that shows one failure again.
        strict: whether a broken SHOULD counts for the exit code.
    """
    console.print(_pairs(_settled(report)))
    print_findings(console, report, alone=alone, strict=strict)


def print_findings(console: Console, report: Report, *, alone: Alone, strict: bool = False) -> None:
    """Print what was found, without what was settled before: see `print_report`."""
    console.print()
    console.print(_families(report.rules))
    found = causes(report.failures)
    _print_causes(console, found)
    for cause in found:
        _print_cause(console, cause, report, alone)
    for verdict in EXPLAINED:
        _print_unjudged(console, verdict, report.having(verdict))
    console.print()
    print_totals(console, report, strict=strict)


def print_totals(console: Console, report: Report, *, strict: bool = False) -> None:
    """Print the last lines: verdicts, cost, and what the exit code means."""
    console.print(_verdict_line(report), highlight=False)
    cost = (
        f"{counted(report.requests, 'request')} for {counted(len(report.rules), 'rule')}, "
        f"{counted(report.tokens, 'token')}, {report.seconds:.1f} s"
    )
    console.print(Text(cost))
    code = report.exit_code(strict=strict)
    meaning = f"exit {code}: {printable(report.meaning(strict=strict))}"
    console.print(Text(meaning, "bold green" if code == 0 else "bold red"))


def _settled(report: Report) -> list[tuple[str, Text]]:
    """What preflight settled."""
    baseline = ", ".join(f"{name} {value}" for name, value in report.target.baseline.items())
    return [
        ("Model", Text(printable(report.target.model))),
        ("Baseline", Text(baseline or "none: the server takes no parameter that keeps it short")),
    ]


def _pairs(pairs: Iterable[tuple[str, RenderableType]]) -> Table:
    """Labels and what they label, in two columns."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=LABEL, no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for label, content in pairs:
        grid.add_row(label, content)
    return grid


def _families(findings: Iterable[Finding]) -> Table:
    """How many rules of each family have each verdict."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("Family", no_wrap=True)
    counts: dict[str, Counter[Verdict]] = {}
    for finding in findings:
        counts.setdefault(finding.rule.family, Counter())[finding.verdict] += 1
    total = sum(counts.values(), Counter())
    verdicts = [v for v in Verdict if total[v] or v in {Verdict.PASS, Verdict.FAIL}]
    for verdict in verdicts:
        table.add_column(NAMES[verdict], justify="right")
    for family, count in counts.items():
        table.add_row(family, *(_cell(count[verdict], verdict) for verdict in verdicts))
    table.add_section()
    table.add_row("all", *(_cell(total[verdict], verdict) for verdict in verdicts), style="bold")
    return table


def _cell(count: int, verdict: Verdict) -> Text:
    return Text(str(count), STYLES[verdict]) if count else Text("-", "dim")


def _print_causes(console: Console, found: list[Cause]) -> None:
    """How the failures divide into likely causes, before any of them is shown."""
    if not any(cause.name for cause in found):
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("Failures", justify="right")
    table.add_column("Likely cause")
    for cause in found:
        name = Text(cause.name) if cause.name else Text("each on its own", "dim")
        table.add_row(Text(str(len(cause.findings)), STYLES[Verdict.FAIL]), name)
    console.print()
    console.print(table)


def _print_cause(console: Console, cause: Cause, report: Report, alone: Alone) -> None:
    """The failures of one cause: the first in full, the others in short; those alone in full."""
    shown = cause.findings[:1] if cause.name else cause.findings
    for finding in shown:
        print_failure(console, finding, report, alone=alone)
    others = cause.findings[len(shown) :]
    if others:
        console.print()
        console.print(Text.assemble(("Likely for the same cause, ", "dim"), (cause.name, "bold")))
        for finding in others:
            _print_short(console, finding, report, alone)


def _print_short(console: Console, finding: Finding, report: Report, alone: Alone) -> None:
    """A failure in three lines."""
    title = (str(finding.rule.level), STYLES[Verdict.FAIL]), " ", (finding.rule.id, "bold")
    console.print(Padding(Text.assemble(*title, (marks(finding, report), "yellow")), (0, 0, 0, 2)))
    got = Text(printable(finding.message, LONGEST_SHORT))
    console.print(Padding(got, (0, 0, 0, 4)))
    console.print(Text(f"    {_again(alone, finding)}", "cyan"), soft_wrap=True)


def _again(alone: Alone, finding: Finding) -> str:
    return f"{alone} --only {finding.rule.id}" if isinstance(alone, str) else alone(finding)


def print_failure(console: Console, finding: Finding, report: Report, *, alone: Alone) -> None:
    """Print one broken rule with its evidence: see `print_report`. `alone` may be empty."""
    problem = finding.problem
    if problem is None:
        return
    rule = finding.rule
    console.print()
    title = Text.assemble(
        (str(rule.level), STYLES[Verdict.FAIL]),
        " ",
        (rule.id, "bold"),
        (marks(finding, report), "yellow"),
    )
    console.print(Line(title, align="left", style="red"))
    console.print(Text(printable(rule.document.obligation)))
    console.print()
    _print_sent(console, problem, report.target)
    console.print(_pairs(_received(problem, console)))
    console.print(_pairs(_explained(finding, problem)))
    if alone != "":
        _print_command(console, "Alone", _again(alone, finding))


def _print_sent(console: Console, problem: Problem, target: Target) -> None:
    _print_command(console, "Sent", sent(problem, target))


def _print_command(console: Console, label: str, line: str) -> None:
    """A command on one line, whatever the width, so that it can be copied whole."""
    text = Text.assemble((f"{label:<{LABEL}} ", "dim"), (line, "cyan"))
    console.print(text, soft_wrap=True)


def _received(problem: Problem, console: Console) -> list[tuple[str, RenderableType]]:
    status = problem.place == Place()
    head = Text(headline(problem.exchange), "bold" if status else "")
    lines = excerpt(problem.exchange, problem.place)
    rows: list[tuple[str, RenderableType]] = [("Received", head)]
    if lines:
        where = "" if status else f"at {printable(str(problem.place), LONGEST_REASON)}"
        marker = ">" if console.options.ascii_only else "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}"
        grid = Table.grid(padding=(0, 1))
        for line in lines:
            text = Text(line.text, "bold" if line.marked else "dim")
            text.no_wrap, text.overflow = not line.marked, "fold" if line.marked else "ellipsis"
            grid.add_row(Text(marker if line.marked else " ", "bold red"), text)
        rows.append(("", Group(Text(where, "dim"), grid) if where else Group(grid)))
    return rows


def _explained(finding: Finding, problem: Problem) -> list[tuple[str, Text]]:
    rows = [
        ("Expected", Text(printable(problem.expected, LONGEST_REASON), "green")),
        ("Got", Text(printable(problem.actual, LONGEST_REASON), "red")),
        ("Why", Text(printable(finding.rule.document.why))),
    ]
    if seen_in(finding):
        rows.append(("Seen in", Text(seen_in(finding))))
    if finding.repeats:
        rows.append(("Repeats", _repeats(finding.repeats)))
    return rows


def _repeats(repeats: Repeats) -> Text:
    """What came of judging again; of what does not repeat, also the other answer."""
    if not repeats.other:
        return Text(str(repeats))
    other = [headline(repeats.other), *(line.text for line in excerpt(repeats.other, Place()))]
    lines = [f"{repeats}; the same request also got"] + [f"  {line}" for line in other]
    return Text("\n".join(lines), "yellow")


def _print_unjudged(console: Console, verdict: Verdict, findings: list[Finding]) -> None:
    """The rules with one of the verdicts that judge nothing, grouped by the reason."""
    if not findings:
        return
    console.print()
    console.print(
        Text.assemble(
            (f"{NAMES[verdict].capitalize()} ({len(findings)})", STYLES[verdict]),
            (f": {EXPLAINED[verdict]}", "dim"),
        )
    )
    for group in alike(findings):
        console.print(Padding(Text(reason(group[0])), (0, 0, 0, 2)))
        if any(f.exchange and f.exchange.status in NOT_NOW for f in group):
            console.print(Padding(Text(f"hint: {LATER}", "yellow"), (0, 0, 0, 4)))
        names = ", ".join(finding.rule.id for finding in group)
        console.print(Padding(Text(names, "dim"), (0, 0, 0, 4)))


def _verdict_line(report: Report) -> Text:
    counts = report.counts()
    parts = [Text(f"{counted(len(report.rules), 'rule')}: ", "bold")]
    for verdict in Verdict:
        if counts[verdict]:
            divided = f" ({levels(report)})" if verdict is Verdict.FAIL else ""
            text = f"{counts[verdict]} {NAMES[verdict]}{divided}"
            parts += [Text(text, STYLES[verdict]), Text(", ")]
    return Text.assemble(*parts[:-1])
