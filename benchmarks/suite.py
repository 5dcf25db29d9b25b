"""What the suite costs, and the generated client: a run, an event, a chunk, a stream's memory."""

from __future__ import annotations

import asyncio
import statistics
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable

import httpx
from results import Row, Table
from server import CHUNK, EVENT

from accord import sse
from accord_api.models.chat_completion_chunk import ChatCompletionChunk
from accord_contracts import rules
from accord_contracts.exchange import Request
from accord_contracts.report import Report
from accord_contracts.run import Plan, check
from accord_contracts.sender import Sender
from accord_contracts.server import ReferenceServer
from accord_contracts.target import Target

__all__ = ["suite"]

ROUNDS = 5


def suite() -> Table:
    """Measure a default run, what it is made of, and what it holds in memory."""
    memory = [
        Row(f"peak memory, a stream of {size * len(EVENT) >> 20:,} MiB", peak(size) / 2**20, "MiB")
        for size in (10_000, 100_000, 1_000_000)
    ]
    return Table(
        "The suite",
        "A default run on the reference server, beside its requests alone; what reads streams; "
        "and the memory that the suite needs for streams of growing length: flat, once its bound "
        "is reached.",
        [*whole_run(), *reading(), *memory],
    )


def whole_run() -> list[Row]:
    """A default run on the reference server, and the server's own share of it."""
    with ReferenceServer() as server:
        target = Target(server.base_url)
        reports = [check(target, Plan(rules.ALL)) for _ in range(ROUNDS)]
        bare = statistics.median(replay(server.base_url, reports[0]) for _ in range(ROUNDS))
    report, seconds = reports[0], statistics.median(report.seconds for report in reports)
    return [
        Row("rules", len(report.findings), ""),
        Row("requests of a default run", report.requests, ""),
        Row("tokens of a default run", report.tokens, ""),
        Row("a default run on the reference server", seconds, "s"),
        Row("the same requests through bare httpx", bare, "s"),
        Row("overhead", seconds / bare, "x"),
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


def reading() -> list[Row]:
    """Processor time that one event of a stream costs, layer by layer."""
    body = EVENT * 20_000
    reads = [body[start : start + 8192] for start in range(0, len(body), 8192)]

    def read() -> int:
        reader = sse.Reader()
        return sum(1 for data in reads for _ in reader.feed(data))

    def parse() -> int:
        return sum(1 for _ in range(20_000) if ChatCompletionChunk.from_dict(CHUNK))

    return [
        Row("event-stream reader, an event", per_item(read)),
        Row("generated client, a chunk from_dict", per_item(parse)),
    ]


def per_item(work: Callable[[], int]) -> float:
    """Microseconds of processor time for each item that `work` counts: the median of rounds."""
    costs = []
    for _ in range(ROUNDS):
        started = time.process_time()
        count = work()
        costs.append((time.process_time() - started) / count * 1e6)
    return statistics.median(costs)


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
