"""Shrinking: what is left of a request is as little as breaks the rule."""

from __future__ import annotations

from typing import Any

import pytest

from accord_contracts.fuzz.cases import Case, Cases, again, is_valid
from accord_contracts.fuzz.sense import Sense
from accord_contracts.fuzz.shrinking import shrink, shrink_case

LARGE = {
    "model": "m",
    "messages": [{"role": "user", "content": "hello there"}, {"role": "tool", "content": ["x"]}],
    "n": 43.0,
    "stop": ["a", "bb", "ccc"],
    "user": "somebody",
    "extra": {"deep": {"deeper": [1, 2, {"odd": None}]}},
}


@pytest.mark.parametrize(
    ("breaks", "left"),
    [
        (lambda body: body.get("n") == 43, {"model": "m", "n": 43.0}),
        (lambda body: len(body.get("stop", [])) > 1, {"model": "m", "stop": ["", ""]}),
        (
            lambda body: "deeper" in body.get("extra", {}).get("deep", {}),
            {"model": "m", "extra": {"deep": {"deeper": []}}},
        ),
        (lambda _: True, {"model": "m"}),
    ],
)
def test_nothing_stays_that_is_not_needed(breaks: Any, left: Any) -> None:
    true_of: list[Any] = []

    def broken(body: Any) -> bool:
        holds = bool(breaks(body))
        if holds:
            true_of.append(body)
        return holds

    shrink(LARGE, broken, seed=0)
    assert min(true_of, key=lambda body: len(str(body))) == left


def test_few_tries_take_most_away() -> None:
    body = {"model": "m", **{f"member-{number}": "value" for number in range(16)}}
    sent: list[Any] = []

    def broken(smaller: Any) -> bool:
        sent.append(smaller)
        return "member-5" in smaller

    shrink(body, broken, seed=0)
    assert {"model": "m", "member-5": "value"} in sent[:12]


def members(case: Case) -> dict[str, Any]:
    return case.body if isinstance(case.body, dict) else {}


def test_a_valid_case_stays_valid_and_loses_its_headers() -> None:
    cases = Cases(Sense("m", {})).boundary
    case = again(next(one for one in cases if is_valid(one) and "n" in members(one)))
    case.headers["x-odd"] = "1"
    sent: list[Case] = []

    def broken(smaller: Case) -> bool:
        sent.append(smaller)
        return "n" in members(smaller)

    shrink_case(case, broken, seed=0)
    assert all(is_valid(one) for one in sent)
    assert not any("x-odd" in one.headers for one in sent)
    least = min((members(one) for one in sent if "n" in members(one)), key=len)
    assert least["n"] >= 1  # 0 is simpler, and refused
    assert len(least) < len(members(case))


def test_what_breaks_nothing_is_left_alone() -> None:
    shrink(LARGE, lambda _: False, seed=0)
