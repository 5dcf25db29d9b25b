"""Finding faults by what people call them."""

from __future__ import annotations

from accord_contracts import faults  # noqa: F401 - importing registers
from accord_contracts.faults.bank import BANK, Fault
from accord_contracts.scope import ScopeError, near


def matching(pattern: str) -> list[Fault]:
    """The faults that a name, a family or a glob names, or a name without its `@endpoint`.

    Raises:
        ScopeError: it names none; the hint has near names.
    """
    found = [fault for fault in BANK.values() if fault.matches(pattern)]
    if not found:
        lists = "`accord faults` lists all of them"
        hint = near(pattern, BANK)
        raise ScopeError(f"no fault is called {pattern!r}", f"{hint} {lists}" if hint else lists)
    return found
