"""Calls whose answers are left unread: `with_streaming_response`, as the OpenAI SDK has it.

The methods are those of the clients; only what makes the calls is another.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from accord.responses import AsyncStreamedResponse, StreamedResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from accord import async_client, client
    from accord.config import Config
    from accord.operations import Operation, StreamOperation
    from accord.transport import AsyncTransport, Transport

__all__ = [
    "AsyncStreamingChatCompletions",
    "AsyncStreamingCompletions",
    "AsyncStreamingModels",
    "AsyncUnread",
    "StreamingChatCompletions",
    "StreamingCompletions",
    "StreamingModels",
    "Unread",
]

P = ParamSpec("P")
T = TypeVar("T")


class StreamingModels:
    """`client.models.with_streaming_response`."""

    def __init__(self, models: client.Models) -> None:
        self.list = _streamed(models.list)
        self.retrieve = _streamed(models.retrieve)


class StreamingCompletions:
    """`client.completions.with_streaming_response`."""

    def __init__(self, completions: client.Completions) -> None:
        self.create = _streamed(completions.create)


class StreamingChatCompletions:
    """`client.chat.completions.with_streaming_response`."""

    def __init__(self, completions: client.ChatCompletions) -> None:
        self.create = _streamed(completions.create)


class AsyncStreamingModels:
    """`client.models.with_streaming_response`."""

    def __init__(self, models: async_client.AsyncModels) -> None:
        self.list = _async_streamed(models.list)
        self.retrieve = _async_streamed(models.retrieve)


class AsyncStreamingCompletions:
    """`client.completions.with_streaming_response`."""

    def __init__(self, completions: async_client.AsyncCompletions) -> None:
        self.create = _async_streamed(completions.create)


class AsyncStreamingChatCompletions:
    """`client.chat.completions.with_streaming_response`."""

    def __init__(self, completions: async_client.AsyncChatCompletions) -> None:
        self.create = _async_streamed(completions.create)


class Unread:
    """Stands for a transport, and gives its answers as they begin: the calls are made all the same.

    Args:
        transport: makes the calls.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def fetch(
        self, config: Config, operation: Operation[Any] | StreamOperation[Any]
    ) -> StreamedResponse[Any]:
        """Make a call; give its answer, unread."""
        response, failures = self._transport.begin(config, operation)
        return StreamedResponse(response, failures, operation)

    stream = fetch


class AsyncUnread:
    """Stands for a transport, and gives its answers as they begin: the calls are made all the same.

    Args:
        transport: makes the calls.
    """

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def fetch(
        self, config: Config, operation: Operation[Any] | StreamOperation[Any]
    ) -> AsyncStreamedResponse[Any]:
        """Make a call; give its answer, unread."""
        response, failures = await self._transport.begin(config, operation)
        return AsyncStreamedResponse(response, failures, operation)

    stream = fetch


def _streamed(call: Callable[P, T]) -> Callable[P, AbstractContextManager[StreamedResponse[T]]]:
    """Make a context of a call by way of `Unread`."""

    @wraps(call)
    @contextmanager
    def streamed(*args: P.args, **kwargs: P.kwargs) -> Iterator[StreamedResponse[T]]:
        response: Any = call(*args, **kwargs)
        try:
            yield response
        finally:
            response.close()

    return streamed


def _async_streamed(
    call: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, AbstractAsyncContextManager[AsyncStreamedResponse[T]]]:
    """Make a context of a call by way of `AsyncUnread`."""

    @wraps(call)
    @asynccontextmanager
    async def streamed(
        *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator[AsyncStreamedResponse[T]]:
        response: Any = await call(*args, **kwargs)
        try:
            yield response
        finally:
            await response.close()

    return streamed
