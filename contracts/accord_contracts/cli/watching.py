"""What `serve` and `observe` share: faults by name, the journal, the witness."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TextIO

import click

from accord_contracts.faults.bank import Fault
from accord_contracts.server import Hook

if TYPE_CHECKING:
    from accord_contracts.clients import Entry


def faults_of(patterns: Iterable[str]) -> list[Fault]:
    """The faults that names, families and globs stand for, each once; from then on none is logged.

    Raises:
        Complaint: one of them stands for none.
    """
    # Only here, because a server without faults need not load the bank.
    from accord_contracts.cli.faults import named  # noqa: PLC0415
    from accord_contracts.faults.hushed import hush  # noqa: PLC0415

    found = dict.fromkeys(fault for pattern in patterns for fault in named(pattern))
    if found:
        hush()
    return list(found)


JOURNAL: Final = click.File("a", encoding="utf-8", lazy=False)
"""The type of the option that names the journal."""


def witness(
    journal: TextIO | None, *, strict: bool, tell: Callable[[Entry], None] | None = None
) -> Hook:
    """What watches the server: writes the journal, and tells somebody else, too.

    Args:
        journal: the file, where one is wanted.
        strict: refuse what breaks the contract.
        tell: is called with each entry.
    """
    # Only here, because a server that nobody watches need not load the obligations.
    from accord_contracts.clients import Witness  # noqa: PLC0415
    from accord_contracts.clients.journal import write  # noqa: PLC0415

    def heard(entry: Entry) -> None:
        if journal:
            write(entry, journal)
        if tell:
            tell(entry)

    return Witness(heard, strict=strict)
