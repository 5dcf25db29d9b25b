"""The sender: puts a request on the wire and keeps what comes back, within bounds.

A hostile server can't hang it, crash it or fill its memory: every exchange has a deadline and a
limit of bytes, and whatever goes wrong becomes part of the exchange.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from types import TracebackType
from typing import Final, Self

import httpx

from accord_contracts.exchange import CUT_SHORT, HUNG_UP, LATE, UNREACHED, Exchange, Read, Request
from accord_contracts.target import Target

USER_AGENT: Final = f"accord/{version('accord')} (conformance suite)"

ATTEMPTS: Final = 3
"""How often a request is sent whose connection is closed before an answer."""

TICK: Final = 0.001
"""Seconds: what arrives within it counts as having arrived at once."""


@dataclass
class Answer:
    """An answer while it arrives."""

    started: float
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytearray = field(default_factory=bytearray)
    reads: list[Read] = field(default_factory=list)
    failure: str | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the request was sent."""
        return asyncio.get_running_loop().time() - self.started

    def take_headers(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep the headers, their names in small letters."""
        self.headers = tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in raw)

    def take(self, data: bytes) -> None:
        """Keep what one read gave. Reads within a tick count as one: memory stays bounded."""
        self.body += data
        now = self.elapsed
        if self.reads and now - self.reads[-1].seconds < TICK:
            now = self.reads.pop().seconds
        self.reads.append(Read(len(self.body), now))


class Sender:
    """Sends requests to one target. An async context manager.

    Args:
        target: where to, as whom, and the limits.
        transport: an httpx transport in place of the network, such as `httpx.ASGITransport`.
    """

    def __init__(self, target: Target, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.target = target
        self._client = httpx.AsyncClient(
            transport=transport,
            # Certificates take a while to load, and nothing but https needs them.
            verify=target.base_url.startswith("https:"),
            timeout=httpx.Timeout(target.timeout),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=8),
            headers={"user-agent": USER_AGENT, "accept-encoding": "identity"},
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def send(self, request: Request, number: int) -> Exchange:
        """Send one request and read its answer. Never raises on what the server does.

        A connection that the server closed while it lay idle is no fault of the server's, and
        one that something on the way reset speaks of no request: a request whose connection was
        closed before an answer began is sent again.
        """
        for _ in range(ATTEMPTS):
            answer = await self._attempt(request)
            if answer.failure != _CLOSED:
                break
        return self._exchange(request, number, answer)

    async def _attempt(self, request: Request) -> Answer:
        answer = Answer(asyncio.get_running_loop().time())
        hangs_up = request.hang_up is not None and request.hang_up < self.target.timeout
        try:
            async with asyncio.timeout(request.hang_up if hangs_up else self.target.timeout):
                await self._read(request, answer)
        except TimeoutError:
            answer.failure = HUNG_UP if hangs_up else f"{LATE} {self.target.timeout:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError) as error:
            answer.failure = describe(error, begun=answer.status is not None)
        return answer

    async def _read(self, request: Request, answer: Answer) -> None:
        limit = self.target.max_body
        async with self._client.stream(
            request.method,
            self.target.base_url.rstrip("/") + request.path,
            content=_content(request),
            headers=self._headers(request),
        ) as response:
            answer.status = response.status_code
            answer.take_headers(response.headers.raw)
            async for data in response.aiter_raw():
                answer.take(data)
                if request.abandon_after is not None and len(answer.body) >= request.abandon_after:
                    return
                if len(answer.body) > limit:
                    answer.failure = f"more than {limit} bytes; reading stopped there"
                    return

    def _headers(self, request: Request) -> list[tuple[str, str]]:
        headers = list(request.headers)
        names = {name.lower() for name, _ in headers}
        if "accept" not in names:
            accept = "text/event-stream" if request.streams else "application/json"
            headers.append(("accept", accept))
        if request.authorized and self.target.api_key:
            headers.append(("authorization", f"Bearer {self.target.api_key}"))
        return headers

    def _exchange(self, request: Request, number: int, answer: Answer) -> Exchange:
        error = answer.status is None or answer.status >= 400
        masked = tuple(
            (name, self.target.mask(value.encode(), error=error).decode())
            for name, value in answer.headers
        )
        return Exchange(
            request=request,
            number=number,
            status=answer.status,
            headers=masked,
            body=self.target.mask(bytes(answer.body), error=error),
            reads=tuple(answer.reads),
            seconds=answer.elapsed,
            failure=answer.failure,
        )


def _content(request: Request) -> bytes | AsyncIterator[bytes] | None:
    """A body as httpx is to send it: in chunks where the headers say so, else with its length."""
    chunked = ("transfer-encoding", "chunked") in request.headers
    return _chunks(request.body) if chunked and request.body else request.body


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    yield body[len(body) // 2 :]


_CLOSED: Final = "the connection was closed before an answer"


def describe(error: Exception, *, begun: bool = False) -> str:
    """Say in words what went wrong on the wire; `begun`: after an answer had begun."""
    text = str(error).strip()
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return f"{UNREACHED}: {text or 'it took too long'}"
    closed = isinstance(error, httpx.ReadError | httpx.WriteError)
    if closed or "without sending a response" in text or "incomplete" in text:
        return CUT_SHORT if begun else _CLOSED
    if isinstance(error, httpx.RemoteProtocolError):
        return f"not HTTP: {text}"
    if isinstance(error, httpx.TimeoutException):
        return "no connection or no bytes in time"
    return text or type(error).__name__
