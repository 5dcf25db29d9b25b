"""What the server sends is what `spec/openapi.yaml` says, and what it accepts too."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import httpx
import jsonschema_rs
import pytest

SPEC = json.loads((files("accord_api") / "openapi.json").read_text("utf-8"))
TOOL = {"type": "function", "function": {"name": "look", "parameters": {}}}
CHAT: list[dict[str, Any]] = [
    {},
    {"n": 2, "logprobs": True, "top_logprobs": 3},
    {"tools": [TOOL], "tool_choice": "required"},
    {"functions": [TOOL["function"]], "function_call": {"name": "look"}},
    {"response_format": {"type": "json_object"}, "max_tokens": 9},
]
COMPLETIONS: list[dict[str, Any]] = [
    {},
    {"prompt": ["a", "b"], "n": 2, "echo": True, "logprobs": 2},
    {"suffix": "end", "max_tokens": 0},
]


def conforms(schema: str, value: Any) -> None:
    root = {"$ref": f"#/components/schemas/{schema}", "components": SPEC["components"]}
    jsonschema_rs.validate(root, value)


@pytest.mark.parametrize("request_", CHAT)
def test_chat_answers_and_chunks_conform(api: Any, request_: dict[str, Any]) -> None:
    conforms("ChatCompletion", api.answer("chat", **request_))
    for usage in (False, True):
        options = {"include_usage": usage}
        for chunk in api.chunks("chat", stream_options=options, **request_):
            conforms("ChatCompletionChunk", chunk)


@pytest.mark.parametrize("request_", COMPLETIONS)
def test_completions_and_their_chunks_conform(api: Any, request_: dict[str, Any]) -> None:
    conforms("Completion", api.answer("completions", **request_))
    for chunk in api.chunks("completions", **request_):
        conforms("CompletionChunk", chunk)


def test_models_and_errors_conform(http: httpx.Client) -> None:
    conforms("ModelList", http.get("/models").json())
    conforms("Model", http.get("/models/accord-small").json())
    for response in (http.get("/models/nobody"), http.put("/models"), http.get("/nowhere")):
        conforms("ErrorResponse", response.json())


EXAMPLES = [
    (path, name, example)
    for path in ("/completions", "/chat/completions")
    for name, example in SPEC["paths"][path]["post"]["requestBody"]["content"]["application/json"][
        "examples"
    ].items()
]


@pytest.mark.parametrize(("path", "name", "example"), EXAMPLES)
def test_the_contract_s_own_requests_are_answered(
    http: httpx.Client, path: str, name: str, example: dict[str, Any]
) -> None:
    if "$ref" in example:
        example = SPEC["components"]["examples"][example["$ref"].rpartition("/")[2]]
    body = {**example["value"], "model": "accord-small"}
    response = http.post(path, json=body)
    text_only = response.status_code == 400 and "content" in response.json()["error"]["param"]
    assert response.status_code == 200 or text_only, (name, response.text)
