"""The fault bank: deliberate deviations of the reference server, and who must catch them."""

from accord_contracts.faults import (  # noqa: F401 - importing registers
    accepts,
    agreement,
    answers,
    chance,
    chunks,
    completions,
    errors,
    finish,
    framing,
    logprobs,
    models,
    parameters,
    refusals,
    stream_tools,
    streams,
    structured,
    tools,
    transport,
    usage,
    wrongs,
)
from accord_contracts.faults.bank import BANK, Fault

__all__ = ["ALL", "Fault"]

ALL: tuple[Fault, ...] = tuple(BANK.values())
