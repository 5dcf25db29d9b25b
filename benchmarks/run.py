"""What Accord costs, measured on this machine: `nox -s bench`, `nox -s bench -- --help`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click
import clients
import imports
import memory
import page
import results
import suite
from rich.console import Console
from rich.table import Table as Grid

GROUPS: Final[dict[str, Callable[[], results.Table]]] = {
    "call": clients.call,
    "stream": clients.stream,
    "import": imports.importing,
    "at-once": clients.at_once,
    "memory": memory.leaks,
    "suite": suite.suite,
}
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("groups", nargs=-1, type=click.Choice(list(GROUPS)))
@click.option("--json", "json_file", type=FILE, help="Write the results as JSON, too.")
@click.option("--markdown", type=FILE, help="And as a page; its drawing lies beside it, as SVG.")
@click.option(
    "--from", "earlier", type=FILE, multiple=True, help="Show what --json wrote; measure nothing."
)
def main(
    groups: tuple[str, ...],
    json_file: Path | None,
    markdown: Path | None,
    earlier: tuple[Path, ...],
) -> None:
    """Measure what Accord costs beside bare httpx and openai-python, and what its suite costs.

    GROUPS are what to measure, all by default: that takes some minutes. A figure that misses
    its target is marked; measure again on a machine with nothing else to do before you believe it.
    """
    console = Console()
    if earlier:
        measured = results.joined([results.read(file) for file in earlier])
    else:
        measured = results.Results(results.setting(), [])
        for name in groups or GROUPS:
            with console.status(f"measuring: {name}"):
                measured.tables.append(GROUPS[name]())
            console.print(grid(measured.tables[-1]))
    console.print(*[f"{name}: {value}" for name, value in measured.setting.items()], sep="\n")
    if json_file:
        results.write(measured, json_file)
    if markdown:
        page.write(measured, markdown)


def grid(table: results.Table) -> Grid:
    """Give a table for the terminal."""
    grid = Grid("", "measured", "target", title=table.title, caption=table.note, min_width=60)
    grid.columns[1].justify = "right"
    for row in table.rows:
        grid.add_row(row.what, row.shown, row.target, style="bold red" if row.over else None)
    return grid


if __name__ == "__main__":
    main()
