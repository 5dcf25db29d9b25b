"""Answers in JSON: `response_format`, and the values that satisfy a schema."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from accord_contracts.server.schema_values import BadSchema, satisfying_value

TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                "next": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/node"}]},
            },
            "required": ["name", "children", "next"],
            "additionalProperties": False,
        }
    },
}
SCHEMAS = [
    {},
    TREE,
    {"type": "object"},
    {"enum": [1, "two", None]},
    {"const": {"a": [1]}},
    {"type": ["string", "null"]},
    {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3,5}$"},
    {"type": "string", "pattern": r"^(\+\d{1,3} )?[^a-z\s]+(x|yy)?$", "minLength": 4},
    {"type": "string", "minLength": 50, "maxLength": 52},
    {"type": "string", "maxLength": 1},
    *({"type": "string", "format": name} for name in ("date-time", "date", "uuid", "email", "uri")),
    {"type": "integer", "multipleOf": 7, "minimum": 50, "maximum": 60},
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.01},
    {"type": "number", "maximum": -1000},
    {"minimum": 3, "type": "integer"},
    {"type": "array", "items": {"type": "integer"}, "minItems": 5, "uniqueItems": True},
    {"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}], "items": False},
    {"type": "array", "contains": {"const": "here"}, "minContains": 2},
    {"type": "array", "maxItems": 0},
    {"type": "object", "minProperties": 3, "additionalProperties": {"type": "boolean"}},
    {"type": "object", "patternProperties": {"^x-": {"type": "integer"}}, "minProperties": 2,
     "additionalProperties": False},
    {"type": "object", "propertyNames": {"pattern": "^[a-z]{4}$"}, "minProperties": 1},
    {"properties": {"a": {"type": "integer"}, "b": {}}, "dependentRequired": {"a": ["c"]}},
    {"allOf": [{"properties": {"a": {"type": "integer"}}}, {"required": ["a"]}]},
    {"oneOf": [{"type": "string", "maxLength": 2}, {"type": "integer"}]},
    {"anyOf": [False, {"type": "boolean"}]},
    {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}}, "required": ["kind"],
     "if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["x"]},
     "else": {"required": ["y"]}},
    {"type": "integer", "not": {"maximum": 20}, "minimum": 1, "maximum": 30},
    {"allOf": [{"type": ["number", "string"]}, {"type": "integer"}], "minimum": 4},
]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
@given(seed=st.integers())
@settings(max_examples=20)
def test_a_value_satisfies_its_schema(schema: dict[str, Any], seed: int) -> None:
    value = satisfying_value(schema, Random(seed))
    jsonschema_rs.validate(schema, value, validate_formats=True)
    assert satisfying_value(schema, Random(seed)) == value


KEYWORDS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["object", "array", "string", "integer", "number", "null"]),
        "enum": st.lists(st.none() | st.integers() | st.text(), min_size=1, max_size=3),
        "minimum": st.integers(-9, 9),
        "maximum": st.floats(-9, 99),
        "multipleOf": st.integers(1, 9),
        "minLength": st.integers(0, 9),
        "maxLength": st.integers(0, 9),
        "pattern": st.sampled_from(["^a", "[0-9]+$", "^(ab|cd)*$", "("]),
        "required": st.lists(st.sampled_from("abc"), unique=True),
        "minItems": st.integers(0, 5),
        "maxItems": st.integers(0, 5),
        "uniqueItems": st.booleans(),
        "$ref": st.sampled_from(["#", "#/nowhere", "https://example.com/schema", "#/$defs/a"]),
    },
)
ANY_SCHEMA = st.recursive(
    KEYWORDS | st.booleans(),
    lambda inner: st.builds(
        lambda base, more: {**base, **more},
        KEYWORDS,
        st.fixed_dictionaries(
            {},
            optional={
                "properties": st.dictionaries(st.sampled_from("abc"), inner),
                "additionalProperties": inner,
                "items": inner,
                "anyOf": st.lists(inner, min_size=1, max_size=3),
                "allOf": st.lists(inner, min_size=1, max_size=3),
                "oneOf": st.lists(inner, min_size=1, max_size=3),
                "not": inner,
                "$defs": st.dictionaries(st.sampled_from("ab"), inner),
            },
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=300)
@given(schema=ANY_SCHEMA)
def test_any_schema_gets_a_value_that_satisfies_it_or_a_refusal(schema: Any) -> None:
    try:
        value = satisfying_value(schema, Random(1))
    except BadSchema:
        assume(False)
    jsonschema_rs.validate(schema, value)


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"type": "nothing"},
        {"minimum": "three"},
        {"$ref": "https://example.com/schema"},
        {"$ref": "#/nowhere"},
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"enum": []},
        {"type": "string", "minLength": 10**9},
        {"type": "string", "pattern": "("},
        {"type": "string", "pattern": "a{100000}"},
        {"type": "array", "minItems": 10**9},
        {"type": "object", "minProperties": 10**9},
        {"properties": {"me": {"$ref": "#"}}, "required": ["me"]},
    ],
    ids=str,
)
def test_what_no_value_can_satisfy_is_said_so(schema: Any) -> None:
    with pytest.raises(BadSchema):
        satisfying_value(schema, Random(1))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("temperature", [0, 1.5])
def test_json_object_is_an_object(api: Any, stream: bool, temperature: float) -> None:
    ask = api.joined if stream else api.answer
    answer = ask("chat", response_format={"type": "json_object"}, temperature=temperature)
    assert isinstance(json.loads(answer["choices"][0]["message"]["content"]), dict)
    assert answer["choices"][0]["finish_reason"] == "stop"


def schema_format(schema: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_json_schema_is_satisfied_and_streamed_alike(api: Any, schema: dict[str, Any]) -> None:
    request = {"response_format": schema_format(schema), "logprobs": True, "top_logprobs": 2}
    request |= {"logit_bias": {"97": 100}, "frequency_penalty": 2}
    answer, stream = api.answer("chat", **request), api.joined("chat", **request)
    jsonschema_rs.validate(schema, json.loads(answer["choices"][0]["message"]["content"]))
    assert stream == {"choices": answer["choices"], "usage": answer["usage"]}


def test_the_cap_cuts_json_too(api: Any) -> None:
    answer = api.answer("chat", response_format=schema_format(TREE), max_tokens=4)
    assert answer["choices"][0]["finish_reason"] == "length"
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer["choices"][0]["message"]["content"])


def test_questions_and_seeds_vary_the_values(api: Any) -> None:
    form = {"type": "json_object"}
    asked = {
        api.text(messages=[{"role": "user", "content": text}], response_format=form)
        for text in "abcdef"
    }
    rolled = {api.text(response_format=form, temperature=1, seed=seed) for seed in range(6)}
    assert len(asked) > 1
    assert len(rolled) > 1


@pytest.mark.parametrize("schema", [{"type": "nothing"}, {"allOf": [False]}])
def test_a_schema_that_can_t_be_satisfied_is_refused(api: Any, schema: Any) -> None:
    response = api.chat(response_format=schema_format(schema), stream=True)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "response_format.json_schema.schema"
