"""In process: a sender that hands requests to an ASGI application, without a socket between.

It is for the hundreds of runs of the self-test. What only the wire shows can't be seen this way.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Final
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

from accord_contracts.exchange import CUT_SHORT, Request
from accord_contracts.sender import USER_AGENT, Answer, Sender
from accord_contracts.target import Target

ROOT: Final = "/v1"
"""Where the reference server has its endpoints."""

_COMMON: Final = [(b"host", b"accord"), (b"user-agent", USER_AGENT.encode())]


class InProcess(Sender):
    """Sends requests to an ASGI application.

    Args:
        target: as whom, and the limits; the base URL is not looked at.
        app: answers.
    """

    def __init__(self, target: Target, app: ASGIApp) -> None:
        super().__init__(target)
        self._app = app
        self._serving: set[asyncio.Task[None]] = set()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop what still goes on although nobody waits for it."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await super().__aexit__(kind, error, trace)

    async def _read(self, request: Request, answer: Answer) -> None:
        client = _Client(request, answer)
        serving = asyncio.create_task(self._serve(request, client))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)
        serving.add_done_callback(lambda _: client.ended.set())
        try:
            await client.ended.wait()
        finally:
            client.leave()

    async def _serve(self, request: Request, client: _Client) -> None:
        try:
            await self._app(self._scope(request), client.receive, client.send)
        except Exception:  # noqa: BLE001 - what a web server would tell as well as it still can
            client.fail()

    def _scope(self, request: Request) -> Scope:
        path, _, query = (ROOT + request.path).partition("?")
        headers = [(k.lower().encode(), v.encode()) for k, v in self._headers(request)]
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": request.method,
            "root_path": "",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [*_COMMON, *headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }


class _Client:
    """The client's end of one exchange: what the application receives from, and sends to.

    Attributes:
        ended: that the client waits for no more: the answer is complete, or it has left.
    """

    def __init__(self, request: Request, answer: Answer) -> None:
        self.ended = asyncio.Event()
        self._request = request
        self._answer = answer
        self._asked = False
        self._gone = asyncio.Event()

    def leave(self) -> None:
        """Close the connection. The application is told when it next asks."""
        self._gone.set()
        self.ended.set()

    def fail(self) -> None:
        """Take it that the application failed."""
        if self._gone.is_set():
            return
        if self._answer.status is None:
            self._answer.status, self._answer.body = 500, bytearray(b"Internal Server Error")
        else:
            self._answer.failure = CUT_SHORT

    async def receive(self) -> Message:
        """The body, then nothing until the client leaves."""
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._request.body or b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a part of the answer, as long as the client is there."""
        if self._gone.is_set():
            return
        if message["type"] == "http.response.start":
            self._begin(message)
        elif data := message.get("body"):
            self._answer.take(data)
            enough = self._request.abandon_after
            if enough is not None and len(self._answer.body) >= enough:
                self.leave()

    def _begin(self, message: Message) -> None:
        self._answer.status = message["status"]
        self._answer.take_headers(message["headers"])
