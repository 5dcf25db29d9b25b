"""Is a mutant noticed? By the fault bank, by the correct server, or by the tests of the rules."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

import pytest
from mutants import Mutant

# What does not change from mutant to mutant is imported once, before the processes part.
import accord_contracts.run
import accord_contracts.server  # noqa: F401

if TYPE_CHECKING:
    from accord_contracts.rule import Rule

PATIENCE = 300
"""Seconds for one mutant, on a busy machine. Some never end: that is noticed, too."""

UNFIT = "can't be imported"
"""Said of a mutant that is no mutant: it proves nothing that this is noticed."""

PACKAGE = "accord_contracts.rules"

PYTEST = (
    *("-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0"),
    # Accord's own plugin is imported before pytest is asked to rewrite it: all the better here.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)

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
        return _by_the_bank(mutant) or _by_the_tests()
    except Exception as error:  # noqa: BLE001 - whatever it is, it was noticed
        return f"{type(error).__name__}"


def _too_long(*_: object) -> None:
    raise TimeoutError


def _by_the_bank(mutant: Mutant) -> str | None:
    # As late as this, because they import the rules.
    from accord_contracts import faults, rules
    from accord_contracts.run import Plan, check
    from accord_contracts.selftest import judge_fault
    from accord_contracts.server import ReferenceServer
    from accord_contracts.target import Target

    mine = [rule for rule in rules.ALL if _depends(rule, f"{PACKAGE}.{mutant.module}")]
    with ReferenceServer() as server:
        report = check(Target(server.base_url), Plan(mine))
    for finding in report.findings:
        if finding.verdict not in {"pass", "not-applicable"}:
            return f"{finding.rule.id} on the correct server"
    for fault in faults.ALL:
        answerable = [rule for rule in mine if rule.id in fault.caught_by]
        if answerable and not all(f.failed for f in judge_fault(fault, answerable).findings):
            return fault.name
    return None


def _depends(rule: Rule, module: str) -> bool:
    """Whether a rule is in this module, or in one that imports from it."""
    home = sys.modules[rule.check.__module__]  # type: ignore[attr-defined]
    return home.__name__ == module or any(
        value is sys.modules[module] or getattr(value, "__module__", "") == module
        for value in vars(home).values()
    )


def _by_the_tests() -> str | None:
    """Run the tests of the rules in this process, silently."""
    files = [*TESTS.glob("test_rules*.py"), TESTS / "test_false_alarms.py"]
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        code = pytest.main([*PYTEST, *map(str, files)])
    return "tests/contracts" if code else None


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
