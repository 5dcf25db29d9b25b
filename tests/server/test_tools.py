from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "minLength": 3},
        "days": {"type": "integer", "minimum": 1, "maximum": 3},
        "units": {"enum": ["celsius", "fahrenheit"]},
    },
    "required": ["city", "days"],
    "additionalProperties": False,
}
WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}
TIME = {"type": "function", "function": {"name": "get_time"}}
DRAW = {
    "type": "custom",
    "custom": {
        "name": "draw",
        "format": {"type": "grammar", "grammar": {"syntax": "regex", "definition": "^[a-c]{3}$"}},
    },
}
TOOLS = [WEATHER, TIME, DRAW]
NOBODY = [{"role": "user", "content": "What now?"}]
BOTH = [{"role": "user", "content": "Use get_time and then get_weather, not get_weathers."}]


def calls(answer: dict[str, Any]) -> list[str]:
    made = answer["choices"][0]["message"].get("tool_calls", [])
    return [(call.get("function") or call["custom"])["name"] for call in made]


@pytest.mark.parametrize(
    ("messages", "request_", "expected", "finish"),
    [
        (NOBODY, {}, [], "stop"),
        (BOTH, {}, ["get_time", "get_weather"], "tool_calls"),
        (BOTH, {"tool_choice": "none"}, [], "stop"),
        (BOTH, {"parallel_tool_calls": False}, ["get_time"], "tool_calls"),
        (NOBODY, {"tool_choice": "required"}, ["get_weather"], "tool_calls"),
        (BOTH, {"tool_choice": "required"}, ["get_time", "get_weather"], "tool_calls"),
        (
            BOTH,
            {"tool_choice": {"type": "function", "function": {"name": "get_time"}}},
            ["get_time"],
            "stop",
        ),
        (NOBODY, {"tool_choice": {"type": "custom", "custom": {"name": "draw"}}}, ["draw"], "stop"),
        (
            BOTH,
            {
                "tool_choice": {
                    "type": "allowed_tools",
                    "allowed_tools": {
                        "mode": "auto",
                        "tools": [{"type": "function", "function": {"name": "get_weather"}}],
                    },
                }
            },
            ["get_weather"],
            "tool_calls",
        ),
    ],
)
def test_which_tools_are_called(
    api: Any, messages: Any, request_: dict[str, Any], expected: list[str], finish: str
) -> None:
    answer = api.answer("chat", messages=messages, tools=TOOLS, **request_)
    assert calls(answer) == expected
    assert answer["choices"][0]["finish_reason"] == finish
    assert (answer["choices"][0]["message"]["content"] is None) == bool(expected)


def test_after_a_tool_s_result_comes_text(api: Any) -> None:
    first = api.answer("chat", messages=BOTH, tools=TOOLS)["choices"][0]["message"]
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": "noon"}
        for call in first["tool_calls"]
    ]
    answer = api.answer("chat", messages=[*BOTH, first, *results], tools=TOOLS)
    assert calls(answer) == []
    assert answer["choices"][0]["message"]["content"]


def test_arguments_fit_and_are_the_same_every_time(api: Any) -> None:
    answers = [api.answer("chat", messages=BOTH, tools=TOOLS) for _ in range(2)]
    made = [answer["choices"][0]["message"]["tool_calls"] for answer in answers]
    assert made[0][0]["function"] == {"name": "get_time", "arguments": "{}"}
    jsonschema_rs.validate(SCHEMA, json.loads(made[0][1]["function"]["arguments"]))
    assert made[0][1]["function"] == made[1][1]["function"]
    ids = [call["id"] for one in made for call in one]
    assert len(set(ids)) == len(ids) == 4
    custom = {"type": "custom", "custom": {"name": "draw"}}
    drawn = api.answer("chat", messages=NOBODY, tools=TOOLS, tool_choice=custom)
    text = drawn["choices"][0]["message"]["tool_calls"][0]["custom"]["input"]
    assert len(text) == 3
    assert set(text) <= set("abc")


@pytest.mark.parametrize(
    "choice", ["auto", "required", {"type": "custom", "custom": {"name": "draw"}}]
)
@pytest.mark.parametrize("cap", [1, 6, 9, 12, 30, 200])
def test_calls_are_streamed_as_they_are_answered(api: Any, choice: Any, cap: int) -> None:
    request = {"messages": BOTH, "tools": TOOLS, "tool_choice": choice, "max_tokens": cap, "n": 2}
    answer, stream = api.answer("chat", **request), api.joined("chat", **request)
    for one in (*answer["choices"], *stream["choices"]):
        assert one["finish_reason"] != "length" or answer["usage"]["completion_tokens"] == 2 * cap
        for call in one["message"].get("tool_calls", ()):
            assert call.pop("id").startswith("call_")
    assert stream["choices"] == answer["choices"]
    assert stream["usage"] == answer["usage"]


def test_names_come_once_and_arguments_in_fragments(api: Any) -> None:
    chunks = api.chunks("chat", messages=BOTH, tools=TOOLS)
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    fragments = [one for delta in deltas for one in delta.get("tool_calls", ())]
    for index in (0, 1):
        first, *others = (one for one in fragments if one["index"] == index)
        assert set(first) == {"index", "id", "type", "function"}
        assert first["function"]["arguments"] == ""
        assert len(others) > index
        assert all(set(one) == {"index", "function"} for one in others)
        assert all(set(one["function"]) == {"arguments"} for one in others)
    assert all(len(delta.get("tool_calls", ())) <= 1 for delta in deltas)


def test_logprobs_do_not_disturb_calls(api: Any) -> None:
    answer = api.answer("chat", messages=BOTH, tools=TOOLS, logprobs=True, top_logprobs=2)
    assert answer["choices"][0]["logprobs"] == {"content": None, "refusal": None}
    assert api.chunks("chat", messages=BOTH, tools=TOOLS, logprobs=True)


def test_tools_cost_prompt_tokens(api: Any) -> None:
    plain, more = api.answer("chat"), api.answer("chat", tools=TOOLS)
    assert more["usage"]["prompt_tokens"] > plain["usage"]["prompt_tokens"]


@pytest.mark.parametrize(
    ("choice", "called", "finish"),
    [
        (None, "get_time", "function_call"),
        ("auto", "get_time", "function_call"),
        ("none", None, "stop"),
        ({"name": "get_weather"}, "get_weather", "stop"),
    ],
)
def test_the_former_functions_still_work(
    api: Any, choice: Any, called: str | None, finish: str
) -> None:
    functions = [WEATHER["function"], TIME["function"]]
    request = {"messages": BOTH, "functions": functions}
    request |= {"function_call": choice} if choice else {}
    (answer,) = api.answer("chat", **request)["choices"]
    assert answer["finish_reason"] == finish
    assert "tool_calls" not in answer["message"]
    assert answer["message"].get("function_call", {}).get("name") == called
    parts: dict[str, str] = {}
    for chunk in api.chunks("chat", **request):
        for name, text in chunk["choices"][0]["delta"].get("function_call", {}).items():
            parts[name] = parts.get(name, "") + text
    assert parts == answer["message"].get("function_call", {})


def test_an_unsatisfiable_schema_is_refused(api: Any) -> None:
    impossible = {"properties": {"a": False}, "required": ["a"]}
    tool = {"type": "function", "function": {"name": "f", "parameters": impossible}}
    response = api.chat(tools=[tool], tool_choice="required", stream=True)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "tools[0].function.parameters"
