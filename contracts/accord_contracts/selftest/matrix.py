"""The matrix: every rule against every fault, and what must hold of it."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from accord_contracts import faults as bank
from accord_contracts import rules as every_rule
from accord_contracts.faults.bank import BANK, Fault
from accord_contracts.faults.hushed import hush
from accord_contracts.rule import Rule
from accord_contracts.selftest.trial import Bench, Trial

Names = tuple[str, ...]
Done = Callable[[Trial], None]


@dataclass(frozen=True)
class Matrix:
    """What came of trying faults.

    Attributes:
        rules: those that judged, in every trial.
        faults: those that were tried, one in each trial.
        correct: the trial of the server without faults.
        trials: one for each fault, in the same order.
    """

    rules: tuple[Rule, ...]
    faults: tuple[Fault, ...]
    correct: Trial
    trials: tuple[Trial, ...]

    @property
    def rows(self) -> Iterator[tuple[Fault, Trial]]:
        """Each fault with its trial."""
        return zip(self.faults, self.trials, strict=True)

    @property
    def missed(self) -> dict[str, str]:
        """The faults that a rule has missed which must catch them, and how."""
        return {
            fault.name: trial.trouble or f"not caught by {', '.join(trial.missed(fault))}"
            for fault, trial in self.rows
            if trial.trouble or trial.missed(fault)
        }

    @property
    def proof(self) -> dict[str, list[str]]:
        """For each rule the faults that it is answerable for and that it has caught."""
        found: dict[str, list[str]] = {rule.id: [] for rule in self.rules}
        for fault, trial in self.rows:
            for rule in set(fault.caught_by) - set(trial.missed(fault)):
                found.setdefault(rule, []).append(fault.name)
        return found

    @property
    def unproved(self) -> list[str]:
        """The rules that no fault kills. A rule with a fault that was not tried is none of them."""
        tried = {fault.name for fault in self.faults}
        waiting = {rule for f in bank.ALL if f.name not in tried for rule in f.caught_by}
        return [rule for rule, killed in self.proof.items() if not killed and rule not in waiting]

    @property
    def holds(self) -> bool:
        """Whether every fault is killed, every rule proved, and the correct server without one."""
        alarmed = self.correct.fell or self.correct.trouble
        return not (self.missed or self.unproved or alarmed)

    def to_dict(self) -> dict[str, Any]:
        """All of it as values for JSON."""
        return {
            "holds": self.holds,
            "false_alarms": self.correct.fell,
            "unproved": self.unproved,
            "faults": [_row(fault, trial) for fault, trial in self.rows],
            "rules": self.proof,
        }


def _row(fault: Fault, trial: Trial) -> dict[str, Any]:
    return {
        "name": fault.name,
        "summary": fault.summary,
        "level": fault.level,
        "caught_by": list(fault.caught_by),
        "missed_by": list(trial.missed(fault)),
        "trouble": trial.trouble,
        "fell": trial.fell,
        "fell_beside_the_fault": list(trial.beside),
    }


def choose(fault: str = "*", rule: str = "*") -> tuple[tuple[Fault, ...], tuple[Rule, ...]]:
    """The faults and the rules that two globs leave, both in the order of the rules.

    Where rules are chosen, those faults are that one of them is answerable for.

    Args:
        fault: a name, a family or a glob.
        rule: the same.
    """
    rules = tuple(r for r in every_rule.ALL if r.matches(rule))
    ids = {r.id for r in rules}
    faults = [f for f in bank.ALL if f.matches(fault) and ids & set(f.caught_by)]
    place = {r.id: number for number, r in enumerate(every_rule.ALL)}
    return tuple(sorted(faults, key=lambda f: place[f.caught_by[0]])), rules


def try_all(
    faults: Sequence[Fault], rules: Sequence[Rule], *, jobs: int, done: Done = lambda _: None
) -> Matrix:
    """Try each fault by itself.

    Args:
        faults: to be tried.
        rules: to judge by, all of them in every trial.
        jobs: processes that hold trials.
        done: called after each trial.
    """
    names: list[Names] = [(), *((fault.name,) for fault in faults)]
    correct, *trials = hold_trials(names, rules, jobs=jobs, done=done)
    return Matrix(tuple(rules), tuple(faults), correct, tuple(trials))


def hold_trials(
    names: Iterable[Names],
    rules: Sequence[Rule],
    *,
    jobs: int,
    full: bool = False,
    done: Done = lambda _: None,
) -> list[Trial]:
    """Hold trials in several processes, and give them in the order asked for. See `Bench.hold`."""
    ids = tuple(rule.id for rule in rules)
    # Spawned, because a forked process would inherit the threads of progress bars as locks.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(ids,)) as pool:

        def tell(future: Future[Trial]) -> None:
            if not future.cancelled() and not future.exception():
                done(future.result())

        futures = [pool.submit(_hold, each, full=full) for each in names]
        for future in futures:
            future.add_done_callback(tell)
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


_BENCH: Final[list[Bench]] = []
"""The bench of a process that holds trials."""


def _start(ids: Names) -> None:
    hush()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started the process ends it
    chosen = set(ids)
    _BENCH.append(Bench([rule for rule in every_rule.ALL if rule.id in chosen]))
    gc.freeze()  # what is there now stays: a hundred trials need not look through it again


def _hold(names: Names, *, full: bool) -> Trial:
    bench = _BENCH[0]
    return bench.hold([BANK[name] for name in names], full=full) if names else bench.correct
