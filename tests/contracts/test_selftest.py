"""The self-test can fail: a fault is killed only by its rule, over what it has changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from accord_contracts.exchange import Request
from accord_contracts.faults.bank import BANK, Fault
from accord_contracts.finding import Problem
from accord_contracts.requests import JSON_TYPE
from accord_contracts.rule import REGISTRY, Invariant
from accord_contracts.selftest.in_process import InProcess
from accord_contracts.selftest.matrix import Matrix
from accord_contracts.selftest.pairs import draw
from accord_contracts.selftest.remembered import Remembered
from accord_contracts.selftest.steady import Steady
from accord_contracts.selftest.timeless import Timeless
from accord_contracts.selftest.trial import SETTINGS, TARGET, Bench
from accord_contracts.server import create_app
from accord_contracts.server.hooks import Hook
from accord_contracts.views import Stream

RULES = tuple(REGISTRY[name] for name in ("stream.ends-with-done", "stream.one-id"))
NO_DONE = BANK["stream.no-done"]
NOTHING = Fault("stream.nothing", ("stream.one-id",), "Nothing is wrong.", "chunk", Hook())


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(RULES)


def tried(bench: Bench, *faults: Fault) -> Matrix:
    trials = tuple(bench.hold([fault]) for fault in faults)
    return Matrix(RULES, faults, bench.correct, trials)


def test_the_correct_server_has_no_finding(bench: Bench) -> None:
    assert bench.correct.fell == {}
    assert bench.correct.trouble == ""


def test_a_fault_that_changes_nothing_is_missed(bench: Bench) -> None:
    matrix = tried(bench, NOTHING, NO_DONE)
    assert matrix.missed == {"stream.nothing": "not caught by stream.one-id"}
    assert not matrix.holds


def test_a_fault_is_killed_by_the_rule_that_it_names_and_by_no_other(bench: Bench) -> None:
    wrong = replace(NO_DONE, name="stream.wrong", caught_by=("stream.one-id",))
    assert list(tried(bench, wrong).missed) == ["stream.wrong"]
    assert tried(bench, NO_DONE).missed == {}


def test_a_rule_that_no_fault_kills_is_unproved() -> None:
    lonely = replace(RULES[0], id="stream.nobody-breaks-this")
    bench = Bench([lonely])
    matrix = Matrix((lonely,), (NO_DONE,), bench.correct, (bench.hold([NO_DONE]),))
    assert matrix.unproved == ["stream.nobody-breaks-this"]
    assert not matrix.holds


def test_a_finding_about_what_no_fault_has_changed_kills_nothing(bench: Bench) -> None:
    def always(stream: Stream) -> Iterator[Problem]:
        yield stream.problem("something else", "what it always is")

    rule = RULES[0]
    assert isinstance(rule, Invariant)
    alarmed = Bench([replace(rule, check=always)])
    assert list(alarmed.correct.fell) == ["stream.ends-with-done"]
    other = replace(BANK["usage.missing"], caught_by=("stream.ends-with-done",))
    assert alarmed.hold([other]).missed(other) == ("stream.ends-with-done",)


def test_faults_that_only_the_wire_shows_are_tried_there() -> None:
    fault = BANK["transport.too-short"]
    bench = Bench([REGISTRY[name] for name in fault.caught_by])
    assert bench.hold([fault]).missed(fault) == ()


def test_the_same_seed_draws_the_same_pairs() -> None:
    faults = list(BANK.values())
    first, second = draw(faults, 30, seed=3), draw(faults, 30, seed=3)
    assert first == second
    assert len({frozenset({a.name, b.name}) for a, b in first}) == 30
    assert all(a.stem != b.stem for a, b in first)
    assert draw(faults, 30, seed=4) != first


def test_time_is_what_was_waited_however_busy_the_machine_is() -> None:
    async def wait() -> float:
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout(7200):
            await asyncio.sleep(3600)
        return asyncio.get_running_loop().time() - began

    with asyncio.Runner(loop_factory=Timeless) as runner:
        assert runner.run(wait()) == 3600


def test_who_waits_for_nothing_that_comes_is_told() -> None:
    with asyncio.Runner(loop_factory=Timeless) as runner, pytest.raises(RuntimeError, match="due"):
        runner.run(asyncio.Event().wait())


@pytest.mark.parametrize(
    "name",
    [
        "agreement.all-at-once@chat",
        "transport.left-streams-go-on@completions",
        "transport.left-answers-go-on@chat",
    ],
)
def test_faults_of_time_are_tried_without_waiting(name: str) -> None:
    fault = BANK[name]
    bench = Bench([REGISTRY[rule] for rule in fault.caught_by])
    trials = [bench.hold([fault]) for _ in range(2)]
    assert trials[0].missed(fault) == ()
    assert trials[0] == trials[1]


def test_what_is_remembered_is_what_was_generated() -> None:
    remembered = Remembered()
    chance, sure = {"temperature": 1, "max_tokens": 20}, {"temperature": 0, "max_tokens": 20}
    first, second = (_texts(remembered, [chance, chance, sure]) for _ in range(2))
    assert first == second
    assert first[0] != first[1]
    assert _texts(Remembered(), [sure]) == first[2:]


def test_refusals_and_streams_are_remembered_too() -> None:
    remembered = Remembered()
    asked: list[dict[str, Any]] = [{"max_tokens": -1}, {"stream": True, "max_tokens": 5}]
    assert _texts(remembered, asked) == _texts(remembered, asked)


def _texts(remembered: Remembered, asked: list[dict[str, Any]]) -> list[str]:
    """What one server says, one request after the other, without what differs in any case."""
    body = {"model": SETTINGS.models[0].id, "prompt": "The sea"}
    app = create_app(SETTINGS, [Steady()], remembered.for_one_server())

    async def ask() -> list[str]:
        async with InProcess(TARGET, app) as sender:
            said = [json.dumps(body | params).encode() for params in asked]
            requests = [Request("POST", "/completions", raw, (JSON_TYPE,)) for raw in said]
            return [(await sender.send(request, 1)).text for request in requests]

    with asyncio.Runner(loop_factory=Timeless) as runner:
        return runner.run(ask())
