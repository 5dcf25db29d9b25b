"""The witness: sits in the reference server, and sees what clients do."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from itertools import count
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accord_contracts.clients.entry import Ending, Entry, sameness, shown
from accord_contracts.clients.obligation import Judgement, judge_request
from accord_contracts.clients.received import Received
from accord_contracts.rule import Level
from accord_contracts.server import Call, Hook, Refusal

KEPT: Final = 4 * 1024 * 1024
"""Bytes of a request's body that are kept to be judged: what the server itself takes."""


class Witness(Hook):
    """Judges each request as it comes, and gives an entry for it when it is over.

    Put it after all faults: the last hook is outermost, and sees what crosses the wire.

    Args:
        tell: is called with each entry, in the order in which the answers end.
        strict: refuse with 400 what breaks a MUST or a SHOULD.
    """

    def __init__(self, tell: Callable[[Entry], None], *, strict: bool = False) -> None:
        self._tell = tell
        self._strict = strict
        self._numbers = count(1)
        self._connections: dict[object, int] = {}
        self._redirects: set[str] = set()
        self._current: ContextVar[_Watch] = ContextVar("watch")

    def asgi(self, app: ASGIApp) -> ASGIApp:
        """Watch the server from outside."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            connection = self._connection(scope.get("client"))
            watch = _Watch(scope, receive, send, next(self._numbers), connection, self._redirects)
            self._current.set(watch)
            try:
                await app(scope, watch.receive, watch.send)
            finally:
                self._tell(watch.entry())

        return watched

    def request(self, call: Call) -> None:
        """Refuse what the contract does not allow, where that is wanted."""
        judgement = self._current.get().judge()
        against = [v for v in judgement.violations if v.obligation.level is not Level.MAY]
        if self._strict and against:
            raise Refusal(
                400,
                "The request breaks the contract: " + "; ".join(map(str, against)),
                param=_param(against[0].pointer),
                code="contract_violation",
                headers={"x-accord-violations": ", ".join(v.obligation.id for v in against)},
            )

    def _connection(self, client: object) -> int:
        return self._connections.setdefault(client, len(self._connections) + 1)


def _param(pointer: str) -> str | None:
    """A JSON pointer as OpenAI names parameters: `messages[0].role`."""
    path = ""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        path += f"[{name}]" if name.isdecimal() else f".{name}" if path else name
    return path or None


class _Watch:
    """One request while it is under way."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        number: int,
        connection: int,
        redirects: set[str],
    ) -> None:
        self._scope = scope
        self._redirects = redirects
        """Where this server has sent its clients; shared by all requests."""
        self._receive = receive
        self._send = send
        self._number = number
        self._connection = connection
        self._time, self._arrived = time.time(), time.monotonic()
        self._body, self._size = bytearray(), 0
        self._status: int | None = None
        self._headers: dict[bytes, bytes] = {}
        self._read = self._done = self._complete = self._left = False
        self._judgement: Judgement | None = None

    async def receive(self) -> Message:
        """Pass on what comes, and remember it."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._left = not self._complete
            return message
        piece = message.get("body", b"")
        self._size += len(piece)
        if self._size <= KEPT:
            self._body += piece
        self._read = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Pass on what goes, and remember it."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = {name.lower(): value for name, value in message.get("headers", ())}
            if b"location" in self._headers:
                self._redirects.add(urlsplit(self._headers[b"location"]).path.decode("latin-1"))
        else:
            self._done = self._done or b"[DONE]" in message.get("body", b"")
        await self._send(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._complete = not self._left

    def judge(self) -> Judgement:
        """Judge the request; its body has been read, as far as it will be."""
        if self._judgement is None:
            self._judgement = judge_request(self._received())
        return self._judgement

    def entry(self) -> Entry:
        """What became of it."""
        request = self._received()
        return Entry(
            number=self._number,
            time=self._time,
            method=request.method,
            path=shown(request, request.path),
            endpoint=request.endpoint,
            model=None if request.model is None else shown(request, request.model),
            streams=request.streams,
            user_agent=shown(request, request.user_agent),
            connection=self._connection,
            status=self._status,
            ending=self._ending(),
            kept=self._complete and self._headers.get(b"connection", b"").lower() != b"close",
            arrived=self._arrived,
            ended=time.monotonic(),
            retry_after=_seconds(self._headers.get(b"retry-after", b"")),
            judgement=self.judge(),
            same=sameness(request),
        )

    def _ending(self) -> Ending:
        if self._complete or (self._left and self._done):
            return Ending.COMPLETE
        return Ending.CLIENT_LEFT if self._left else Ending.SERVER_CUT

    def _received(self) -> Received:
        path = self._scope.get("raw_path") or self._scope["path"].encode()
        query = self._scope.get("query_string", b"")
        target = path.partition(b"?")[0] + (b"?" + query if query else b"")
        return Received(
            method=self._scope["method"],
            target=target.decode("latin-1"),
            headers=tuple(
                (name.decode("latin-1").lower(), value.decode("latin-1"))
                for name, value in self._scope["headers"]
            ),
            body=bytes(self._body),
            whole=self._read and self._size <= KEPT,
            redirected=target.partition(b"?")[0].decode("latin-1") in self._redirects,
        )


def _seconds(retry_after: bytes) -> float | None:
    """How many seconds a `Retry-After` header asks for; None for none, or a date."""
    return float(retry_after) if retry_after.isdigit() else None
