"""Levels of effort: what each asks for, and what only a thorough run can see."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

import accord_contracts
from accord_contracts import Effort, ReferenceServer, Report, ScopeError, rules
from accord_contracts.ask import Ask
from accord_contracts.finding import Problem
from accord_contracts.rule import MUST, REGISTRY, THOROUGH, AsyncProblems, Rule, scenario
from accord_contracts.scope import select
from accord_contracts.server import Call, Hook, Reply


@pytest.fixture
def registry() -> Iterator[dict[str, Rule]]:
    """The registry, as it was before, once the test is over."""
    before = dict(REGISTRY)
    yield REGISTRY
    REGISTRY.clear()
    REGISTRY.update(before)


def ids(effort: Effort) -> list[str]:
    return [rule.id for rule in select(rules.ALL, effort=effort).rules]


def test_each_level_includes_those_before_it() -> None:
    quick, default, thorough = map(set, map(ids, Effort))
    assert quick < default < thorough
    assert thorough == {rule.id for rule in rules.ALL}


def test_a_quick_run_asks_little_and_judges_much() -> None:
    report = accord_contracts.check(effort="quick")
    assert report.exit_code(strict=True) == 0, str(report)
    assert report.requests < 40
    assert len(report.findings) > 3 * report.requests
    assert report.to_dict()["effort"] == "quick"


def test_a_thorough_run_has_several_prompts_and_seeds_and_no_finding() -> None:
    report = accord_contracts.check(effort=Effort.THOROUGH, concurrency=8)
    assert report.exit_code(strict=True) == 0, str(report)
    sent = [exchange.request.params for exchange in report.exchanges]
    assert {"0", "1", "2"} <= {str(params.get("seed")) for params in sent}
    assert any("日本" in str(params.get("messages")) for params in sent)


class NowAndThen(Hook):
    """Breaks every answer but the first ones."""

    def __init__(self, first: int) -> None:
        self._numbers, self._first = count(), first

    def reply(self, call: Call, reply: Reply) -> Reply:
        if call.endpoint == "models" and next(self._numbers) >= self._first:
            reply.body["object"] = "models"
        return reply


def judged(effort: str, **more: Any) -> Report:
    with ReferenceServer(hooks=[NowAndThen(first=1)]) as server:
        return accord_contracts.check(
            server.base_url, only="models.list-is-a-list-object", effort=effort, **more
        )


def test_what_fails_now_and_then_is_seen_by_a_thorough_run() -> None:
    assert judged("default").exit_code() == 0
    found = judged("thorough").failures[0]
    assert (found.broken, found.judged) == (2, 3)


def test_a_prompt_that_somebody_chose_is_kept() -> None:
    report = accord_contracts.check(only="answer.has-refusal", effort="thorough", prompt="Hm?")
    contents = {str(e.request.params.get("messages")) for e in report.exchanges[1:]}
    assert contents == {"[{'role': 'user', 'content': 'Hm?'}]"}


def test_a_rule_says_at_which_level_it_is_judged(registry: dict[str, Rule]) -> None:
    @scenario("test.costs-much", MUST, endpoints=["chat"], spec="#", effort=THOROUGH)
    async def costs_much(ask: Ask) -> AsyncProblems:
        """Nothing."""
        nothing: tuple[Problem, ...] = ()
        for problem in nothing:
            yield problem

    chosen = [registry["test.costs-much"]]
    assert select(chosen, effort="thorough").rules == tuple(chosen)
    with pytest.raises(ScopeError, match="no rule is left"):
        select(chosen)


@pytest.mark.parametrize("effort", ["fast", "", None])
def test_what_is_no_level_of_effort_is_said(effort: Any) -> None:
    with pytest.raises(ScopeError, match="is no level of effort") as caught:
        accord_contracts.check(effort=effort)
    assert "quick, default, thorough" in caught.value.hint
