"""The log of `accord serve`: one line for each request."""

from __future__ import annotations

import time

import click
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accord_contracts.reports.printable import printable
from accord_contracts.server import Hook


class RequestLog(Hook):
    """Writes method, path, status and milliseconds of each request to standard error."""

    def asgi(self, app: ASGIApp) -> ASGIApp:
        """Wrap the server."""

        async def logged(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            status = "-"

            async def watched(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = str(message["status"])
                await send(message)

            began = time.perf_counter()
            try:
                await app(scope, receive, watched)
            finally:
                _write(scope, status, time.perf_counter() - began)

        return logged


def _write(scope: Scope, status: str, seconds: float) -> None:
    path = printable(scope["path"])
    click.echo(f"{scope['method']} {path} {status} {1000 * seconds:.0f} ms", err=True)
