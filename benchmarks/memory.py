"""Whether a client keeps anything of the calls that it made."""

from __future__ import annotations

from typing import Final

from contest import Entry, Worker
from results import Curve, Row, Table
from server import running

__all__ = ["leaks"]

CALLS: Final = 100_000
STEP: Final = 5_000
SETTLED: Final = 2  # steps after which all that is made once has been made
MOST: Final = 1.0  # MiB: 11 bytes a call


def leaks() -> Table:
    """Measure the memory of a process that makes 100,000 calls with one client."""
    with running() as base:
        curves = [
            _curve("sync", Entry("accord_call", STEP), f"{base}/v1"),
            _curve("async, 8 at once", Entry("accord_at_once", STEP, 8), f"{base}/v1"),
        ]
    rows = []
    for curve in curves:
        rows += [
            Row(f"{curve.name}, after {STEP * SETTLED:,} calls", curve.values[SETTLED - 1], "MiB"),
            Row(f"{curve.name}, after {CALLS:,} calls", curve.values[-1], "MiB"),
            Row(f"{curve.name}, more", curve.values[-1] - curve.values[SETTLED - 1], "MiB", MOST),
        ]
    return Table(
        "Memory", f"Of a process that makes {CALLS:,} calls with one client.", rows, curves
    )


def _curve(name: str, entry: Entry, url: str) -> Curve:
    places = [float(STEP * (step + 1)) for step in range(CALLS // STEP)]
    with Worker(entry, url) as worker:
        return Curve(name, places, [worker.round().memory for _ in places])
