"""How near a run with several requests under way comes to the ideal.

    python benchmarks/concurrency.py [CONCURRENCY …]

The reference server takes 50 ms a request, in a process of its own. The ideal is the time that
its requests take if no slot is ever idle: requests x 50 ms / concurrency.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
from typing import Any

from rich.console import Console
from starlette.types import ASGIApp, Receive, Scope, Send

import accord_contracts
from accord_contracts import ReferenceServer, Report
from accord_contracts.server import Hook

SECONDS = 0.05


class Slow(Hook):
    """Takes its time before it looks at a request."""

    def asgi(self, app: ASGIApp) -> ASGIApp:
        """Wrap the server."""

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            await asyncio.sleep(SECONDS)
            await app(scope, receive, send)

        return slow


def serve(pipe: Any) -> None:
    """Serve until the other end of the pipe says a word."""
    with ReferenceServer(hooks=[Slow()]) as server:
        pipe.send(server.base_url)
        pipe.recv()


def idle(report: Report, concurrency: int) -> str:
    """One line: what a run took, and what it would take at best."""
    ideal = report.requests * SECONDS / concurrency
    return (
        f"concurrency {concurrency}: {report.requests} requests, {report.seconds:.2f} s, "
        f"ideal {ideal:.2f} s, {report.seconds / ideal:.2f} x"
    )


def main(levels: list[int]) -> None:
    """Print a line for each level of concurrency."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there,))
    process.start()
    url = here.recv()
    for concurrency in levels:
        report = accord_contracts.check(url, concurrency=concurrency)
        Console().print(idle(report, concurrency))
    here.send("enough")
    process.join()


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1, 8])
