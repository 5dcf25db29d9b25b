"""A running reference server, and a client that knows how to put streams together again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from accord_contracts.server import ReferenceServer

HELLO = [{"role": "user", "content": "Tell me about the harbour 🎉 and the 東京 café."}]


@dataclass(frozen=True)
class Api:
    """The server under test, by its endpoints."""

    http: httpx.Client

    def chat(self, **parameters: Any) -> httpx.Response:
        body = {"model": "accord-small", "messages": HELLO, "temperature": 0, **parameters}
        return self.http.post("/chat/completions", json=body)

    def complete(self, **parameters: Any) -> httpx.Response:
        body = {"model": "accord-small", "prompt": "The old garden", "temperature": 0}
        return self.http.post("/completions", json={**body, **parameters})

    def post(self, endpoint: str, **parameters: Any) -> httpx.Response:
        return self.chat(**parameters) if endpoint == "chat" else self.complete(**parameters)

    def answer(self, endpoint: str, **parameters: Any) -> dict[str, Any]:
        response = self.post(endpoint, **parameters)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    def text(self, endpoint: str = "chat", **parameters: Any) -> str:
        choice = self.answer(endpoint, **parameters)["choices"][0]
        text: str = choice["message"]["content"] if endpoint == "chat" else choice["text"]
        return text

    def chunks(self, endpoint: str, **parameters: Any) -> list[dict[str, Any]]:
        """The chunks of a stream, after its framing was checked."""
        response = self.post(endpoint, stream=True, **parameters)
        assert response.status_code == 200, response.text
        blocks = response.content.decode().split("\n\n")
        assert blocks[-2:] == ["data: [DONE]", ""]
        assert all(block.startswith("data: {") for block in blocks[:-2])
        return [json.loads(block.removeprefix("data: ")) for block in blocks[:-2]]

    def joined(self, endpoint: str, **parameters: Any) -> dict[str, Any]:
        """A stream, put together as the JSON answer it stands for."""
        chunks = self.chunks(endpoint, stream_options={"include_usage": True}, **parameters)
        assert chunks[-1]["choices"] == []
        join = _join_chat if endpoint == "chat" else _join_completion
        parts = defaultdict(list)
        for chunk in chunks[:-1]:
            assert chunk["usage"] is None
            for choice in chunk["choices"]:
                parts[choice["index"]].append(choice)
        choices = [join(parts[index]) for index in sorted(parts)]
        return {"choices": choices, "usage": chunks[-1]["usage"]}


def _join_chat(parts: list[dict[str, Any]]) -> dict[str, Any]:
    first, *_ = deltas = [part["delta"] for part in parts]
    assert first["role"] == "assistant"
    assert all("role" not in delta for delta in deltas[1:])
    texts = [delta["content"] for delta in deltas if "content" in delta]
    content = "".join(texts) if texts else None
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": None}
    calls = _join_calls(deltas)
    if calls:
        message["tool_calls"] = calls
    logprobs = [part["logprobs"] for part in parts if part["logprobs"] is not None]
    scored = [one for each in logprobs for one in each["content"] or ()]
    return {
        "index": parts[0]["index"],
        "message": message,
        "logprobs": {"content": scored, "refusal": None} if logprobs else None,
        "finish_reason": _only_finish(parts),
    }


def _join_calls(deltas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    calls: dict[int, dict[str, Any]] = {}
    for fragment in (one for delta in deltas for one in delta.get("tool_calls", ())):
        index = fragment.pop("index")
        if index not in calls:
            calls[index] = fragment
            continue
        assert set(fragment) < {"function", "custom"}
        for kind, called in fragment.items():
            for name, text in called.items():
                calls[index][kind][name] += text
    return [calls[index] for index in sorted(calls)]


def _join_completion(parts: list[dict[str, Any]]) -> dict[str, Any]:
    logprobs: dict[str, list[Any]] | None = None
    for part in parts:
        if part["logprobs"] is not None:
            logprobs = logprobs or {name: [] for name in part["logprobs"]}
            for name, values in part["logprobs"].items():
                logprobs[name] += values
    return {
        "index": parts[0]["index"],
        "text": "".join(part["text"] for part in parts),
        "logprobs": logprobs,
        "finish_reason": _only_finish(parts),
    }


def _only_finish(parts: list[dict[str, Any]]) -> str:
    reasons = [part["finish_reason"] for part in parts]
    assert reasons[-1] is not None
    assert set(reasons[:-1]) <= {None}
    return str(reasons[-1])


@pytest.fixture(scope="session")
def server() -> Iterator[ReferenceServer]:
    with ReferenceServer() as running:
        yield running


@pytest.fixture(scope="session")
def http(server: ReferenceServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.base_url, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def api(http: httpx.Client) -> Api:
    return Api(http)
