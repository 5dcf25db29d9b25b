"""Where input and output happen: two thin shells, sync and async, around `accord.exchange`."""

from __future__ import annotations

import inspect
import threading
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from accord.config import DEFAULT_TIMEOUT, Config
from accord.deadlines import Deadline, Timeouts
from accord.errors import CallCancelledError, ConfigurationError
from accord.exchange import AskKey, Call, Pause, Read, Send, Step, fetch, for_call, open_stream
from accord.sockets import time_limit
from accord.streams import AsyncStream, Stream

if TYPE_CHECKING:
    from accord.chunks import ChunkReader
    from accord.operations import Operation, StreamOperation

__all__ = ["AsyncTransport", "Transport"]

T = TypeVar("T")

_CLOSED = "the client is closed"


class Transport:
    """Does calls with an `httpx.Client`, its own or the user's.

    Args:
        http: the user's; None to make one.
        transport: what one that is made here is to use, for the user who has it.
    """

    def __init__(self, http: httpx.Client | None, transport: httpx.BaseTransport | None) -> None:
        self._closed = threading.Event()
        self._owned = http is None
        self._http = http or httpx.Client(
            timeout=DEFAULT_TIMEOUT, follow_redirects=True, transport=transport
        )

    @property
    def closed(self) -> bool:
        """Whether it does calls no more."""
        return self._closed.is_set()

    def close(self) -> None:
        """Close the connections, unless they are the user's."""
        self._closed.set()
        if self._owned:
            self._http.close()

    def fetch(self, config: Config, operation: Operation[T]) -> T:
        """Make a call and give its result."""
        config = for_call(config, operation.options)
        return self._run(fetch(config, Deadline(config.deadline), operation))

    def stream(self, config: Config, operation: StreamOperation[T]) -> Stream[T]:
        """Make a call and give its chunks."""
        return Stream(*self.open(config, operation))

    def open(
        self, config: Config, operation: StreamOperation[T]
    ) -> tuple[httpx.Response, ChunkReader[T]]:
        """Make a call whose answer is a stream; give what a `Stream` is made of."""
        config = for_call(config, operation.options)
        return self._run(open_stream(config, Deadline(config.deadline), operation))

    def _run(self, call: Call[T]) -> T:
        try:
            step = next(call)
            while True:
                try:
                    done = self._do(step)
                except httpx.HTTPError as error:
                    if self._closed.is_set():
                        raise CallCancelledError(_CLOSED) from error
                    step = call.throw(error)
                else:
                    step = call.send(done)
        except StopIteration as stop:
            result: T = stop.value
            return result

    def _do(self, step: Step) -> Any:
        if self._closed.is_set():
            raise CallCancelledError(_CLOSED)
        match step:
            case Send():
                return self._send(step)
            case Read(response, deadline):
                self._read(response, deadline)
            case AskKey(ask):
                return _checked_key(ask())
            case Pause(seconds):
                self._closed.wait(seconds)
        return None

    def _send(self, step: Send) -> httpx.Response:
        request = self._http.build_request(**step.request, **_timeout(step))
        if not step.deadline:
            return self._http.send(request, stream=step.stream)
        _bound(request, step.deadline)
        response = self._http.send(request, stream=True)
        if not step.stream:
            self._read(response, step.deadline)
        return response

    def _read(self, response: httpx.Response, deadline: Deadline) -> None:
        try:
            with time_limit(response, deadline.remaining):
                response.read()
        finally:
            response.close()


