"""Answers whose bodies are read by hand: what `with_streaming_response` gives."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import httpx

from accord.chunks import ChunkReader
from accord.deadlines import in_time
from accord.exchange import read
from accord.operations import StreamOperation
from accord.raw import WithHttp
from accord.sockets import time_limit
from accord.streams import AsyncStream, Stream, end_reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from accord.failures import Failures

__all__ = ["AsyncStreamedResponse", "StreamedResponse"]

S = TypeVar("S")
T = TypeVar("T")


class StreamedResponse(WithHttp[httpx.Response], Generic[T]):
    """An answer that has begun. Its body is read here: whole, in pieces, or as chunks.

    Reading raises an `APIConnectionError` when the connection fails.

    Attributes:
        http_response: httpx's own.
    """

    def __init__(self, response: httpx.Response, failures: Failures, operation: Any) -> None:
        self.http_response = response
        self._failures = failures
        self._operation = operation
        self._stream: Any = None
        if isinstance(operation, StreamOperation):
            self._stream = Stream(response, ChunkReader(operation, response, failures))

    def parse(self) -> T:
        """Give what the call gives without `with_streaming_response`.

        Raises:
            AccordError: the answer is an error, or not the contract's.
        """
        if self._stream is not None:
            return self._stream  # type: ignore[no-any-return]  # a T
        self.read()
        return read(self.http_response, self._failures, self._operation)  # type: ignore[no-any-return]  # a T

    def read(self) -> bytes:
        """Read the whole body."""
        with self._reading():
            return self.http_response.read()

    def text(self) -> str:
        """Read the whole body as text."""
        self.read()
        return self.http_response.text

    def json(self) -> Any:
        """Read the whole body as JSON.

        Raises:
            ValueError: it is not JSON.
        """
        self.read()
        return self.http_response.json()

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Give the body as it comes, or in pieces of this many bytes."""
        return self._items(self.http_response.iter_bytes(chunk_size))

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        """Give the text of the body as it comes, or in pieces of this many characters."""
        return self._items(self.http_response.iter_text(chunk_size))

    def iter_lines(self) -> Iterator[str]:
        """Give the lines of the body as they come, without their ends."""
        return self._items(self.http_response.iter_lines())

    def close(self) -> None:
        """Give the answer up. The server may stop; what has not been read is lost."""
        self.http_response.close()

    def _items(self, items: Iterator[S]) -> Iterator[S]:
        with self._reading():
            yield from items

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with (
            _told(self._failures),
            time_limit(self.http_response, self._failures.deadline.remaining),
        ):
            yield


class AsyncStreamedResponse(WithHttp[httpx.Response], Generic[T]):
    """An answer that has begun. Its body is read here: whole, in pieces, or as chunks.

    Reading raises an `APIConnectionError` when the connection fails.

    Attributes:
        http_response: httpx's own.
    """

    def __init__(self, response: httpx.Response, failures: Failures, operation: Any) -> None:
        self.http_response = response
        self._failures = failures
        self._operation = operation
        self._body: AsyncIterator[Any] = response.aiter_bytes()
        self._stream: Any = None
        if isinstance(operation, StreamOperation):
            self._stream = AsyncStream(response, ChunkReader(operation, response, failures))

    async def parse(self) -> T:
        """Give what the call gives without `with_streaming_response`.

        Raises:
            AccordError: the answer is an error, or not the contract's.
        """
        if self._stream is not None:
            return self._stream  # type: ignore[no-any-return]  # a T
        await self.read()
        return read(self.http_response, self._failures, self._operation)  # type: ignore[no-any-return]  # a T

    async def read(self) -> bytes:
        """Read the whole body."""
        with _told(self._failures):
            return await in_time(self.http_response.aread(), self._failures.deadline)

    async def text(self) -> str:
        """Read the whole body as text."""
        await self.read()
        return self.http_response.text

    async def json(self) -> Any:
        """Read the whole body as JSON.

        Raises:
            ValueError: it is not JSON.
        """
        await self.read()
        return self.http_response.json()

    def iter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """Give the body as it comes, or in pieces of this many bytes."""
        return self._items(self.http_response.aiter_bytes(chunk_size))

    def iter_text(self, chunk_size: int | None = None) -> AsyncIterator[str]:
        """Give the text of the body as it comes, or in pieces of this many characters."""
        return self._items(self.http_response.aiter_text(chunk_size))

    def iter_lines(self) -> AsyncIterator[str]:
        """Give the lines of the body as they come, without their ends."""
        return self._items(self.http_response.aiter_lines())

    async def close(self) -> None:
        """Give the answer up. The server may stop; what has not been read is lost."""
        if self._stream is not None:
            await self._stream.close()
        await end_reading(self.http_response, self._body)

    def _items(self, items: AsyncIterator[S]) -> AsyncIterator[S]:
        self._body = items
        return _Items(items, self._failures)


class _Items(Generic[S]):
    """The pieces of a body, in time; no generator, which would have to be closed, too."""

    def __init__(self, items: AsyncIterator[S], failures: Failures) -> None:
        self._items = items
        self._failures = failures

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> S:
        with _told(self._failures):
            return await in_time(anext(self._items), self._failures.deadline)


@contextmanager
def _told(failures: Failures) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise failures.unsent(error) from error
