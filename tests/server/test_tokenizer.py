from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_contracts.server.tokenizer import (
    TOKEN_BYTES,
    VOCABULARY_SIZE,
    Mark,
    decode,
    encode,
    text_offsets,
    token_text,
)


@given(st.text())
def test_every_text_comes_back(text: str) -> None:
    assert decode(encode(text)) == text


@given(st.text())
def test_no_text_encodes_to_a_mark(text: str) -> None:
    assert all(token < Mark.END_OF_TEXT for token in encode(text + "<|endoftext|>"))


@given(st.text())
def test_each_token_begins_where_the_characters_before_it_end(text: str) -> None:
    tokens = encode(text)
    whole = [
        len(decode(tokens[:i]).rstrip("\N{REPLACEMENT CHARACTER}")) for i in range(len(tokens))
    ]
    if "\N{REPLACEMENT CHARACTER}" not in text:
        assert text_offsets(tokens) == whole
    assert text_offsets(tokens, 7) == [7 + offset for offset in text_offsets(tokens)]


@pytest.mark.parametrize("word", ["weather", "garden", "lighthouse", "🎉", "東", "é"])
def test_words_and_characters_take_several_tokens(word: str) -> None:
    assert len(encode(word)) > 1


def test_tokens_are_told_apart_by_their_text() -> None:
    texts = [token_text(token) for token in range(Mark.END_OF_TEXT)]
    assert len(set(texts)) == len(texts)
    assert VOCABULARY_SIZE == len(TOKEN_BYTES) == len(texts) + len(Mark)
    assert token_text(0xF0) == r"bytes:\xf0"
