"""What type checkers must infer of `ask`; checked by mypy and pyright, never run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_type

from accord import (
    AsyncClient,
    AsyncConversation,
    AsyncReplyStream,
    Client,
    Conversation,
    Piece,
    Reply,
    ReplyStream,
)
from accord.chat_streams import AsyncChatCompletionStream, ChatCompletionStream
from accord.parsed import ParsedChatCompletion, ParsedFunction
from accord.types import ChatCompletionChunk, Usage


@dataclass
class Point:
    x: int


def look(word: str) -> str:
    return word


def sync(client: Client, *, maybe: bool) -> None:
    assert_type(client.ask("?"), Reply[None])
    assert_type(client.ask("?", response_format=Point, tools=[look]).parsed, Point)
    assert_type(client.ask("?", response_format={"type": "json_object"}, seed=1), Reply[None])
    replied = client.ask([{"role": "user", "content": "?"}], response_format=Point, stream=True)
    assert_type(replied, ReplyStream[Point])
    for piece in replied:
        assert_type(piece, Piece)
    assert_type(replied.reply().parsed, Point)
    assert_type(client.ask("?", stream=maybe), Reply[Any] | ReplyStream[Any])
    assert_type(Conversation(client, model="m").branch().ask("?", stream=True), ReplyStream[None])
    parse = client.chat.completions.parse
    parsed = parse(model="m", messages=[], response_format=Point, max_tokens=1)
    assert_type(parsed, ParsedChatCompletion[Point])
    assert_type(parsed.choices[0].message.parsed, Point | None)
    calls = parsed.choices[0].message.tool_calls or []
    assert_type([call.function for call in calls], list[ParsedFunction | None])
    assert_type(client.beta.chat.completions.parse(model="m", messages=[]).usage, Usage | None)
    plain = parse(model="m", messages=[], response_format={"type": "json_object"})
    assert_type(plain.choices[0].message.parsed, None)
    with client.chat.completions.stream(model="m", messages=[], response_format=Point) as stream:
        assert_type(stream, ChatCompletionStream[Point])
        for event in stream:
            if event.type == "content.done":
                assert_type(event.parsed, Point | None)
            elif event.type == "content.delta":
                assert_type(event.snapshot, str)
            elif event.type == "chunk":
                assert_type(event.chunk, ChatCompletionChunk)
        assert_type(stream.get_final_completion(), ParsedChatCompletion[Point])
    parse(model="m", response_format=Point)  # type: ignore[call-overload]
    client.ask("?", temprature=1)  # type: ignore[call-overload]
    client.ask("?", messages=[])  # type: ignore[call-overload]


async def async_(client: AsyncClient, *, maybe: bool) -> None:
    assert_type(await client.ask("?"), Reply[None])
    assert_type((await client.ask("?", response_format=Point)).parsed, Point)
    parse = client.chat.completions.parse
    parsed = await parse(model="m", messages=[], response_format=Point)
    assert_type(parsed.choices[0].message.parsed, Point | None)
    async with client.chat.completions.stream(model="m", messages=[]) as told:
        assert_type(told, AsyncChatCompletionStream[None])
        async for event in told:
            if event.type == "tool_calls.function.arguments.done":
                assert_type(event.arguments, str)
    stream = await client.ask("?", response_format=Point, stream=True)
    assert_type(stream, AsyncReplyStream[Point])
    async for piece in stream:
        assert_type(piece, Piece)
    assert_type(await client.ask("?", stream=maybe), Reply[Any] | AsyncReplyStream[Any])
    assert_type(await AsyncConversation(client).ask("?"), Reply[None])
