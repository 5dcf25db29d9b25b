"""The matrix as a page of the documentation."""

from __future__ import annotations

from itertools import groupby

from accord_contracts.faults.bank import Fault
from accord_contracts.selftest.matrix import Matrix
from accord_contracts.selftest.trial import Trial

_HEAD = """# The fault bank

Who judges the judge? Each fault below makes the reference server wrong in one small way, as real
servers are. Every fault is tried alone, and the server is judged by every rule. A fault counts as
killed when the rule that it names fails over an answer that the fault has changed. The server
without faults has no finding.

{faults} faults, {rules} rules: {killed} killed, {missed} missed, {unproved} rules unproved.

Every rule has a fault that it alone is answerable for. Other rules may fall besides: a stream
without its end breaks more than one obligation.
{picture}
This page is made by `nox -s selftest -- --write`, and a test sees that it is not stale. To try a
fault yourself: `accord selftest --fault NAME`, `accord serve --fault NAME`.
"""

_PICTURE = """
![Rules across, faults down: a mark where a fault makes a rule fail]({name})

Rules go across and faults down, family by family: blue is a rule that caught the fault that it is
answerable for, orange is a rule that fell besides, red would be a miss.
"""

_TABLE = """
## {family}

| Fault | What the server does | Level | Answerable | Fell besides |
|---|---|---|---|---|
"""


def render(matrix: Matrix, picture: str | None) -> str:
    """Write the page.

    Args:
        matrix: of all faults and all rules.
        picture: the file name of the drawing beside the page; None for a page without.
    """
    page = _HEAD.format(
        faults=len(matrix.faults),
        rules=len(matrix.rules),
        killed=len(matrix.faults) - len(matrix.missed),
        missed=len(matrix.missed),
        unproved=len(matrix.unproved),
        picture=_PICTURE.format(name=picture) if picture else "",
    )
    for family, rows in groupby(matrix.rows, key=lambda row: row[0].subject):
        page += _TABLE.format(family=family)
        page += "".join(f"{head(fault)} {_besides(fault, trial)} |\n" for fault, trial in rows)
    return page


def head(fault: Fault) -> str:
    """What a row of the table says of a fault itself, whatever came of it."""
    rules = ", ".join(f"`{rule}`" for rule in fault.caught_by)
    return f"| `{fault.name}` | {_cell(fault.summary)} | {fault.level} | {rules} |"


def _besides(fault: Fault, trial: Trial) -> str:
    return ", ".join(f"`{rule}`" for rule in trial.fell if rule not in fault.caught_by) or "-"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
