"""Doing something once for several processes, which all get what came of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

PATIENCE: Final = 24 * 60 * 60.0
"""Seconds that a process waits for another one's work. One that dies is not waited for."""


def once(file: Path, make: Callable[[], Any]) -> Any:
    """Make a JSON value, or take the one that another process made.

    SQLite does the locking: it does so on every system, and lets go when a process dies.

    Args:
        file: where the processes meet; made by whichever comes first.
        make: is called by one of them, while all others wait. Where it raises, the next tries.
    """
    with closing(sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)) as shared:
        shared.execute("BEGIN EXCLUSIVE")
        shared.execute("CREATE TABLE IF NOT EXISTS made (value TEXT)")
        row = shared.execute("SELECT value FROM made").fetchone()
        if row is None:
            row = (json.dumps(make()),)
            shared.execute("INSERT INTO made VALUES (?)", row)
        shared.execute("COMMIT")
    return json.loads(row[0])
