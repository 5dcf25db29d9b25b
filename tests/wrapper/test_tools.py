"""Tools made of functions, and the loop that runs them."""

from __future__ import annotations

import contextvars
import json
import threading
import time
from dataclasses import dataclass, make_dataclass
from enum import Enum
from typing import Any, Literal

import attrs
import pydantic
import pytest
from loopback import Caller, Wire, httpx_on_trio, jsonic, patiently
from questions import MODEL, calls, in_pieces, whole

import accord


@dataclass
class Point:
    x: int
    y: int = 0


@attrs.define
class Box:
    corner: Point


class Trip(pydantic.BaseModel):
    nights: int = pydantic.Field(ge=1)


class Unit(Enum):
    METRE = "m"
    MILE = "mi"


def measure(box: Box, unit: Unit, trips: list[Trip], *, exact: bool = False) -> str:
    """Measure a box.

    It takes a while.

    Args:
        box: what to measure.
        unit: of the result.
        trips: of mine.
    """
    return f"{box.corner.x} {unit.name} {trips[0].nights} {exact}"


SAID = jsonic({
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Done."}}],
    "usage": {"prompt_tokens": 4, "completion_tokens": 1, "total_tokens": 5},
})  # fmt: skip


def sent(wire: Wire, place: int) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(wire.requests[place].body)
    return body


def test_a_function_is_described_by_what_it_says() -> None:
    tool = accord.tool(measure)
    assert (tool.name, tool.description) == ("measure", "Measure a box.\n\nIt takes a while.")
    properties = tool.parameters["properties"]
    assert properties["box"]["description"] == "what to measure."
    assert properties["exact"]["type"] == "boolean"
    assert tool.parameters["required"] == ["box", "unit", "trips"]
    assert tool.parameters["additionalProperties"] is False
    definitions = tool.parameters["$defs"]
    assert definitions["Unit"]["enum"] == ["m", "mi"]
    assert definitions["Point"]["required"] == ["x"]
    assert properties["trips"]["items"]["properties"]["nights"]["minimum"] == 1
    assert tool(Box(Point(1)), Unit.MILE, [Trip(nights=2)]) == "1 MILE 2 False"


@pytest.mark.parametrize(
    ("arguments", "result"),
    [
        (
            '{"box": {"corner": {"x": 3}}, "unit": "mi", "trips": [{"nights": 2}], "exact": true}',
            "3 MILE 2 True",
        ),
        ('{"box": {"corner": {"x": "3"}}, "unit": "mi", "trips": []}', "box: Expected `int`"),
        ('{"box": {"corner": {"x": 3}}, "unit": "ft", "trips": []}', "unit: Invalid enum value"),
        ('{"box": {"corner": {"x": 3}}, "unit": "m", "trips": [{"nights": 0}]}', "trips: "),
        ('{"box": {"corner": {"x": 3}}, "unit": "m", "trips": []}', "list index out of range"),
        ('{"box": {"corner": {"x": 3}}, "unit": "m"}', "the parameter 'trips' is missing"),
        ('{"bocks": 1}', "there is no parameter 'bocks'"),
        ('{"box": ', "Input data was truncated"),
        ("[]", "Expected `object`"),
        ("", "the parameter 'box' is missing"),
    ],
)
def test_arguments_are_checked_and_the_model_is_told(
    caller: Caller, wire: Wire, arguments: str, result: str
) -> None:
    wire.replies = [[calls(("measure", arguments))], [SAID]]
    reply = whole(caller, wire.base_url, "How big?", model="tiny", tools=[measure])
    (told,) = [turn for turn in sent(wire, 1)["messages"] if turn["role"] == "tool"]
    assert told["tool_call_id"] == "c0"
    assert result in told["content"]
    assert reply.text == "Done."
    assert reply.usage is not None
    assert reply.usage.to_dict() == {"prompt_tokens": 6, "completion_tokens": 2, "total_tokens": 8}
    assert [turn["role"] for turn in reply.messages] == ["assistant", "tool", "assistant"]


