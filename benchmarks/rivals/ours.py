"""Accord on one server: the rules that fail, by `accord check` and by `accord fuzz`."""

from __future__ import annotations

from typing import Final

from bank import SETTINGS, serving

from accord_contracts import rules
from accord_contracts.faults.bank import BANK, KEY
from accord_contracts.fuzz.run import FuzzPlan, fuzz
from accord_contracts.run import Plan, check
from accord_contracts.selftest import judge_fault
from accord_contracts.target import Target

PLAN: Final = FuzzPlan(max_requests=300, database="none", first=True)
"""Fuzzing ends with the first find; the correct server gets all of the requests."""


def failures(fault: str | None) -> set[str]:
    """The rules that a fault names, if each of them fails; on the correct server any that fails."""
    if fault:
        report = judge_fault(BANK[fault])
        caught = all(finding.failed for finding in report.findings)
        return {finding.rule.id for finding in report.findings} if caught else set()
    with serving(None) as server:
        report = check(_target(server.base_url), Plan(rules.ALL))
    return {finding.rule.id for finding in report.findings if finding.failed}


def fuzz_failures(fault: str | None) -> set[str]:
    """The rules that requests at random show to be broken."""
    with serving(fault) as server:
        report = fuzz(_target(server.base_url), PLAN).report
    return {finding.rule.id for finding in report.failures}


def _target(base_url: str) -> Target:
    # The model is named, because the list may be what is broken.
    return Target(base_url, KEY, SETTINGS.models[0].id, timeout=60)
