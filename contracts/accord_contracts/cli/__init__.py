"""The `accord` command."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Final

NEEDED: Final = ("click", "rich", "starlette", "uvicorn")
"""What the bare install of `accord`, the client alone, comes without."""


def main() -> None:
    """Run the command; the entry point of the distribution, present in its bare install too."""
    if any(find_spec(name) is None for name in NEEDED):
        sys.stderr.write(
            'accord: the command needs more than the client: pip install "accord[contracts]"\n'
        )
        sys.exit(2)
    # Only now, because it imports click.
    from accord_contracts.cli.app import run  # noqa: PLC0415

    run()
