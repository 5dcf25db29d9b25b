"""Every example in the contract is what its schema says; what is not, its schema refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema_rs
import pytest
import schemathesis
import yaml
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import response_schema_conformance
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

PATH = Path(__file__).parents[2] / "spec" / "openapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(PATH.read_text("utf-8"))
STREAMS = {"/completions": "CompletionStream", "/chat/completions": "ChatStream"}


class Example(NamedTuple):
    """An example where it stands: which schema it must fit, and itself."""

    place: str
    media_type: str
    schema: dict[str, Any]
    value: Any


def resolved(item: dict[str, Any]) -> Any:
    """Follow a `$ref`, if there is one."""
    found: Any = DOCUMENT
    if "$ref" not in item:
        return item
    for key in item["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return resolved(found)


def bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every request body, response and parameter, with its place."""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            place = f"{method} {path}"
            yield f"{place} request", operation.get("requestBody", {})
            for status, response in operation["responses"].items():
                yield f"{place} {status}", resolved(response)


def examples() -> Iterator[Example]:
    """Every example of every body, with its schema."""
    for place, body in bodies():
        for media_type, media in body.get("content", {}).items():
            for name, example in media["examples"].items():
                value = resolved(example)["value"]
                yield Example(f"{place} {name}", media_type, media["schema"], value)
    for name, parameter in DOCUMENT["components"]["parameters"].items():
        for key, example in parameter["examples"].items():
            yield Example(f"{name} {key}", "", parameter["schema"], example["value"])


def is_valid(schema: dict[str, Any], value: Any) -> bool:
    """Whether a value fits a schema that may refer to components."""
    whole = {**schema, "components": DOCUMENT["components"]}
    return jsonschema_rs.validator_for(whole, validate_formats=True).is_valid(value)


def events(stream: str) -> list[str]:
    """The data of each event of a stream with one line an event."""
    blocks = stream.removesuffix("\n\n").split("\n\n")
    assert all(block.startswith("data: ") for block in blocks)
    return [block.removeprefix("data: ") for block in blocks]


ALL = list(examples())
JSON = [example for example in ALL if example.media_type != "text/event-stream"]
SSE = [example for example in ALL if example.media_type == "text/event-stream"]


@pytest.mark.parametrize("example", JSON, ids=lambda example: example.place)
def test_a_json_example_fits_its_schema(example: Example) -> None:
    assert is_valid(example.schema, example.value)


@pytest.mark.parametrize("example", SSE, ids=lambda example: example.place)
def test_each_event_of_a_stream_fits_the_schema_of_events(example: Example) -> None:
    content = example.schema["properties"]["data"]["then"]["contentSchema"]
    data = events(example.value)
    for item in data:
        assert is_valid(example.schema, {"data": item})
        assert item == "[DONE]" or is_valid(content, json.loads(item))
    assert "[DONE]" not in data[:-1]


def test_every_body_has_an_example() -> None:
    for place, body in bodies():
        for media in body.get("content", {}).values():
            assert media["examples"], place


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("CompletionRequest", {"temperature": 2.5}),
        ("CompletionRequest", {"logprobs": 6}),
        ("CompletionRequest", {"n": 0}),
        ("CompletionRequest", {"prompt": []}),
        ("CompletionRequest", {"stop": ["a", "b", "c", "d", "e"]}),
        ("ChatRequest", {"messages": []}),
        ("ChatRequest", {"messages": [{"role": "user"}]}),
        ("ChatRequest", {"messages": [{"role": "pope", "content": "Amen."}]}),
        ("ChatRequest", {"logprobs": 1}),
        ("ChatRequest", {"top_logprobs": 21}),
        ("ChatRequest", {"tools": [{"type": "function", "function": {}}]}),
        ("ChatRequest", {"tool_choice": "perhaps"}),
        ("ChatRequest", {"response_format": {"type": "json_schema"}}),
    ],
)
def test_a_request_out_of_range_does_not_fit(name: str, change: dict[str, Any]) -> None:
    (example,) = [e for e in JSON if e.value is DOCUMENT["components"]["examples"][name]["value"]]
    assert not is_valid(example.schema, {**example.value, **change})


def judge(path: str, stream: str) -> None:
    """Let schemathesis judge a stream as the answer of a server to a POST on a path."""

    async def answer(_: Request) -> Response:
        return Response(stream, media_type="text/event-stream")

    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = Starlette(routes=[Route(f"/v1{path}", answer, methods=["POST"])])
    case = schema[path]["POST"].Case(body={})
    case.validate_response(case.call(), checks=[response_schema_conformance])


@pytest.mark.parametrize("path", STREAMS)
@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('"choices":', '"choises":'),
        ('"index":0', '"index":"0"'),
        ('"finish_reason":"stop"', '"finish_reason":"eos"'),
        ("}\n\n", "\n\n"),
        ("data: [DONE]", "data: [END]"),
        ("data: [DONE]", 'data: {"error":"no"}'),
    ],
)
def test_schemathesis_finds_a_bad_event_by_the_schema(path: str, good: str, bad: str) -> None:
    stream = DOCUMENT["components"]["examples"][STREAMS[path]]["value"]
    judge(path, stream)
    assert good in stream
    with pytest.raises(FailureGroup, match="SSE event violates schema"):
        judge(path, stream.replace(good, bad))
