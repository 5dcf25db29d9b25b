"""The journal: a file with one line of JSON for each request."""

from __future__ import annotations

import json
from typing import TextIO

from accord_contracts.clients.entry import Entry


def write(entry: Entry, file: TextIO) -> None:
    """Write one line, at once, so that the file can be read while it grows."""
    file.write(f"{json.dumps(entry.as_json())}\n")
    file.flush()