def test_the_loop_ends_in_an_answer(caller: Caller, reference: str) -> None:
    def look_up(word: str, language: Literal["en", "fr"] = "en") -> dict[str, str]:
        """Look a word up."""
        seen.append(word)
        return {word: language}

    seen: list[str] = []
    arguments: dict[str, Any] = {"model": MODEL, "tools": [look_up], "max_tokens": 200, "seed": 1}
    reply = whole(caller, reference, "Please look_up this.", **arguments)
    pieces, streamed = in_pieces(caller, reference, "Please look_up this.", **arguments)
    assert len(seen) == 2
    assert reply.text == streamed.text == "".join(piece.text for piece in pieces) != ""
    assert len(reply.answers) == len(streamed.answers) == 2
    assert reply.usage == streamed.usage


def test_a_forced_call_is_forced_once(caller: Caller, reference: str) -> None:
    def ping() -> None:
        """Ping."""

    for choice in ("required", {"type": "function", "function": {"name": "ping"}}):
        reply = whole(
            caller, reference, "Hello!", model=MODEL, tools=[ping], tool_choice=choice, max_tokens=9
        )
        assert [turn["role"] for turn in reply.messages] == ["assistant", "tool", "assistant"]
        assert reply.messages[1]["content"] == "null"


def test_several_calls_run_side_by_side(caller: Caller, wire: Wire) -> None:
    together = threading.Barrier(2, timeout=120)

    def meet(name: str) -> str:
        together.wait()
        return f"{name} {who.get()}"

    who = contextvars.ContextVar("who", default="nobody")
    who.set("caller")
    wire.replies = [[calls(("meet", '{"name": "a"}'), ("meet", '{"name": "b"}'))], [SAID]]
    whole(caller, wire.base_url, "Meet!", model="tiny", tools=[meet])
    results = [turn["content"] for turn in sent(wire, 1)["messages"][2:]]
    assert results == ["a caller", "b caller"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_async_functions_are_awaited(wire: Wire, backend: str) -> None:
    async def double(number: int) -> int:
        """Double."""
        return 2 * number

    wire.replies = [[calls(("double", '{"number": 21}'))], [SAID]]
    whole(Caller(backend), wire.base_url, "Double!", model="tiny", tools=[double])
    assert sent(wire, 1)["messages"][-1]["content"] == "42"
    with accord.Client() as client, pytest.raises(TypeError, match="double is async"):
        client.ask("Double!", model="tiny", tools=[double])


def test_what_a_tool_raises_is_told_and_logged(
    caller: Caller, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("no luck")

    wire.replies = [[calls(("fail", "{}"), ("nothing", "{}"))], [SAID]]
    whole(caller, wire.base_url, "Fail!", model="tiny", tools=[fail])
    results = [turn["content"] for turn in sent(wire, 1)["messages"][2:]]
    assert results == ['{"error":"no luck"}', '{"error":"there is no tool \'nothing\'"}']
    assert "the tool fail failed: no luck" in caplog.text
    traced = {record.args[0]: record.exc_info for record in caplog.records if record.args}  # type: ignore[index]  # tuples
    assert traced["fail"]
    assert not traced["nothing"]  # the model's mistake: no line of the program's is to blame


def test_programs_can_be_ended_by_tools(caller: Caller, wire: Wire) -> None:
    def leave() -> None:
        raise SystemExit(3)

    wire.replies = [[calls(("leave", "{}"))]]
    with pytest.raises(SystemExit):
        whole(caller, wire.base_url, "Leave!", model="tiny", tools=[leave])


def test_rounds_are_bounded(caller: Caller, wire: Wire) -> None:
    def again() -> None:
        """Call me."""

    wire.replies = [[calls(("again", "{}"))]]
    with pytest.raises(accord.ToolLoopError, match="after 3 requests") as caught:
        whole(caller, wire.base_url, "Go!", model="tiny", tools=[again], max_rounds=3)
    assert len(wire.requests) == 3
    assert len(caught.value.messages) == 6


def test_calls_of_plain_definitions_are_left_to_the_caller(caller: Caller, wire: Wire) -> None:
    mine = {"type": "function", "function": {"name": "mine", "parameters": {"type": "object"}}}
    wire.replies = [[calls(("measure", "{}"), ("mine", "{}"))]]
    reply = whole(caller, wire.base_url, "Go!", model="tiny", tools=[measure, mine])
    assert [call.function.name for call in reply.tool_calls if call.function] == ["measure", "mine"]
    assert sent(wire, 0)["tools"][1] == mine
    assert len(wire.requests) == 1


def test_poor_calls_are_understood(caller: Caller, wire: Wire) -> None:
    def say(word: str) -> str:
        return word

    call = {"id": "", "function": {"name": "say", "arguments": {"word": "hi"}}}
    message = {"tool_calls": [call], "reasoning_content": "hm", "annotations": []}
    wire.replies = [[jsonic({"choices": [{"message": message}]})], [SAID]]
    whole(caller, wire.base_url, "Go!", model="tiny", tools=[say])
    asked, told = sent(wire, 1)["messages"][1:]
    assert asked["tool_calls"][0]["id"] == told["tool_call_id"] == "call_0"
    assert (asked["reasoning_content"], told["content"]) == ("hm", "hi")
    assert "annotations" not in asked


@pytest.mark.parametrize(
    ("made", "error", "message"),
    [
        (lambda *all_of_it: all_of_it, TypeError, "'all_of_it' can't be given by name"),
        (int, TypeError, "a tool is made of a function"),
    ],
)
def test_what_is_no_tool_is_refused(made: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        accord.tool(made)


def test_a_type_without_json_is_refused() -> None:
    class Odd:
        pass

    def use(odd: Odd) -> None:
        """Use it."""

    with pytest.raises(TypeError, match="use: an annotation can't be resolved: name 'Odd'"):
        accord.tool(use)
    use.__annotations__["odd"] = Odd
    with pytest.raises(TypeError, match="Odd"):
        accord.tool(use)
    with accord.Client() as client, pytest.raises(ValueError, match="two tools with the name"):
        client.ask("Go!", model="tiny", tools=[measure, accord.tool(measure)])


def test_what_a_function_returns_need_not_be_known() -> None:
    def look(word: str) -> Nothing:  # type: ignore[name-defined]  # noqa: F821 - as it may be
        """Look it up."""

    assert accord.tool(look).parameters["properties"] == {"word": {"type": "string"}}


def named(member: str, kind: type) -> Any:
    return make_dataclass("Twin", [(member, kind)])


def pydantic_of(twin: Any) -> Any:
    return pydantic.create_model("Outer", twin=(twin, ...))


@pytest.mark.parametrize(
    "second",
    [named("b", str), pydantic_of(named("b", str)), pydantic_of(pydantic.create_model("Twin"))],
)
def test_types_of_one_name_are_refused(second: Any) -> None:
    def use(one: Any, other: Any) -> None:
        """Use them."""

    use.__annotations__.update(one=named("a", int), other=second)
    with pytest.raises(TypeError, match=r"the name .*Twin.*: rename one"):
        accord.tool(use)


@httpx_on_trio
@pytest.mark.parametrize("stream", [False, True])
def test_the_deadline_bounds_the_whole_loop(caller: Caller, wire: Wire, *, stream: bool) -> None:
    def attempt(seconds: float) -> int | None:
        def dawdle() -> None:
            """Take as long as there is for all."""
            called.append(len(wire.requests))
            time.sleep(seconds)

        called: list[int] = []
        with pytest.raises(accord.APITimeoutError) as caught:
            read(caller, wire.base_url, "Go!", model="tiny", tools=[dawdle], deadline=seconds)
        assert caught.value.phase == "deadline"
        return called[0] if called else None

    wire.replies = [[calls(("dawdle", "{}"))]]
    read = in_pieces if stream else whole
    assert patiently(attempt) == len(wire.requests)
