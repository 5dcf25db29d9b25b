"""Where input and output happen: two thin shells, sync and async, around `accord.exchange`."""

from __future__ import annotations

import inspect
import threading
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from accord.config import DEFAULT_TIMEOUT, Config
from accord.deadlines import Deadline, Timeouts, in_time
from accord.errors import CallCancelledError, ConfigurationError
from accord.exchange import (
    AskKey,
    Call,
    Pause,
    Read,
    Send,
    Step,
    begin,
    fetch,
    for_call,
    open_stream,
)
from accord.lanes import Lanes, lanes_of, lend
from accord.sockets import time_limit
from accord.streams import AsyncStream, Stream

if TYPE_CHECKING:
    from accord.chunks import ChunkReader
    from accord.failures import Failures
    from accord.operations import Operation, StreamOperation

__all__ = ["AsyncTransport", "Transport"]

T = TypeVar("T")

_CLOSED = "the client is closed"


class Transport:
    """Does calls with `httpx.Client`s of its own, or with the user's one.

    Args:
        http: the user's; None to make them.
        transport: what one that is made here is to use, for the user who has it.
    """

    def __init__(self, http: httpx.Client | None, transport: httpx.BaseTransport | None) -> None:
        self._closed = threading.Event()
        self._owned = http is None
        self._lanes = lanes_of(httpx.Client, http, transport)

    @property
    def closed(self) -> bool:
        """Whether it does calls no more."""
        return self._closed.is_set()

    def close(self) -> None:
        """Close the connections, unless they are the user's."""
        self._closed.set()
        for http in self._lanes.close():
            if self._owned:
                http.close()

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

    def begin(
        self, config: Config, operation: Operation[T] | StreamOperation[T]
    ) -> tuple[httpx.Response, Failures]:
        """Make a call until it is answered; give the response, and what makes its errors."""
        config = for_call(config, operation.options)
        return self._run(begin(config, Deadline(config.deadline), operation))

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
        lane = self._lanes.take()
        try:
            self._close_stale()
            response = lane.http.send(_request(lane.http, step), stream=True)
        except BaseException:
            lane.give_back()
            raise
        lend(lane, response)
        if not step.stream:
            self._read(response, step.deadline)
        return response

    def _read(self, response: httpx.Response, deadline: Deadline) -> None:
        try:
            if deadline:
                with time_limit(response, deadline.remaining):
                    response.read()
            else:
                response.read()
        finally:
            response.close()

    def _close_stale(self) -> None:
        stale = self._lanes.pop_stale()
        if stale is not None:
            stale.close()


class AsyncTransport:
    """Does calls with `httpx.AsyncClient`s of its own, or with the user's one.

    Its own are made anew for each event loop: connections die with the loop they were opened in.

    Args:
        http: the user's; None to make them.
        transport: what one that is made here is to use, for the user who has it.
    """

    def __init__(
        self, http: httpx.AsyncClient | None, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._closed = False
        self._owned = http is None
        self._lanes = lanes_of(httpx.AsyncClient, http, transport)
        self._loop: object = None

    @property
    def closed(self) -> bool:
        """Whether it does calls no more."""
        return self._closed

    async def close(self) -> None:
        """Close the connections, unless they are the user's."""
        self._closed = True
        for http in self._lanes.close():
            if self._owned and self._loop is _running_loop():
                await http.aclose()

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

    async def begin(
        self, config: Config, operation: Operation[T] | StreamOperation[T]
    ) -> tuple[httpx.Response, Failures]:
        """Make a call until it is answered; give the response, and what makes its errors."""
        config = for_call(config, operation.options)
        return await self._run(begin(config, Deadline(config.deadline), operation))

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
        lanes = self._lanes_here()
        lane = lanes.take()
        try:
            await _close_stale(lanes)
            response = await in_time(
                lane.http.send(_request(lane.http, step), stream=True), step.deadline
            )
        except BaseException:
            lane.give_back()
            raise
        lend(lane, response)
        if not step.stream:
            await self._read(response, step.deadline)
        return response

    async def _read(self, response: httpx.Response, deadline: Deadline) -> None:
        try:
            await in_time(response.aread(), deadline)
        finally:
            await response.aclose()

    def _lanes_here(self) -> Lanes[httpx.AsyncClient]:
        """Give the lanes of the event loop that runs."""
        loop = _running_loop()
        if self._loop is not loop:
            if self._loop is not None:
                self._lanes = self._lanes.anew()
            self._loop = loop
        return self._lanes


async def _close_stale(lanes: Lanes[httpx.AsyncClient]) -> None:
    stale = lanes.pop_stale()
    if stale is not None:
        await stale.aclose()


def _request(http: httpx.Client | httpx.AsyncClient, step: Send) -> httpx.Request:
    """Build a request; the timeouts of a user's own client hold, unless one is given."""
    timeout: dict[str, Any] = {} if step.timeout is DEFAULT_TIMEOUT else {"timeout": step.timeout}
    request = http.build_request(**step.request, **timeout)
    if step.deadline:
        timeouts = Timeouts(request.extensions.get("timeout", {}), step.deadline)
        request.extensions = {**request.extensions, "timeout": timeouts}
    return request


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
