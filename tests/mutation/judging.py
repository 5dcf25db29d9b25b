"""Is a mutant noticed? By the fault bank, by the correct server, or by the tests of the rules."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

# What does not change from mutant to mutant is imported once, before the processes part.
import pytest
from hypothesis import HealthCheck, settings
from mutants import Mutant

import accord_contracts.run
import accord_contracts.server  # noqa: F401

if TYPE_CHECKING:
    from accord_contracts.rule import Rule

PATIENCE = 600
"""Seconds for one mutant, on a busy machine. Some never end: that is noticed, too."""

UNFIT = "can't be imported"
"""Said of a mutant that is no mutant: it proves nothing that this is noticed."""

SLOW = "takes too long"
"""Said of a mutant that never ends. Or the machine is too busy: so it is counted apart."""

EXAMPLES = 20
"""Of each property: fewer than usual, because each mutant meets them."""

PACKAGE = "accord_contracts.rules"

UNSEEN = "not-applicable"

PYTEST = (
    *("-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", "--hypothesis-profile=mutants"),
    # Accord's own plugin is imported before pytest is asked to rewrite it: all the better here.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)

WHOLE = "test_false_alarms.py"
"""The tests that judge servers by every rule."""

TESTS = Path(__file__).parents[1] / "contracts"


def judge(mutant: Mutant) -> str | None:
    """Say what noticed a mutant; None if nothing did. Call it once in a process.

    Cheap witnesses are heard first: most mutants are caught by them.
    """
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(PATIENCE)
    sys.meta_path.insert(0, _Finder(mutant))
    try:
        importlib.import_module(PACKAGE)
    except Exception:  # noqa: BLE001 - whatever: nobody could overlook it
        return UNFIT
    try:
        with _silence():
            mine = _rules_of(mutant.module)
            return _by_the_bank(mine) or _by_the_tests(mutant, mine)
    except TimeoutError:
        return SLOW
    except Exception as error:  # noqa: BLE001 - whatever it is, it was noticed
        return f"{type(error).__name__}: {error}"


def _too_long(*_: object) -> None:
    raise TimeoutError


def _rules_of(module: str) -> list[Rule]:
    from accord_contracts import rules

    return [rule for rule in rules.ALL if _depends(rule, sys.modules[f"{PACKAGE}.{module}"])]


def _depends(rule: Rule, module: ModuleType) -> bool:
    """Whether a rule is in this module, or in one that imports from it."""
    home = sys.modules[rule.check.__module__]  # type: ignore[attr-defined]
    return home is module or any(
        value is module or getattr(value, "__module__", "") == module.__name__
        for value in vars(home).values()
    )


def _by_the_bank(mine: Sequence[Rule]) -> str | None:
    """Judge the correct server by these rules, and each fault by those that it names.

    In process, which is quick. What is missed there is tried once more behind a socket, as the
    tests do it.
    """
    from accord_contracts import faults
    from accord_contracts.selftest.judging import judge_fault
    from accord_contracts.selftest.trial import Bench

    bench = Bench(mine)
    undecided = [r for r, said in bench.correct.undecided.items() if not said.startswith(UNSEEN)]
    for name in (*bench.correct.fell, *undecided):
        return f"{name} on the correct server"
    for fault in faults.ALL:
        answerable = [rule for rule in mine if rule.id in fault.caught_by]
        missed = {rule.id for rule in answerable}.intersection(
            bench.hold([fault], rules=answerable).missed(fault) if answerable else ()
        )
        if missed and not all(f.failed for f in judge_fault(fault, answerable).findings):
            return fault.name
    return None


def _by_the_tests(mutant: Mutant, mine: Sequence[Rule]) -> str | None:
    """Run the tests of the rules in this process; give the name of one that fails."""
    patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("mutants", patient, max_examples=EXAMPLES)
    watch = _Watch(f"{PACKAGE}.{mutant.module}", mine)
    files = [*TESTS.glob("test_rules*.py"), TESTS / WHOLE]
    code = pytest.main([*PYTEST, *map(str, files)], plugins=[watch])
    if code > pytest.ExitCode.TESTS_FAILED:
        raise RuntimeError(f"pytest did not run: it ended with {code}")
    return watch.failed


class _Watch:
    """Puts quick tests first, leaves out what can't have changed, remembers which test failed.

    Args:
        module: that may have changed.
        mine: its rules. All others say what they always say.
    """

    def __init__(self, module: str, mine: Sequence[Rule]) -> None:
        self._module = module
        self._mine = mine
        self._ids = {rule.id for rule in mine}
        self.failed: str | None = None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(filter(self._concerns, items), key=self._slow)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        from accord_contracts import rules

        if item.path.name == WHOLE:
            rules.ALL = tuple(self._mine)

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


class _Loader(SourceFileLoader):
    """Compiles the changed source in place of the file's, under the file's name."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(f"{PACKAGE}.{mutant.module}", str(mutant.path))
        self._source = mutant.source

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = compile(self._source, self.path, "exec")
        return code


class _Finder(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._loader = _Loader(mutant)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and fullname == self._loader.name:
            spec.loader = self._loader
        return spec
