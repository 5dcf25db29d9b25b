"""What Accord costs, measured on this machine: `nox -s bench`.

Numbers depend on the machine; ratios and shapes (flat or not) travel.
"""

from __future__ import annotations

import asyncio
import json
import platform
import statistics
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from accord import sse
from accord_api.models.chat_completion_chunk import ChatCompletionChunk
from accord_contracts import rules
from accord_contracts.exchange import Request
from accord_contracts.report import Report
from accord_contracts.run import Plan, check
from accord_contracts.sender import Sender
from accord_contracts.server import ReferenceServer
from accord_contracts.target import Target

ROUNDS = 5
CHUNK: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1700000000,
    "model": "a-model",
    "choices": [{"index": 0, "delta": {"content": " word"}, "finish_reason": None}],
}
EVENT = b"data: " + json.dumps(CHUNK).encode() + b"\n\n"


def main() -> None:
    """Measure, and print a table."""
    table = Table(title=f"Accord on {platform.machine()}, Python {platform.python_version()}")
    table.add_column("what")
    table.add_column("figure", justify="right")
    for what, figure in [*whole_run(), *reading(), *memory()]:
        table.add_row(what, figure)
    Console().print(table)


def whole_run() -> list[tuple[str, str]]:
    """A default run on the reference server, and the server's own share of it."""
    with ReferenceServer() as server:
        target = Target(server.base_url)
        reports = [check(target, Plan(rules.ALL)) for _ in range(ROUNDS)]
        bare = statistics.median(replay(server.base_url, reports[0]) for _ in range(ROUNDS))
    report, seconds = reports[0], statistics.median(report.seconds for report in reports)
    return [
        ("rules", f"{len(report.findings)}"),
        ("requests of a default run", f"{report.requests}"),
        ("tokens of a default run", f"{report.tokens:,}"),
        ("a default run on the reference server", f"{seconds:.2f} s"),
        ("the same requests through bare httpx", f"{bare:.2f} s"),
        ("overhead", f"{seconds / bare:.2f} x"),
    ]


def replay(base_url: str, report: Report) -> float:
    """Seconds that the run's requests take without the suite."""
    with httpx.Client(timeout=10) as client:
        started = time.perf_counter()
        for exchange in report.exchanges:
            request = exchange.request
            if request.abandon_after is None and exchange.failure is None:
                client.request(
                    request.method,
                    base_url + request.path,
                    content=request.body,
                    headers=list(request.headers),
                )
        return time.perf_counter() - started


def reading() -> list[tuple[str, str]]:
    """Processor time that one event of a stream costs, layer by layer."""
    body = EVENT * 20_000
    reads = [body[start : start + 8192] for start in range(0, len(body), 8192)]

    def read() -> int:
        reader = sse.Reader()
        return sum(1 for data in reads for _ in reader.feed(data))

    def parse() -> int:
        return sum(1 for _ in range(20_000) if ChatCompletionChunk.from_dict(CHUNK))

    return [
        ("event-stream reader, an event", f"{per_item(read):.2f} µs"),
        ("generated client, a chunk from_dict", f"{per_item(parse):.2f} µs"),
    ]


def per_item(work: Callable[[], int]) -> float:
    """Microseconds of processor time for each item that `work` counts: the median of rounds."""
    costs = []
    for _ in range(ROUNDS):
        started = time.process_time()
        count = work()
        costs.append((time.process_time() - started) / count * 1e6)
    return statistics.median(costs)


def memory() -> Iterator[tuple[str, str]]:
    """What the suite holds of streams of growing length: flat, once the bound is reached."""
    for count in (10_000, 100_000, 1_000_000):
        size = count * len(EVENT) / 2**20
        yield f"peak memory, a stream of {size:,.0f} MiB", f"{peak(count) / 2**20:.0f} MiB"


class Events(httpx.AsyncBaseTransport, httpx.AsyncByteStream):
    """Answers with a stream of so many events."""

    def __init__(self, count: int) -> None:
        self.count = count

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer any request."""
        return httpx.Response(200, stream=self)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give one event a read."""
        for _ in range(self.count):
            yield EVENT


def peak(count: int) -> int:
    """The most bytes that are allocated while a stream of so many events is read."""

    async def once() -> None:
        async with Sender(Target("http://bench"), Events(count)) as sender:
            await sender.send(Request("GET", "/models"), 1)

    tracemalloc.start()
    asyncio.run(once())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


if __name__ == "__main__":
    main()
