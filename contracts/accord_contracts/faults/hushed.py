"""Hushed: servers that are wrong on purpose do not log it."""

from __future__ import annotations

import logging
from typing import Final

LOGGERS: Final = ("uvicorn.error", "accord.server", "asyncio")
"""Who notices answers that are cut short, and hooks that fail."""


def hush() -> None:
    """Keep the logs of this process free of what faults do."""
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
