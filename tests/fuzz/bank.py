"""How much of the fault bank does fuzzing alone find? A measurement: `nox -s fuzz`.

For each fault the reference server is bent by it, and fuzzed until something is found or the
budget is spent. No scenario runs. Prints a table in Markdown, and what was missed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from accord_contracts import faults  # noqa: F401 - importing registers
from accord_contracts.faults.bank import BANK, KEY, Fault
from accord_contracts.fuzz.judging import INVARIANTS
from accord_contracts.fuzz.run import FuzzPlan, fuzz
from accord_contracts.server import ReferenceServer, Settings
from accord_contracts.target import Target

INVARIANT = frozenset(rule.id for rule in INVARIANTS)


@dataclass(frozen=True)
class Outcome:
    """What fuzzing made of one fault."""

    fault: str
    found: str
    """The rule that was broken; "" where nothing was found."""
    requests: int


def attack(name: str, plan: FuzzPlan) -> Outcome:
    """Fuzz the reference server with one fault in it."""
    settings = Settings(api_key=KEY)
    with ReferenceServer(settings, [BANK[name].hook]) as server:
        target = Target(server.base_url, KEY, settings.models[0].id, timeout=10)
        report = fuzz(target, plan).report
    return Outcome(name, next((f.rule.id for f in report.failures), ""), report.requests)


def share(title: str, outcomes: Sequence[Outcome]) -> str:
    """One line of the table."""
    killed = [outcome for outcome in outcomes if outcome.found]
    mean = sum(outcome.requests for outcome in killed) / max(len(killed), 1)
    part = 100 * len(killed) / max(len(outcomes), 1)
    return f"| {title} | {len(outcomes)} | {len(killed)} | {part:.0f} % | {mean:.0f} |"


def visible(fault: Fault) -> bool:
    """Whether an invariant is among the rules that must catch a fault."""
    return not INVARIANT.isdisjoint(fault.caught_by)


def report(outcomes: Sequence[Outcome]) -> None:
    """Print the table, and the names of what was missed."""
    seen = [outcome for outcome in outcomes if visible(BANK[outcome.fault])]
    print("| faults | there are | found | share | requests to find one |")
    print("|---|--:|--:|--:|--:|")
    print(share("that an invariant can see", seen))
    print(share("all", outcomes))
    for outcome in outcomes:
        if not outcome.found:
            print(f"missed{'' if outcome in seen else ', by scenarios alone'}: {outcome.fault}")


def chosen(names: Sequence[str]) -> list[Fault]:
    """The faults with these names, or all; first those that an invariant can see."""
    found = [fault for fault in BANK.values() if not names or any(map(fault.matches, names))]
    return sorted(found, key=visible, reverse=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faults", nargs="*", help="globs; without any, the whole bank")
    parser.add_argument("--max-requests", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    plan = FuzzPlan(options.max_requests, seed=options.seed, database="none", first=True)
    bank = chosen(options.faults)
    outcomes = []
    began = time.perf_counter()
    with ProcessPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(attack, fault.name, plan) for fault in bank]
        for number, one in enumerate(waiting, 1):
            outcomes.append(one.result())
            print(f"{number}/{len(bank)} {outcomes[-1]}", flush=True)
    report(outcomes)
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
