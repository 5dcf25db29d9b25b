"""The tools that are compared."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import ours
import smoke
import stock
from outcomes import Outcome


@dataclass(frozen=True)
class Tool:
    """One tool.

    Attributes:
        title: its name and version, as a page shows it.
        failures: what it reports of the server with the fault of this name, or of the correct one.
    """

    title: str
    failures: Callable[[str | None], set[str]]


TOOLS: Final = {
    "accord": Tool(f"accord check {version('accord')}", ours.failures),
    "fuzz": Tool(f"accord fuzz {version('accord')}", ours.fuzz_failures),
    "openai": Tool(f"openai-python {version('openai')}, smoke test", smoke.failures),
    "schemathesis": Tool(f"schemathesis {version('schemathesis')}", stock.failures),
}


def attempt(tool: str, fault: str | None) -> Outcome:
    """Point a tool at the server with one fault, or at the correct one."""
    before = _spent()
    failures = TOOLS[tool].failures(fault)
    return Outcome(tool, fault, tuple(sorted(failures)), round(_spent() - before, 2))


def _spent() -> float:
    """Processor time of this process and of those that it waited for."""
    return sum(os.times()[:4])
