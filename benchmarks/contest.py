"""Several jobs, measured side by side: one process for each, rounds in turn, medians."""

from __future__ import annotations

import statistics
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

__all__ = ["Entry", "Worker", "measure"]

WORKER = Path(__file__).with_name("worker.py")


@dataclass(frozen=True)
class Entry:
    """One job of a contest.

    Attributes:
        job: a function of `jobs.py`.
        count: how many calls make a round.
        width: how many of them at once, for jobs that are told.
    """

    job: str
    count: int
    width: int | None = None


class Measured(NamedTuple):
    """What a round took: microseconds of processor time an item, and the MiB in memory then."""

    cost: float
    memory: float


def measure(entries: list[Entry], url: str, rounds: int) -> list[float]:
    """Give, for each entry, the microseconds of processor time that an item takes.

    That is the median of rounds. All entries take turns, so that what else the machine does
    befalls them alike; a first round, which opens connections, does not count.
    """
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(entry, url)) for entry in entries]
        for worker in workers:
            worker.round()
        costs = [[worker.round().cost for worker in workers] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*costs, strict=True)]


class Worker:
    """A process of its own for one job."""

    def __init__(self, entry: Entry, url: str) -> None:
        self._count = entry.count
        numbers = [] if entry.width is None else [str(entry.width)]
        self._process = subprocess.Popen(  # noqa: S603 - our own file
            [sys.executable, str(WORKER), entry.job, url, *numbers],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def round(self) -> Measured:
        """Do one round."""
        assert self._process.stdin  # noqa: S101 - piped
        assert self._process.stdout  # noqa: S101 - piped
        self._process.stdin.write(f"{self._count}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a worker broke down: see above")
        return Measured(*map(float, line.split()))
