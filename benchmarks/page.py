"""The results as a page of Markdown, with a drawing of the curves beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from results import Curve, Results, Table, number

__all__ = ["write"]

HEAD: Final = """# Benchmarks

What Accord costs, beside bare httpx and openai-python, as `nox -s bench -- --markdown FILE`
measured it. All clients take turns, each in a process of its own, against a server of canned bytes
in another process; figures are medians of the client's processor time, its system calls included.
They depend on the machine, and on what else it did: ratios travel.
"""
WIDTH, HEIGHT, MARGIN = 640, 240, 44
COLOURS: Final = ("#1f6feb", "#d1570a")


def write(results: Results, file: Path) -> None:
    """Write the page, and the drawing under the same name, in SVG."""
    about = "\n".join(f"| {name} | {value} |" for name, value in results.setting.items())
    parts = [HEAD, f"| Measured with | |\n|---|---|\n{about}\n"]
    for table in results.tables:
        parts.append(_section(table))
        if table.curves:
            drawing = file.with_suffix(".svg")
            drawing.write_text(_drawing(table.curves), encoding="utf-8")
            parts.append(f"![Memory, call by call]({drawing.name})\n")
    file.write_text("\n".join(parts), encoding="utf-8")


def _section(table: Table) -> str:
    rows = [f"| {row.what} | {row.shown.strip()} | {row.target} |" for row in table.rows]
    head = ["| | measured | target |", "|---|---:|---|"]
    return "\n".join([f"## {table.title}", "", table.note, "", *head, *rows, ""])


def _drawing(curves: list[Curve]) -> str:
    """Draw curves on axes that begin at zero, so that flat looks flat."""
    right = max(place for curve in curves for place in curve.places)
    top = max(value for curve in curves for value in curve.values) * 1.25
    lines = [
        _line(curve, right, top, colour, 20 + 18 * row)
        for row, (curve, colour) in enumerate(zip(curves, COLOURS, strict=False))
    ]
    floor, end = HEIGHT - MARGIN, WIDTH - MARGIN
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {box}>',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            f'<path d="M{MARGIN} 10V{floor}H{end}" fill="none" stroke="#888"/>',
            *[
                _tick(f"{number(top * part)}", MARGIN - 6, _y(top * part, top))
                for part in (0.4, 0.8)
            ],
            _tick("MiB", MARGIN - 6, 16),
            _tick(f"{right:,.0f} calls", end, floor + 18),
            _tick("0", MARGIN, floor + 18),
            *lines,
            "</svg>\n",
        ]
    )


def _line(curve: Curve, right: float, top: float, colour: str, row: int) -> str:
    spots = zip(curve.places, curve.values, strict=True)
    points = " ".join(f"{_x(x, right):.1f},{_y(y, top):.1f}" for x, y in spots)
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        f'<text x="{MARGIN + 12}" y="{row}" fill="{colour}">{curve.name}</text>'
    )


def _tick(text: str, x: float, y: float) -> str:
    return f'<text x="{x}" y="{y:.1f}" text-anchor="end" fill="#555">{text}</text>'


def _x(place: float, right: float) -> float:
    return MARGIN + place / right * (WIDTH - 2 * MARGIN)


def _y(value: float, top: float) -> float:
    return HEIGHT - MARGIN - value / top * (HEIGHT - MARGIN - 10)
