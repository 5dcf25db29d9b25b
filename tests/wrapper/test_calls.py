"""The four calls against the reference server, sync, on asyncio and on trio."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import httpx
import pytest
from loopback import Caller, ask

import accord
from accord.params import JsonObject
from accord_api.models import UserMessage

MODEL = "accord-small"


def test_models_are_listed_and_described(caller: Caller, reference: str) -> None:
    models = caller.call(lambda client: client.models.list(), base_url=reference)
    plain = httpx.get(f"{reference}/models").json()
    assert models.to_dict() == plain
    assert [model.id for model in models] == [model.id for model in models.data]
    assert len(models) == len(plain["data"])
    for model in models:  # one of them has a slash in its id
        use = lambda client, id_=model.id: client.models.retrieve(id_)  # noqa: E731
        assert caller.call(use, base_url=reference) == model


def test_a_text_is_completed(caller: Caller, reference: str) -> None:
    params: dict[str, Any] = {
        "model": MODEL,
        "prompt": ["Say this", "Say that"],
        "n": 2,
        "max_tokens": 5,
        "seed": 1,
    }
    answer = caller.call(lambda c: c.completions.create(**params, logprobs=1), base_url=reference)
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    assert answer.object == "text_completion"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert len(answer.choices[0].logprobs.tokens) == 5

    use = lambda c: c.completions.create(**params, stream=True)  # noqa: E731
    (chunks,) = caller.streams(use, base_url=reference)
    for choice in answer.choices:
        pieces = [c.text for chunk in chunks for c in chunk.choices if c.index == choice.index]
        assert "".join(pieces) == choice.text


def test_a_conversation_is_answered(caller: Caller, reference: str) -> None:
    params: dict[str, Any] = {
        "model": MODEL,
        "temperature": 0,
        "max_completion_tokens": 12,
        "seed": 1,
    }
    use = lambda client: ask(client, **params)  # noqa: E731
    answer = caller.call(use, base_url=f"{reference}/", api_key="sk-any")
    message = answer.choices[0].message
    assert (message.role, message.tool_calls, message.audio) == ("assistant", None, None)
    assert answer.choices[0].finish_reason == "length"

    more: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
    (chunks,) = caller.streams(lambda client: ask(client, **params, **more), base_url=reference)
    pieces = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    assert "".join(pieces) == message.content
    assert chunks[0].usage is None
    assert chunks[-1].usage == answer.usage


def test_messages_may_be_dicts_models_and_earlier_answers(reference: str) -> None:
    hello = UserMessage(role="user", content="Hello!")
    more = {"role": "user", "content": "More."}
    with accord.Client(base_url=reference) as client:
        create = client.chat.completions.create
        first = create(model=MODEL, messages=[hello], max_tokens=4)
        messages: list[JsonObject] = [hello, first.choices[0].message, more]
        second = create(model=MODEL, messages=messages, max_tokens=4)
    assert first.usage is not None
    assert second.usage is not None
    assert second.usage.prompt_tokens > first.usage.prompt_tokens
    for twin in (copy.deepcopy(second), pickle.loads(pickle.dumps(second))):  # noqa: S301 - our own
        assert twin == second
        assert twin.to_dict() == second.to_dict()


def test_tools_are_called(caller: Caller, reference: str) -> None:
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    params: dict[str, Any] = {"model": MODEL, "tools": [tool], "tool_choice": "required"}
    use = lambda client: ask(client, **params)  # noqa: E731
    (call, *_) = caller.call(use, base_url=reference).choices[0].message.tool_calls
    assert (call.type, call.function.name, call.custom) == ("function", "look", None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"messages": []}, "missing a required keyword argument: 'model'"),
        (
            {"model": "m", "mesages": []},
            "argument 'mesages'; did you mean 'messages'",
        ),
        ({"model": "m", "messages": [], "zzz": 1}, "unexpected keyword argument 'zzz'$"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_sent(
    arguments: dict[str, object], message: str
) -> None:
    client = accord.Client(base_url="http://127.0.0.1:9/v1")
    for stream in (True, False):
        with pytest.raises(TypeError, match=message):
            client.chat.completions.create(stream=stream, **arguments)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="empty"):
        client.models.retrieve("")
