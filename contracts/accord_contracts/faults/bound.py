"""Binding: one deviation at one endpoint, where a server has one code path for several."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from accord_contracts.server.app import endpoint_of
from accord_contracts.server.hooks import Call, Hook, Reply, StreamEvent


@dataclass(frozen=True)
class Bound(Hook):
    """A hook that applies to one endpoint, and leaves the others as they are."""

    hook: Hook
    endpoint: str

    def request(self, call: Call) -> None:
        """Bend requests to the endpoint."""
        if call.endpoint == self.endpoint:
            self.hook.request(call)

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Bend answers of the endpoint."""
        return self.hook.reply(call, reply) if call.endpoint == self.endpoint else reply

    def events(self, call: Call, events: AsyncIterator[StreamEvent]) -> AsyncIterator[StreamEvent]:
        """Bend the events of its streams."""
        return self.hook.events(call, events) if call.endpoint == self.endpoint else events

    def blocks(self, call: Call, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Bend the bytes of its streams."""
        return self.hook.blocks(call, blocks) if call.endpoint == self.endpoint else blocks

    def asgi(self, app: ASGIApp) -> ASGIApp:
        """Send what is for the endpoint's path through the bent server, and all else around it."""
        bent = self.hook.asgi(app)

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            here = endpoint_of(scope.get("path", "")) == self.endpoint
            await (bent if here else app)(scope, receive, send)

        return serve
