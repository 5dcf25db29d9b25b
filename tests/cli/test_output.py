"""Output that can't be written, and errors of our own: never the exit code of a verdict."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commandline import COMMAND, Accord

FULL = Path("/dev/full")

BUGGY = """
import sys, types, click
from accord_contracts.cli import app, main

@click.command()
def command():
    secret = "sk-secret"
    raise RuntimeError(f"cannot send {secret}")

sys.modules["accord_contracts.cli.buggy"] = types.SimpleNamespace(command=command)
app.COMMANDS["buggy"] = app.Home("buggy", "")
sys.argv = ["accord", "buggy"]
main()
"""


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    "args", [("--help",), ("rules",), ("rules", "--json"), ("check", "--only", "models")]
)
def test_a_full_disk_is_said(args: tuple[str, ...]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [*COMMAND, *args], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr.startswith("accord: error: the output can't be written: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
def test_a_complaint_that_nobody_can_read_exits_as_any() -> None:
    with FULL.open("w") as full:
        done = subprocess.run([*COMMAND, "explain", "nope"], stderr=full, check=False)
    assert done.returncode == 2


@pytest.mark.parametrize("args", [("rules",), ("check", "--only", "models")])
def test_a_reader_who_leaves_ends_it_quietly(args: tuple[str, ...]) -> None:
    process = subprocess.Popen(
        [*COMMAND, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    with process.stderr as errors:
        assert errors.read() == ""
    assert process.wait(60) == 141


def test_an_error_of_our_own_is_no_verdict_and_tells_no_secret() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BUGGY], capture_output=True, text=True, check=False
    )
    assert done.returncode == 70
    assert done.stderr.startswith("accord: internal error: RuntimeError at ")
    assert done.stderr.endswith("; please report it\n")
    assert "sk-secret" not in done.stderr


@pytest.mark.parametrize("seconds", ["nan", "inf", "-inf", "-1"])
@pytest.mark.parametrize("option", [("check", "--timeout"), ("serve", "--token-delay")])
def test_seconds_are_finite_and_not_negative(
    run_accord: Accord, option: tuple[str, str], seconds: str
) -> None:
    result = run_accord(*option, seconds)
    assert result.exit_code == 2
    assert f"Invalid value for '{option[1]}'" in result.stderr
