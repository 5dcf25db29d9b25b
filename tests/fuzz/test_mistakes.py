"""Mistakes: each place of an invalid request that does not fit the spec, in words."""

from __future__ import annotations

from typing import Any

import pytest

from accord_contracts.fuzz.cases import Cases, again, is_valid
from accord_contracts.fuzz.mistakes import mistakes
from accord_contracts.fuzz.sense import Sense
from accord_contracts.server import MODELS

SAID = {"model": MODELS[0].id, "messages": [{"role": "user", "content": "a"}]}


@pytest.mark.parametrize(
    ("members", "places"),
    [
        ({"n": 0}, {"/n": "/n: 0 is less than the minimum of 1"}),
        ({"n": 0, "user": 5}, {"/n": "minimum", "/user": '5 is not of type "string"'}),
        ({"messages": [{"role": "user"}, {}]}, {"/messages/*": "/messages/0"}),
        ({"tools": [{"type": "function", "function": {}}]}, {"/tools/*": "/tools/0"}),
    ],
)
def test_each_place_is_named_once_with_what_is_wrong(
    members: dict[str, Any], places: dict[str, str]
) -> None:
    cases = Cases(Sense(MODELS[0].id, {}), frozenset({"chat"}))
    assert {case.path for case in cases.boundary} == {"/chat/completions"}
    valid = next(case for case in cases.boundary if is_valid(case) and case.body)
    found = {one.pointer: one.words for one in mistakes(again(valid, {**SAID, **members}))}
    assert found.keys() == places.keys()
    assert all(places[pointer] in words for pointer, words in found.items())
