"""`accord observe` on programs that use a client library: openai-python's, and our own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., subprocess.Popen[str]]

PROGRAM = """
import sys
from {module} import {client} as Client, BadRequestError

with Client() as client:
    model = client.models.list().data[0].id
    asked = {{"model": client.models.retrieve(model).id, "max_completion_tokens": 4}}
    said = [{{"role": "user", "content": "Hello!"}}]
    answer = client.chat.completions.create(messages=said, **asked)
    with client.chat.completions.create(messages=said, stream=True, **asked) as chunks:
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    client.completions.create(model=model, prompt="Once", max_tokens=4)
    print(answer.usage.completion_tokens, bool(text))
    if "wrong" in sys.argv:
        try:
            client.chat.completions.create(messages=said, n=0, **asked)
        except BadRequestError:
            print("refused")
"""

SDKS = {"openai": "OpenAI", "accord": "Client"}

NOTES = {"request.has-no-deprecated-parameters", "request.accepts-the-stream"}


def observe(
    start_accord: Start, module: str, report: Path, *words: str
) -> tuple[int, list[str], dict[str, Any]]:
    """The exit code, what the program printed, and the verdict."""
    code = PROGRAM.format(module=module, client=SDKS[module])
    program = (sys.executable, "-c", code, *words)
    process = start_accord("observe", "--json", str(report), "--", *program)
    out, err = process.communicate(timeout=240)
    assert report.exists(), err
    return process.returncode, out.splitlines(), json.loads(report.read_text())


def outcomes(verdict: dict[str, Any], outcome: str) -> set[str]:
    return {one["id"] for one in verdict["obligations"] if one["outcome"] == outcome}


@pytest.mark.parametrize("module", SDKS)
def test_what_a_client_library_sends_keeps_the_contract(
    start_accord: Start, tmp_path: Path, module: str
) -> None:
    code, printed, verdict = observe(start_accord, module, tmp_path / "verdict.json")
    assert (code, printed) == (0, ["4 True"])
    kept = outcomes(verdict, "kept")
    assert {"request.body-matches-schema", "request.sends-a-key"} <= kept
    # Whether a connection is used again depends on how long the program took between two calls.
    assert outcomes(verdict, "broken") <= {"conduct.reuses-connections", *NOTES}


@pytest.mark.parametrize("module", SDKS)
def test_what_the_program_does_wrong_is_told(
    start_accord: Start, tmp_path: Path, module: str
) -> None:
    code, printed, verdict = observe(start_accord, module, tmp_path / "verdict.json", "wrong")
    assert (code, printed) == (1, ["4 True", "refused"])
    assert "request.body-matches-schema" in outcomes(verdict, "broken")
