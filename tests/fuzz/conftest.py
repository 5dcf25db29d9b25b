from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click.testing
import pytest

from accord_contracts.cli.app import accord
from accord_contracts.faults.bank import KEY
from accord_contracts.target import Target

# `targets` is shared by the tests of this folder.
sys.path.insert(0, str(Path(__file__).parent))

from targets import serving

Accord = Callable[..., click.testing.Result]


@pytest.fixture
def correct() -> Iterator[Target]:
    with serving() as target:
        yield target


@pytest.fixture
def run_accord(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Accord:
    """Run `accord fuzz` in process, 80 columns wide, with a database of its own."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def invoke(*args: str) -> click.testing.Result:
        words = ["fuzz", *args, "--database", str(tmp_path / "examples")]
        result = click.testing.CliRunner().invoke(accord, words)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    return invoke