class AsyncTransport:
    """Does calls with an `httpx.AsyncClient`, its own or the user's.

    One of its own is made anew for each event loop: connections die with the loop they were
    opened in.

    Args:
        http: the user's; None to make one.
        transport: what one that is made here is to use, for the user who has it.
    """

    def __init__(
        self, http: httpx.AsyncClient | None, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._closed = False
        self._owned = http is None
        self._transport = transport
        self._http = http
        self._loop: object = None

    @property
    def closed(self) -> bool:
        """Whether it does calls no more."""
        return self._closed

    async def close(self) -> None:
        """Close the connections, unless they are the user's."""
        self._closed = True
        if self._owned and self._http is not None and self._loop is _running_loop():
            await self._http.aclose()

    async def fetch(self, config: Config, operation: Operation[T]) -> T:
        """Make a call and give its result."""
        config = for_call(config, operation.options)
        return await self._run(fetch(config, Deadline(config.deadline), operation))

    async def stream(self, config: Config, operation: StreamOperation[T]) -> AsyncStream[T]:
        """Make a call and give its chunks."""
        return AsyncStream(*await self.open(config, operation))

    async def open(
        self, config: Config, operation: StreamOperation[T]
    ) -> tuple[httpx.Response, ChunkReader[T]]:
        """Make a call whose answer is a stream; give what an `AsyncStream` is made of."""
        config = for_call(config, operation.options)
        return await self._run(open_stream(config, Deadline(config.deadline), operation))

    async def _run(self, call: Call[T]) -> T:
        try:
            step = next(call)
            while True:
                try:
                    done = await self._do(step)
                except httpx.HTTPError as error:
                    if self._closed:
                        raise CallCancelledError(_CLOSED) from error
                    step = call.throw(error)
                else:
                    step = call.send(done)
        except StopIteration as stop:
            result: T = stop.value
            return result

    async def _do(self, step: Step) -> Any:
        if self._closed:
            raise CallCancelledError(_CLOSED)
        match step:
            case Send():
                return await self._send(step)
            case Read(response, deadline):
                await self._read(response, deadline)
            case AskKey(ask):
                key = ask()
                return _checked_key(await key if inspect.isawaitable(key) else key)
            case Pause(seconds):
                from anyio import sleep  # noqa: PLC0415 - httpx imports it late, too

                await sleep(seconds)
        return None

    async def _send(self, step: Send) -> httpx.Response:
        http = self._client()
        request = http.build_request(**step.request, **_timeout(step))
        if not step.deadline:
            return await http.send(request, stream=step.stream)
        from anyio import move_on_after  # noqa: PLC0415 - httpx imports it late, too

        _bound(request, step.deadline)
        with move_on_after(step.deadline.remaining):
            return await http.send(request, stream=step.stream)
        raise httpx.ReadTimeout("the time for the whole call is up")

    async def _read(self, response: httpx.Response, deadline: Deadline) -> None:
        from anyio import move_on_after  # noqa: PLC0415 - httpx imports it late, too

        try:
            with move_on_after(deadline.remaining):
                await response.aread()
                return
            raise httpx.ReadTimeout("the time for the whole call is up")
        finally:
            await response.aclose()

    def _client(self) -> httpx.AsyncClient:
        if not self._owned and self._http is not None:
            return self._http
        loop = _running_loop()
        if self._http is None or self._loop is not loop:
            self._loop = loop
            self._http = httpx.AsyncClient(
                timeout=DEFAULT_TIMEOUT, follow_redirects=True, transport=self._transport
            )
        return self._http


def _timeout(step: Send) -> dict[str, Any]:
    """Give the timeout where it must be said: that of the user's own client holds, unless told."""
    if step.timeout is DEFAULT_TIMEOUT:
        return {}
    return {"timeout": step.timeout}


def _bound(request: httpx.Request, deadline: Deadline) -> None:
    request.extensions = {
        **request.extensions,
        "timeout": Timeouts(request.extensions.get("timeout", {}), deadline),
    }


def _checked_key(key: object) -> str:
    if not isinstance(key, str):
        if inspect.iscoroutine(key):
            key.close()  # or it would be warned of, as never awaited
        kind = type(key).__name__
        raise ConfigurationError(f"the function given as api_key returned no text but a {kind}")
    return key


def _running_loop() -> object:
    """Give what stands for the event loop that runs now, asyncio's or trio's."""
    import asyncio  # noqa: PLC0415 - as late as httpx imports it

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        import trio  # noqa: PLC0415 - what else is running has imported it

        return trio.lowlevel.current_trio_token()
