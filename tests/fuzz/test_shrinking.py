"""Shrinking: what is left of a request is as little as breaks the rule."""

from __future__ import annotations

from typing import Any

import pytest

from accord_contracts.fuzz.shrinking import shrink

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


def test_what_breaks_nothing_is_left_alone() -> None:
    shrink(LARGE, lambda _: False, seed=0)
