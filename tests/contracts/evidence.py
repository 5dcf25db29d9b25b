"""Evidence: what the rules say of each fault, word for word. A change to it is read by somebody.

python tests/contracts/evidence.py   # writes it down as it is now, in evidence.json
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from accord_contracts import faults
from accord_contracts.faults.hushed import hush
from accord_contracts.rule import REGISTRY
from accord_contracts.selftest.trial import Bench, Trial

FILE: Final = Path(__file__).with_suffix(".json")

KNOWN: Final[dict[str, dict[str, str]]] = json.loads(FILE.read_text())
"""By fault, then by rule: the request, the place in the answer, and the message."""

_BY_CHANCE: Final = re.compile(r"(?<=call_)[0-9a-f]{24}|(?<=cmpl-)[0-9a-f]+")
"""Ids that are others in every run."""

_TEXTS: Final = re.compile(r'(?<=\[)".*?"(?=\])')
"""What a server says that does not heed the seed."""


def try_alone(fault: faults.Fault) -> Trial:
    """Judge the server with one fault by the rules that must catch it, and no others."""
    return Bench([REGISTRY[rule] for rule in fault.caught_by]).hold([fault], full=True)


def of(fault: faults.Fault, trial: Trial) -> dict[str, str]:
    """The evidence of the rules that a fault names, with nothing in it that is chance."""
    chance = _TEXTS if fault.stem == "parameters.seed-ignored" else _BY_CHANCE
    return {rule: chance.sub("…", trial.fell.get(rule, "")) for rule in fault.caught_by}


def main() -> None:
    """Write the file."""
    hush()
    found = {fault.name: of(fault, try_alone(fault)) for fault in faults.ALL}
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
