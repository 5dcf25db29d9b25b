"""`accord_contracts.check`, and how rules are chosen."""

from __future__ import annotations

import pytest
from commandline import broken

import accord_contracts
from accord_contracts import Level, ScopeError, TargetError, Verdict, rules
from accord_contracts.rule import Scenario
from accord_contracts.run import ENDPOINTS
from accord_contracts.scope import read_scope, select

FEATURES = frozenset(feature for rule in rules.ALL for feature in rule.features)


def test_check_without_a_url_judges_the_reference_server() -> None:
    report = accord_contracts.check(only=["models"])
    assert report.exit_code() == 0
    assert {finding.rule.family for finding in report.findings} == {"models"}
    assert report.counts()[Verdict.PASS] > 0


def test_check_reports_what_is_broken() -> None:
    with broken("stream.no-done") as url:
        report = accord_contracts.check(url, only=["stream.*"], level="MUST", prompt="Hello.")
    assert "stream.ends-with-done" in [finding.rule.id for finding in report.failures]
    assert report.exit_code() == 1


def test_check_raises_what_the_command_complains_of() -> None:
    with pytest.raises(ScopeError, match="no rule is called"):
        accord_contracts.check(only=["no-such-rule"])
    with pytest.raises(TargetError, match="does not start with"):
        accord_contracts.check("localhost:1")


def test_only_and_skip_take_ids_families_and_globs() -> None:
    chosen = select(rules.ALL, only=["stream", "*usage*"], skip=["stream.ends-with-done"]).rules
    ids = [rule.id for rule in chosen]
    assert "stream.ends-with-done" not in ids
    assert all(name.startswith("stream.") or "usage" in name for name in ids)
    assert any(not name.startswith("stream.") for name in ids)
    assert ids == [rule.id for rule in rules.ALL if rule.id in ids]


@pytest.mark.parametrize("level", list(Level))
def test_a_level_takes_those_above_along(level: Level) -> None:
    judged = {rule.level for rule in select(rules.ALL, level=level).rules}
    above = list(Level)[: list(Level).index(level) + 1]
    assert judged == {rule.level for rule in rules.ALL} & set(above)


@pytest.mark.parametrize(
    ("scope", "endpoints", "features"),
    [
        ("", ENDPOINTS, FEATURES),
        ("chat", {"chat"}, FEATURES),
        ("stream", ENDPOINTS, {"stream"}),
        (" chat , stream ", {"chat"}, {"stream"}),
        ("-completions", {"models", "chat"}, FEATURES),
        ("-tools,chat", {"chat"}, FEATURES - {"tools"}),
        ("stream,tools,-tools", ENDPOINTS, {"stream"}),
    ],
)
def test_scope_words(scope: str, endpoints: set[str], features: set[str]) -> None:
    assert read_scope(scope, rules.ALL) == (endpoints, features)


def test_a_scope_keeps_rules_that_need_nothing_outside_it() -> None:
    selection = select(rules.ALL, scope="chat,stream")
    assert selection.endpoints == {"chat"}
    assert selection.rules
    for rule in selection.rules:
        assert rule.features <= {"stream"}
        assert "chat" in rule.endpoints or not rule.endpoints
        if isinstance(rule, Scenario):
            assert "completions" not in rule.endpoints
