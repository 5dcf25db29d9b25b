"""Where the reference server can be bent.

The fault bank deviates at the level where real servers go wrong, and at one level only. A
`Hook` overrides one of the methods below; the identity is the correct server. Hooks apply in
the order in which they were given, so that faults can be combined.

    request bytes -> [request] -> validation -> generation -> Reply -> [reply] -> JSON bytes
    and for a stream: Reply -> [reply] -> events -> [events] -> SSE blocks -> [blocks] -> bytes
    the whole of it, as ASGI: [asgi]
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.types import ASGIApp

Endpoint = Literal["models", "model", "completions", "chat"]

DONE = "[DONE]"
"""The event that ends a stream, as it appears among the events of a `Hook.events`."""

StreamEvent = dict[str, Any] | str
"""A chunk about to be encoded as one `data:` event, or `DONE` (any text is sent as it is)."""


@dataclass
class Call:
    """One request as the server sees it. Hooks may edit it before validation."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    endpoint: Endpoint | None
    """None where no route matched (404, 405 on an unknown path, OPTIONS)."""
    body: Any = None
    """The parsed JSON body; None for GET and while the body is not JSON."""
    raw: bytes = b""
    request_id: str = ""

    @property
    def streams(self) -> bool:
        """Whether the request asks for an event stream."""
        return isinstance(self.body, dict) and self.body.get("stream") is True


@dataclass
class Reply:
    """One answer before it is encoded."""

    status: int
    body: Any
    """A JSON value, or bytes sent as they are, or None when the answer is a stream."""
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case; includes content-type."""
    events: AsyncIterator[StreamEvent] | None = None
    """The stream, for streamed answers."""


class Refusal(Exception):  # noqa: N818 - it reads as what it is: `raise Refusal(404, …)`
    """An answer in OpenAI's error envelope, raised anywhere while a call is served."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",  # noqa: A002 - OpenAI's name of the field
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.error: dict[str, Any] = {
            "message": message,
            "type": type,
            "param": param,
            "code": code,
        }


class Hook:
    """The correct server: every method leaves what it is given as it is."""

    def request(self, call: Call) -> None:
        """Edit the request before it is validated, or raise a `Refusal`."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Change status, headers or body of any answer: JSON, error, or the head of a stream."""
        return reply

    def events(
        self,
        call: Call,
        events: AsyncIterator[StreamEvent],
    ) -> AsyncIterator[StreamEvent]:
        """Change the events of a stream before they are encoded."""
        return events

    def blocks(
        self,
        call: Call,
        blocks: AsyncIterator[bytes],
    ) -> AsyncIterator[bytes]:
        """Change the bytes of a stream: one block per event, blank line included."""
        return blocks

    def asgi(self, app: ASGIApp) -> ASGIApp:
        """Wrap the whole server, for what only the wire shows."""
        return app
