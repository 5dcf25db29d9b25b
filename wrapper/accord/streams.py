"""Streams as the user sees them: iterators of chunks, and context managers that close.

A stream closes when it ends, when it fails, when a loop over it is left, and at the end of its
`with`. After `[DONE]` the rest of the body, nothing as a rule, is read too, so that the
connection goes back to the pool. That is bounded in time and size: a server that keeps the body
open loses the connection, and the user nothing.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar, overload

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator

    from accord.chunks import ChunkReader
    from accord.types import ChatCompletion, ChatCompletionChunk, Completion, CompletionChunk

__all__ = ["AsyncStream", "Stream"]

T = TypeVar("T")

_END_SECONDS: Final = 1.0
_END_BYTES: Final = 65_536


class _Opened(Generic[T]):
    """What both kinds of stream have."""

    def __init__(self, response: httpx.Response, chunks: ChunkReader[T]) -> None:
        self.response = response
        self._chunks = chunks

    @property
    def request_id(self) -> str | None:
        """The answer's `x-request-id`."""
        value: str | None = self.response.headers.get("x-request-id")
        return value

    @overload
    def get_partial_completion(self: _Opened[ChatCompletionChunk]) -> ChatCompletion: ...
    @overload
    def get_partial_completion(self: _Opened[CompletionChunk]) -> Completion: ...
    def get_partial_completion(self) -> Any:
        """Give the answer as far as its chunks have been read."""
        return self._chunks.fold.result()


class Stream(_Opened[T]):
    """The chunks of a streamed answer.

    Iterating raises a `StreamError` when the stream fails, with what had arrived.

    Attributes:
        response: the answer, whose body the stream reads.
    """

    def __init__(self, response: httpx.Response, chunks: ChunkReader[T]) -> None:
        super().__init__(response, chunks)
        self._iterator = self._read()

    def __iter__(self) -> Iterator[T]:
        yield from self._iterator  # a generator of its own: leaving the loop closes both

    def __next__(self) -> T:
        return next(self._iterator)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @overload
    def get_final_completion(self: Stream[ChatCompletionChunk]) -> ChatCompletion: ...
    @overload
    def get_final_completion(self: Stream[CompletionChunk]) -> Completion: ...
    def get_final_completion(self) -> Any:
        """Read what is left; give the whole answer, as it would have been without `stream`.

        Raises:
            AccordError: the stream fails.
        """
        for _chunk in self:
            pass
        return self._chunks.whole()

    def close(self) -> None:
        """Give the answer up. The server may stop; what has not been read is lost."""
        self._iterator.close()
        self.response.close()

    def _read(self) -> Generator[T, None, None]:
        chunks, body = self._chunks, self.response.iter_bytes()
        try:
            for data in body:
                yield from chunks.feed(data)
                if chunks.done:
                    self._read_end(body)
                    return
            chunks.close()
        except httpx.HTTPError as error:
            raise chunks.broken(error) from error
        finally:
            self.response.close()

    def _read_end(self, body: Iterator[bytes]) -> None:
        size = 0
        with _time_limit(self.response), suppress(httpx.HTTPError):
            for data in body:
                size += len(data)
                if size > _END_BYTES:
                    return


class AsyncStream(_Opened[T]):
    """The chunks of a streamed answer.

    Iterating raises a `StreamError` when the stream fails, with what had arrived.

    Attributes:
        response: the answer, whose body the stream reads.
    """

    def __init__(self, response: httpx.Response, chunks: ChunkReader[T]) -> None:
        super().__init__(response, chunks)
        self._iterator = self._read()
        self._closing = False

    async def __aiter__(self) -> AsyncIterator[T]:
        try:
            async for chunk in self._iterator:
                yield chunk
        finally:
            await self.close()

    async def __anext__(self) -> T:
        return await anext(self._iterator)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @overload
    async def get_final_completion(self: AsyncStream[ChatCompletionChunk]) -> ChatCompletion: ...
    @overload
    async def get_final_completion(self: AsyncStream[CompletionChunk]) -> Completion: ...
    async def get_final_completion(self) -> Any:
        """Read what is left; give the whole answer, as it would have been without `stream`.

        Raises:
            AccordError: the stream fails.
        """
        async for _chunk in self:
            pass
        return self._chunks.whole()

    async def close(self) -> None:
        """Give the answer up. The server may stop; what has not been read is lost."""
        if self._closing:  # a loop that was left closes, too, when the event loop comes to it
            return
        self._closing = True
        await self._iterator.aclose()
        await self.response.aclose()

    async def _read(self) -> AsyncGenerator[T, None]:
        chunks, body = self._chunks, self.response.aiter_bytes()
        try:
            async for data in body:
                for chunk in chunks.feed(data):
                    yield chunk
                if chunks.done:
                    await self._read_end(body)
                    return
            chunks.close()
        except httpx.HTTPError as error:
            raise chunks.broken(error) from error
        finally:
            await self.response.aclose()

    async def _read_end(self, body: AsyncIterator[bytes]) -> None:
        from anyio import move_on_after  # noqa: PLC0415 - httpx imports it late, too

        size = 0
        with move_on_after(_END_SECONDS), suppress(httpx.HTTPError):
            async for data in body:
                size += len(data)
                if size > _END_BYTES:
                    return


@contextmanager
def _time_limit(response: httpx.Response) -> Iterator[None]:
    """Shut the connection down when the block takes too long.

    httpx fixes the read timeout when a body is begun, minutes as a rule. Only the socket can end
    a read that waits.
    """
    network = response.extensions.get("network_stream")
    connection = network.get_extra_info("socket") if network is not None else None
    if connection is None:  # a transport without a network: it does not make us wait
        yield
        return
    timer = threading.Timer(_END_SECONDS, _shut_down, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut_down(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
