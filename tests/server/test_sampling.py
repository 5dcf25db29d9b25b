"""Every parameter of sampling has an effect, and log probabilities make sense."""

from __future__ import annotations

import math
from typing import Any

import pytest

from accord_contracts.server.tokenizer import encode

ENDPOINTS = pytest.mark.parametrize("endpoint", ["chat", "completions"])


@ENDPOINTS
def test_at_temperature_0_the_answer_is_always_the_same(api: Any, endpoint: str) -> None:
    texts = {api.text(endpoint, max_tokens=40, seed=seed) for seed in (None, 1, 2)}
    assert len(texts) == 1


@ENDPOINTS
def test_with_a_seed_it_repeats_and_another_seed_varies_it(api: Any, endpoint: str) -> None:
    texts = [
        api.text(endpoint, max_tokens=40, temperature=1, seed=seed) for seed in (1, 1, 2, 3, -1)
    ]
    assert texts[0] == texts[1]
    assert len(set(texts)) == 4


@ENDPOINTS
def test_without_a_seed_it_varies(api: Any, endpoint: str) -> None:
    assert len({api.text(endpoint, max_tokens=40, temperature=None) for _ in range(4)}) > 1


@ENDPOINTS
def test_choices_vary_and_with_a_seed_repeat(api: Any, endpoint: str) -> None:
    request = {"max_tokens": 40, "temperature": 1, "seed": 5, "n": 4}
    choices = api.answer(endpoint, **request)["choices"]
    assert [choice["index"] for choice in choices] == [0, 1, 2, 3]
    assert choices == api.answer(endpoint, **request)["choices"]
    texts = {str(choice.get("message", choice.get("text"))) for choice in choices}
    assert len(texts) > 1


def test_a_top_p_of_0_is_as_good_as_temperature_0(api: Any) -> None:
    assert api.text(max_tokens=40, temperature=1, top_p=0) == api.text(max_tokens=40)


@pytest.mark.parametrize(
    "change",
    [
        {"frequency_penalty": 2},
        {"presence_penalty": 2},
        {"presence_penalty": -2},
        {"logit_bias": {str(token): -100 for token in encode(".,\n")}},
    ],
)
def test_penalties_and_biases_change_the_text(api: Any, change: dict[str, Any]) -> None:
    assert api.text(max_tokens=60, **change) != api.text(max_tokens=60)


@ENDPOINTS
def test_a_bias_forces_and_forbids(api: Any, endpoint: str) -> None:
    (token,) = encode("q")
    assert api.text(endpoint, max_tokens=5, logit_bias={str(token): 100}) == "qqqqq"
    commas = {str(token): -100 for token in encode(",.")}
    text = api.text(endpoint, max_tokens=100, logit_bias=commas)
    assert "," not in text
    assert "." not in text


def test_neutral_values_and_null_change_nothing(api: Any) -> None:
    plain = api.answer("chat", max_tokens=20)["choices"]
    neutral = {"frequency_penalty": 0, "presence_penalty": 0, "logit_bias": {}, "n": 1, "top_p": 1}
    absent = dict.fromkeys([*neutral, "stop", "stream", "seed", "logprobs", "metadata", "tools"])
    absent.pop("tools")
    assert api.answer("chat", max_tokens=20, **neutral)["choices"] == plain
    assert api.answer("chat", max_tokens=20, **absent)["choices"] == plain


def test_other_questions_get_other_answers(api: Any) -> None:
    questions = ("hello", "Hello", "What now?", "Why?")
    texts = {api.text(messages=[{"role": "user", "content": text}]) for text in questions}
    assert len(texts) == len(questions)


@pytest.mark.parametrize("top", [0, 1, 5, 20])
def test_chat_logprobs_have_one_element_for_each_token(api: Any, top: int) -> None:
    answer = api.answer("chat", max_tokens=30, logprobs=True, top_logprobs=top)
    (choice,) = answer["choices"]
    content = choice["logprobs"]["content"]
    assert choice["logprobs"]["refusal"] is None
    assert len(content) == answer["usage"]["completion_tokens"] == 30
    joined = bytes(byte for one in content for byte in one["bytes"])
    assert joined.decode(errors="ignore") == choice["message"]["content"]
    for one in content:
        assert set(one) == {"token", "logprob", "bytes", "top_logprobs"}
        ranked = [each["logprob"] for each in one["top_logprobs"]]
        assert len(ranked) == top
        assert ranked == sorted(ranked, reverse=True)
        assert sum(map(math.exp, ranked)) <= 1.001
        if top:
            assert one["top_logprobs"][0]["token"] == one["token"]
            assert one["top_logprobs"][0]["logprob"] == one["logprob"]


def test_logprobs_without_top_logprobs_name_no_alternatives(api: Any) -> None:
    content = api.answer("chat", max_tokens=3, logprobs=True)["choices"][0]["logprobs"]["content"]
    assert [one["top_logprobs"] for one in content] == [[], [], []]
    assert api.answer("chat", max_tokens=3)["choices"][0]["logprobs"] is None


def test_a_certain_token_has_logprob_0_and_an_unlikely_one_a_finite_one(api: Any) -> None:
    (token,) = encode("q")
    for bias, expected in ((100, 0.0), (0, None)):
        answer = api.answer(
            "completions",
            prompt=["qq"],
            echo=True,
            max_tokens=1,
            logprobs=5,
            logit_bias={str(token): bias},
        )
        logprobs = answer["choices"][0]["logprobs"]["token_logprobs"]
        assert logprobs[0] is None
        assert -9999 <= logprobs[1] < -5
        if expected is not None:
            assert logprobs[2] == expected
