"""Several options that commands share, as one decorator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Option = Callable[[Any], Any]
"""What `click.option` gives."""


def grouped(*options: Option) -> Option:
    """Several options as one; they are shown in this order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
