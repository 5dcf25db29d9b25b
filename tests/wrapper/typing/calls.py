"""What type checkers must infer of calls; checked by mypy and pyright, never run."""

from __future__ import annotations

from typing import Any, assert_type

import httpx

from accord import AsyncClient, AsyncStream, Client, RetryPolicy, Stream, fold
from accord.answer import Http
from accord.params import JsonObject
from accord.raw import RawResponse
from accord.responses import StreamedResponse
from accord.types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessage,
    Completion,
    CompletionChunk,
    Model,
    ModelList,
    ToolCall,
)
from accord_api.models import UserMessage

MESSAGES = [{"role": "user", "content": "Hello!"}]


def models(client: Client) -> None:
    assert_type(client.models.list(), ModelList)
    assert_type(client.models.list(timeout=3.0, extra_headers={"a": "b"}), ModelList)
    assert_type(client.models.retrieve("m", deadline=None), Model)
    assert_type([model.id for model in client.models.list()], list[str])
    client.models.list(temperature=1)  # type: ignore[call-arg]
    client.models.retrieve()  # type: ignore[call-arg]


def chat(client: Client, *, maybe: bool) -> None:
    create = client.chat.completions.create
    assert_type(create(model="m", messages=MESSAGES), ChatCompletion)
    assert_type(create(model="m", messages=MESSAGES, stream=False), ChatCompletion)
    assert_type(create(model="m", messages=MESSAGES, stream=None), ChatCompletion)
    chunks = create(model="m", messages=MESSAGES, stream=True, temperature=None)
    assert_type(chunks, Stream[ChatCompletionChunk])
    either = create(model="m", messages=MESSAGES, stream=maybe)
    assert_type(either, ChatCompletion | Stream[ChatCompletionChunk])
    for chunk in chunks:
        assert_type(chunk.choices[0].delta.content or "", str)
    with chunks as entered:
        assert_type(entered, Stream[ChatCompletionChunk])
        assert_type(next(entered), ChatCompletionChunk)
    create(model="m", mesages=MESSAGES)  # type: ignore[call-overload]
    create(model="m", messages=MESSAGES, temperature="hot")  # type: ignore[call-overload]
    create(messages=MESSAGES)  # type: ignore[call-overload]
    create("m", MESSAGES)  # type: ignore[call-overload]


def text(client: Client, *, maybe: bool) -> None:
    create = client.completions.create
    assert_type(create(model="m", prompt=[[1, 2]]), Completion)
    assert_type(create(model="m", prompt=["a", "b"], logprobs=1), Completion)
    assert_type(create(model="m", prompt=None, stream=True), Stream[CompletionChunk])
    assert_type(create(model="m", prompt="x", stream=maybe), Completion | Stream[CompletionChunk])
    create(model="m", messages=MESSAGES)  # type: ignore[call-overload]


def raw(client: Client, *, maybe: bool) -> None:
    chat = client.chat.completions.with_raw_response
    assert_type(chat.create(model="m", messages=MESSAGES), RawResponse[ChatCompletion])
    stream = chat.create(model="m", messages=MESSAGES, stream=True)
    assert_type(stream, RawResponse[Stream[ChatCompletionChunk]])
    assert_type(stream.parse(), Stream[ChatCompletionChunk])
    either = chat.create(model="m", messages=MESSAGES, stream=maybe).parse()
    assert_type(either, ChatCompletion | Stream[ChatCompletionChunk])
    assert_type(client.models.with_raw_response.list().parse(), ModelList)
    assert_type(client.models.with_raw_response.retrieve("m").request_id, str | None)
    text = client.completions.with_raw_response
    assert_type(text.create(model="m", prompt="x").headers["date"], str)
    chat.create(model="m", mesages=MESSAGES)  # type: ignore[call-overload]


async def async_raw(client: AsyncClient) -> None:
    chat = client.chat.completions.with_raw_response
    assert_type((await chat.create(model="m", messages=MESSAGES)).parse(), ChatCompletion)
    stream = await chat.create(model="m", messages=MESSAGES, stream=True)
    assert_type(stream, RawResponse[AsyncStream[ChatCompletionChunk]])
    assert_type((await client.models.with_raw_response.list()).parse(), ModelList)
    text = await client.completions.with_raw_response.create(model="m", prompt="x")
    assert_type(text, RawResponse[Completion])


