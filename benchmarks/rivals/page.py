"""The page that is published: docs/rivals.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import ours
import smoke
import stock
from outcomes import Outcomes
from tools import TOOLS

from accord_contracts import faults
from accord_contracts.faults.bank import BANK

TEXT = Path(__file__).with_name("page.md")
Killed = Mapping[str, bool]


def render(outcomes: Outcomes, seed: int) -> str:
    """The page on all outcomes that there are."""
    killed = {tool: outcomes.killed(tool) for tool in TOOLS if outcomes.of(tool)}
    return TEXT.read_text().format(
        bank=len(faults.ALL),
        date=datetime.now(UTC).date(),
        machine=_machine(),
        seed=seed,
        command=stock.shown(),
        requests=ours.PLAN.max_requests,
        tests=len(smoke.TESTS),
        totals="\n".join(_totals(killed, outcomes)),
        families="\n".join(_families(killed)),
        alarms="\n".join(_alarms(outcomes)),
    )


def _machine() -> str:
    cores = f"{os.cpu_count()} cores of {platform.machine()}"
    return f"{cores}, {platform.system()}, Python {platform.python_version()}"


def _totals(killed: Mapping[str, Killed], outcomes: Outcomes) -> Iterator[str]:
    common = frozenset.intersection(*(frozenset(tried) for tried in killed.values()))
    yield f"| | faults tried | killed | | of the {len(common)} that all tried | CPU a fault |"
    yield "|---|--:|--:|--:|--:|--:|"
    for name, tool in TOOLS.items():
        if tried := killed.get(name):
            number, share = sum(tried.values()), sum(tried.values()) / len(tried)
            cost = median(outcome.cpu for outcome in outcomes.of(name))
            cells = f"{len(tried)} | {number} | {share:.0%} | {_cell(tried, common)} | {cost:.1f} s"
        else:
            cells = "not yet | - | - | - | -"
        yield f"| {tool.title} | {cells} |"


def _families(killed: Mapping[str, Killed]) -> Iterator[str]:
    yield f"| family | {' | '.join(killed)} |"
    yield f"|---|{'--:|' * len(killed)}"
    for family in dict.fromkeys(fault.family for fault in faults.ALL):
        members = {name for name, fault in BANK.items() if fault.family == family}
        cells = [_cell(tried, members) for tried in killed.values()]
        yield f"| {family} | {' | '.join(cells)} |"
    total = [_cell(tried, BANK) for tried in killed.values()]
    yield f"| **all** | {' | '.join(total)} |"


def _cell(tried: Killed, members: Iterable[str]) -> str:
    """`killed / tried` among these faults."""
    here = [tried[name] for name in members if name in tried]
    return f"{sum(here)} / {len(here)}" if here else "-"


def _alarms(outcomes: Outcomes) -> Iterator[str]:
    for name, tool in TOOLS.items():
        if outcomes.has(name, None):
            alarms = sorted(outcomes.alarms(name))
            yield f"- {tool.title}: {'; '.join(alarms) or 'none'}"
