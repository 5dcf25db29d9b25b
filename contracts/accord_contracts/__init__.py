"""Accord's conformance suite: is a server what the clients of OpenAI's API expect?

    import accord_contracts

    report = accord_contracts.check("http://127.0.0.1:8000/v1")
    for finding in report.failures:
        print(finding.rule.id, finding.message)

Importing this package costs next to nothing: each name loads what it needs when it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from accord_contracts.effort import Effort
    from accord_contracts.exchange import Exchange
    from accord_contracts.finding import Finding, Verdict
    from accord_contracts.judging import judge
    from accord_contracts.library import check
    from accord_contracts.preflight import TargetError
    from accord_contracts.report import Report
    from accord_contracts.rule import Level, Rule
    from accord_contracts.scope import ScopeError
    from accord_contracts.server import ReferenceServer
    from accord_contracts.server.settings import Settings
    from accord_contracts.target import Target

__all__ = [
    "Effort",
    "Exchange",
    "Finding",
    "Level",
    "ReferenceServer",
    "Report",
    "Rule",
    "ScopeError",
    "Settings",
    "Target",
    "TargetError",
    "Verdict",
    "check",
    "judge",
]

_HOMES: Final = {
    "Effort": "effort",
    "Exchange": "exchange",
    "Finding": "finding",
    "Level": "rule",
    "ReferenceServer": "server",
    "Report": "report",
    "Rule": "rule",
    "ScopeError": "scope",
    "Settings": "server.settings",
    "Target": "target",
    "TargetError": "preflight",
    "Verdict": "finding",
    "check": "library",
    "judge": "judging",
}
"""The module that each public name lives in."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
