"""Where input and output happen: two thin shells, sync and async, around `accord.exchange`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx

from accord.exchange import Call, Pause, Read, Send, Step, fetch, open_stream
from accord.streams import AsyncStream, Stream

if TYPE_CHECKING:
    from accord.config import Config
    from accord.operations import Operation, StreamOperation

__all__ = ["DEFAULT_TIMEOUT", "AsyncTransport", "Timeout", "Transport"]

Timeout = float | httpx.Timeout | None

DEFAULT_TIMEOUT: Final = httpx.Timeout(600.0, connect=5.0)
"""Seconds. An answer may take minutes; a connection takes no time."""

T = TypeVar("T")


class Transport:
    """Does calls with an `httpx.Client`, its own or the user's."""

    def __init__(self, config: Config, timeout: Timeout, http: httpx.Client | None) -> None:
        self._config = config
        self._owned = http is None
        self._http = http or httpx.Client(timeout=timeout, follow_redirects=True)
        self._options = _options(timeout, owned=self._owned)

    def close(self) -> None:
        """Close the connections, unless they are the user's."""
        if self._owned:
            self._http.close()

    def fetch(self, operation: Operation[T]) -> T:
        """Make a call and give its result."""
        return self._run(fetch(self._config, operation))

    def stream(self, operation: StreamOperation[T]) -> Stream[T]:
        """Make a call and give its chunks."""
        return Stream(*self._run(open_stream(self._config, operation)))

    def _run(self, call: Call[T]) -> T:
        try:
            step = next(call)
            while True:
                try:
                    done = self._do(step)
                except httpx.HTTPError as error:
                    step = call.throw(error)
                else:
                    step = call.send(done)
        except StopIteration as stop:
            result: T = stop.value
            return result

    def _do(self, step: Step) -> httpx.Response | None:
        match step:
            case Send(request, stream):
                built = self._http.build_request(**request, **self._options)
                return self._http.send(built, stream=stream)
            case Read(response):
                try:
                    response.read()
                finally:
                    response.close()
            case Pause(seconds):
                time.sleep(seconds)
        return None


class AsyncTransport:
    """Does calls with an `httpx.AsyncClient`, its own or the user's."""

    def __init__(self, config: Config, timeout: Timeout, http: httpx.AsyncClient | None) -> None:
        self._config = config
        self._owned = http is None
        self._http = http or httpx.AsyncClient(timeout=timeout, follow_redirects=True)
        self._options = _options(timeout, owned=self._owned)

    async def close(self) -> None:
        """Close the connections, unless they are the user's."""
        if self._owned:
            await self._http.aclose()

    async def fetch(self, operation: Operation[T]) -> T:
        """Make a call and give its result."""
        return await self._run(fetch(self._config, operation))

    async def stream(self, operation: StreamOperation[T]) -> AsyncStream[T]:
        """Make a call and give its chunks."""
        return AsyncStream(*await self._run(open_stream(self._config, operation)))

    async def _run(self, call: Call[T]) -> T:
        try:
            step = next(call)
            while True:
                try:
                    done = await self._do(step)
                except httpx.HTTPError as error:
                    step = call.throw(error)
                else:
                    step = call.send(done)
        except StopIteration as stop:
            result: T = stop.value
            return result

    async def _do(self, step: Step) -> httpx.Response | None:
        match step:
            case Send(request, stream):
                built = self._http.build_request(**request, **self._options)
                return await self._http.send(built, stream=stream)
            case Read(response):
                try:
                    await response.aread()
                finally:
                    await response.aclose()
            case Pause(seconds):
                from anyio import sleep  # noqa: PLC0415 - httpx imports it late, too

                await sleep(seconds)
        return None


def _options(timeout: Timeout, *, owned: bool) -> dict[str, Any]:
    """Give what each request needs: the timeout of a client of the user's holds, unless told."""
    return {} if owned or timeout is DEFAULT_TIMEOUT else {"timeout": timeout}
