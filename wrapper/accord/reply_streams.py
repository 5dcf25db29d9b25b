"""Replies in pieces, as they are made; tools run between the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from accord.answering import do, do_async
from accord.asking import Create, piece
from accord.errors import AccordError
from accord.streams import AsyncLoop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from accord.asking import Plan, Step
    from accord.async_client import AsyncClient
    from accord.client import Client
    from accord.reply import Piece, Reply
    from accord.streams import AsyncStream, Stream
    from accord.types import ChatCompletionChunk

__all__ = ["AsyncReplyStream", "ReplyStream"]

T = TypeVar("T")


class _Begun(Generic[T]):
    """A reply in the making, of both kinds."""

    def __init__(self, plan: Plan[Reply[T]]) -> None:
        self._plan = plan
        self._reply: Reply[T] | None = None
        self._closed = False

    def _next(self, done: Any) -> Step | None:
        """Give the step that comes after what was done; None when the reply is whole."""
        try:
            return self._plan.send(done)
        except StopIteration as stop:
            self._reply = stop.value
            return None

    def _whole(self) -> Reply[T]:
        if self._reply is None:
            raise AccordError("the reply was not read to its end")
        return self._reply


class ReplyStream(_Begun[T]):
    """The pieces of a reply, each with its `text`; then the whole, from `reply()`.

    It closes at its end, when it fails, when a loop over it is left, and at the end of its `with`.
    """

    def __init__(self, client: Client, plan: Plan[Reply[T]]) -> None:
        super().__init__(plan)
        self._client = client
        self._chunks: Stream[ChatCompletionChunk] | None = None

    @classmethod
    def open(cls, client: Client, plan: Plan[Reply[T]]) -> Self:
        """Begin: the first answer is on its way.

        Raises:
            AccordError: the first call failed.
        """
        opened = cls(client, plan)
        opened._advance(None)
        return opened

    def __iter__(self) -> Iterator[Piece]:
        try:
            while (new := next(self, None)) is not None:
                yield new
        finally:
            self.close()

    def __next__(self) -> Piece:
        try:
            while self._chunks is not None and not self._closed:
                chunk = next(self._chunks, None)
                if chunk is None:
                    self._advance(self._chunks.get_final_completion())
                elif (new := piece(chunk)) is not None:
                    return new
        except BaseException:
            self.close()
            raise
        raise StopIteration

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reply(self) -> Reply[T]:
        """Read what is left, and give the whole.

        Raises:
            AccordError: a call failed, or the stream was closed before its end.
        """
        for _ in self:
            pass
        return self._whole()

    def close(self) -> None:
        """Give the reply up, unless it is whole."""
        self._closed = True
        if self._chunks is not None:
            self._chunks.close()

    def _advance(self, done: Any) -> None:
        """Do what comes after an answer, up to the next one."""
        self._chunks = None
        step = self._next(done)
        while step is not None and not isinstance(step, Create):
            step = self._next(do(self._client, step))
        if step is not None:
            self._chunks = self._client.chat.completions.create(**step.streamed, stream=True)


class AsyncReplyStream(_Begun[T]):
    """The pieces of a reply, each with its `text`; then the whole, from `reply()`.

    It closes at its end, when it fails, when a loop over it is left, and at the end of its
    `async with`.
    """

    def __init__(self, client: AsyncClient, plan: Plan[Reply[T]]) -> None:
        super().__init__(plan)
        self._client = client
        self._chunks: AsyncStream[ChatCompletionChunk] | None = None

    @classmethod
    async def open(cls, client: AsyncClient, plan: Plan[Reply[T]]) -> Self:
        """Begin: the first answer is on its way.

        Raises:
            AccordError: the first call failed.
        """
        opened = cls(client, plan)
        await opened._advance(None)
        return opened

    def __aiter__(self) -> AsyncIterator[Piece]:
        return AsyncLoop(self)

    async def __anext__(self) -> Piece:
        try:
            while self._chunks is not None and not self._closed:
                chunk = await anext(self._chunks, None)
                if chunk is None:
                    await self._advance(await self._chunks.get_final_completion())
                elif (new := piece(chunk)) is not None:
                    return new
        except BaseException:
            await self.close()
            raise
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def reply(self) -> Reply[T]:
        """Read what is left, and give the whole.

        Raises:
            AccordError: a call failed, or the stream was closed before its end.
        """
        async for _ in self:
            pass
        return self._whole()

    async def close(self) -> None:
        """Give the reply up, unless it is whole."""
        self._closed = True
        if self._chunks is not None:
            await self._chunks.close()

    def _close_soon(self) -> None:
        """Close when the event loop comes to it."""
        self._closed = True
        if self._chunks is not None:
            self._chunks._close_soon()  # noqa: SLF001 - its own kind

    async def _advance(self, done: Any) -> None:
        """Do what comes after an answer, up to the next one."""
        self._chunks = None
        step = self._next(done)
        while step is not None and not isinstance(step, Create):
            step = self._next(await do_async(self._client, step))
        if step is not None:
            self._chunks = await self._client.chat.completions.create(**step.streamed, stream=True)
