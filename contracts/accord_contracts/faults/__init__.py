"""The fault bank: deliberate deviations of the reference server, and who must catch them."""

from accord_contracts.faults import (  # noqa: F401 - importing registers
    accepts,
    completions,
    errors,
    models,
    parameters,
    refusals,
    streams,
    transport,
)
from accord_contracts.faults.bank import BANK, Fault

__all__ = ["ALL", "Fault"]

ALL: tuple[Fault, ...] = tuple(BANK.values())
