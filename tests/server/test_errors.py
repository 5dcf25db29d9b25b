"""What is wrong with a request is said in OpenAI's envelope, by status, code and param."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord_contracts.server import ReferenceServer, Settings

BOTH = ("chat", "completions")
COMMON: list[tuple[dict[str, Any], str, str | None]] = [
    ({"model": 5}, "model", "invalid_type"),
    ({"model": None}, "model", "invalid_type"),
    ({"temperature": "hot"}, "temperature", "invalid_type"),
    ({"temperature": True}, "temperature", "invalid_type"),
    ({"temperature": -0.1}, "temperature", "decimal_below_min_value"),
    ({"temperature": 2.1}, "temperature", "decimal_above_max_value"),
    ({"temperature": 10**400}, "temperature", "decimal_above_max_value"),
    ({"top_p": 1.5}, "top_p", "decimal_above_max_value"),
    ({"top_p": -1}, "top_p", "decimal_below_min_value"),
    ({"frequency_penalty": 3}, "frequency_penalty", "decimal_above_max_value"),
    ({"presence_penalty": -2.01}, "presence_penalty", "decimal_below_min_value"),
    ({"n": 0}, "n", "integer_below_min_value"),
    ({"n": -1}, "n", "integer_below_min_value"),
    ({"n": 129}, "n", "integer_above_max_value"),
    ({"n": 1.5}, "n", "invalid_type"),
    ({"n": True}, "n", "invalid_type"),
    ({"max_tokens": -1}, "max_tokens", "integer_below_min_value"),
    ({"max_tokens": "7"}, "max_tokens", "invalid_type"),
    ({"seed": 2**63}, "seed", "integer_above_max_value"),
    ({"seed": "x"}, "seed", "invalid_type"),
    ({"stop": 7}, "stop", "invalid_type"),
    ({"stop": []}, "stop", "empty_array"),
    ({"stop": ["a", 7]}, "stop[1]", "invalid_type"),
    ({"stop": list("abcde")}, "stop", "array_above_max_length"),
    ({"logit_bias": {"50": 101}}, "logit_bias.50", "integer_above_max_value"),
    ({"logit_bias": {"50": "x"}}, "logit_bias.50", "invalid_type"),
    ({"logit_bias": {"fifty": 1}}, "logit_bias", "invalid_value"),
    ({"logit_bias": {"-1": 1}}, "logit_bias", "invalid_value"),
    ({"logit_bias": []}, "logit_bias", "invalid_type"),
    ({"stream": "yes"}, "stream", "invalid_type"),
    ({"stream": 1}, "stream", "invalid_type"),
    ({"stream_options": {"include_usage": True}}, "stream_options", "invalid_value"),
    ({"stream": True, "stream_options": []}, "stream_options", "invalid_type"),
    (
        {"stream": True, "stream_options": {"include_usage": 1}},
        "stream_options.include_usage",
        "invalid_type",
    ),
    ({"user": None}, "user", "invalid_type"),
]
TOOL = {"type": "function", "function": {"name": "f"}}


def says(*messages: Any) -> dict[str, Any]:
    return {"messages": list(messages)}


CHAT: list[tuple[dict[str, Any], str, str | None]] = [
    ({"messages": []}, "messages", "empty_array"),
    ({"messages": None}, "messages", "invalid_type"),
    ({"messages": "hi"}, "messages", "invalid_type"),
    (says("hi"), "messages[0]", "invalid_type"),
    (says({}), "messages[0].role", "missing_required_parameter"),
    (says({"role": "king", "content": "x"}), "messages[0].role", "invalid_value"),
    (says({"role": "user"}), "messages[0].content", "missing_required_parameter"),
    (says({"role": "user", "content": None}), "messages[0].content", "invalid_type"),
    (says({"role": "user", "content": 5}), "messages[0].content", "invalid_type"),
    (says({"role": "user", "content": []}), "messages[0].content", "empty_array"),
    (says({"role": "user", "content": "x", "name": 5}), "messages[0].name", "invalid_type"),
    (says({"role": "assistant"}), "messages[0].content", "missing_required_parameter"),
    (says({"role": "assistant", "tool_calls": []}), "messages[0].tool_calls", "empty_array"),
    (
        says({"role": "tool", "content": "x"}),
        "messages[0].tool_call_id",
        "missing_required_parameter",
    ),
    (says({"role": "function", "name": "f"}), "messages[0].content", "missing_required_parameter"),
    (
        says(
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "c", "type": "function", "function": {"name": "f", "arguments": {}}}
                ],
            }
        ),
        "messages[0].tool_calls[0].function.arguments",
        "invalid_type",
    ),
    *(
        (
            says(
                {"role": "user", "content": [{"type": "text", "text": "x"}, {"type": kind, **part}]}
            ),
            "messages[0].content[1].type",
            None,
        )
        for kind, part in (
            ("image_url", {"image_url": {"url": "data:image/png;base64,AA=="}}),
            ("input_audio", {"input_audio": {"data": "AA==", "format": "wav"}}),
            ("file", {"file": {"file_id": "f"}}),
        )
    ),
    (
        says({"role": "system", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}),
        "messages[0].content[0].type",
        "invalid_value",
    ),
    ({"max_completion_tokens": 0}, "max_completion_tokens", "integer_below_min_value"),
    ({"logprobs": 1}, "logprobs", "invalid_type"),
    ({"top_logprobs": 1}, "top_logprobs", "invalid_value"),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "integer_above_max_value"),
    ({"logprobs": True, "top_logprobs": -1}, "top_logprobs", "integer_below_min_value"),
    ({"tool_choice": "required"}, "tool_choice", "invalid_value"),
    ({"tool_choice": "required", "tools": []}, "tool_choice", "invalid_value"),
    ({"tool_choice": "always", "tools": [TOOL]}, "tool_choice", "invalid_value"),
    (
        {"tool_choice": {"type": "function", "function": {"name": "g"}}, "tools": [TOOL]},
        "tool_choice",
        "invalid_value",
    ),
    ({"tools": [{"type": "function"}]}, "tools[0].function", "missing_required_parameter"),
    ({"tools": [{"type": "magic"}]}, "tools[0].type", "invalid_value"),
    (
        {"tools": [{"type": "function", "function": {"name": "no spaces"}}]},
        "tools[0].function.name",
        "invalid_value",
    ),
    (
        {"tools": [{"type": "function", "function": {"name": "x" * 65}}]},
        "tools[0].function.name",
        "string_above_max_length",
    ),
    ({"functions": []}, "functions", "empty_array"),
    (
        {"function_call": {"name": "g"}, "functions": [{"name": "f"}]},
        "function_call",
        "invalid_value",
    ),
    ({"response_format": {"type": "poem"}}, "response_format.type", "invalid_value"),
    ({"response_format": {}}, "response_format.type", "missing_required_parameter"),
    (
        {"response_format": {"type": "json_schema"}},
        "response_format.json_schema",
        "missing_required_parameter",
    ),
    ({"parallel_tool_calls": None}, "parallel_tool_calls", "invalid_type"),
    ({"modalities": ["audio"]}, "modalities", "invalid_value"),
    ({"service_tier": "gold"}, "service_tier", "invalid_value"),
    ({"reasoning_effort": "huge"}, "reasoning_effort", "invalid_value"),
    ({"metadata": {"a": 1}}, "metadata.a", "invalid_type"),
    ({"metadata": {str(i): "" for i in range(17)}}, "metadata", "object_above_max_properties"),
    ({"safety_identifier": "x" * 65}, "safety_identifier", "string_above_max_length"),
    ({"store": "yes"}, "store", "invalid_type"),
]
COMPLETIONS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"prompt": 5}, "prompt", "invalid_type"),
    ({"prompt": []}, "prompt", "empty_array"),
    ({"prompt": [[]]}, "prompt[0]", "empty_array"),
    ({"prompt": ["a", 5]}, "prompt[1]", "invalid_type"),
    ({"prompt": [5, "a"]}, "prompt[1]", "invalid_type"),
    ({"prompt": [True]}, "prompt[0]", "invalid_type"),
    ({"prompt": [10**6]}, "prompt[0]", "integer_above_max_value"),
    ({"logprobs": 6}, "logprobs", "integer_above_max_value"),
    ({"logprobs": True}, "logprobs", "invalid_type"),
    ({"best_of": 1, "n": 2}, "best_of", "invalid_value"),
    ({"best_of": 21}, "best_of", "integer_above_max_value"),
    ({"best_of": 2, "stream": True}, "best_of", "invalid_value"),
    ({"echo": "yes"}, "echo", "invalid_type"),
    ({"suffix": 5}, "suffix", "invalid_type"),
]
MATRIX = [
    *((endpoint, *row) for endpoint in BOTH for row in COMMON),
    *(("chat", *row) for row in CHAT),
    *(("completions", *row) for row in COMPLETIONS),
]


def envelope(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"error"}
    error: dict[str, Any] = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    assert "Traceback" not in error["message"]
    return error


@pytest.mark.parametrize(("endpoint", "change", "param", "code"), MATRIX)
def test_what_is_wrong_is_named(
    api: Any, endpoint: str, change: dict[str, Any], param: str, code: str | None
) -> None:
    error = envelope(api.post(endpoint, **change), 400)
    assert (error["param"], error["code"]) == (param, code)
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("endpoint", BOTH)
def test_a_bad_request_is_refused_before_its_stream_starts(api: Any, endpoint: str) -> None:
    envelope(api.post(endpoint, stream=True, temperature=3), 400)
    envelope(api.post(endpoint, stream=True, model="nobody"), 404)


@pytest.mark.parametrize("endpoint", BOTH)
def test_an_unknown_model_is_not_found(api: Any, endpoint: str) -> None:
    error = envelope(api.post(endpoint, model="nobody"), 404)
    assert (error["code"], error["param"]) == ("model_not_found", None)


@pytest.mark.parametrize(
    ("path", "needed"), [("completions", "model"), ("chat/completions", "messages")]
)
def test_what_is_missing_is_named(http: httpx.Client, path: str, needed: str) -> None:
    error = envelope(http.post(f"/{path}", json={}), 400)
    assert error["param"] in ("model", needed)
    assert error["code"] == "missing_required_parameter"


BODIES = [
    b"",
    b"  \n",
    b"{",
    b"not json",
    b"null",
    b"[]",
    b"5",
    b'"text"',
    b'{"model": "accord-small",}',
    b'{"temperature": NaN}',
    b'{"temperature": Infinity}',
    b'{"temperature": 1e999}',
    b"\xff\xfe{}",
    b'{"model": "\xff"}',
    b'\xef\xbb\xbf{"model": "x"}',
    b'{"model": "\\ud800"}',
    b'{"model": ' + b"9" * 5000 + b"}",
    b"[" * 100_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
]


@pytest.mark.parametrize("path", ["/completions", "/chat/completions"])
@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_no_request_is_refused(http: httpx.Client, path: str, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    envelope(http.post(path, content=body, headers=headers), 400)


@pytest.mark.parametrize("depth", [10, 100, 300, 450])
def test_deep_nesting_never_breaks_the_server(api: Any, depth: int) -> None:
    deep: Any = {}
    for _ in range(depth):
        deep = {"type": "object", "properties": {"a": deep}, "required": ["a"]}
    form = {"type": "json_schema", "json_schema": {"name": "deep", "schema": deep}}
    tool = {"type": "function", "function": {"name": "f", "parameters": deep}}
    for request in ({"response_format": form}, {"tools": [tool], "tool_choice": "required"}):
        assert api.chat(**request).status_code in (200, 400)
    assert api.chat(unknown=deep, max_tokens=1).status_code in (200, 400)


def test_equal_keys_are_tolerated_and_the_last_counts(http: httpx.Client) -> None:
    body = b'{"model": "nobody", "prompt": "x", "model": "accord-small", "max_tokens": 1}'
    response = http.post("/completions", content=body)
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        (None, 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
    ],
)
def test_bodies_are_json_or_not_declared(
    http: httpx.Client, media_type: str | None, status: int
) -> None:
    body = json.dumps({"model": "accord-small", "prompt": "x", "max_tokens": 1}).encode()
    headers = {} if media_type is None else {"content-type": media_type}
    response = http.post("/completions", content=body, headers=headers)
    assert response.status_code == status
    if status == 415:
        assert envelope(response, 415)["code"] == "unsupported_content_type"


@pytest.mark.parametrize("size", [1_001, 20_000])
def test_a_body_over_the_limit_is_refused_and_the_server_goes_on(size: int) -> None:
    with ReferenceServer(Settings(max_body=1000)) as server:
        for _ in range(2):
            response = httpx.post(f"{server.base_url}/completions", content=b" " * size)
            assert envelope(response, 413)["code"] == "request_too_large"
        body = {"model": "accord-small", "prompt": "x"}
        assert httpx.post(f"{server.base_url}/completions", json=body).status_code == 200


def test_unknown_parameters_are_refused_where_that_is_set(api: Any) -> None:
    assert api.chat(top_k=5, max_tokens=1).status_code == 200
    with ReferenceServer(Settings(strict_parameters=True)) as server:
        body = {"model": "accord-small", "prompt": "x"}
        url = f"{server.base_url}/completions"
        error = envelope(httpx.post(url, json={**body, "top_k": 5}), 400)
        assert (error["code"], error["param"]) == ("unknown_parameter", "top_k")
        assert httpx.post(url, json=body).status_code == 200


FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    sorted({name for _, change, _, _ in MATRIX for name in change} | {"audio", "prediction"})
)


@settings(max_examples=300)
@given(endpoint=st.sampled_from(BOTH), change=st.dictionaries(NAMES, JSON, min_size=1, max_size=3))
def test_no_request_breaks_the_server(api: Any, endpoint: str, change: dict[str, Any]) -> None:
    change.setdefault("max_tokens", 2)
    response = api.post(endpoint, **change)
    if response.status_code != 200:
        assert response.status_code in (400, 404)
        envelope(response, response.status_code)
