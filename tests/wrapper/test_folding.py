"""Chunks fold into the JSON answer: whatever is asked, and whatever servers stream."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import DONE, END, Caller, Wire, ask, part, stream_head

import accord
from accord.folding import ChatFold, CompletionFold, fold
from accord.types import ChatCompletionChunk

TOOLS = [
    {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}},
    {
        "type": "function",
        "function": {
            "name": "put",
            "parameters": {
                "type": "object",
                "properties": {"where": {"type": "string"}, "n": {"type": "integer"}},
                "required": ["where", "n"],
            },
        },
    },
    {"type": "custom", "custom": {"name": "write"}},
]
FUNCTIONS = [tool["function"] for tool in TOOLS[:2]]

common = {
    "model": st.sampled_from(["accord-small", "acme/accord-mini"]),
    "seed": st.integers(0, 1000),
    "temperature": st.sampled_from([0, 0.7, 1, 2]),
}
more = {
    "n": st.integers(1, 3),
    "max_tokens": st.integers(1, 20),
    "stop": st.sampled_from([None, "e", ["the", ", "]]),
}
chats = st.fixed_dictionaries(
    common
    | {"messages": st.text(max_size=9).map(lambda text: [{"role": "user", "content": text}])},
    optional=more
    | {
        "response_format": st.just({"type": "json_object"}),
        "top_logprobs": st.integers(0, 3),
        "logprobs": st.just(value=True),
    },
).filter(lambda params: "logprobs" in params or "top_logprobs" not in params)
calls = st.fixed_dictionaries(
    common | {"messages": st.just([{"role": "user", "content": "Hello!"}])},
    optional={
        "n": st.integers(1, 3),
        "max_tokens": st.integers(1, 60),
        "logprobs": st.just(value=True),
    },
)
tools = st.builds(lambda params: params | {"tools": TOOLS, "tool_choice": "required"}, calls)
legacy = st.builds(
    lambda params: params | {"functions": FUNCTIONS, "function_call": {"name": "put"}}, calls
)
texts = st.fixed_dictionaries(
    common | {"prompt": st.one_of(st.text(max_size=9), st.lists(st.just("Hi"), min_size=1))},
    optional=more | {"logprobs": st.integers(0, 3), "echo": st.booleans()},
)


def comparable(answer: Any) -> dict[str, Any]:
    """Take away what every answer has its own of."""
    data: dict[str, Any] = answer.to_dict()
    for choice in data["choices"]:
        for call in choice.get("message", {}).get("tool_calls", ()):
            del call["id"]
        if not any((choice["logprobs"] or {}).values()):  # no text, so none in any chunk
            del choice["logprobs"]
    return data | {"id": "", "created": 0}


@settings(deadline=None)
@given(params=st.one_of(chats, tools, legacy))
def test_a_streamed_chat_folds_into_its_json_answer(
    reference_client: accord.Client, params: dict[str, Any]
) -> None:
    create = reference_client.chat.completions.create
    with create(**params, stream=True, stream_options={"include_usage": True}) as stream:
        chunks = list(stream)
    assert comparable(fold(chunks)) == comparable(create(**params))
    assert stream.get_final_completion() == fold(chunks)


@settings(deadline=None)
@given(params=texts)
def test_a_streamed_text_folds_into_its_json_answer(
    reference_client: accord.Client, params: dict[str, Any]
) -> None:
    create = reference_client.completions.create
    with create(**params, stream=True, stream_options={"include_usage": True}) as stream:
        chunks = list(stream)
    assert comparable(fold(chunks)) == comparable(create(**params))
    assert stream.get_final_completion() == fold(chunks)


def folded(*deltas: dict[str, Any]) -> dict[str, Any]:
    """Fold deltas of one choice; give its message."""
    answer = ChatFold()
    for delta in deltas:
        answer.add({"choices": [{"index": 0, "delta": delta}]})
    message: dict[str, Any] = answer.result().choices[0].message.to_dict()
    assert message.pop("role") == "assistant"
    return {name: value for name, value in message.items() if value is not None}


def called(name: str | None = None, text: str = "", **more: Any) -> dict[str, Any]:
    function = {"arguments": text} | ({"name": name} if name is not None else {})
    return {"tool_calls": [{"function": function, **more}]}


@pytest.mark.parametrize(
    ("deltas", "message"),
    [
        ([{}, {"content": None}], {}),
        ([{"role": "", "content": ""}, {"role": None, "content": None}], {"content": ""}),
        ([{"content": "a"}, {"content": None}, {"content": "b"}], {"content": "ab"}),
        ([{"refusal": "I "}, {"refusal": "won't"}], {"refusal": "I won't"}),
        (
            [{"reasoning_content": "a"}, {"reasoning_content": "b"}, {"content": "c"}],
            {"reasoning_content": "ab", "content": "c"},
        ),
        (
            [
                {"audio": {"id": "x", "data": "A"}},
                {"audio": {"id": "x", "data": "B", "expires_at": 5}},
            ],
            {"audio": {"id": "x", "data": "AB", "expires_at": 5}},
        ),
        (
            [
                {"reasoning_details": [{"index": 0, "type": "t", "text": "a"}]},
                {
                    "reasoning_details": [
                        {"index": 0, "type": "t", "text": "b"},
                        {"index": 1, "text": "c"},
                    ]
                },
            ],
            {
                "reasoning_details": [
                    {"index": 0, "type": "t", "text": "ab"},
                    {"index": 1, "text": "c"},
                ]
            },
        ),
        (
            [
                {"annotations": [{"type": "u"}]},
                {"annotations": [{"type": "u"}]},
                {"annotations": []},
            ],
            {"annotations": [{"type": "u"}, {"type": "u"}]},
        ),
        (
            [{"content": [{"type": "thinking", "thinking": []}]}, {"content": "a"}],
            {"content": [{"type": "thinking", "thinking": []}, {"type": "text", "text": "a"}]},
        ),
        (
            [{"content": "a"}, {"content": "b"}, {"content": [{"type": "x"}]}],
            {"content": [{"type": "text", "text": "ab"}, {"type": "x"}]},
        ),
        ([{"odd": "a"}, {"odd": 1}, {"odd": 2}], {"odd": 2}),
        ([{"tool_calls": None}, {"tool_calls": []}, {"content": "a"}], {"content": "a"}),
        (
            [
                {"function_call": {"name": "f", "arguments": ""}},
                {"function_call": {"arguments": "{}"}},
            ],
            {"function_call": {"name": "f", "arguments": "{}"}},
        ),
    ],
)
def test_what_deltas_add(deltas: list[dict[str, Any]], message: dict[str, Any]) -> None:
    before = json.dumps(deltas)
    assert folded(*deltas) == message
    assert json.dumps(deltas) == before


@pytest.mark.parametrize(
    "deltas",
    [
        [called("f", "", index=0, id="x", type="function"), called(None, "1", index=0),
         called("g", "", index=1, id="y", type="function"), called(None, "2", index=1)],
        [called("f", "", index=0, id="x"), called("g", "2", index=1, id="y"),
         called("", "1", index=0, id="")],
        [called("g", "2", index=1, id="y"), called("f", "1", index=0, id="x")],
        [called("f", "1", index=0, id="x"), called("g", "2", index=0, id="y")],
        [called("f", "", index=0, id="x"), called("f", "1", index=0, id="x"),
         called("g", "", index=0, id="y"), called(None, "2", index=0, id="z")],
        [called("f", "", id="x"), called(None, "1"), called("g", "", id="y"), called(None, "2")],
        [called("f", "", id="x"), called("g", "", id="y"),
         called(None, "1", id="x"), called(None, "2", id="y")],
        [called("f", "", id="x"), called(None, "1", id="z"), called("g", "2", id="y")],
        [{"tool_calls": [*called("f", "", index=0, id="x")["tool_calls"],
                         *called(None, "1", index=0)["tool_calls"],
                         *called("g", "2", index=1, id="y")["tool_calls"]]}],
    ],
    ids=["good", "empty repeats", "backwards", "all 0", "all 0, repeats", "no index",
         "no index, mixed", "no index, new id", "twice in a chunk"],
)  # fmt: skip
def test_tool_calls_are_told_apart(deltas: list[dict[str, Any]]) -> None:
    assert folded(*deltas)["tool_calls"] == [
        {"id": "x", "type": "function", "function": {"name": "f", "arguments": "1"}},
        {"id": "y", "type": "function", "function": {"name": "g", "arguments": "2"}},
    ]


def test_tool_calls_without_index_and_id_are_one_for_each_name() -> None:
    calls = folded(called("f", "1"), called("g", "2"), called(None, "3"))["tool_calls"]
    assert [(c["function"]["name"], c["function"]["arguments"]) for c in calls] == [
        ("f", "1"),
        ("g", "23"),
    ]


def test_the_last_word_counts_and_the_first_id() -> None:
    answer = ChatFold()
    answer.add({"id": "", "created": 0, "model": "", "choices": []})
    choice = {
        "index": 0,
        "delta": {"content": "a"},
        "finish_reason": "",
        "text": "a",
        "seen": False,
    }
    answer.add({"id": "1", "created": 7, "model": "m", "choices": [choice], "usage": None})
    choice = {"index": 0, "finish_reason": "stop", "usage": {"total_tokens": 1}}
    answer.add({"id": "2", "created": 8, "model": "n", "choices": [choice], "obfuscation": "x"})
    assert answer.result().usage == accord.types.Usage.from_dict({"total_tokens": 1})
    answer.add({"choices": None, "usage": {"total_tokens": 2}, "service_tier": "default"})
    answer.add({"choices": [{"finish_reason": None}, 7], "usage": None, "service_tier": None})
    message = {"role": "assistant", "content": "a", "refusal": None}
    assert answer.result().to_dict() == {
        "id": "1",
        "object": "chat.completion",
        "created": 7,
        "model": "m",
        "choices": [
            {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop",
             "seen": False}
        ],
        "usage": {"total_tokens": 2},
        "service_tier": "default",
    }  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 2), st.text(max_size=3)), min_size=1),
    st.sampled_from([ChatFold, CompletionFold]),
)
def test_a_result_on_the_way_is_a_beginning(pieces: list[tuple[int, str]], kind: Any) -> None:
    answer = kind()
    before: dict[int, str] = {}
    for index, text in pieces:
        answer.add({"choices": [{"index": index, "delta": {"content": text}, "text": text}]})
        choices = answer.result().choices
        now = {c.index: c.text if kind is CompletionFold else c.message.content for c in choices}
        assert now == before | {index: before.get(index, "") + text}
        before = now


def test_long_answers_and_hostile_ones_fold() -> None:
    answer = ChatFold()
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"a": deep}
        answer.add({"choices": [{"index": 0, "delta": {"content": "ab"}}]})
    answer.add({"choices": [{"index": 0, "delta": {"odd": deep}}]})
    answer.add({"choices": [{"index": 0, "delta": {"odd": deep}}]})
    answer.add({"choices": [{"index": 0, "finish_reason": "stop"}]})
    (choice,) = answer.result().choices
    assert (choice.message.content, choice.finish_reason) == ("ab" * 5000, "stop")


def test_no_chunks_are_no_answer() -> None:
    with pytest.raises(ValueError, match="no chunk"):
        fold(iter(()))
    assert fold([ChatCompletionChunk.from_dict({})]).choices == []
    assert CompletionFold().result().choices == []


def test_the_final_answer_may_be_asked_for_at_once_or_on_the_way(wire: Wire) -> None:
    chunk = b'data: {"id": "%d", "choices": [{"index": 0, "delta": {"content": "%d"}}]}\n\n'
    wire.replies = [[stream_head(), *[part(chunk % (i, i)) for i in range(3)], part(DONE), END]]
    with accord.Client(base_url=wire.base_url) as client:
        whole = ask(client, stream=True).get_final_completion()
        with ask(client, stream=True) as stream:
            next(stream)
            begun = stream.get_partial_completion()
            assert stream.get_final_completion() == whole
        with ask(client, stream=True) as left:
            next(left)
        with pytest.raises(accord.StreamCutError, match="closed before") as caught:
            left.get_final_completion()
    assert begun == caught.value.partial
    assert begun.choices[0].message.content == "0"
    assert whole.choices[0].message.content == "012"


def test_the_final_answer_is_the_same_for_every_kind_of_client(
    caller: Caller, reference: str
) -> None:
    params: dict[str, Any] = {"model": "accord-small", "seed": 1, "max_tokens": 5}
    plain = caller.call(lambda client: ask(client, **params), base_url=reference)
    streamed = caller.final(lambda client: ask(client, **params, stream=True), base_url=reference)
    assert streamed.choices == plain.choices
    assert streamed.object == plain.object
