"""Streams as the user sees them: iterators of chunks, and context managers that close.

A stream closes when it ends, when it fails, when a loop over it is left, and at the end of its
`with`; one that is forgotten closes with a ResourceWarning. After `[DONE]` the rest of the body,
nothing as a rule, is read too, so that the connection goes back to the pool. That is bounded in
time and size: a server that keeps the body open loses the connection, and the user nothing.
"""

from __future__ import annotations

import sys
import warnings
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar, overload

import httpx

from accord.sockets import shut_down, time_limit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
    from typing import Protocol

    from accord.chunks import ChunkReader
    from accord.types import ChatCompletion, ChatCompletionChunk, Completion, CompletionChunk

    T_co = TypeVar("T_co", covariant=True)

    class Leavable(Protocol[T_co]):
        """What can be read in a loop, and left."""

        def __anext__(self) -> Coroutine[Any, Any, T_co]: ...

        def _close_soon(self) -> None: ...


__all__ = ["AsyncLoop", "AsyncStream", "Stream", "end_reading"]

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

    def _warn(self) -> None:
        message = f"a stream was not closed: {self!r}"
        warnings.warn(message, ResourceWarning, stacklevel=3, source=self)


class Stream(_Opened[T]):
    """The chunks of a streamed answer.

    Iterating raises a `StreamError` when the stream fails, with what had arrived.

    Attributes:
        response: the answer, whose body the stream reads.
    """

    def __init__(self, response: httpx.Response, chunks: ChunkReader[T]) -> None:
        super().__init__(response, chunks)
        self._iterator = _read(response, chunks)

    def __iter__(self) -> Iterator[T]:
        yield from self._iterator  # a generator of its own: leaving the loop closes both

    def __next__(self) -> T:
        return next(self._iterator)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if not self.response.is_closed:
            try:
                self._warn()
            finally:
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
        """Give the answer up. The server may stop; what has not been read is lost.

        Another thread that waits for a chunk gets a `CallCancelledError`.
        """
        try:
            self._iterator.close()
        except ValueError:  # it is at work in another thread
            self._chunks.cancelled = True
            shut_down(self.response)
        else:
            self.response.close()


def _read(response: httpx.Response, chunks: ChunkReader[T]) -> Generator[T, None, None]:
    """Give the chunks of a body. It holds no stream, so that a forgotten one is noticed."""
    body = response.iter_bytes()
    try:
        with time_limit(response, chunks.deadline.remaining):
            for data in body:
                yield from chunks.feed(data)
                if chunks.done:
                    break
                if chunks.deadline.passed:
                    raise httpx.ReadTimeout("the time for the whole call is up")
            else:
                yield from chunks.close()
        _read_end(response, body)
    except httpx.HTTPError as error:
        raise chunks.broken(error) from error
    finally:
        response.close()


def _read_end(response: httpx.Response, body: Iterator[bytes]) -> None:
    size = 0
    with suppress(httpx.HTTPError), time_limit(response, _END_SECONDS):
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
        self._body = response.aiter_bytes()
        self._ready: Iterator[T] = iter(())
        self._closed = self._left = False

    def __aiter__(self) -> AsyncIterator[T]:
        return AsyncLoop(self)

    async def __anext__(self) -> T:
        if self._closed or self._left:
            raise StopAsyncIteration
        try:
            while True:
                for chunk in self._ready:
                    return chunk
                if not await self._read_on():
                    break
        except httpx.HTTPError as error:
            failure = self._chunks.broken(error)
            await self.close()
            raise failure from error
        except BaseException:
            await self.close()
            raise
        await self.close()
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __del__(self) -> None:
        if not (self._closed or self._left):
            try:
                self._warn()
            finally:
                self._close_soon()

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
        """Give the answer up. The server may stop; what has not been read is lost.

        Another task that waits for a chunk gets a `CallCancelledError`.
        """
        if not self._closed:
            self._closed = self._chunks.cancelled = True
            await end_reading(self.response, self._body)

    def _close_soon(self) -> None:
        """Close when the event loop comes to it."""
        if not (self._closed or self._left):
            self._left = True
            _run_soon(partial(end_reading, self.response, self._body), self.response)

    async def _read_on(self) -> bool:
        """Make more chunks ready; False when there are none."""
        if self._chunks.done:
            await self._read_end()
            return False
        data = await self._next_bytes()
        self._ready = iter(self._chunks.close()) if data is None else self._chunks.feed(data)
        return True

    async def _next_bytes(self) -> bytes | None:
        left = self._chunks.deadline.remaining
        if left is None:
            return await anext(self._body, None)
        from anyio import move_on_after  # noqa: PLC0415 - httpx imports it late, too

        with move_on_after(left):
            return await anext(self._body, None)
        raise httpx.ReadTimeout("the time for the whole call is up")

    async def _read_end(self) -> None:
        from anyio import move_on_after  # noqa: PLC0415 - httpx imports it late, too

        size = 0
        with move_on_after(_END_SECONDS), suppress(httpx.HTTPError):
            async for data in self._body:
                size += len(data)
                if size > _END_BYTES:
                    return


class AsyncLoop(Generic[T]):
    """One loop over a stream; leaving it closes the stream, as soon as the event loop can.

    No generator: one that is left is closed by nobody, and trio warns of it.
    """

    def __init__(self, stream: Leavable[T]) -> None:
        self._stream = stream

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Coroutine[Any, Any, T]:
        return self._stream.__anext__()

    def __del__(self) -> None:
        self._stream._close_soon()  # noqa: SLF001 - the other half of it


async def end_reading(response: httpx.Response, body: AsyncIterator[Any]) -> None:
    """Close a response, also when the task is being cancelled; `body` is what read it."""
    from anyio import CancelScope, move_on_after  # noqa: PLC0415 - httpx imports it late, too

    with CancelScope(shield=True):
        await response.aclose()
        # httpx nests generators, and trio warns of each that did not end. With the connection
        # gone they end at once, one way or another.
        with move_on_after(_END_SECONDS), suppress(Exception):
            async for _ in body:
                pass


def _run_soon(end: Callable[[], Coroutine[Any, Any, None]], response: httpx.Response) -> None:
    """Run a coroutine in the running event loop, if there is one; else only cut the connection."""
    asyncio, trio = sys.modules.get("asyncio"), sys.modules.get("trio")
    with suppress(RuntimeError):  # no event loop of this kind, or not in this thread
        if asyncio is not None:
            loop = asyncio.get_running_loop()
            task = loop.create_task(end())
            _ending.add(task)
            task.add_done_callback(_ending.discard)
            return
    with suppress(RuntimeError):
        if trio is not None:
            trio.lowlevel.spawn_system_task(end)
            return
    shut_down(response)


_ending: set[Any] = set()  # event loops keep no hold of their tasks