def by_hand(client: Client) -> None:
    chat = client.chat.completions.with_streaming_response
    with chat.create(model="m", messages=MESSAGES) as answer:
        assert_type(answer.parse(), ChatCompletion)
        assert_type([*answer.iter_lines()], list[str])
        assert_type(answer.http_response, httpx.Response)
        assert_type(answer.headers["date"], str)
    with chat.create(model="m", messages=MESSAGES, stream=True) as streamed:
        assert_type(streamed.parse(), Stream[ChatCompletionChunk])
    with client.models.with_streaming_response.list() as listed:
        assert_type(listed, StreamedResponse[ModelList])
    chat.create(model="m", mesages=MESSAGES)  # type: ignore[call-overload]


async def async_by_hand(client: AsyncClient) -> None:
    chat = client.chat.completions.with_streaming_response
    async with chat.create(model="m", messages=MESSAGES, stream=True) as streamed:
        assert_type(await streamed.parse(), AsyncStream[ChatCompletionChunk])
        assert_type([piece async for piece in streamed.iter_bytes()], list[bytes])
    async with client.models.with_streaming_response.retrieve("m") as answer:
        assert_type(await answer.parse(), Model)


def what_is_sent(client: Client, anything: dict[str, Any]) -> None:
    create = client.chat.completions.create
    answer = create(model="m", messages=[*MESSAGES])
    create(model="m", messages=[*MESSAGES, answer.choices[0].message])
    create(model="m", messages=[UserMessage(role="user", content="Hello!"), anything])
    turns: list[JsonObject] = [UserMessage(role="user", content="Hello!")]
    turns.append(answer.choices[0].message)
    create(model="m", messages=turns, tools=[anything], response_format={"type": "json_object"})
    create(model="m", messages=turns, extra_body={"top_k": 1}, extra_query={"a": [1, 2]})
    create(model="m", messages=turns, timeout=httpx.Timeout(1), deadline=3)
    create(model="m", messages=turns, timeout="long")  # type: ignore[call-overload]


def what_comes_back(answer: ChatCompletion) -> None:
    assert_type(answer.choices[0].message, ChatCompletionMessage)
    assert_type(answer.choices[0].message.content, str | None)
    assert_type(answer.choices[0].message.tool_calls, list[ToolCall] | None)
    assert_type(answer.choices[0].finish_reason, str | None)
    assert_type(answer.http, Http | None)
    if answer.usage is not None:
        assert_type(answer.usage.total_tokens, int)
    answer.choises  # type: ignore[attr-defined]  # noqa: B018
    answer.usage.total_tokens  # type: ignore[union-attr]  # noqa: B018


def what_chunks_make_up(
    chat: Stream[ChatCompletionChunk], text: Stream[CompletionChunk], chunks: list[CompletionChunk]
) -> None:
    assert_type(chat.get_final_completion(), ChatCompletion)
    assert_type(text.get_final_completion(), Completion)
    assert_type(chat.get_partial_completion(), ChatCompletion)
    assert_type(text.get_partial_completion(), Completion)
    assert_type(fold(chat), ChatCompletion)
    assert_type(fold(chunks), Completion)


def options() -> None:
    client = Client(api_key=lambda: "key", retry=RetryPolicy(max_retries=1), deadline=5)
    assert_type(client.with_options(max_retries=3, timeout=None), Client)
    assert_type(AsyncClient().with_options(api_key=later), AsyncClient)
    Client(transport=httpx.HTTPTransport(), base_url=None, default_query={"a": 1})
    Client(max_retrys=3)  # type: ignore[call-arg]
    Client(transport=httpx.AsyncHTTPTransport())  # type: ignore[arg-type]
    client.with_options(http_client=httpx.Client())  # type: ignore[call-arg]


async def later() -> str:
    return "key"


async def async_(client: AsyncClient, *, maybe: bool) -> None:
    chat, text = client.chat.completions, client.completions
    assert_type(await client.models.list(), ModelList)
    assert_type([model async for model in client.models.list()], list[Model])
    assert_type(await client.models.retrieve("m"), Model)
    assert_type(await chat.create(model="m", messages=MESSAGES), ChatCompletion)
    chunks = await chat.create(model="m", messages=MESSAGES, stream=True)
    assert_type(chunks, AsyncStream[ChatCompletionChunk])
    either = await chat.create(model="m", messages=MESSAGES, stream=maybe)
    assert_type(either, ChatCompletion | AsyncStream[ChatCompletionChunk])
    assert_type(await text.create(model="m", prompt="x"), Completion)
    assert_type(await text.create(model="m", prompt="x", stream=True), AsyncStream[CompletionChunk])
    async for chunk in chunks:
        assert_type(chunk.choices[0].delta.content or "", str)
    async with chunks as entered:
        assert_type(entered, AsyncStream[ChatCompletionChunk])
        assert_type(await anext(entered), ChatCompletionChunk)
    assert_type(await chunks.get_final_completion(), ChatCompletion)
    for _chunk in chunks:  # type: ignore[attr-defined]
        pass
