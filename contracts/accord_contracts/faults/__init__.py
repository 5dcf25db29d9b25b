"""The fault bank: deliberate deviations of the reference server, and who must catch them."""

from accord_contracts.faults import models, streams  # noqa: F401 - importing registers
from accord_contracts.faults.bank import BANK, Fault

__all__ = ["ALL", "Fault"]

ALL: tuple[Fault, ...] = tuple(BANK.values())
