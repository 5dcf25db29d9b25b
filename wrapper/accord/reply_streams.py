"""Replies in pieces, as they are made; tools run between the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from accord.answering import do, do_async
from accord.asking import Create, piece
from accord.errors import AccordError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator

    from accord.asking import Plan
    from accord.async_client import AsyncClient
    from accord.client import Client
    from accord.reply import Piece, Reply
    from accord.streams import AsyncStream, Stream
    from accord.types import ChatCompletionChunk

__all__ = ["AsyncReplyStream", "ReplyStream"]

T = TypeVar("T")

_UNFINISHED = "the reply was not read to its end"


class ReplyStream(Generic[T]):
    """The pieces of a reply, each with its `text`; then the whole, from `reply()`.

    It closes at its end, when a loop over it is left, and at the end of its `with`.
    """

    @classmethod
    def open(cls, client: Client, plan: Plan[Reply[T]]) -> Self:
        """Begin: the first answer is on its way.

        Raises:
            AccordError: the first call failed.
        """
        opened = cls(client, plan)
        opened._advance(None)
        return opened

    def __init__(self, client: Client, plan: Plan[Reply[T]]) -> None:
        self._client = client
        self._plan = plan
        self._chunks: Stream[ChatCompletionChunk] | None = None
        self._reply: Reply[T] | None = None
        self._pieces = self._read()

    def __iter__(self) -> Iterator[Piece]:
        try:
            yield from self._pieces
        finally:
            self.close()

    def __next__(self) -> Piece:
        return next(self._pieces)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reply(self) -> Reply[T]:
        """Read what is left, and give the whole.

        Raises:
            AccordError: a call failed, or the stream was closed before its end.
        """
        for _ in self._pieces:
            pass
        if self._reply is None:
            raise AccordError(_UNFINISHED)
        return self._reply

    def close(self) -> None:
        """Give the reply up, unless it is whole."""
        self._pieces.close()
        if self._chunks is not None:
            self._chunks.close()

    def _read(self) -> Generator[Piece, None, None]:
        while self._chunks is not None:
            with self._chunks as chunks:
                for chunk in chunks:
                    new = piece(chunk)
                    if new is not None:
                        yield new
                answer = chunks.get_final_completion()
            self._advance(answer)

    def _advance(self, done: Any) -> None:
        """Do what comes after an answer, up to the next one."""
        self._chunks = None
        try:
            step = self._plan.send(done)
            while not isinstance(step, Create):
                step = self._plan.send(do(self._client, step))
        except StopIteration as stop:
            self._reply = stop.value
        else:
            self._chunks = self._client.chat.completions.create(**step.streamed, stream=True)


class AsyncReplyStream(Generic[T]):
    """The pieces of a reply, each with its `text`; then the whole, from `reply()`.

    It closes at its end, when a loop over it is left, and at the end of its `async with`.
    """

    @classmethod
    async def open(cls, client: AsyncClient, plan: Plan[Reply[T]]) -> Self:
        """Begin: the first answer is on its way.

        Raises:
            AccordError: the first call failed.
        """
        opened = cls(client, plan)
        await opened._advance(None)
        return opened

    def __init__(self, client: AsyncClient, plan: Plan[Reply[T]]) -> None:
        self._client = client
        self._plan = plan
        self._chunks: AsyncStream[ChatCompletionChunk] | None = None
        self._reply: Reply[T] | None = None
        self._pieces = self._read()

    async def __aiter__(self) -> AsyncIterator[Piece]:
        try:
            async for new in self._pieces:
                yield new
        finally:
            await self.close()

    async def __anext__(self) -> Piece:
        return await anext(self._pieces)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def reply(self) -> Reply[T]:
        """Read what is left, and give the whole.

        Raises:
            AccordError: a call failed, or the stream was closed before its end.
        """
        async for _ in self._pieces:
            pass
        if self._reply is None:
            raise AccordError(_UNFINISHED)
        return self._reply

    async def close(self) -> None:
        """Give the reply up, unless it is whole."""
        await self._pieces.aclose()
        if self._chunks is not None:
            await self._chunks.close()

    async def _read(self) -> AsyncGenerator[Piece, None]:
        while self._chunks is not None:
            async with self._chunks as chunks:
                async for chunk in chunks:
                    new = piece(chunk)
                    if new is not None:
                        yield new
                answer = await chunks.get_final_completion()
            await self._advance(answer)

    async def _advance(self, done: Any) -> None:
        """Do what comes after an answer, up to the next one."""
        self._chunks = None
        try:
            step = self._plan.send(done)
            while not isinstance(step, Create):
                step = self._plan.send(await do_async(self._client, step))
        except StopIteration as stop:
            self._reply = stop.value
        else:
            self._chunks = await self._client.chat.completions.create(**step.streamed, stream=True)
