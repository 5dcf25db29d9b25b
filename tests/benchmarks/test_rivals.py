"""`nox -s rivals`: tools are tried on faults, and a run goes on where it ended."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "rivals" / "run.py"
FAULT = "stream.usage-twice"


def tried(tool: str, fault: str | None, *failures: str) -> str:
    return json.dumps({"tool": tool, "fault": fault, "failures": failures, "cpu": 1.0}) + "\n"


def test_what_was_not_tried_yet_is_tried_and_published(tmp_path: Path) -> None:
    outcomes, page = tmp_path / "outcomes", tmp_path / "page.md"
    # What it reports of the correct server too is a false alarm, and kills nothing.
    before = tried("accord", None, "an alarm") + tried("accord", FAULT, "an alarm")
    outcomes.write_text(before)
    files = ["--json", str(outcomes), "--page", str(page)]
    command = [sys.executable, str(SCRIPT), "--only", FAULT, "--tools", "openai", "accord"]
    done = subprocess.run(
        [*command, "--jobs", "1", *files], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    new = [json.loads(line) for line in outcomes.read_text().removeprefix(before).splitlines()]
    assert [(one["tool"], one["fault"]) for one in new] == [("openai", None), ("openai", FAULT)]
    assert [one["failures"] for one in new] == [[], ["chat_streams_usage"]]
    assert "| stream | 0 / 1 | 1 / 1 |" in page.read_text()
