"""The matrix as a drawing: rules across, faults down, a mark where a fault makes a rule fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Final

from accord_contracts.selftest.matrix import Matrix

CELL: Final = 3
"""Pixels that a rule is wide, and a fault high."""

LEFT: Final = 120
TOP: Final = 110
"""Pixels for the names of families."""

LINE: Final = 11
"""Pixels that the name of a family needs, at least, to be read."""

_HEAD: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
    'width="{width}" height="{height}" font-family="sans-serif" font-size="10">'
)

CAUGHT, BESIDES, MISSED = "#1d4ed8", "#f59e0b", "#dc2626"


def draw(matrix: Matrix) -> str:
    """Draw it as SVG."""
    columns = [rule.id for rule in matrix.rules]
    width = LEFT + CELL * len(columns) + 20
    height = TOP + CELL * len(matrix.faults) + 30
    lines = [
        _HEAD.format(width=width, height=height),
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_bands([fault.subject for fault in matrix.faults], width - LEFT - 20, down=True),
        *_bands([rule.family for rule in matrix.rules], height - TOP - 30, down=False),
        *_marks(matrix, columns),
        *_legend(height - 12),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _bands(families: Sequence[str], length: int, *, down: bool) -> Iterator[str]:
    """A stripe for every other family, and all their names."""
    start, free = 0, 0.0
    for number, (family, members) in enumerate(groupby(families)):
        size = CELL * len(list(members))
        fill = "#f1f5f9" if number % 2 else "#ffffff"
        middle = max(start + size / 2, free)
        free = middle + LINE
        if down:
            yield _rect(LEFT, TOP + start, length, size, fill)
            at = f'x="{LEFT - 8}" y="{TOP + middle + 3:g}" text-anchor="end"'
        else:
            yield (
                f'<rect x="{LEFT + start}" y="{TOP}" width="{size}" height="{length}" '
                'fill="none" stroke="#cbd5e1" stroke-width="0.5"/>'
            )
            x = LEFT + middle + 3
            at = f'x="{x:g}" y="{TOP - 8}" transform="rotate(-60 {x:g} {TOP - 8})"'
        yield f'<text {at} fill="#334155">{escape(family)}</text>'
        start += size


def _marks(matrix: Matrix, columns: Sequence[str]) -> Iterator[str]:
    place = {rule: number for number, rule in enumerate(columns)}
    for row, (fault, trial) in enumerate(matrix.rows):
        missed = trial.missed(fault)
        for rule in dict.fromkeys((*trial.fell, *fault.caught_by)):
            if rule not in place:
                continue
            fill = MISSED if rule in missed else CAUGHT if rule in fault.caught_by else BESIDES
            title = f"<title>{escape(f'{fault.name}: {rule}')}</title>"
            x, y = LEFT + CELL * place[rule], TOP + CELL * row
            yield _rect(x, y, CELL, CELL, fill, title)


def _legend(y: int) -> Iterator[str]:
    words = ((CAUGHT, "caught by its rule"), (BESIDES, "fell besides"), (MISSED, "missed"))
    for number, (fill, word) in enumerate(words):
        x = LEFT + 130 * number
        yield _rect(x, y - 8, 9, 9, fill)
        yield f'<text x="{x + 14}" y="{y}" fill="#334155">{word}</text>'


def _rect(x: float, y: float, width: float, height: float, fill: str, inside: str = "") -> str:
    place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"'
    return f"<rect {place}>{inside}</rect>" if inside else f"<rect {place}/>"
