"""Where a text is cut: by stop sequences, by the cap, by its own end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

ENDPOINTS = pytest.mark.parametrize("endpoint", ["chat", "completions"])


def cut(text: str, stops: list[str]) -> str | None:
    """The text up to the stop sequence that is complete first; None when there is none."""
    ends = [(text.index(stop) + len(stop), -len(stop)) for stop in stops if stop in text]
    return text[: sum(min(ends))] if ends else None


@ENDPOINTS
@given(data=st.data())
def test_a_stop_cuts_where_the_uncut_text_first_has_it(
    api: Any, endpoint: str, data: st.DataObject
) -> None:
    whole = api.text(endpoint, max_tokens=60)
    spans = st.tuples(st.integers(0, len(whole) - 1), st.integers(1, 6))
    stops = data.draw(
        st.lists(spans.map(lambda span: whole[span[0] : sum(span)]), min_size=1, max_size=4)
    )
    choice = api.answer(endpoint, max_tokens=60, stop=stops)["choices"][0]
    text = choice["message"]["content"] if endpoint == "chat" else choice["text"]
    assert text == cut(whole, stops)
    assert choice["finish_reason"] == "stop"


@ENDPOINTS
def test_a_stop_that_never_comes_changes_nothing(api: Any, endpoint: str) -> None:
    plain = api.answer(endpoint, max_tokens=40)["choices"]
    for stop in ("not in there", "", ["", "qqq"]):
        assert api.answer(endpoint, max_tokens=40, stop=stop)["choices"] == plain


@ENDPOINTS
@given(cap=st.integers(1, 70))
def test_a_capped_text_is_the_beginning_of_the_uncapped(api: Any, endpoint: str, cap: int) -> None:
    answer = api.answer(endpoint, max_tokens=cap)
    whole = api.text(endpoint, max_tokens=1000)
    choice = answer["choices"][0]
    text = choice["message"]["content"] if endpoint == "chat" else choice["text"]
    assert whole.startswith(text)
    assert answer["usage"]["completion_tokens"] <= cap
    if choice["finish_reason"] == "length":
        assert answer["usage"]["completion_tokens"] == cap
    else:
        assert text == whole


@ENDPOINTS
def test_an_answer_ends_by_itself_after_some_tens_of_tokens(api: Any, endpoint: str) -> None:
    answer = api.answer(endpoint, max_tokens=1000)
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert 32 <= answer["usage"]["completion_tokens"] <= 150


def test_both_names_of_the_cap_do_the_same_and_the_smaller_counts(api: Any) -> None:
    texts = [
        api.answer("chat", **caps)["choices"]
        for caps in (
            {"max_tokens": 7},
            {"max_completion_tokens": 7},
            {"max_tokens": 7, "max_completion_tokens": 30},
            {"max_tokens": 7.0},
        )
    ]
    assert all(choices == texts[0] for choices in texts)


def test_a_character_that_the_cap_cuts_in_two_is_left_out(api: Any) -> None:
    prompt = "In the old garden the light is soft —"
    texts = [api.text("completions", prompt=prompt, max_tokens=cap) for cap in range(60)]
    assert not all(text.isascii() for text in texts)
    assert not any("\N{REPLACEMENT CHARACTER}" in text for text in texts)
    assert len(set(texts)) < len(texts)
