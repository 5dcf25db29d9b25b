from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord_contracts.server.tokenizer import Mark, decode, encode

PROMPTS = st.text(max_size=30)


def texts(answer: dict[str, Any]) -> list[str]:
    return [choice["text"] for choice in answer["choices"]]


def test_the_shape_of_an_answer(api: Any) -> None:
    answer = api.answer("completions")
    assert answer["id"].startswith("cmpl-")
    assert answer["object"] == "text_completion"
    assert set(answer["choices"][0]) == {"index", "text", "logprobs", "finish_reason"}
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 16
    assert answer["id"] != api.answer("completions")["id"]


@settings(max_examples=40)
@given(prompts=st.lists(PROMPTS, min_size=1, max_size=4), n=st.integers(1, 3))
def test_several_prompts_are_answered_as_each_alone(api: Any, prompts: list[str], n: int) -> None:
    answer = api.answer("completions", prompt=prompts, n=n)
    alone = [api.answer("completions", prompt=prompt) for prompt in prompts]
    assert [choice["index"] for choice in answer["choices"]] == list(range(len(prompts) * n))
    assert texts(answer) == [texts(one)[0] for one in alone for _ in range(n)]
    usage = answer["usage"]
    assert usage["prompt_tokens"] == sum(one["usage"]["prompt_tokens"] for one in alone)
    assert usage["completion_tokens"] == n * sum(one["usage"]["completion_tokens"] for one in alone)
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


@settings(max_examples=40)
@given(prompt=PROMPTS.filter(bool))
def test_a_text_and_its_tokens_are_one_prompt(api: Any, prompt: str) -> None:
    forms = (prompt, [prompt], encode(prompt), [encode(prompt)])
    answers = [api.answer("completions", prompt=form, echo=True) for form in forms]
    assert all(answer["choices"] == answers[0]["choices"] for answer in answers)
    assert {answer["usage"]["prompt_tokens"] for answer in answers} == {len(encode(prompt))}


@settings(max_examples=40)
@given(prompt=PROMPTS, cap=st.integers(0, 20))
def test_echo_puts_the_prompt_in_front(api: Any, prompt: str, cap: int) -> None:
    plain = api.answer("completions", prompt=prompt, max_tokens=cap)
    echoed = api.answer("completions", prompt=prompt, max_tokens=cap, echo=True)
    assert texts(echoed) == [prompt + texts(plain)[0]]
    assert echoed["usage"] == plain["usage"]


@settings(max_examples=40)
@given(prompt=PROMPTS, echo=st.booleans(), top=st.integers(0, 5))
def test_logprobs_are_four_arrays_about_the_text(
    api: Any, prompt: str, echo: bool, top: int
) -> None:
    answer = api.answer("completions", prompt=prompt, echo=echo, logprobs=top)
    (choice,) = answer["choices"]
    tokens, logprobs, alternatives, offsets = (
        choice["logprobs"][name]
        for name in ("tokens", "token_logprobs", "top_logprobs", "text_offset")
    )
    expected = answer["usage"]["completion_tokens"] + echo * answer["usage"]["prompt_tokens"]
    assert {len(tokens), len(logprobs), len(alternatives), len(offsets)} == {expected}
    assert offsets == sorted(offsets)
    for token, offset in zip(tokens, offsets, strict=True):
        assert token.startswith("bytes:") or choice["text"].startswith(token, offset)
    first = 1 if echo and prompt else 0
    assert logprobs[:first] == alternatives[:first] == [None] * first
    for token, logprob, named in zip(
        tokens[first:], logprobs[first:], alternatives[first:], strict=True
    ):
        assert named[token] == logprob <= 0
        assert top <= len(named) <= top + 1 or not top


def test_max_tokens_0_gives_nothing_or_the_prompt(api: Any) -> None:
    for echo, text in ((False, ""), (True, "The river")):
        answer = api.answer("completions", prompt="The river", max_tokens=0, echo=echo)
        assert texts(answer) == [text]
        assert answer["choices"][0]["finish_reason"] == "length"
        assert answer["usage"]["completion_tokens"] == 0


@pytest.mark.parametrize("absent", [{"prompt": None}, {"prompt": [int(Mark.END_OF_TEXT)]}])
def test_no_prompt_begins_from_nothing(api: Any, absent: dict[str, Any]) -> None:
    answer = api.answer("completions", echo=True, **absent)
    assert answer["usage"]["prompt_tokens"] == 1
    body = {"model": "accord-small", "temperature": 0, "echo": True}
    missing = api.http.post("/completions", json=body).json()
    assert missing["choices"] == answer["choices"]


def test_a_suffix_changes_the_text_and_is_counted(api: Any) -> None:
    plain = api.answer("completions", max_tokens=30)
    filled = api.answer("completions", max_tokens=30, suffix=" until the winter came.")
    assert texts(filled) != texts(plain)
    assert filled["usage"]["prompt_tokens"] > plain["usage"]["prompt_tokens"]
    assert "winter came" not in texts(plain)[0]


def test_the_best_of_several_is_among_them_and_all_are_paid_for(api: Any) -> None:
    request = {"temperature": 1, "seed": 3, "max_tokens": 12, "logprobs": 0}
    every = api.answer("completions", n=6, **request)
    best = api.answer("completions", n=2, best_of=6, **request)
    means = {
        choice["text"]: sum(choice["logprobs"]["token_logprobs"]) / 12
        for choice in every["choices"]
    }
    assert texts(best) == sorted(means, key=lambda text: -means[text])[:2]
    assert best["usage"] == every["usage"]
    without = api.answer("completions", n=2, best_of=6, **request | {"logprobs": None})
    assert texts(without) == texts(best)


def test_the_prompt_is_used_raw(api: Any) -> None:
    answer = api.answer("completions", prompt="<|endoftext|> hi")
    assert answer["usage"]["prompt_tokens"] == len(encode("<|endoftext|> hi"))
    assert decode(encode("<|endoftext|> hi")) == "<|endoftext|> hi"
