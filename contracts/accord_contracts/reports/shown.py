"""What views of a report share: the words for what was found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from accord_contracts.finding import Finding, Problem, Verdict
from accord_contracts.report import Report
from accord_contracts.reports.printable import printable
from accord_contracts.rule import Level
from accord_contracts.target import Target

NAMES: Final[Mapping[Verdict, str]] = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.UNSUPPORTED: "unsupported",
    Verdict.NOT_APPLICABLE: "not applicable",
    Verdict.COULD_NOT_RUN: "could not run",
    Verdict.HARNESS_ERROR: "harness error",
}

STALE: Final = "stale: known as broken, and not broken any more"
"""What is said of a known failure that is none any more."""

LONGEST_REASON: Final = 400

LONGEST_CURL: Final = 3000
"""Characters; a longer command line is no longer one that a person pastes."""


_PASSING: Final = re.compile(r"[\w-]{16,}|\d{6,}")
"""Ids and times in a reason: they differ where the reason does not."""


def sent(problem: Problem, target: Target) -> str:
    """The request as a command line, cut where nobody would paste it."""
    line = printable(target.curl(problem.exchange.request))
    if len(line) <= LONGEST_CURL:
        return line
    return f"{line[:LONGEST_CURL]}… ({len(problem.exchange.request.body or b''):,} bytes)"


def reason(finding: Finding) -> str:
    """Why a rule was not judged; of a crash its last line (the JSON report has all of them)."""
    lines = finding.message.strip().splitlines() or [""]
    whole = finding.verdict is not Verdict.HARNESS_ERROR
    return printable(finding.message if whole else lines[-1], LONGEST_REASON)


def alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings whose reasons are the same, but for ids and times in them, as one group each."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(_PASSING.sub("", finding.message), []).append(finding)
    return list(groups.values())


def levels(report: Report) -> str:
    """How the broken rules divide into levels, and how many are flaky: `1 MUST, 2 SHOULD`."""
    broken = [finding for finding in report.rules if finding.failed]
    counts = Counter(finding.rule.level for finding in broken)
    flaky = sum(finding.flaky for finding in broken)
    parts = [f"{counts[level]} {level}" for level in Level if counts[level]]
    return ", ".join([*parts, *([f"{flaky} flaky"] if flaky else [])])


def seen_in(finding: Finding) -> str:
    """How many of the answers that a rule judged break it; "" where there was but one."""
    if finding.judged <= 1 or not finding.broken:
        return ""
    return f"{finding.broken} of {finding.judged} answers judged"


def marks(finding: Finding, report: Report) -> str:
    """What is to be known of a failure beside its name: ` (flaky)`, ` (known)`."""
    known = finding.rule.id in report.known
    return (" (flaky)" if finding.flaky else "") + (" (known)" if known else "")
