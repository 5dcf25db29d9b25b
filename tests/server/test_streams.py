"""A stream says what the JSON answer says: same text, finish, log probabilities, usage, calls."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from accord_contracts.server.tokenizer import Mark

MANY = settings(max_examples=60)

TEXTS = st.text(st.sampled_from("the river 東京🎉é—.\n, a"), max_size=40)
STOPS = st.sampled_from(
    [" the", "e", ". ", "ing", "—", "é", "🎉", "\n", "the river", "s t", "never"]
)

COMMON = {
    "frequency_penalty": st.sampled_from([0, 0.5, 2, -1]),
    "presence_penalty": st.sampled_from([0, 1, -2]),
    "logit_bias": st.dictionaries(st.integers(0, 500).map(str), st.integers(-100, 100), max_size=3),
    "n": st.integers(1, 3),
    "seed": st.integers(0, 9),
    "stop": st.none() | STOPS | st.lists(STOPS, min_size=1, max_size=4),
    "temperature": st.sampled_from([0, 0.7, 1, 2]),
    "top_p": st.sampled_from([0, 0.5, 0.9, 1]),
    "model": st.sampled_from(["accord-small", "accord-large"]),
}

CHAT = st.fixed_dictionaries(
    {
        "messages": TEXTS.map(lambda text: [{"role": "user", "content": text}]),
        "seed": COMMON["seed"],
    },
    optional={
        **{name: strategy for name, strategy in COMMON.items() if name != "seed"},
        "max_tokens": st.integers(1, 60),
        "max_completion_tokens": st.integers(1, 60),
    },
)
COMPLETION = st.fixed_dictionaries(
    {
        "prompt": TEXTS
        | st.lists(TEXTS, min_size=1, max_size=3)
        | st.lists(st.integers(0, 300), min_size=1, max_size=9)
        | st.lists(st.lists(st.integers(0, 300), min_size=1, max_size=9), min_size=1, max_size=3),
        "seed": COMMON["seed"],
    },
    optional={
        **{name: strategy for name, strategy in COMMON.items() if name != "seed"},
        "max_tokens": st.integers(0, 60),
        "echo": st.booleans(),
        "suffix": TEXTS,
        "logprobs": st.integers(0, 5),
    },
)


def same(api: Any, endpoint: str, request: dict[str, Any]) -> None:
    answer = api.answer(endpoint, **request)
    joined = api.joined(endpoint, **request)
    assert joined == {"choices": answer["choices"], "usage": answer["usage"]}


@MANY
@given(request=CHAT, top=st.none() | st.integers(0, 20))
def test_chat_streams_what_json_says(api: Any, request: dict[str, Any], top: int | None) -> None:
    logprobs = {} if top is None else {"logprobs": True, "top_logprobs": top}
    same(api, "chat", {**request, **logprobs})


@MANY
@given(request=COMPLETION)
def test_completions_stream_what_json_says(api: Any, request: dict[str, Any]) -> None:
    same(api, "completions", request)


@MANY
@given(request=CHAT.filter(lambda request: request.get("stop")))
def test_no_chunk_is_empty_or_shows_what_is_held_back(api: Any, request: dict[str, Any]) -> None:
    stops = request["stop"] if isinstance(request["stop"], list) else [request["stop"]]
    shown: dict[int, str] = {}
    for chunk in api.chunks("chat", **request):
        (choice,) = chunk["choices"]
        delta = choice["delta"]
        if "role" in delta:
            assert delta == {"role": "assistant", "content": "", "refusal": None}
        elif choice["finish_reason"]:
            assert delta == {}
        else:
            assert delta["content"]
            shown[choice["index"]] = shown.get(choice["index"], "") + delta["content"]
    assert not any(stop in text for text in shown.values() for stop in stops)


def test_chunks_of_one_stream_share_their_head(api: Any) -> None:
    for endpoint, kind in (("chat", "chat.completion.chunk"), ("completions", "text_completion")):
        chunks = api.chunks(endpoint, n=2, max_tokens=8)
        heads = {
            tuple(
                chunk[name] for name in ("id", "object", "created", "model", "system_fingerprint")
            )
            for chunk in chunks
        }
        assert len(heads) == 1
        assert {chunk["object"] for chunk in chunks} == {kind}
        assert not any("usage" in chunk for chunk in chunks)


def test_choices_take_turns(api: Any) -> None:
    indexes = [chunk["choices"][0]["index"] for chunk in api.chunks("chat", n=3, max_tokens=8)]
    assert indexes[:9] == [0, 1, 2] * 3


def test_a_stream_has_its_media_type_and_is_not_cached(api: Any) -> None:
    response = api.chat(stream=True, max_tokens=2)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"


def test_without_include_usage_there_is_none(api: Any) -> None:
    for options in (None, {}, {"include_usage": False}, {"include_obfuscation": True}):
        chunks = api.chunks("chat", max_tokens=3, stream_options=options)
        assert not any("usage" in chunk or "obfuscation" in chunk for chunk in chunks)


def test_characters_that_end_lines_for_some_readers_are_escaped(api: Any) -> None:
    prompt = "one\x85two\u2028three\u2029four"
    response = api.complete(prompt=prompt, echo=True, max_tokens=0, stream=True)
    assert len(response.text.splitlines()) == response.text.count("\n")
    assert (
        api.chunks("completions", prompt=prompt, echo=True, max_tokens=0)[0]["choices"][0]["text"]
        == prompt
    )


def test_a_text_that_may_not_end_fills_the_context(api: Any) -> None:
    end_of_text = str(int(Mark.END_OF_TEXT))
    answer = api.joined("completions", max_tokens=10**30, logit_bias={end_of_text: -100})
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["total_tokens"] == 4096
