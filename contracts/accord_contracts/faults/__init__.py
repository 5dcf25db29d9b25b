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
    cut_calls,
    equivalence,
    errors,
    finish,
    framing,
    fuzz,
    history,
    limits,
    logprobs,
    models,
    parameters,
    reading,
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

__all__ = ["ALL", "FOR_FUZZING", "Fault"]

ALL: tuple[Fault, ...] = tuple(f for f in BANK.values() if f.family != fuzz.FAMILY)
"""Those that `accord check` must catch."""

FOR_FUZZING: tuple[Fault, ...] = tuple(f for f in BANK.values() if f.family == fuzz.FAMILY)
"""Those that `accord fuzz` must catch."""
