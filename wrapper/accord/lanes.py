"""Many calls at once, at the price of one.

For every request, httpx's pool goes through all of its connections and polls those that idle, so
64 calls at once cost several times what 64 in turn do. Hence a client of Accord has not one httpx
client but many: *lanes*, each for one call at a time, whose pools are so short that going through
them costs nothing. A call takes the lane that was used last, so calls in turn share one
connection; only when all lanes are taken is another made.

Nothing here waits or does input or output: `accord.transport` does.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import httpx

from accord.config import DEFAULT_TIMEOUT
from accord.errors import CallCancelledError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

__all__ = ["CONNECTIONS", "LANES", "Lane", "Lanes", "lanes_of", "lend"]

C = TypeVar("C")  # httpx.Client or httpx.AsyncClient

LANES: Final = 250
"""The most lanes of a client; when all are taken, calls share them."""
CONNECTIONS: Final = 4
"""The most connections of a lane: for clients that `with_options` sends to several servers, and
for calls that share a lane. So a client has at most 1,000."""
_IDLE_SECONDS: Final = 5.0  # as long as httpx keeps an idle connection


class Lane(Generic[C]):
    """One httpx client.

    Attributes:
        http: the client.
        calls: how many calls use it now.
        idle_since: when the last of them gave it back, in seconds of the monotonic clock.
    """

    def __init__(self, lanes: Lanes[C], http: C) -> None:
        self._lanes = lanes
        self.http = http
        self.calls = 0
        self.idle_since = 0.0

    def give_back(self) -> None:
        """Say that a call is done with it."""
        self._lanes.give_back(self)


class Lanes(Generic[C]):
    """The lanes of one client; threads may share it.

    Args:
        make: makes the httpx client of a lane.
        limit: the most lanes there are.
    """

    def __init__(self, make: Callable[[], C], limit: int = LANES) -> None:
        self._make = make
        self._limit = limit
        self._lock = threading.Lock()
        self._all: list[Lane[C]] = []
        self._idle: deque[Lane[C]] = deque()  # the one used last is at the end
        self._closed = False

    def anew(self) -> Lanes[C]:
        """Give the like of these, without a lane."""
        return Lanes(self._make, self._limit)

    def take(self) -> Lane[C]:
        """Give the lane for a call, which must give it back.

        Raises:
            CallCancelledError: the client is closed.
        """
        with self._lock:
            if self._closed:
                raise CallCancelledError("the client is closed")
            lane = self._idle.pop() if self._idle else self._another()
            lane.calls += 1
            return lane

    def give_back(self, lane: Lane[C]) -> None:
        """Say that a call is done with its lane."""
        with self._lock:
            lane.calls -= 1
            if not lane.calls:
                lane.idle_since = time.monotonic()
                self._idle.append(lane)

    def pop_stale(self) -> C | None:
        """Give up a lane that has not been used for long, if there is one; the caller closes it.

        Once for each call is enough to undo a burst of calls, as time goes by.
        """
        long_ago = time.monotonic() - _IDLE_SECONDS
        with self._lock:
            if not self._idle or self._idle[0].idle_since > long_ago:
                return None
            lane = self._idle.popleft()
            self._all.remove(lane)
            return lane.http

    def close(self) -> list[C]:
        """Give up all lanes; the caller closes their clients."""
        with self._lock:
            self._closed = True
            return [lane.http for lane in self._all]

    def _another(self) -> Lane[C]:
        if len(self._all) >= self._limit:
            return min(self._all, key=lambda lane: lane.calls)
        lane = Lane(self, self._make())
        self._all.append(lane)
        return lane


def lanes_of(kind: Callable[..., C], http: C | None, transport: Any) -> Lanes[C]:
    """Give the lanes of a client: one only, where the user has an httpx client or a transport.

    Args:
        kind: which httpx clients to make.
        http: the user's own.
        transport: the user's own, for the one that is made here.
    """
    if http is not None:
        return Lanes(lambda: http, limit=1)
    if transport is not None:
        return Lanes(
            lambda: kind(transport=transport, timeout=DEFAULT_TIMEOUT, follow_redirects=True),
            limit=1,
        )
    trusted, cookies = httpx.create_ssl_context(), CookieJar()  # costly; to be seen by all calls
    return Lanes(
        lambda: kind(
            timeout=DEFAULT_TIMEOUT,
            follow_redirects=True,
            limits=httpx.Limits(max_connections=CONNECTIONS),
            verify=trusted,
            cookies=cookies,
        )
    )


def lend(lane: Lane[C], response: httpx.Response) -> None:
    """Let a response have a lane until it is closed."""
    if response.is_closed:
        lane.give_back()
    else:
        response.stream = _Lent(response.stream, lane.give_back)


class _Lent(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of a response, whose lane is free when it is closed; httpx does that once."""

    def __init__(self, body: Any, give_back: Callable[[], None]) -> None:
        self._body = body
        self._give_back = give_back

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._body)

    def close(self) -> None:
        try:
            self._body.close()
        finally:
            self._give_back()

    async def aclose(self) -> None:
        try:
            await self._body.aclose()
        finally:
            self._give_back()
