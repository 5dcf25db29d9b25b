"""The HTML report: one file that needs no other one, for people who were not there."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

from accord_contracts.causes import causes
from accord_contracts.finding import Finding, Verdict
from accord_contracts.report import EXIT_CONFORMS, Report
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

UNJUDGED = (
    *(Verdict.COULD_NOT_RUN, Verdict.HARNESS_ERROR),
    *(Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE),
)


def render(report: Report, *, strict: bool = False) -> str:
    """The document as text; the key is not in it."""
    # Everything that is filled in is escaped: most of it was written by a server.
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(
        files(__package__).joinpath("report.html.j2").read_text(encoding="utf-8")
    )
    text = template.render(
        report=report,
        url=printable(report.target.shown_url),
        model=printable(report.target.model),
        meaning=report.meaning(strict=strict),
        conforms=report.exit_code(strict=strict) == EXIT_CONFORMS,
        cost=f"{counted(report.requests, 'request')}, {counted(report.tokens, 'token')}, "
        f"{report.seconds:.1f} s",
        verdicts=[(verdict, NAMES[verdict], n) for verdict, n in _counts(report.rules)],
        levels=levels(report),
        families=_families(report),
        causes=[
            (printable(cause.name), [_failure(f, report) for f in cause.findings])
            for cause in causes(report.failures)
        ],
        unjudged=[(NAMES[verdict], _reasons(report.having(verdict))) for verdict in UNJUDGED],
    )
    return report.target.without_key(text)


def _counts(findings: tuple[Finding, ...]) -> list[tuple[Verdict, int]]:
    counts = Counter(finding.verdict for finding in findings)
    return [(verdict, counts[verdict]) for verdict in Verdict if counts[verdict]]


def _families(report: Report) -> list[tuple[str, list[tuple[Verdict, int]]]]:
    names = dict.fromkeys(finding.rule.family for finding in report.rules)
    return [
        (name, _counts(tuple(f for f in report.rules if f.rule.family == name))) for name in names
    ]


def _failure(finding: Finding, report: Report) -> dict[str, Any]:
    """What the template shows of a failure."""
    problem = finding.problem
    if problem is None:
        raise ValueError(f"{finding.rule.id} fails without a problem")
    return {
        "finding": finding,
        "marks": marks(finding, report),
        "obligation": printable(finding.rule.document.obligation),
        "why": printable(finding.rule.document.why),
        "sent": sent(problem, report.target),
        "seen_in": seen_in(finding),
        "sources": printable(finding.rule.document.sources),
        "received": headline(problem.exchange),
        "lines": excerpt(problem.exchange, problem.place),
        "expected": printable(problem.expected, LONGEST_REASON),
        "got": printable(problem.actual, LONGEST_REASON),
    }


def _reasons(findings: list[Finding]) -> list[tuple[str, list[str]]]:
    """The rules that were not judged, by the reason."""
    return [(reason(group[0]), [finding.rule.id for finding in group]) for group in alike(findings)]
