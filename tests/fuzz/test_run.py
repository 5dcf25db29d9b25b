"""Fuzzing as a whole: what it sends, what it finds, and that it blames no one."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from targets import serving

from accord_contracts.fuzz.run import FuzzPlan, fuzz
from accord_contracts.report import Report
from accord_contracts.server import MODELS, ReferenceServer, Settings
from accord_contracts.session import most_tokens
from accord_contracts.target import Target

BUDGET = 90


def find(target: Target, *, first: bool = False, seed: int = 0, requests: int = BUDGET) -> Report:
    return fuzz(target, FuzzPlan(requests, seed=seed, database="none", first=first)).report


def test_the_correct_server_is_not_blamed_and_the_budget_is_kept(correct: Target) -> None:
    report = find(correct)
    assert not report.failures, str(report)

    assert report.exit_code() == 0
    assert report.requests <= BUDGET
    assert any(exchange.request.streams for exchange in report.exchanges)
    assert {200, 400} <= {exchange.status for exchange in report.exchanges}


def test_a_server_that_needs_no_key_is_not_blamed() -> None:
    with ReferenceServer(Settings()) as server:
        report = find(Target(server.base_url, model=MODELS[0].id), requests=60)
    assert not report.failures, str(report)
    assert any(not one.request.authorized and one.ok for one in report.exchanges)


def test_the_same_seed_sends_the_same_requests_and_another_seed_others() -> None:
    with serving() as target:
        first, again, other = (find(target, seed=seed, requests=40) for seed in (7, 7, 8))
    requests = [[exchange.request for exchange in run.exchanges] for run in (first, again, other)]
    assert requests[0] == requests[1] != requests[2]


def test_valid_requests_are_cheap(correct: Target) -> None:
    report = find(correct, requests=60)
    accepted = [exchange.request for exchange in report.exchanges if exchange.ok]
    bodies = [request for request in accepted if request.body is not None]
    assert all(most_tokens(request) < 16 * 3 * 3 + len(request.body or b"") for request in bodies)


def test_time_ends_a_run(correct: Target) -> None:
    run = fuzz(correct, FuzzPlan(10**9, seconds=0.001, database="none"))
    assert run.report.requests < 50


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("fuzz.created", "fuzz.status"),
        ("fuzz.wait-for-nothing", "fuzz.response-headers"),
        ("fuzz.streams-need-no-key", "fuzz.auth"),
        ("stream.no-done", "stream.ends-with-done"),
        ("transport.redirects", "fuzz.status"),  # in a circle
        ("transport.too-short", "transport.answers-are-whole"),
    ],
)
def test_a_fault_is_found(fault: str, rule: str) -> None:
    with serving(fault) as target:
        report = find(target, first=True)
    assert rule in {finding.rule.id for finding in report.failures}, str(report)


def test_one_cause_is_one_finding_with_a_small_request() -> None:
    with serving("fuzz.created") as target:
        report = find(target, requests=150)
    assert [finding.rule.id for finding in report.failures] == ["fuzz.status"]
    assert report.failures[0].broken <= report.failures[0].judged <= report.requests
    request = report.failures[0].exchange.request  # type: ignore[union-attr]
    assert set(json.loads(request.body or b"")) <= {"model", "max_tokens", "prompt", "stream"}


def test_the_suite_loads_nothing_of_it() -> None:
    code = (
        "import sys, accord_contracts, accord_contracts.fuzz.obligations\n"
        "import accord_contracts.cli.fuzz, accord_contracts.cli.explain\n"
        "assert not {'schemathesis', 'hypothesis', 'requests'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
