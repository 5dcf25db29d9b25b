"""Pairs: two faults at once. Both must be found, or one provably hides what the other bends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from accord_contracts.faults.bank import Fault
from accord_contracts.rule import Rule
from accord_contracts.selftest.matrix import Done, hold_trials
from accord_contracts.selftest.trial import Trial

Pair = tuple[Fault, Fault]
Names = tuple[str, str]


@dataclass(frozen=True)
class Pairs:
    """What came of trying pairs.

    Attributes:
        trials: one for each pair.
        hidden: pairs of which one fault leaves the other's rule nothing to judge, also alone;
            and what that rule says then.
        masked: pairs of which one fault was not found although its rule has something to judge.
    """

    trials: tuple[Trial, ...]
    hidden: dict[Names, str]
    masked: dict[Names, str]

    @property
    def holds(self) -> bool:
        """Whether no fault masks another."""
        return not self.masked


def draw(faults: Sequence[Fault], count: int, seed: int) -> list[Pair]:
    """Draw different pairs at random.

    Families and levels are drawn first, so that those with few faults come up as often as those
    with many.

    Args:
        faults: to draw from.
        count: of pairs; fewer come where there are no more.
        seed: the same one draws the same pairs.
    """
    random = Random(seed)  # noqa: S311 - chance that repeats, no secret
    cells: defaultdict[tuple[str, str], list[Fault]] = defaultdict(list)
    for fault in faults:
        cells[fault.family, fault.level].append(fault)
    groups = list(cells.values())
    drawn: dict[frozenset[str], Pair] = {}
    for _ in range(20 * count):
        first, second = (random.choice(random.choice(groups)) for _ in range(2))
        if first.stem != second.stem and len(drawn) < count:
            drawn.setdefault(frozenset({first.name, second.name}), (first, second))
    return list(drawn.values())


def try_pairs(
    pairs: Sequence[Pair], rules: Sequence[Rule], *, jobs: int, done: Done = lambda _: None
) -> Pairs:
    """Try each pair on one server, and find out about those of which one fault was not found."""
    trials = hold_trials([(a.name, b.name) for a, b in pairs], rules, jobs=jobs, done=done)
    missing = [
        (by, fault, rules_of)
        for pair, trial in zip(pairs, trials, strict=True)
        for by, fault, rules_of in _missing(pair, trial)
    ]
    alone = hold_trials([(by.name,) for by, _, _ in missing], rules, jobs=jobs, full=True)
    hidden: dict[Names, str] = {}
    masked: dict[Names, str] = {}
    for (by, fault, lost), trial in zip(missing, alone, strict=True):
        names = (by.name, fault.name)
        reasons = [f"{rule}: {trial.undecided[rule]}" for rule in lost if rule in trial.undecided]
        if len(reasons) == len(lost):
            hidden[names] = f"{by.name} alone leaves {'; '.join(reasons)}"
        else:
            masked[names] = f"{fault.name} not caught by {', '.join(lost)}"
    return Pairs(tuple(trials), hidden, masked)


def _missing(pair: Pair, trial: Trial) -> Iterator[tuple[Fault, Fault, tuple[str, ...]]]:
    """The other fault, the one that was not found, and the rules that missed it."""
    for fault, by in (pair, pair[::-1]):
        if lost := trial.missed(fault):
            yield by, fault, lost
