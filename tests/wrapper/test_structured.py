"""Answers as values of a type."""

from __future__ import annotations

import itertools
import json
import typing
from dataclasses import dataclass, field, make_dataclass
from enum import Enum
from typing import Any, Literal

import attrs
import jsonschema_rs
import pydantic
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import Caller, Wire, jsonic
from questions import MODEL, in_pieces, whole

import accord


@dataclass
class Ingredient:
    name: str
    grams: float = 0.0


@dataclass
class Recipe:
    """How to cook something."""

    title: str
    ingredients: list[Ingredient] = field(default_factory=list)


@attrs.define
class Album:
    songs: list[str]
    best: Ingredient | None = None


class City(pydantic.BaseModel):
    name: str
    twin: City | None = None


class Pair(typing.TypedDict):
    left: int
    right: int


@dataclass
class Shelf:
    cities: list[City]


@pytest.mark.parametrize("kind", [Recipe, Album, City, Pair, Shelf])
def test_answers_are_values_of_the_type(caller: Caller, reference: str, kind: type[Any]) -> None:
    arguments: dict[str, Any] = {"model": MODEL, "response_format": kind, "seed": 3}
    reply = whole(caller, reference, "Tell me.", **arguments)
    _, streamed = in_pieces(caller, reference, "Tell me.", **arguments)
    assert isinstance(reply.parsed, dict if kind is Pair else kind)
    assert reply.parsed == streamed.parsed


class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


NUMBERS = itertools.count()
"""Two types in one schema have two names."""


def of_kinds(kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Give types made of types."""
    members = st.dictionaries(st.sampled_from(["a", "type", "default", "items"]), kinds, min_size=1)
    return st.one_of(
        kinds.map(lambda kind: list[kind]),  # type: ignore[valid-type]
        kinds.map(lambda kind: dict[str, kind]),  # type: ignore[valid-type]
        kinds.map(lambda kind: kind | None),
        members.map(lambda found: make_dataclass(f"Made{next(NUMBERS)}", found.items())),
        members.map(
            lambda found: attrs.make_class(
                f"Made{next(NUMBERS)}", {n: attrs.field(type=k) for n, k in found.items()}
            )
        ),
    )


SIMPLE = st.sampled_from([int, float, bool, str, Mood, Literal["x", "y"], City, Ingredient])
KINDS = st.recursive(SIMPLE, of_kinds, max_leaves=4)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=KINDS, seed=st.integers(0, 1000))
def test_what_fits_the_schema_is_a_value_of_the_type(reference: str, kind: Any, seed: int) -> None:
    whole_kind: Any = make_dataclass("Whole", [("value", kind)])
    with accord.Client(base_url=reference) as client:
        reply = client.ask("?", model=MODEL, response_format=whole_kind, seed=seed)
    assert isinstance(reply.parsed, whole_kind)


def test_any_type_will_do_that_json_can_hold(reference: str) -> None:
    kind: Any = list[City]
    with accord.Client(base_url=reference) as client:
        cities = client.ask("Which?", model=MODEL, response_format=kind, seed=1).parsed
    assert all(isinstance(city, City) for city in cities)


def test_the_schema_is_strict_where_it_can_be(wire: Wire) -> None:
    @dataclass
    class Open:
        counts: dict[str, int]

    wire.replies = [[jsonic({"choices": []})]]
    with accord.Client(base_url=wire.base_url) as client:
        for kind in (Recipe, City, Open):
            client.ask("Tell me.", model="tiny", response_format=kind)
    recipe, city, loose = (
        json.loads(request.body)["response_format"]["json_schema"] for request in wire.requests
    )
    assert (recipe["name"], recipe["strict"], loose["strict"]) == ("Recipe", True, False)
    assert recipe["schema"]["required"] == ["title", "ingredients"]
    assert recipe["schema"]["description"] == "How to cook something."
    ingredient = recipe["schema"]["$defs"]["Ingredient"]
    assert (ingredient["required"], ingredient["additionalProperties"]) == (
        ["name", "grams"],
        False,
    )
    assert city["schema"]["type"] == "object"
    assert jsonschema_rs.is_valid(city["schema"], {"name": "a", "twin": None})
    assert not jsonschema_rs.is_valid(city["schema"], {"name": "a", "twin": {"name": 1}})


@pytest.mark.parametrize(
    ("message", "finish", "error"),
    [
        ({"content": '{"title": 7}'}, "stop", r"no Recipe: Expected `str`, got `int` - at `\$.ti"),
        ({"content": '{"title": "a'}, "length", "no Recipe; it was cut off: "),
        ({"content": None, "refusal": "I won't."}, "stop", "refuses: I won't."),
        ({"content": "Sure!"}, "stop", "no Recipe: JSON is malformed"),
    ],
)
def test_what_is_no_value_of_the_type_says_why(
    wire: Wire, message: dict[str, Any], finish: str, error: str
) -> None:
    wire.replies = [[jsonic({"choices": [{"message": message, "finish_reason": finish}]})]]
    with accord.Client(base_url=wire.base_url) as client:
        reply = client.ask("Tell me.", model="tiny", response_format=Recipe)
    with pytest.raises(accord.InvalidAnswerError, match=error):
        _ = reply.parsed
    assert reply.text == (message["content"] or "")


def test_a_code_fence_is_forgiven(wire: Wire) -> None:
    text = '```json\n{"title": "Soup"}\n```\n'
    wire.replies = [[jsonic({"choices": [{"message": {"content": text}}]})]]
    with accord.Client(base_url=wire.base_url) as client:
        assert client.ask("?", model="tiny", response_format=Recipe).parsed == Recipe("Soup")


def test_a_plain_format_is_passed_on(wire: Wire) -> None:
    wire.replies = [[jsonic({"choices": [{"message": {"content": "{}"}}]})]]
    with accord.Client(base_url=wire.base_url) as client:
        reply = client.ask("?", model="tiny", response_format={"type": "json_object"})
    assert reply.parsed is None
    assert json.loads(wire.requests[0].body)["response_format"] == {"type": "json_object"}
