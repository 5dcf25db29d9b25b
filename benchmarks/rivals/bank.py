"""The servers that all tools are pointed at, and which of them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

from accord_contracts import faults
from accord_contracts.faults.bank import BANK, KEY, Fault
from accord_contracts.server import MODELS, Model, ReferenceServer, Settings

SETTINGS = Settings(
    api_key=KEY,
    # The examples of the spec name these two; schemathesis sends the examples as they are.
    models=(*MODELS, Model("gpt-3.5-turbo"), Model("text-davinci-003")),
)


def serving(fault: str | None) -> ReferenceServer:
    """The reference server on a port of its own, bent by the fault of this name, or correct."""
    return ReferenceServer(SETTINGS, [BANK[fault].hook] if fault else [])


def sample(count: int | None, seed: int) -> list[Fault]:
    """So many faults, drawn at random, from each family in proportion to its size; or all.

    A larger sample of the same seed holds the smaller one, so that a run can be made longer.
    """
    chance = random.Random(seed)  # noqa: S311 - chance that repeats, no secrets
    families: defaultdict[str, list[Fault]] = defaultdict(list)
    for fault in faults.ALL:
        families[fault.family].append(fault)
    places = [place for family in families.values() for place in _spread(family, chance)]
    return [fault for _, _, fault in sorted(places, key=lambda place: place[:2])[:count]]


def _spread(family: Sequence[Fault], chance: random.Random) -> list[tuple[float, str, Fault]]:
    """Give the faults of a family places between 0 and 1, evenly far apart, in random order."""
    start = chance.random()
    shuffled = chance.sample(family, len(family))
    return [
        ((start + number) / len(family), fault.name, fault) for number, fault in enumerate(shuffled)
    ]
