"""What holds for every rule and every fault: documented, resolvable, proved."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import pytest

from accord_contracts import faults, rules
from accord_contracts.rule import Rule
from accord_contracts.views import MISSING, at

SPEC: Any = json.loads((files("accord_api") / "openapi.json").read_bytes())

every_rule = pytest.mark.parametrize("rule", rules.ALL, ids=lambda rule: rule.id)


@every_rule
def test_a_rule_is_documented(rule: Rule) -> None:
    document = rule.document
    assert document.obligation.endswith(".")
    assert document.why
    assert document.seen
    assert document.sources
    assert document.violation


@every_rule
def test_a_rule_points_into_the_spec(rule: Rule) -> None:
    assert rule.spec.startswith("#/")
    assert at(SPEC, rule.spec.removeprefix("#")) is not MISSING


@every_rule
def test_an_id_reads_as_a_name(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)+", rule.id)


def test_there_are_enough_of_them() -> None:
    assert len(rules.ALL) >= 200


@pytest.mark.parametrize("fault", faults.ALL, ids=lambda fault: fault.name)
def test_a_fault_is_described_and_names_rules_that_exist(fault: faults.Fault) -> None:
    assert fault.summary.endswith(".")
    assert fault.caught_by
    assert set(fault.caught_by) <= {rule.id for rule in rules.ALL}
