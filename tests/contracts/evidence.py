"""Evidence: what the rules say of each fault, what they ask, and what they make of odd servers.

    python tests/contracts/evidence.py   # writes down what they say and ask now

All is held word for word: whoever changes them reads what has changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Final

import odd

from accord_contracts import faults, rules
from accord_contracts.exchange import Exchange, Request
from accord_contracts.faults.hushed import hush
from accord_contracts.rule import REGISTRY
from accord_contracts.selftest.trial import Bench, Trial

SAID_FILE: Final = Path(__file__).with_name("evidence.json")
ASKED_FILE: Final = Path(__file__).with_name("requests.txt")

SAID: Final[dict[str, dict[str, str]]] = json.loads(SAID_FILE.read_text())
"""By fault, then by rule: the request, the place in the answer, and the message."""

ASKED: Final = ASKED_FILE.read_text().splitlines()
"""The requests of a run on the correct server, in their order."""

ODD_FILE: Final = Path(__file__).with_name("odd.json")

ODD: Final[dict[str, dict[str, str]]] = json.loads(ODD_FILE.read_text())
"""By odd server, then by rule: the verdicts that are not to pass."""

RENEW: Final = "read what changed; if it is right: python tests/contracts/evidence.py"

_BY_CHANCE: Final = re.compile(r"(?<=call_)[0-9a-f]{24}|(?<=cmpl-)[0-9a-f]+")
"""Ids that are others in every run."""

_TEXTS: Final = re.compile(r'(?<=\[)".*?"(?=\])')
"""What a server says that does not heed the seed."""

_LONGEST: Final = 400
"""Characters of a body that are written down, and how long it is."""


def try_alone(fault: faults.Fault) -> Trial:
    """Judge the server with one fault by the rules that must catch it, and no others."""
    return Bench([REGISTRY[rule] for rule in fault.caught_by]).hold([fault], full=True)


def said(fault: faults.Fault, trial: Trial) -> dict[str, str]:
    """What the rules say that a fault names, with nothing in it that is chance."""
    chance = _TEXTS if fault.stem == "parameters.seed-ignored" else _BY_CHANCE
    return {rule: chance.sub("…", trial.fell.get(rule, "")) for rule in fault.caught_by}


def asked(exchanges: Iterable[Exchange]) -> list[str]:
    """The requests of exchanges, a line for each."""
    return [_line(exchange.request) for exchange in exchanges]


def _line(request: Request) -> str:
    members = {f.name: getattr(request, f.name) for f in fields(request)}
    odd = {f.name: members[f.name] for f in fields(request) if members[f.name] != f.default}
    if request.body is not None:
        text = request.body.decode(errors="backslashreplace")
        odd["body"] = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)})"
    return json.dumps(odd, ensure_ascii=False)


def main() -> None:
    """Write the files."""
    hush()
    found = {fault.name: said(fault, try_alone(fault)) for fault in faults.ALL}
    SAID_FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    bench = Bench(rules.ALL)
    ASKED_FILE.write_text("\n".join([*asked(bench.exchanges), ""]))
    ODD_FILE.write_text(json.dumps({n: odd.verdicts(bench, n) for n in odd.ALL}, indent=1) + "\n")


if __name__ == "__main__":
    main()
