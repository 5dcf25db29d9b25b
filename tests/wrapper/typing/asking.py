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


@dataclass
class Point:
    x: int


def look(word: str) -> str:
    return word


def sync(client: Client, *, maybe: bool) -> None:
    assert_type(client.ask("?"), Reply[None])
    assert_type(client.ask("?", response_format=Point, tools=[look]).parsed, Point)
    assert_type(client.ask("?", response_format={"type": "json_object"}, seed=1), Reply[None])
    stream = client.ask([{"role": "user", "content": "?"}], response_format=Point, stream=True)
    assert_type(stream, ReplyStream[Point])
    for piece in stream:
        assert_type(piece, Piece)
    assert_type(stream.reply().parsed, Point)
    assert_type(client.ask("?", stream=maybe), Reply[Any] | ReplyStream[Any])
    assert_type(Conversation(client, model="m").branch().ask("?", stream=True), ReplyStream[None])
    client.ask("?", temprature=1)  # type: ignore[call-overload]
    client.ask("?", messages=[])  # type: ignore[call-overload]


async def async_(client: AsyncClient, *, maybe: bool) -> None:
    assert_type(await client.ask("?"), Reply[None])
    assert_type((await client.ask("?", response_format=Point)).parsed, Point)
    stream = await client.ask("?", response_format=Point, stream=True)
    assert_type(stream, AsyncReplyStream[Point])
    async for piece in stream:
        assert_type(piece, Piece)
    assert_type(await client.ask("?", stream=maybe), Reply[Any] | AsyncReplyStream[Any])
    assert_type(await AsyncConversation(client).ask("?"), Reply[None])
