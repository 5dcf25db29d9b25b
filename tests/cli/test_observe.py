"""`accord observe`: runs a program, and judges what it sends; `serve` keeps a journal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from commandline import Accord
from test_serve import first_lines

Start = Callable[..., subprocess.Popen[str]]

# Without httpx, which takes longer to import than all the rest takes.
PROGRAM = """
import json, os, sys, urllib.error, urllib.request
url, key = os.environ["OPENAI_BASE_URL"], os.environ["OPENAI_API_KEY"]
assert url == os.environ["OPENAI_API_BASE"]
messages = [{"role": "user", "content": sys.stdin.readline() or "Hello!"}]
body = json.dumps({"model": "any-model", "messages": messages, **json.loads(sys.argv[1])})
headers = {"authorization": "Bearer " + key, "content-type": "application/json"}
try:
    request = urllib.request.Request(url + "/chat/completions", body.encode(), headers)
    answer = urllib.request.urlopen(request)
except urllib.error.HTTPError as error:
    answer = error
print(answer.status, "whole" if b"[DONE]" in answer.read() else "")
sys.exit(int(sys.argv[2]))
"""


def program(code: int = 0, **params: Any) -> list[str]:
    """A program that asks once, prints what it got, and ends with a code."""
    return [sys.executable, "-c", PROGRAM, json.dumps(params), str(code)]


def test_its_streams_are_the_programs_own(start_accord: Start) -> None:
    process = start_accord("observe", "--", *program(stream=True), stdin=subprocess.PIPE)
    out, err = process.communicate("Hello!\n")
    assert (process.returncode, out) == (0, "200 whole\n")
    assert "1 request on 1 connection" in err
    assert "none broken" in err


def test_faults_reach_the_program(start_accord: Start) -> None:
    process = start_accord(
        "observe",
        "--fault",
        "stream.no-done",
        "--",
        *program(stream=True),
        stdin=subprocess.DEVNULL,
    )
    out, _ = process.communicate()
    assert (process.returncode, out) == (0, "200 \n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (program(7), 7),
        (program(0, n=0), 1),
        (program(7, n=0), 1),
        (program(0, wit=1), 0),
        (["--strict", *program(0, wit=1)], 1),
    ],
)
def test_exit_codes(run_accord: Accord, words: list[str], expected: int) -> None:
    assert run_accord("observe", *words).exit_code == expected


def test_what_is_wrong_is_told_with_its_place_and_why(run_accord: Accord, tmp_path: Path) -> None:
    report, journal = tmp_path / "verdict.json", tmp_path / "journal.jsonl"
    files = ("--json", str(report), "--journal", str(journal))
    result = run_accord("observe", "--strict", *files, "--", *program(0, n=0))
    for words in ("MUST", "request.body-matches-schema", "/n: it is less than the minimum", "Why:"):
        assert words in result.stderr
    (line,) = journal.read_text().splitlines()
    assert json.loads(line)["violations"][0]["pointer"] == "/n"
    verdict = json.loads(report.read_text())
    assert verdict["exit_code"] == 1
    outcomes = {one["id"]: one["outcome"] for one in verdict["obligations"]}
    assert outcomes["request.body-matches-schema"] == "broken"
    assert outcomes["request.content-type-is-json"] == "kept"
    assert outcomes["request.best-of-fits"] == "not-applicable"


def test_a_program_that_calls_nobody_is_told_what_to_check(run_accord: Accord) -> None:
    result = run_accord("observe", "--", sys.executable, "-c", "pass")
    assert result.exit_code == 3
    assert "made no request" in result.stderr
    assert "OPENAI_BASE_URL" in result.stderr


def test_the_address_can_stand_in_the_command(run_accord: Accord) -> None:
    code = "import sys, urllib.request as u; u.urlopen(sys.argv[1] + '/models')"
    result = run_accord("observe", sys.executable, "-c", code, "{base_url}")
    assert result.exit_code == 0
    assert "request.sends-a-key" in result.stderr


def test_a_program_that_cannot_be_run_is_said(run_accord: Accord) -> None:
    result = run_accord("observe", "--", "no-such-program-here")
    assert result.exit_code == 2
    assert "no-such-program-here can't be run" in result.stderr


def test_the_obligations_are_listed(run_accord: Accord) -> None:
    shown = run_accord("observe", "--list").stdout
    assert "request.body-matches-schema  MUST" in shown
    assert "conduct.reuses-connections  SHOULD" in shown


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_signals_are_the_programs(start_accord: Start) -> None:
    program = (
        "import os, signal, sys, urllib.request as u\n"
        "u.urlopen(os.environ['OPENAI_BASE_URL'] + '/models')\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n"
        "print('ready', flush=True)\n"
        "signal.pause()\n"
    )
    process = start_accord("observe", "--", sys.executable, "-c", program)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 9
    assert "GET /v1/models" in err


def test_serve_keeps_a_journal_and_can_be_strict(start_accord: Start, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    process = start_accord("serve", "--port", "0", "--strict", "--any-model", "--journal", journal)
    base_url = first_lines(process, "Ctrl-C")[0]
    headers = {"authorization": "Bearer sk-in-no-journal"}
    body: dict[str, Any] = {"model": "whatever", "prompt": "Once", "max_tokens": 3}
    with httpx.Client(base_url=base_url, headers=headers) as client:
        assert client.post("/completions", json=body).status_code == 200
        refused = client.post("/completions", json={**body, "max_tokens": "3"})
    assert refused.json()["error"]["code"] == "contract_violation"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=240)
    text = journal.read_text()
    first, second = map(json.loads, text.splitlines())
    assert (first["status"], first["violations"]) == (200, [])
    assert second["violations"][0]["obligation"] == "request.body-matches-schema"
    assert "sk-in-no-journal" not in text
