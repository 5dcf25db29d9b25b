"""The Markdown report: a summary for people, as `$GITHUB_STEP_SUMMARY` shows it.

What a server sent stands in `<code>`, escaped: nothing of it is markup.
"""

from __future__ import annotations

import html
from collections.abc import Iterator

from accord_contracts.causes import Cause, causes
from accord_contracts.finding import Verdict
from accord_contracts.report import EXIT_CONFORMS, Report
from accord_contracts.reports.evidence import evidence
from accord_contracts.reports.printable import counted, printable
from accord_contracts.reports.shown import NAMES, levels, marks

MOST_DETAILS = 50
"""Failures that are shown with their evidence: a summary on GitHub has a limit of 1 MiB."""

LONGEST_CELL = 200


def render(report: Report, *, strict: bool = False) -> str:
    """The document as text, with a line end; the key is not in it."""
    return report.target.without_key("\n".join(_lines(report, strict=strict)) + "\n")


def _lines(report: Report, *, strict: bool) -> Iterator[str]:
    sign = "✅" if report.exit_code(strict=strict) == EXIT_CONFORMS else "❌"
    yield f"## {sign} Accord: {report.meaning(strict=strict)}"
    yield ""
    asked = f", model {_code(report.target.model)}" if report.target.model else ""
    yield f"{_code(report.target.shown_url)}{asked}: "
    yield (
        f"{counted(report.requests, 'request')} for {counted(len(report.rules), 'rule')}, "
        f"{counted(report.tokens, 'token')}, {report.seconds:.1f} s."
    )
    yield ""
    counts = report.counts()
    verdicts = [verdict for verdict in Verdict if counts[verdict]]
    divided = {Verdict.FAIL: f" ({levels(report)})"}
    yield from _table(
        [NAMES[v] for v in verdicts], [[f"{counts[v]}{divided.get(v, '')}" for v in verdicts]]
    )
    for cause in causes(report.failures):
        yield from _cause(cause, report)
    yield from _details(report)


def _cause(cause: Cause, report: Report) -> Iterator[str]:
    title = f"Likely one cause: {_code(cause.name)}" if cause.name else "Each on its own"
    yield f"### {title} ({len(cause.findings)})"
    yield ""
    yield from _table(
        ["Level", "Rule", "What is wrong"],
        [
            [str(f.rule.level), _code(f.rule.id) + marks(f, report), _code(f.message, LONGEST_CELL)]
            for f in cause.findings
        ],
    )


def _details(report: Report) -> Iterator[str]:
    for finding in report.failures[:MOST_DETAILS]:
        yield f"<details><summary>{finding.rule.level} {_code(finding.rule.id)}</summary>"
        yield ""
        yield f"<pre>{html.escape(evidence(finding, report, alone=''))}</pre>"
        yield ""
        yield "</details>"
    left = len(report.failures) - MOST_DETAILS
    if left > 0:
        yield f"\nThe evidence of {counted(left, 'other failure')} is left out here."


def _table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def _code(text: str, longest: int | None = None) -> str:
    return f"<code>{_text(printable(text, longest))}</code>"


def _text(text: str) -> str:
    """A text in which nothing is Markdown or HTML any more."""
    escaped = html.escape(printable(text), quote=False)
    return "".join(f"&#{ord(c)};" if c in "|`*_[]\\~$:@#" else c for c in escaped)
