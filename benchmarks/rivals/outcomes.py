"""Outcomes, and the file that keeps them, so that an interrupted run goes on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """What one tool reported of one server.

    Attributes:
        tool: its name.
        fault: the name of the fault; None for the correct server.
        failures: what it reported, sorted.
        cpu: seconds of processor time, those of the server included.
    """

    tool: str
    fault: str | None
    failures: tuple[str, ...]
    cpu: float


class Outcomes:
    """Outcomes in a file, one JSON object a line, in the order in which they came.

    Args:
        path: the file; it is made when the first outcome comes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = path.read_text().splitlines() if path.exists() else []
        self._all = [_read(line) for line in lines]

    def add(self, outcome: Outcome) -> None:
        """Keep an outcome."""
        self._all.append(outcome)
        with self._path.open("a") as file:
            file.write(json.dumps(asdict(outcome)) + "\n")

    def has(self, tool: str, fault: str | None) -> bool:
        """Whether a tool was tried on a fault."""
        return any((one.tool, one.fault) == (tool, fault) for one in self._all)

    def of(self, tool: str) -> list[Outcome]:
        """What a tool reported of servers with faults."""
        return [one for one in self._all if one.tool == tool and one.fault]

    def alarms(self, tool: str) -> frozenset[str]:
        """What a tool reported of the correct server: false alarms."""
        kept = [one.failures for one in self._all if one.tool == tool and one.fault is None]
        return frozenset(failure for failures in kept for failure in failures)

    def killed(self, tool: str) -> dict[str, bool]:
        """Of each fault, whether the tool reports what it does not report of the correct server."""
        alarms = self.alarms(tool)
        return {one.fault: bool({*one.failures} - alarms) for one in self.of(tool) if one.fault}


def _read(line: str) -> Outcome:
    values = json.loads(line)
    return Outcome(**{**values, "failures": tuple(values["failures"])})
