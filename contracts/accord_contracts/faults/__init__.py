"""The fault bank: deliberate deviations of the reference server, and who must catch them."""

from accord_contracts.faults import (  # noqa: F401 - importing registers
    accepts,
    agreement,
    answers,
    attachments,
    chance,
    chunks,
    completions,
    courses,
    errors,
    finish,
    framing,
    history,
    limits,
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
