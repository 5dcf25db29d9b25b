"""schemathesis from its command line, with the bundled spec: the failures that it reports."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from accept import unlike_the_correct_server
from bank import serving

from accord_contracts.faults.bank import KEY

OPTIONS: Final = (
    "--phases=examples,coverage,fuzzing",
    "--max-examples=40",
    "--continue-on-failure",
    "--generation-database=none",
    "--seed=1",
)
PATIENCE: Final = 3600.0
"""Seconds after which a run is ended, so that a server which hangs is noticed as such."""

JSON = dict[str, Any]


def shown() -> str:
    """The command line, as a page shows it; the header with the key and the report are left out."""
    command = shlex.join(["schemathesis", "run", "accord_api/openapi.json", "--url=URL"])
    return " \\\n        ".join([command, *OPTIONS])


def failures(fault: str | None) -> set[str]:
    """The kinds of failures that are reported, each with its operation.

    Whether a request is to be accepted is judged by the status alone, and of some requests the
    schema can't say it: the correct server gives rise to such failures, too. So on a server with
    a fault they count for those requests only that the correct server answers otherwise.
    """
    with serving(fault) as server:
        events = _run(server.base_url)
    found = set(_errors(events))
    for operation, kind, exchange in _failed(events):
        if fault is None or "request" not in exchange or kind not in ACCEPTANCE:
            found.add(f"{operation}: {kind}")
        elif unlike_the_correct_server(exchange):
            found.add(f"{operation}: {kind}, unlike the correct server")
    return found


ACCEPTANCE: Final = ("AcceptedNegativeData", "RejectedPositiveData")


def _run(base_url: str) -> list[JSON]:
    """What a run reports, as a list of events, each an object with one member."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events"
        # Where it is started it looks for these, and keeps what failed for the next run: each run
        # has a folder of its own, so that none sends what another found.
        for name in ("schemathesis.toml", "hooks.py"):
            shutil.copy(Path(__file__).with_name(name), folder)
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run"),
            str(files("accord_api") / "openapi.json"),
            f"--url={base_url}",
            f"--header=Authorization: Bearer {KEY}",
            f"--report-ndjson-path={path}",
            *OPTIONS,
        ]
        try:
            subprocess.run(  # noqa: S603 - we wrote the command
                command,
                cwd=folder,
                timeout=PATIENCE,
                check=False,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            return [*_lines(path), {"NonFatalError": {"label": "no end within an hour"}}]
        return list(_lines(path))


def _lines(path: Path) -> Iterator[JSON]:
    """The events of a report; the last line may be cut."""
    with suppress(json.JSONDecodeError):
        for line in path.read_text().splitlines():
            yield json.loads(line)


def _errors(events: list[JSON]) -> Iterator[str]:
    """What kept schemathesis from judging, such as an answer that can't be read."""
    for event in events:
        for name, about in event.items():
            if name in {"NonFatalError", "FatalError"}:
                yield f"{about.get('label')}: {name}"


def _failed(events: list[JSON]) -> Iterator[tuple[str, str, JSON]]:
    """Operation, kind and exchange of every failed check."""
    for event in events:
        recorder = event.get("ScenarioFinished", {}).get("recorder", {})
        for case, checks in recorder.get("checks", {}).items():
            for check in checks:
                if check["status"] == "failure":
                    kind = check["failure_info"]["failure"]["type"]
                    exchange = recorder.get("interactions", {}).get(case, {})
                    yield recorder["label"], kind, exchange
