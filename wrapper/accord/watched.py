"""Transports and streams that tell `accord.telemetry` what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from accord.streams import AsyncStream, Stream
from accord.telemetry import Telemetry
from accord.transport import AsyncTransport, Transport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    import httpx

    from accord.chunks import ChunkReader
    from accord.config import Config
    from accord.operations import Operation, StreamOperation
    from accord.telemetry import Watch

__all__ = ["AsyncWatchedStream", "AsyncWatchedTransport", "WatchedStream", "WatchedTransport"]

T = TypeVar("T")


class WatchedTransport(Transport):
    """Does calls, and tells of them.

    Args:
        http: see `Transport`.
        transport: see `Transport`.
        telemetry: whom it tells; True for OpenTelemetry's global providers.
    """

    def __init__(
        self,
        http: httpx.Client | None,
        transport: httpx.BaseTransport | None,
        telemetry: Telemetry | bool,
    ) -> None:
        super().__init__(http, transport)
        self._telemetry = _telemetry(telemetry)

    def fetch(self, config: Config, operation: Operation[T]) -> T:
        """Make a call and give its result."""
        if not self._telemetry.watches(operation):
            return super().fetch(config, operation)
        watch = self._telemetry.watch(config, operation)
        with watch.current():
            answer: Any = super().fetch(config, operation)
        watch.end(answer)
        return answer  # type: ignore[no-any-return]  # a T, and an answer that can be watched

    def stream(self, config: Config, operation: StreamOperation[T]) -> Stream[T]:
        """Make a call and give its chunks."""
        watch = self._telemetry.watch(config, operation)
        with watch.current():
            opened = self.open(config, operation)
        return WatchedStream(watch, *opened)


class AsyncWatchedTransport(AsyncTransport):
    """Does calls, and tells of them.

    Args:
        http: see `AsyncTransport`.
        transport: see `AsyncTransport`.
        telemetry: whom it tells; True for OpenTelemetry's global providers.
    """

    def __init__(
        self,
        http: httpx.AsyncClient | None,
        transport: httpx.AsyncBaseTransport | None,
        telemetry: Telemetry | bool,
    ) -> None:
        super().__init__(http, transport)
        self._telemetry = _telemetry(telemetry)

    async def fetch(self, config: Config, operation: Operation[T]) -> T:
        """Make a call and give its result."""
        if not self._telemetry.watches(operation):
            return await super().fetch(config, operation)
        watch = self._telemetry.watch(config, operation)
        with watch.current():
            answer: Any = await super().fetch(config, operation)
        watch.end(answer)
        return answer  # type: ignore[no-any-return]  # a T, and an answer that can be watched

    async def stream(self, config: Config, operation: StreamOperation[T]) -> AsyncStream[T]:
        """Make a call and give its chunks."""
        watch = self._telemetry.watch(config, operation)
        with watch.current():
            opened = await self.open(config, operation)
        return AsyncWatchedStream(watch, *opened)


class WatchedStream(Stream[T]):
    """The chunks of a streamed answer; its end is the end of the call."""

    def __init__(self, watch: Watch, response: httpx.Response, chunks: ChunkReader[T]) -> None:
        super().__init__(response, chunks)
        self._reading = _Reading(watch, chunks)

    def __iter__(self) -> Iterator[T]:
        try:
            while (chunk := next(self, None)) is not None:
                yield chunk
        finally:
            self.close()

    def __next__(self) -> T:
        with self._reading:
            return super().__next__()

    def close(self) -> None:
        """Give the answer up, as `Stream.close` does."""
        super().close()
        self._reading.left()


class AsyncWatchedStream(AsyncStream[T]):
    """The chunks of a streamed answer; its end is the end of the call."""

    def __init__(self, watch: Watch, response: httpx.Response, chunks: ChunkReader[T]) -> None:
        super().__init__(response, chunks)
        self._reading = _Reading(watch, chunks)

    async def __anext__(self) -> T:
        with self._reading:
            return await super().__anext__()

    async def close(self) -> None:
        """Give the answer up, as `AsyncStream.close` does."""
        await super().close()
        self._reading.left()

    def _close_soon(self) -> None:
        super()._close_soon()
        self._reading.left()


class _Reading:
    """What becomes of a stream, told to a watch: enter it to read a chunk."""

    def __init__(self, watch: Watch, chunks: ChunkReader[Any]) -> None:
        self._watch = watch
        self._chunks = chunks
        self._at_work = False

    def __enter__(self) -> None:
        self._at_work = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._at_work = False
        if kind is None:
            self._watch.chunk()
        elif issubclass(kind, (StopIteration, StopAsyncIteration)):
            self._end()
        else:
            self._end(error)

    def left(self) -> None:
        """Say that the stream was closed; who reads it meanwhile has the last word."""
        if not self._at_work:
            self._end()

    def _end(self, error: BaseException | None = None) -> None:
        self._watch.end(self._chunks.fold.result() if self._chunks.events else None, error)


def _telemetry(given: Telemetry | bool) -> Telemetry:
    return given if isinstance(given, Telemetry) else Telemetry()
