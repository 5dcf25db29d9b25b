"""Whole runs: the same seed, the same requests; and what two servers may have in common."""

from __future__ import annotations

import accord_contracts
from accord_contracts import rules
from accord_contracts.report import Report
from accord_contracts.run import Plan, check
from accord_contracts.server import ReferenceServer
from accord_contracts.target import Target


def run(*, seed: int = 0, concurrency: int = 1, budget: int | None = None) -> Report:
    with ReferenceServer() as server:
        plan = Plan(rules.ALL, seed=seed, concurrency=concurrency, budget=budget)
        return check(Target(server.base_url), plan)


def sent(report: Report) -> list[tuple[str, str, bytes | None]]:
    return [(e.request.method, e.request.path, e.request.body) for e in report.exchanges]


def test_the_same_seed_sends_the_same_requests_in_the_same_order_at_any_concurrency() -> None:
    one, eight = run(), run(concurrency=8)
    assert sent(one) == sent(eight)
    assert one.tokens == eight.tokens


def test_another_seed_sends_other_requests() -> None:
    assert sent(run()) != sent(run(seed=1))


def test_each_distinct_request_is_sent_once() -> None:
    requests = [exchange.request for exchange in run().exchanges]
    assert len(set(requests)) == len(requests)


def test_there_are_fewer_requests_than_rules_apart_from_the_matrix_of_wrong_ones() -> None:
    report = accord_contracts.check(skip="refusals")
    assert report.requests < len(report.findings)


def test_a_run_is_cheap_with_all_its_wrong_requests() -> None:
    assert 0 < accord_contracts.check(concurrency=8).tokens < 15_000


def test_a_budget_bounds_what_is_spent_and_leaves_rules_undecided() -> None:
    report = run(budget=1000)
    assert 0 < report.tokens <= 1000
    assert report.exit_code() == 3
    assert any("budget of 1000 tokens" in finding.message for finding in report.findings)
