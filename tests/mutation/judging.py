"""Is a mutant noticed? By the fault bank, the correct server, odd ones, or tests of the rules."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

# What does not change from mutant to mutant is imported once, before the processes part.
import pytest
from homes import PACKAGE, Homes
from hypothesis import HealthCheck, settings
from mutants import Mutant

import accord_contracts.run
import accord_contracts.server  # noqa: F401

if TYPE_CHECKING:
    from accord_contracts.rule import Rule

EXAMPLES = 20
"""Of each property: fewer than usual, because each mutant meets them."""

NEEDED = (PACKAGE, "accord_contracts.faults", "accord_contracts.selftest", "evidence")
"""What is imported once the rules are changed: the rules, and what is made of them."""

UNSEEN = "not-applicable"

PYTEST = (
    *("-x", "-q", "-p", "no:cacheprovider", "-p", "_hypothesis_pytestplugin"),
    *("--hypothesis-seed=0", "--hypothesis-profile=mutants"),
    "--assert=plain",  # nobody reads why a test failed
)

WHOLE = "test_false_alarms.py"
"""The tests that judge servers by every rule."""

TESTS = Path(__file__).parents[1] / "contracts"


class By(StrEnum):
    """Who has noticed a mutant."""

    BANK = "fault bank"
    EVIDENCE = "fault bank's evidence"
    CORRECT = "correct server"
    ODD = "odd servers"
    TESTS = "other tests"
    SLOW = "took too long"
    BROKE = "broke the harness"
    UNFIT = "can't be imported"

    @property
    def doubtful(self) -> bool:
        """Whether this may say more of the harness, or of the machine, than of the mutant."""
        return self in {By.SLOW, By.BROKE}


@dataclass(frozen=True)
class Notice:
    """That a mutant was noticed.

    Attributes:
        by: whom. `UNFIT` is said of a mutant that is none: it proves nothing that it is noticed.
        what: the fault that was missed, the rule that fell, the test that failed, or the error.
    """

    by: By
    what: str = ""

    def __str__(self) -> str:
        return f"{self.by}: {self.what}" if self.what else str(self.by)


def judge(mutant: Mutant) -> Notice | None:
    """Say what noticed a mutant; None if nothing did. Call it once in a process.

    Cheap witnesses are heard first: most mutants are caught by them. A rule that raises is noticed
    by them as well, because its verdict is an error. What is raised here is no verdict: it is told
    apart.
    """
    homes = Homes(mutant)
    sys.meta_path.insert(0, homes)
    sys.path.insert(0, str(TESTS))
    try:
        for name in NEEDED:
            importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - whatever: nobody could overlook it
        return Notice(By.UNFIT, repr(error))
    try:
        with _silence():
            mine = homes.concerned()
            return _by_the_bank(mine) or _by_odd_servers(mine) or _by_the_tests(mutant, mine)
    except Exception as error:  # noqa: BLE001 - reported, and never counted for the rules' tests
        return Notice(By.BROKE, repr(error))


def _by_the_bank(mine: Sequence[Rule]) -> Notice | None:
    """Judge the correct server by these rules, and each fault by those that it names.

    As `test_fault_bank.py` does it: they must catch the fault, with the evidence that is known.
    """
    from accord_contracts import faults
    from accord_contracts.selftest.trial import Bench

    evidence = importlib.import_module("evidence")
    correct = Bench(mine).correct
    if correct.trouble:
        raise RuntimeError(correct.trouble)
    undecided = [r for r, said in correct.undecided.items() if not said.startswith(UNSEEN)]
    for name in (*correct.fell, *undecided):
        return Notice(By.CORRECT, name)
    ids = {rule.id for rule in mine}
    for fault in faults.ALL:
        trial = evidence.try_alone(fault) if ids.intersection(fault.caught_by) else None
        if trial and trial.missed(fault):
            return Notice(By.BANK, fault.name)
        if trial and evidence.said(fault, trial) != evidence.SAID[fault.name]:
            return Notice(By.EVIDENCE, fault.name)
    return None


def _by_odd_servers(mine: Sequence[Rule]) -> Notice | None:
    """Judge the odd servers by those of these rules that ask for what they judge.

    As `test_rules_correct.py` does it; there, invariants judge what all other rules have asked for
    besides.
    """
    from accord_contracts.rule import Scenario
    from accord_contracts.selftest.trial import Bench

    odd, known = importlib.import_module("odd"), importlib.import_module("evidence").ODD
    scenarios = [rule for rule in mine if isinstance(rule, Scenario)]
    bench, ids = Bench(scenarios), {rule.id for rule in scenarios}
    for name in odd.ALL if scenarios else ():
        expected = {rule: verdict for rule, verdict in known[name].items() if rule in ids}
        if odd.verdicts(bench, name) != expected:
            return Notice(By.ODD, name)
    return None


def _by_the_tests(mutant: Mutant, mine: Sequence[Rule]) -> Notice | None:
    """Run the tests of the rules in this process, up to the first that fails."""
    patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("mutants", patient, max_examples=EXAMPLES)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # a second for each mutant
    watch = _Watch(f"{PACKAGE}.{mutant.module}", mine)
    files = [*TESTS.glob("test_rules_*.py"), TESTS / WHOLE]
    code = pytest.main([*PYTEST, *map(str, files)], plugins=[watch])
    if code > pytest.ExitCode.TESTS_FAILED:
        raise RuntimeError(f"pytest did not run: it ended with {code!r}")
    return Notice(By.TESTS, watch.failed) if watch.failed else None


class _Watch:
    """Puts quick tests first, leaves out what can't have changed, remembers which test failed.

    Args:
        module: that may have changed.
        mine: its rules. All others say what they always say.
    """

    def __init__(self, module: str, mine: Sequence[Rule]) -> None:
        from accord_contracts import rules

        self._module = module
        self._mine, self._every = tuple(mine), rules.ALL
        self._ids = {rule.id for rule in mine}
        self.failed: str | None = None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        rest = (item for item in items if not item.name.startswith("test_odd_servers_get"))
        items[:] = sorted(filter(self._concerns, rest), key=self._slow)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        from accord_contracts import rules

        rules.ALL = self._mine if item.path.name == WHOLE else self._every

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid

    def _concerns(self, item: pytest.Item) -> bool:
        """Whether a test can tell: by its arguments, or by what its module has to do with ours."""
        if named := self._named(item):
            return bool(named & self._ids)
        names = vars(item.module) if isinstance(item, pytest.Function) else {}
        judges = {rule.id for rule in names.get("MINE", self._mine)}
        return bool(judges & self._ids) or any(
            getattr(value, "__module__", "") == self._module for value in names.values()
        )

    def _slow(self, item: pytest.Item) -> int:
        """First what judges one exchange by one rule, last what runs the whole suite."""
        if self._named(item):
            return 0
        if item.path.name == WHOLE:
            return 3
        function = item.function if isinstance(item, pytest.Function) else None
        return 2 if getattr(function, "is_hypothesis_test", False) else 1

    @staticmethod
    def _named(item: pytest.Item) -> set[str]:
        """The rules that a test's arguments are, or name."""
        from accord_contracts.rule import REGISTRY, Rule

        call = getattr(item, "callspec", None)
        given = call.params.values() if call else ()
        ids = (value.id if isinstance(value, Rule) else value for value in given)
        return {one for one in ids if isinstance(one, str)} & REGISTRY.keys()


@contextmanager
def _silence() -> Iterator[None]:
    from accord_contracts.faults.hushed import hush

    hush()
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield
