"""Evidence: one finding in plain text, as test reports carry it."""

from __future__ import annotations

import io

from rich.console import Console

from accord_contracts.finding import Finding
from accord_contracts.report import Report
from accord_contracts.reports.printable import printable
from accord_contracts.reports.terminal import print_failure

WIDTH = 100


def evidence(finding: Finding, report: Report, *, alone: str) -> str:
    """What a finding says; for a broken rule with all that the terminal report shows of it.

    The first line is the message alone: it is what summaries show.

    Args:
        finding: of the report.
        report: of a run, or of judging a recording.
        alone: the command that judges again, to which `--only RULE` is added; "" for none.
    """
    text = io.StringIO()
    plain = Console(file=text, width=WIDTH, color_system=None, highlight=False, markup=False)
    print_failure(plain, finding, report, alone=alone)
    lines = (line.rstrip() for line in text.getvalue().splitlines())
    return "\n".join([printable(finding.message), *lines]).strip()
