"""`accord selftest`: says what is killed, what is not, and writes it down."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from commandline import Accord


def test_faults_are_tried_and_written_down(run_accord: Accord, tmp_path: Path) -> None:
    files = {name: tmp_path / f"matrix.{name}" for name in ("json", "markdown", "svg")}
    options = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    result = run_accord("selftest", "--rule", "stream.*-is-last", "--jobs", "1", *options)
    assert result.exit_code == 0, result.stdout
    assert "killed      stream.usage-too-early" in result.stdout
    assert "1 fault by 1 rule: 1 killed, 0 missed" in result.stdout
    matrix = json.loads(files["json"].read_text())
    assert matrix["holds"] is True
    assert matrix["rules"] == {"stream.usage-chunk-is-last": ["stream.usage-too-early"]}
    assert "| `stream.usage-too-early` |" in files["markdown"].read_text()
    titles = ET.parse(files["svg"]).findall(".//{*}title")
    assert [title.text for title in titles] == [
        "stream.usage-too-early: stream.usage-chunk-is-last"
    ]


def test_pairs_are_tried(run_accord: Accord) -> None:
    # The seed draws two faults that do not bend the same count: one would undo the other.
    options = ("--pairs", "1", "--seed", "1", "--jobs", "1")
    result = run_accord("selftest", "--rule", "usage.*", *options)
    assert result.exit_code == 0, result.stdout
    assert "1 pair: both found in" in result.stdout


def test_what_names_nothing_is_said(run_accord: Accord) -> None:
    result = run_accord("selftest", "--fault", "qqqqqqqq")
    assert result.exit_code == 2
    assert "no fault is left to try" in result.stderr
