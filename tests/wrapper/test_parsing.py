"""`chat.completions.parse`: completions whose texts are values of Python types."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from typing import Any

import attrs
import pydantic
import pytest
from loopback import Caller, Wire, jsonic

import accord

MODEL = "accord-small"
MESSAGES = [{"role": "user", "content": "Please ring the bell!"}]
STRICT = {"type": "function", "function": {"name": "ring", "strict": True, "parameters": {}}}
LOOSE = {"type": "function", "function": {"name": "ring", "parameters": {}}}


@dataclass
class Point:
    x: int


@attrs.define
class Line:
    points: list[Point]


class Ring(pydantic.BaseModel):
    """Ring a bell."""

    times: int


def parse(client: Any, kind: Any = Point, **more: Any) -> Any:
    params = {"model": MODEL, "messages": MESSAGES, "seed": 1} | more
    return client.chat.completions.parse(response_format=kind, **params)


def answer(content: str | None, finish: str = "stop", **message: Any) -> list[Any]:
    choice = {"index": 0, "message": {"content": content} | message, "finish_reason": finish}
    return [jsonic({"choices": [choice]})]


def calling(arguments: str, kind: str = "function") -> list[Any]:
    call = {"id": "c", "type": kind, kind: {"name": "ring", "arguments": arguments}}
    return answer(None, "tool_calls", tool_calls=[call])


@pytest.mark.parametrize("kind", [Point, Line, Ring])
def test_every_choice_has_a_value_of_the_type(caller: Caller, reference: str, kind: Any) -> None:
    for_each = caller.call(lambda client: parse(client, kind, n=2), base_url=reference)
    for choice in for_each.choices:
        assert isinstance(choice.message.parsed, kind)
    older = caller.call(lambda client: parse(client.beta, kind, n=2), base_url=reference)
    assert older.choices[1].message.parsed == for_each.choices[1].message.parsed
    assert for_each.usage.total_tokens > 0
    assert for_each.http.status == 200


def test_what_is_parsed_is_not_sent_back(wire: Wire) -> None:
    wire.replies = [answer('{"x": 1}', role="assistant")]
    with accord.Client(base_url=wire.base_url) as client:
        said = parse(client).choices[0].message
        assert said.parsed == Point(1)
        assert said.to_dict() == {"content": '{"x": 1}', "role": "assistant"}
        assert (said.refusal, said.tool_calls) == (None, None)
        parse(client, messages=[*MESSAGES, said])
    assert json.loads(wire.requests[1].body)["messages"][1] == said.to_dict()


@pytest.mark.parametrize(
    ("reply", "parsed"),
    [
        (answer('{"x": 1}'), Point(1)),
        (answer('```json\n{"x": 1}\n```'), Point(1)),
        (answer([{"type": "text", "text": '{"x": 1}'}]), Point(1)),  # type: ignore[arg-type]
        (answer(None, refusal="I won't."), None),
        (answer("{", refusal="I won't."), None),
        (answer(None), None),
        (answer(""), None),
    ],
)
def test_what_there_is_is_parsed(wire: Wire, reply: Any, parsed: Any) -> None:
    wire.replies = [reply]
    with accord.Client(base_url=wire.base_url) as client:
        assert parse(client).choices[0].message.parsed == parsed


def test_without_a_type_nothing_is(wire: Wire) -> None:
    wire.replies = [answer('{"x": 1}')]
    asked: list[dict[str, Any]] = [{}, {"response_format": {"type": "json_object"}}]
    with accord.Client(base_url=wire.base_url) as client:
        for given in asked:
            done = client.chat.completions.parse(model=MODEL, messages=MESSAGES, **given)
            assert done.choices[0].message.parsed is None
    formats = [json.loads(request.body).get("response_format") for request in wire.requests]
    assert formats == [None, {"type": "json_object"}]


@pytest.mark.parametrize(
    ("reply", "kind", "message"),
    [
        (answer('{"x": "1"}'), accord.UnparsedAnswerError, r"no Point: Expected `int`.* at `\$.x`"),
        (answer('{"x": 1', "length"), accord.LengthFinishReasonError, "cut off at the limit"),
        (answer('{"x": 1}', "length"), accord.LengthFinishReasonError, "cut off at the limit"),
        (answer("", "content_filter"), accord.ContentFilterFinishReasonError, "filter stopped"),
        (calling("{"), accord.UnparsedAnswerError, "arguments of ring can't be read: Expecting"),
    ],
)
def test_what_can_not_be_read_says_why(
    caller: Caller, wire: Wire, reply: Any, kind: type[accord.AccordError], message: str
) -> None:
    wire.replies = [reply]
    with pytest.raises(kind, match=message) as caught:
        caller.call(lambda client: parse(client, tools=[STRICT]), base_url=wire.base_url)
    assert type(caught.value) is kind
    assert isinstance(caught.value, accord.InvalidAnswerError)
    assert isinstance(caught.value, accord.UnparsedAnswerError)
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):  # noqa: S301 - our own
        assert error.completion is not None
        assert error.completion.to_dict()["choices"] == json.loads(body(reply))["choices"]


def body(reply: list[bytes]) -> bytes:
    return reply[0].partition(b"\r\n\r\n")[2]


TYPED = accord.pydantic_function_tool(Ring, name="ring")


@pytest.mark.parametrize(
    ("tool", "parsed"),
    [(TYPED, Ring(times=2)), (STRICT, {"times": 2}), (LOOSE, None)],
    ids=["of a type", "strict", "loose"],
)
def test_arguments_of_tools_are_parsed(wire: Wire, tool: Any, parsed: Any) -> None:
    wire.replies = [calling('{"times": 2}')]
    once: Any = iter([tool])
    with accord.Client(base_url=wire.base_url) as client:
        done = client.chat.completions.parse(model=MODEL, messages=MESSAGES, tools=once)
    assert done.choices[0].message.tool_calls is not None
    (call,) = done.choices[0].message.tool_calls
    assert call.function is not None
    assert call.function.parsed_arguments == parsed
    assert call.to_dict()["function"] == {"name": "ring", "arguments": '{"times": 2}'}
    assert json.loads(wire.requests[0].body)["tools"] == [tool]


def test_calls_of_custom_tools_are_left_alone(wire: Wire) -> None:
    wire.replies = [calling("abc", "custom")]
    with accord.Client(base_url=wire.base_url) as client:
        call = parse(client, tools=[STRICT]).choices[0].message.tool_calls[0]
    assert (call.function, call.custom.name) == (None, "ring")


def test_a_type_becomes_a_tool() -> None:
    described = accord.pydantic_function_tool(Point, name="place", description="Place it.")
    assert described == {
        "type": "function",
        "function": {
            "name": "place",
            "description": "Place it.",
            "strict": True,
            "parameters": {
                "title": "Point",
                "type": "object",
                "properties": {"x": {"type": "integer"}},
                "required": ["x"],
                "additionalProperties": False,
            },
        },
    }
    assert TYPED["function"]["description"] == "Ring a bell."
