"""Answers with what HTTP says of them, by the names that the OpenAI SDK has for it."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from loopback import Caller, Wire, jsonic

import accord

MODEL = "accord-small"
MESSAGES = [{"role": "user", "content": "Hello!"}]


def test_an_answer_comes_with_its_http(caller: Caller, reference: str) -> None:
    calls: dict[str, Any] = {
        "chat.completion": lambda client: client.chat.completions.with_raw_response.create(
            model=MODEL, messages=MESSAGES
        ),
        "text_completion": lambda client: client.completions.with_raw_response.create(
            model=MODEL, prompt="Hello"
        ),
        "list": lambda client: client.models.with_raw_response.list(),
        "model": lambda client: client.models.with_raw_response.retrieve(MODEL),
    }
    for kind, call in calls.items():
        raw = caller.call(call, base_url=reference)
        assert (raw.status_code, raw.parse().object) == (200, kind)
        assert raw.headers["Content-Type"] == "application/json"
        assert raw.request_id == raw.parse().http.request_id is not None
        assert json.loads(raw.text) == json.loads(raw.content) == raw.http_response.json()
        assert raw.parse().to_dict() == raw.http_response.json()


def test_a_stream_comes_with_its_headers(caller: Caller, reference: str) -> None:
    opened: list[Any] = []

    def use(client: Any) -> Any:
        create = client.chat.completions.with_raw_response.create
        if caller.kind == "sync":
            opened.append(create(model=MODEL, messages=MESSAGES, stream=True))
            return opened[0].parse()

        async def begin() -> Any:
            opened.append(await create(model=MODEL, messages=MESSAGES, stream=True))
            return opened[0].parse()

        return begin()

    (chunks,) = caller.streams(use, base_url=reference)
    (raw,) = opened
    assert raw.headers["Content-Type"].startswith("text/event-stream")
    assert raw.request_id
    assert raw.status_code == 200
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert repr(raw).startswith("RawResponse(200, <accord.streams.")


def test_a_refusal_has_its_response(caller: Caller, wire: Wire) -> None:
    refusal = {"error": {"message": "no" * 1000, "code": "nope"}}
    wire.replies = [[jsonic(refusal, 400, x_more="1")]]
    with pytest.raises(accord.BadRequestError) as caught:
        caller.call(lambda client: client.models.with_raw_response.list(), base_url=wire.base_url)
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):  # noqa: S301 - our own
        response = error.response
        assert response is not None
        assert (response.status_code, response.headers["x-more"]) == (400, "1")
        assert response.json() == refusal
        assert response.text[:1000] == error.body
        assert response.request_id == error.request_id


def test_without_an_answer_there_is_no_response(caller: Caller, wire: Wire) -> None:
    wire.replies = [[None]]
    with pytest.raises(accord.APIConnectionError) as caught:
        caller.call(lambda client: client.models.list(), base_url=wire.base_url, max_retries=0)
    assert caught.value.response is None
