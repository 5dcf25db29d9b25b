from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click.testing
import pytest

from accord_contracts.cli.app import accord

# `commandline` is shared by the tests of this folder.
sys.path.insert(0, str(Path(__file__).parent))

from commandline import COMMAND, Accord


@pytest.fixture
def run_accord(monkeypatch: pytest.MonkeyPatch) -> Accord:
    """Run the command in process, in an environment that names no server; 80 columns wide."""
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")

    def invoke(*args: str, **env: str) -> click.testing.Result:
        result = click.testing.CliRunner().invoke(accord, args, env=env)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    return invoke


@pytest.fixture
def start_accord() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command in a process of its own; what still runs at the end is stopped."""
    started = []

    def start(*args: str, **options: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*COMMAND, *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()
