"""Every rule is proved by a fault, and the correct server by having none."""

from __future__ import annotations

from pathlib import Path

import evidence
import pytest

from accord_contracts import faults, rules
from accord_contracts.finding import Verdict
from accord_contracts.run import Plan, check
from accord_contracts.selftest.matrix import choose
from accord_contracts.selftest.page import head
from accord_contracts.server import ReferenceServer
from accord_contracts.target import Target


@pytest.mark.parametrize("fault", faults.ALL, ids=lambda fault: fault.name)
def test_each_fault_is_caught_by_the_rules_it_names_with_this_evidence(fault: faults.Fault) -> None:
    trial = evidence.try_alone(fault)
    assert not trial.missed(fault), trial
    assert evidence.said(fault, trial) == evidence.SAID.get(fault.name), evidence.RENEW


def test_no_evidence_is_of_a_fault_that_is_gone() -> None:
    assert evidence.SAID.keys() == {fault.name for fault in faults.ALL}, evidence.RENEW


def test_each_rule_has_a_fault_that_it_alone_is_answerable_for() -> None:
    alone = {fault.caught_by[0] for fault in faults.ALL if len(fault.caught_by) == 1}
    assert {rule.id for rule in rules.ALL} == alone


def test_there_are_at_least_as_many_faults_as_rules() -> None:
    assert len(faults.ALL) >= len(rules.ALL)


def test_the_correct_server_has_no_finding() -> None:
    with ReferenceServer() as server:
        report = check(Target(server.base_url), Plan(rules.ALL))
    bad = {Verdict.FAIL, Verdict.HARNESS_ERROR, Verdict.COULD_NOT_RUN, Verdict.UNSUPPORTED}
    assert {f.rule.id: f.message for f in report.findings if f.verdict in bad} == {}


def test_the_page_lists_the_faults_as_they_are() -> None:
    page = Path(__file__).parents[2] / "docs" / "fault-bank.md"
    listed = [line for line in page.read_text().splitlines() if line.startswith("| `")]
    heads = [head(fault) for fault in choose()[0]]
    stale = [one for one in heads if not any(line.startswith(one) for line in listed)]
    assert not stale, "renew it: nox -s selftest -- --write"
    assert len(listed) == len(heads), "renew it: nox -s selftest -- --write"
