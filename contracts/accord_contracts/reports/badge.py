"""The badge: one line for a README, as SVG or as what shields.io draws one from."""

from __future__ import annotations

import html
import json
from typing import Final

from accord_contracts.finding import Verdict
from accord_contracts.report import EXIT_BROKEN, EXIT_CONFORMS, Report

LABEL: Final = "accord"
COLORS: Final = {EXIT_CONFORMS: "#2e7d32", EXIT_BROKEN: "#c62828"}
INCOMPLETE_COLOR: Final = "#9e7700"

CHARACTER: Final = 7
"""Pixels that a character takes at most, in the font below."""
MARGIN: Final = 7

SVG: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" \
aria-label="{label}: {message}">
<title>{label}: {message}</title>
<clipPath id="r"><rect width="{width}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#555"/>\
<rect x="{left}" width="{right}" height="20" fill="{color}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{label_x}" y="14">{label}</text><text x="{message_x}" y="14">{message}</text></g>
</svg>
"""


def render(report: Report, *, strict: bool = False) -> str:
    """The badge as SVG."""
    message = _message(report)
    left, right = (len(text) * CHARACTER + 2 * MARGIN for text in (LABEL, message))
    return SVG.format(
        label=LABEL,
        message=html.escape(message),
        color=_color(report, strict=strict),
        width=left + right,
        left=left,
        right=right,
        label_x=left / 2,
        message_x=left + right / 2,
    )


def render_endpoint(report: Report, *, strict: bool = False) -> str:
    """The badge as a JSON document for the `endpoint` badge of shields.io."""
    badge = {
        "schemaVersion": 1,
        "label": LABEL,
        "message": _message(report),
        "color": _color(report, strict=strict),
    }
    return json.dumps(badge, indent=1) + "\n"


def _message(report: Report) -> str:
    counts = report.counts()
    judged = counts[Verdict.PASS] + counts[Verdict.FAIL]
    return f"{counts[Verdict.PASS]} of {judged} rules hold"


def _color(report: Report, *, strict: bool) -> str:
    return COLORS.get(report.exit_code(strict=strict), INCOMPLETE_COLOR)
