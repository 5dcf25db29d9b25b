"""What type checkers must infer; checked by mypy in test_surface.py, never run."""

from __future__ import annotations

from typing import assert_type

from accord import AsyncClient, AsyncStream, Client, Stream
from accord.types import ChatCompletion, ChatCompletionChunk, Completion, CompletionChunk, ModelList

MESSAGES = [{"role": "user", "content": "Hello!"}]


def sync(client: Client, *, maybe: bool) -> None:
    chat, text = client.chat.completions, client.completions
    assert_type(client.models.list(), ModelList)
    assert_type(chat.create(model="m", messages=MESSAGES), ChatCompletion)
    assert_type(chat.create(model="m", messages=MESSAGES, stream=False), ChatCompletion)
    chunks = chat.create(model="m", messages=MESSAGES, stream=True, temperature=None)
    assert_type(chunks, Stream[ChatCompletionChunk])
    either = chat.create(model="m", messages=MESSAGES, stream=maybe)
    assert_type(either, ChatCompletion | Stream[ChatCompletionChunk])
    assert_type(text.create(model="m", prompt=[[1, 2]]), Completion)
    assert_type(text.create(model="m", prompt=None, stream=True), Stream[CompletionChunk])
    for chunk in chunks:
        assert_type(chunk.choices[0].delta.content or "", str)
    answer = chat.create(model="m", messages=[*MESSAGES])
    again = chat.create(model="m", messages=[*MESSAGES, answer.choices[0].message])
    assert_type(again.choices[0].message.content, str | None)
    if answer.usage is not None:
        assert_type(answer.usage.total_tokens, int)
    answer.choises  # type: ignore[attr-defined]  # noqa: B018
    chat.create(model="m", mesages=MESSAGES)  # type: ignore[call-overload]
    chat.create(model="m", messages=MESSAGES, temperature="hot")  # type: ignore[call-overload]
    chat.create(messages=MESSAGES)  # type: ignore[call-overload]


async def async_(client: AsyncClient, *, maybe: bool) -> None:
    chat, text = client.chat.completions, client.completions
    assert_type(await client.models.list(), ModelList)
    assert_type(await chat.create(model="m", messages=MESSAGES), ChatCompletion)
    chunks = await chat.create(model="m", messages=MESSAGES, stream=True)
    assert_type(chunks, AsyncStream[ChatCompletionChunk])
    either = await chat.create(model="m", messages=MESSAGES, stream=maybe)
    assert_type(either, ChatCompletion | AsyncStream[ChatCompletionChunk])
    assert_type(await text.create(model="m", prompt="x", stream=True), AsyncStream[CompletionChunk])
    async for chunk in chunks:
        assert_type(chunk.choices[0].delta.content or "", str)
