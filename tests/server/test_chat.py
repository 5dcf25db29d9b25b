"""Conversations: what is accepted, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

USER = {"role": "user", "content": "hi"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{not json"}}


def test_the_shape_of_an_answer(api: Any) -> None:
    answer = api.answer("chat")
    assert answer["id"].startswith("chatcmpl-")
    assert answer["id"] != api.answer("chat")["id"]
    assert answer["object"] == "chat.completion"
    assert len(str(answer["created"])) == 10
    (choice,) = answer["choices"]
    assert set(choice) == {"index", "message", "logprobs", "finish_reason"}
    assert set(choice["message"]) == {"role", "content", "refusal"}
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_usage_counts_the_prompt_once_and_all_choices(api: Any) -> None:
    one, three = api.answer("chat", max_tokens=9), api.answer("chat", max_tokens=9, n=3)
    assert three["usage"]["prompt_tokens"] == one["usage"]["prompt_tokens"]
    assert three["usage"]["completion_tokens"] == 27
    assert [choice["index"] for choice in three["choices"]] == [0, 1, 2]


@pytest.mark.parametrize(
    "conversation",
    [
        [{"role": "developer", "content": "be brief"}, USER],
        [{"role": "system", "content": "a"}, {"role": "system", "content": "b"}, USER, USER],
        [{"role": "user", "content": "hi", "name": "ann"}],
        [USER, {"role": "assistant", "content": "hello"}, USER],
        [USER, {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}, USER],
        [USER, {"role": "assistant", "content": None, "refusal": "no"}],
        [USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}],
        [
            USER,
            {"role": "assistant", "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "call_1", "content": "a hill"},
        ],
        [
            USER,
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "c", "type": "custom", "custom": {"name": "draw", "input": "a hill"}}
                ],
            },
            {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "ok"}]},
        ],
        [
            USER,
            {"role": "assistant", "function_call": {"name": "look", "arguments": "{}"}},
            {"role": "function", "name": "look", "content": None},
        ],
        [{"role": "user", "content": "", "unknown": 1}],
        [{"role": "tool", "tool_call_id": "nobody", "content": "alone"}],
    ],
    ids=str,
)
def test_every_kind_of_message_is_accepted(api: Any, conversation: list[dict[str, Any]]) -> None:
    answer = api.answer("chat", messages=conversation, max_tokens=3)
    assert answer["choices"][0]["message"]["content"]


@settings(max_examples=30)
@given(parts=st.lists(st.text(max_size=20), min_size=1, max_size=3))
def test_text_parts_are_the_text_they_make_together(api: Any, parts: list[str]) -> None:
    whole = api.answer("chat", messages=[{"role": "user", "content": "".join(parts)}])
    content = [{"type": "text", "text": part} for part in parts]
    split = api.answer("chat", messages=[{"role": "user", "content": content}])
    assert split["choices"] == whole["choices"]
    assert split["usage"] == whole["usage"]


@pytest.mark.parametrize(
    "extra",
    [
        {"user": "ann"},
        {"metadata": {"a": "b"}},
        {"store": True},
        {"service_tier": "flex"},
        {"reasoning_effort": "xhigh"},
        {"verbosity": "low"},
        {"modalities": ["text"]},
        {"prediction": {"type": "content", "content": "the"}},
        {"prediction": {"type": "content", "content": [{"type": "text", "text": "the"}]}},
        {"web_search_options": {}},
        {"moderation": {}},
        {"audio": {"voice": "alloy", "format": "mp3"}},
        {"safety_identifier": "x", "prompt_cache_key": "y"},
        {"parallel_tool_calls": False},
        {"tool_choice": "none"},
        {"tools": []},
        {"response_format": {"type": "text"}},
        {"logit_bias": {"999999": 5}},
        {"seed": -(2**63)},
        {"n": 1.0},
        {"unheard_of": {"deep": [1]}},
    ],
    ids=str,
)
def test_what_changes_nothing_is_accepted(api: Any, extra: dict[str, Any]) -> None:
    plain = api.answer("chat", max_tokens=8)
    assert api.answer("chat", max_tokens=8, **extra)["choices"] == plain["choices"]


def test_a_conversation_that_does_not_fit_is_refused(api: Any) -> None:
    long = [{"role": "user", "content": "garden " * 40}]
    for stream in (False, True):
        response = api.chat(model="accord-tiny-context", messages=long, stream=stream)
        assert response.status_code == 400
        assert response.json()["error"]["code"] == "context_length_exceeded"
        assert response.json()["error"]["param"] == "messages"
    response = api.complete(model="accord-tiny-context", prompt="garden " * 40)
    assert response.json()["error"]["param"] == "prompt"


def test_a_cap_beyond_the_context_is_cut_to_it(api: Any) -> None:
    short = {"model": "accord-tiny-context", "messages": [USER], "logit_bias": {"450": -100}}
    answer = api.answer("chat", max_tokens=100_000, **short)
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["total_tokens"] == 64
