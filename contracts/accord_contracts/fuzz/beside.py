"""Fuzzing beside the suite: after the suite's rules, and what both find in one report."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from accord_contracts.finding import Finding, Verdict
from accord_contracts.fuzz.examples import NOWHERE
from accord_contracts.fuzz.run import FuzzObserver, FuzzPlan, FuzzRun, fuzz
from accord_contracts.report import Report
from accord_contracts.scope import Selection

TELLING: Final = frozenset({Verdict.FAIL, Verdict.HARNESS_ERROR})
"""Verdicts that matter more than what the suite has seen to be right."""


def fuzz_beside(
    report: Report,
    selection: Selection,
    *,
    requests: int,
    max_tokens_total: int | None = None,
    keep: bool = True,
    observer: FuzzObserver | None = None,
) -> FuzzRun:
    """Fuzz a target that was checked, with the same seed.

    Args:
        report: of the suite.
        selection: the rules and endpoints in scope; what else fuzzing judges is not reported.
        requests: how many to send.
        max_tokens_total: what both may spend; None sets no bound.
        keep: whether to keep what breaks a rule, to be tried first the next time.
        observer: is told how fuzzing goes on.

    Returns:
        The run; its report is that of both.

    Raises:
        TargetError: the target has gone.
        ExampleError: the example database can't be written.
    """
    left = max_tokens_total and max(1, max_tokens_total - report.tokens)
    plan = FuzzPlan(
        requests,
        max_tokens_total=left,
        seed=report.seed,
        database=None if keep else NOWHERE,
        endpoints=selection.endpoints,
        rules=selection.rules,
        after=report.requests,
    )
    run = fuzz(report.target, plan, observer=observer)
    return replace(run, report=merged(report, run.report))


def merged(report: Report, fuzzed: Report) -> Report:
    """The report of the suite, with what fuzzing has found, and what both have cost."""
    found: dict[str, list[Finding]] = {finding.rule.id: [] for finding in report.findings}
    for finding in fuzzed.findings:
        found.setdefault(finding.rule.id, []).append(finding)
    by_suite = [_merged(finding, found.pop(finding.rule.id)) for finding in report.findings]
    return replace(
        report,
        findings=tuple(finding for rule in (*by_suite, *found.values()) for finding in rule),
        exchanges=(*report.exchanges, *fuzzed.exchanges),
        tokens=report.tokens + fuzzed.tokens,
        seconds=report.seconds + fuzzed.seconds,
    )


def _merged(suite: Finding, fuzzing: list[Finding]) -> list[Finding]:
    """What is said of a rule: by the suite, whose requests are easier to read, if it is broken."""
    telling = [finding for finding in fuzzing if finding.verdict in TELLING]
    if telling and not suite.failed:
        return telling
    if suite.verdict is Verdict.NOT_APPLICABLE and any(finding.judged for finding in fuzzing):
        return fuzzing
    judged = suite.judged + sum(finding.judged for finding in fuzzing[:1])
    broken = suite.broken + sum(finding.broken for finding in fuzzing[:1])
    return [replace(suite, judged=judged, broken=broken) if suite.judged else suite]
