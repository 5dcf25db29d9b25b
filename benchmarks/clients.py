"""Accord beside bare httpx and openai-python: what a call costs, a chunk, and calls at once."""

from __future__ import annotations

from typing import Final

from contest import Entry, measure
from results import Row, Table
from server import running

__all__ = ["at_once", "call", "stream"]

NAMES: Final = ("httpx", "Accord", "openai-python")
WIDTHS: Final = (1, 8, 64, 128)
THERE: Final = 84.0
"""µs of a chunk of openai-python's on the machine for which the target in µs was set."""
SINGLE: Final = ("openai_at_once", "accord_aiohttp_at_once")  # measured at one and at 64 only


def call() -> Table:
    """Measure one call after another."""
    jobs = [Entry(f"{name}_call", 200) for name in ("httpx", "accord", "openai")]
    with running() as base:
        costs = measure(jobs, f"{base}/v1", rounds=25)
    rows = [Row(f"{name}, a call", cost) for name, cost in zip(NAMES, costs, strict=True)]
    return Table(
        "A call",
        "Sync, one after another, a small chat completion. Bare httpx gives a dict, the others "
        "typed answers.",
        rows + _ratios(costs, 1.15, 0.4),
    )


def stream() -> Table:
    """Measure streams, of which every read brings many events, and one event each."""
    jobs = [Entry(f"{name}_stream", 2) for name in ("httpx", "accord", "openai")]
    with running() as base:
        many = measure(jobs, f"{base}/v1", rounds=15)
        each = measure(jobs, f"{base}/each", rounds=7)
    limits = (None, 12.0, None)
    ratio = many[1] / many[2]
    rows = [Row(f"{n}, a chunk", c, limit=m) for n, c, m in zip(NAMES, many, limits, strict=True)]
    rows += [Row(f"Accord, where openai-python's takes {THERE:.0f}", ratio * THERE, limit=12.0)]
    rows += [Row("Accord ÷ openai-python", ratio, "x", 1 / 7)]
    rows += [Row(f"{n}, each alone", c) for n, c in zip(NAMES, each, strict=True)]
    return Table(
        "A streamed chunk",
        "Of streams of 2,000 chunks, read to their ends: as fast as they can come; and (each "
        "alone) with every event in an HTTP chunk of its own, which costs httpx most of the time. "
        "Bare httpx gives dicts, the others typed chunks. The target in µs was set on a machine "
        f"where openai-python's chunk takes {THERE:.0f} µs: the figure is shown for it, too.",
        rows,
    )


def at_once() -> Table:
    """Measure bursts of calls in one event loop."""
    entries = [Entry("accord_at_once", 128, width) for width in WIDTHS]
    entries += [Entry("httpx_at_once", 128, width) for width in WIDTHS]
    entries += [Entry(job, 128, width) for job in SINGLE for width in (1, 64)]
    with running() as base:
        costs = measure(entries, f"{base}/v1", rounds=5)
    cost = {(entry.job, entry.width): cost for entry, cost in zip(entries, costs, strict=True)}
    names = {"accord": "Accord", "httpx": "httpx", "openai": "openai-python"}
    names["accord_aiohttp"] = "Accord on httpx-aiohttp"
    rows = [
        Row(f"{names[job.removesuffix('_at_once')]}, {width} at once", figure)
        for (job, width), figure in cost.items()
    ]
    growth = [(job, cost[job, 64] / cost[job, 1]) for job in dict.fromkeys(e.job for e in entries)]
    rows += [
        Row(
            f"{names[job.removesuffix('_at_once')]}, 64 ÷ 1",
            ratio,
            "x",
            1.5 if job == "accord_at_once" else None,
        )
        for job, ratio in growth
    ]
    return Table(
        "Calls at once",
        "Async on asyncio, bursts of so many calls. httpx has no limit of connections here: its "
        "own, 20 that idle, makes new ones all the time.",
        rows,
    )


def _ratios(costs: list[float], of_httpx: float, of_openai: float) -> list[Row]:
    httpx, accord, openai = costs
    return [
        Row("Accord ÷ httpx", accord / httpx, "x", of_httpx),
        Row("Accord ÷ openai-python", accord / openai, "x", of_openai),
    ]
