"""`accord_contracts.check`, and how rules are chosen."""

from __future__ import annotations

import asyncio
import json
from typing import Any

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
    assert [set(words) for words in read_scope(scope, rules.ALL)] == [endpoints, features]


def test_a_scope_keeps_rules_that_need_nothing_outside_it() -> None:
    selection = select(rules.ALL, scope="chat,stream")
    assert selection.endpoints == {"chat"}
    assert selection.rules
    for rule in selection.rules:
        assert rule.features <= {"stream"}
        assert "chat" in rule.endpoints or not rule.endpoints
        if isinstance(rule, Scenario):
            assert "completions" not in rule.endpoints


def test_one_pattern_needs_no_list_and_commas_part_several() -> None:
    several = select(rules.ALL, only=["stream", "models"])
    assert select(rules.ALL, only="stream, models") == several
    assert select(rules.ALL, only=["stream,models"]) == several
    assert select(rules.ALL, only="stream,models", skip="models") == select(
        rules.ALL, only="stream"
    )


@pytest.mark.parametrize("pattern", ["", " ", "stream,", ",models"])
def test_an_empty_pattern_chooses_nothing_by_accident(pattern: str) -> None:
    with pytest.raises(ScopeError, match="a pattern is empty"):
        accord_contracts.check(only=pattern)
    with pytest.raises(ScopeError, match="a pattern is empty"):
        accord_contracts.check(skip=["models", pattern])


@pytest.mark.parametrize("level", ["must", "Must", "MUST", Level.MUST])
def test_a_level_is_read_in_any_case(level: str) -> None:
    assert select(rules.ALL, level=level) == select(rules.ALL, level=Level.MUST)


@pytest.mark.parametrize("level", ["WILL", "", None, 1])
def test_what_is_no_level_is_said(level: Any) -> None:
    with pytest.raises(ScopeError, match="is no level") as caught:
        accord_contracts.check(level=level)
    assert "MUST, SHOULD, MAY" in caught.value.hint


def test_in_an_event_loop_it_says_what_to_do_instead_and_that_works() -> None:
    async def use() -> accord_contracts.Report:
        with pytest.raises(
            RuntimeError, match=r"await asyncio\.to_thread\(accord_contracts\.check"
        ):
            accord_contracts.check(only="models")
        return await asyncio.to_thread(accord_contracts.check, only="models")

    assert asyncio.run(use()).exit_code() == 0


def test_a_report_reads_as_a_few_lines_and_shows_itself_shortly() -> None:
    with broken("stream.no-done") as url:
        report = accord_contracts.check(url, only="stream")
    head, *broken_rules = str(report).splitlines()
    assert head.startswith(f"{url}: {len(report.findings)} rules: ")
    assert f"{len(report.failures)} fail" in head
    assert broken_rules == [f"  {finding}" for finding in report.failures]
    assert "MUST stream.ends-with-done: fail: expected `data: [DONE]`" in str(report)
    assert len(repr(report)) < 200
    assert all(len(repr(finding)) < 400 for finding in report.findings)
    assert "stream.ends-with-done" in repr(report.failures)


def test_a_report_gives_its_json() -> None:
    with broken("models.entry-object-wrong") as url:
        report = accord_contracts.check(url, only="models", api_key="sk-a-secret-in-a-test")
    made = report.to_dict(strict=True)
    assert made == json.loads(report.to_json(strict=True))
    assert (made["format"], made["exit_code"], made["strict"]) == ("accord-report/1", 1, True)
    assert report.to_dict()["strict"] is False
    assert "sk-a-secret-in-a-test" not in report.to_json()
