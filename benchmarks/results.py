"""What was measured: tables of rows, each a figure and, maybe, its target."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

__all__ = ["Curve", "Results", "Row", "Table", "joined", "number", "read", "setting", "write"]

PACKAGES: Final = ("accord", "httpx", "httpcore", "openai", "httpx-aiohttp", "aiohttp")


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        what: what it says.
        figure: how much.
        unit: of what.
        limit: the most that it may be; None for a figure without a target.
    """

    what: str
    figure: float
    unit: str = "µs"
    limit: float | None = None

    @property
    def over(self) -> bool:
        """Whether it misses its target."""
        return self.limit is not None and self.figure > self.limit

    @property
    def shown(self) -> str:
        """The figure as people read it."""
        return f"{number(self.figure)} {self.unit}"

    @property
    def target(self) -> str:
        """The target as people read it, and plainly whether it is missed."""
        if self.limit is None:
            return ""
        return f"≤ {number(self.limit)}" + (": MISSED" if self.over else "")


@dataclass(frozen=True)
class Curve:
    """How a figure went: places and values of one length."""

    name: str
    places: list[float]
    values: list[float]


@dataclass(frozen=True)
class Table:
    """What belongs together."""

    title: str
    note: str
    rows: list[Row]
    curves: list[Curve] = field(default_factory=list)


@dataclass(frozen=True)
class Results:
    """All of it, and the setting that it was measured in."""

    setting: dict[str, str]
    tables: list[Table]


def write(results: Results, file: Path) -> None:
    """Write results as JSON."""
    text = json.dumps(asdict(results), indent=2, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")


def read(file: Path) -> Results:
    """Read what `write` wrote."""
    data = json.loads(file.read_text(encoding="utf-8"))
    return Results(data["setting"], [_table(table) for table in data["tables"]])


def joined(parts: list[Results]) -> Results:
    """Put results of one machine together; where their settings differ, each is told."""
    names = dict.fromkeys(name for part in parts for name in part.setting)
    told = {
        name: "; ".join(dict.fromkeys(part.setting.get(name, "?") for part in parts))
        for name in names
    }
    return Results(told, [table for part in parts for table in part.tables])


def _table(data: dict[str, Any]) -> Table:
    rows = [Row(**row) for row in data["rows"]]
    curves = [Curve(**curve) for curve in data["curves"]]
    return Table(data["title"], data["note"], rows, curves)


def number(value: float) -> str:
    """Write a number with three figures or so."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def setting() -> dict[str, str]:
    """Say when, where and with what this is measured."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()}",
        "load": f"{os.getloadavg()[0]:.1f} when it began",
        "Python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
