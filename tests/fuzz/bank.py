"""How much of the fault bank does fuzzing alone find? A measurement: `nox -s fuzz`.

For each fault the reference server is bent by it, and fuzzed until something is found or the
budget is spent. No scenario runs. Prints a table in Markdown, and what was missed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from statistics import median

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


def visible(fault: Fault) -> bool:
    """Whether an invariant is among the rules that must catch a fault."""
    return not INVARIANT.isdisjoint(fault.caught_by)


def share(outcomes: Sequence[Outcome]) -> float:
    """The part that was found, in percent."""
    return 100 * sum(bool(outcome.found) for outcome in outcomes) / max(len(outcomes), 1)


def line(title: str, there_are: int, outcomes: Sequence[Outcome]) -> str:
    """One line of the table."""
    killed = [outcome.requests for outcome in outcomes if outcome.found]
    counts = f"{there_are} | {len(outcomes)} | {len(killed)} | {share(outcomes):.0f} %"
    return f"| {title} | {counts} | {median(killed) if killed else 0:.0f} |"


def report(bank: Sequence[Fault], outcomes: Sequence[Outcome]) -> None:
    """Print the table, and the names of what was missed.

    Args:
        bank: all that could have been tried.
        outcomes: of those that were.
    """
    print("| faults | there are | tried | found | share | requests to find one (median) |")
    print("|---|--:|--:|--:|--:|--:|")
    known = 0.0
    for title, seen in (("that an invariant can see", True), ("that only scenarios see", False)):
        there_are = sum(visible(fault) is seen for fault in bank)
        tried = [outcome for outcome in outcomes if visible(BANK[outcome.fault]) is seen]
        print(line(title, there_are, tried))
        known += there_are * share(tried)
    print(f"all, each kind by its share: {known / max(len(bank), 1):.0f} %")
    for outcome in outcomes:
        if not outcome.found:
            kind = "" if visible(BANK[outcome.fault]) else ", by scenarios alone"
            print(f"missed{kind}: {outcome.fault}")


def chosen(bank: Sequence[Fault], sample: int | None, seed: int) -> list[Fault]:
    """All that an invariant can see; of the others, all or a sample."""
    others = [fault for fault in bank if not visible(fault)]
    if sample is not None:
        others = Random(seed).sample(others, min(sample, len(others)))
    return [*filter(visible, bank), *others]


def earlier(file: Path | None) -> dict[str, Outcome]:
    """The outcomes that a file holds, by fault."""
    lines = file.read_text().splitlines() if file and file.exists() else []
    outcomes = [Outcome(**json.loads(line)) for line in lines]
    return {outcome.fault: outcome for outcome in outcomes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faults", nargs="*", help="globs; without any, the whole bank")
    parser.add_argument("--max-requests", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--sample", type=int, metavar="N", help="try N of the faults that only scenarios see"
    )
    parser.add_argument(
        "--results", type=Path, metavar="FILE", help="keep outcomes there, and go on from them"
    )
    options = parser.parse_args()
    plan = FuzzPlan(options.max_requests, seed=options.seed, database="none", first=True)
    names = options.faults or ["*"]
    bank = [fault for fault in BANK.values() if any(map(fault.matches, names))]
    wanted = chosen(bank, options.sample, options.seed)
    outcomes = earlier(options.results)
    with ProcessPoolExecutor(options.jobs) as pool:
        left = [fault.name for fault in wanted if fault.name not in outcomes]
        for future in as_completed([pool.submit(attack, name, plan) for name in left]):
            one = future.result()
            outcomes[one.fault] = one
            print(f"{len(outcomes)}/{len(wanted)} {one}", flush=True)
            if options.results:
                with options.results.open("a") as file:
                    file.write(json.dumps(asdict(one)) + "\n")
    report(bank, [outcomes[fault.name] for fault in wanted])


if __name__ == "__main__":
    main()
