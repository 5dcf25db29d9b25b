"""What it costs to import a client, each time in a new process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from typing import Final

from results import Row, Table

__all__ = ["importing"]

MODULES: Final = ("httpx", "accord", "openai")
ROUNDS: Final = 15

# httpx looks for click, for a command of its own; this environment has it, an application may not.
PROGRAM: Final = """
import sys, time
sys.modules["click"] = None
started = time.process_time()
import {}
print(time.process_time() - started)
"""


def importing() -> Table:
    """Measure imports, in turn."""
    for module in MODULES:
        _milliseconds(module)  # now its bytecode is there
    costs = [[_milliseconds(module) for module in MODULES] for _ in range(ROUNDS)]
    httpx, accord, openai = (statistics.median(column) for column in zip(*costs, strict=True))
    return Table(
        "Importing",
        "Processor time, in a new process each; without that of starting Python.",
        [
            Row("import httpx", httpx, "ms"),
            Row("import accord", accord, "ms"),
            Row("import openai", openai, "ms"),
            Row("accord ÷ httpx", accord / httpx, "x", 1.25),
            Row("accord ÷ openai", accord / openai, "x", 0.3),
        ],
    )


def _milliseconds(module: str) -> float:
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or what is not installed compiles each time
    done = subprocess.run(  # noqa: S603 - the program above
        [sys.executable, "-c", PROGRAM.format(module)],
        capture_output=True,
        check=True,
        env=environment,
        text=True,
    )
    return float(done.stdout) * 1000
