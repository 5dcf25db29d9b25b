"""The self-test can fail: a fault is killed only by its rule, over what it has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accord_contracts.faults.bank import BANK, Fault
from accord_contracts.rule import REGISTRY
from accord_contracts.selftest.matrix import Matrix
from accord_contracts.selftest.pairs import draw
from accord_contracts.selftest.trial import Bench
from accord_contracts.server.hooks import Hook

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
    def always(stream: object) -> object:
        yield stream.problem("something else", "what it always is")  # type: ignore[attr-defined]

    alarmed = Bench([replace(RULES[0], check=always)])
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
