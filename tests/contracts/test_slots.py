"""With several requests under way at once, hardly a slot is ever idle.

The event loop is timeless: so what is measured is the order of waiting alone, on a machine of any
speed, and exactly.
"""

from __future__ import annotations

import asyncio

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from accord_contracts import rules
from accord_contracts.report import Report
from accord_contracts.run import Plan, run
from accord_contracts.selftest.timeless import Timeless
from accord_contracts.server import Hook, Settings
from accord_contracts.server.app import create_app
from accord_contracts.target import Target

SECONDS = 0.05


class Slow(Hook):
    """Takes its time before it looks at a request."""

    def asgi(self, app: ASGIApp) -> ASGIApp:
        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            await asyncio.sleep(SECONDS)
            await app(scope, receive, send)

        return slow


def play(concurrency: int) -> tuple[Report, float]:
    """A whole run in process, and the virtual seconds that it takes."""
    transport = httpx.ASGITransport(create_app(Settings(), [Slow()]))
    plan = Plan(rules.ALL, concurrency=concurrency)
    loop = Timeless()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        report = runner.run(run(Target("http://accord/v1"), plan, transport=transport))
        return report, loop.time()


def test_eight_slots_take_little_more_than_an_eighth_of_the_time() -> None:
    report, seconds = play(concurrency=8)
    assert seconds < 1.2 * report.requests * SECONDS / 8
