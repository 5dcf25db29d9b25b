"""Homes: the modules in which rules are made, and who depends on them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

from mutants import RULES, Mutant

if TYPE_CHECKING:
    from accord_contracts.rule import Rule

PACKAGE = "accord_contracts.rules"


class Homes(MetaPathFinder):
    """Loads the modules of rules, one of them changed, and notes which rules each has made.

    A rule's function need not be where the rule is made: many are rows of a table.

    Args:
        mutant: is compiled in place of its file, under the file's name.
    """

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._made: dict[str, str] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of rules."""
        package, _, name = fullname.rpartition(".")
        spec = PathFinder.find_spec(fullname, path, target) if package == PACKAGE else None
        if spec and spec.origin:
            source = self._mutant.source if name == self._mutant.module else None
            spec.loader = _Loader(fullname, spec.origin, source, self._made)
        return spec

    def concerned(self) -> list[Rule]:
        """The rules that may have changed: of the module itself, and of those that import it."""
        from accord_contracts import rules

        modules = importers(self._mutant.module)
        return [rule for rule in rules.ALL if self._made[rule.id] in modules]


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, source: str | None, made: dict[str, str]) -> None:
        super().__init__(name, path)
        self._source, self._made = source, made

    def get_code(self, fullname: str) -> CodeType | None:
        if self._source is None:
            return super().get_code(fullname)
        code: CodeType = compile(self._source, self.path, "exec")
        return code

    def exec_module(self, module: ModuleType) -> None:
        from accord_contracts.rule import REGISTRY

        super().exec_module(module)
        # What a module imports has been noted by then: the rest is its own.
        for rule in REGISTRY:
            self._made.setdefault(rule, module.__name__.rpartition(".")[2])


def importers(module: str) -> set[str]:
    """Give the names of the modules of rules that need a module: itself, and by way of others."""
    found: set[str] = set()
    new = {module}
    while new:
        found |= new
        new = {name for name, needs in _imports().items() if needs & found} - found
    return found


def _imports() -> dict[str, set[str]]:
    """What each module of rules imports from the others."""
    paths = [path for path in RULES.glob("*.py") if path.stem != "__init__"]
    return {path.stem: set(_imported(path)) for path in paths}


def _imported(path: Path) -> list[str]:
    nodes = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.ImportFrom)]
    whole = [alias.name for node in nodes if node.module == PACKAGE for alias in node.names]
    parts = [node.module.rpartition(".")[::2] for node in nodes if node.module]
    return whole + [name for package, name in parts if package == PACKAGE]
