"""`accord serve`: starts, says where, serves, and stops tidily."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable

import httpx
import pytest
from commandline import Accord

from accord_contracts.server import ReferenceServer

Start = Callable[..., subprocess.Popen[str]]


def first_lines(process: subprocess.Popen[str], last: str) -> list[str]:
    """What a process prints, up to a line."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith(last):
            return lines
    raise AssertionError(lines)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped(start_accord: Start, end: signal.Signals) -> None:
    process = start_accord("serve", "--port", "0", "--api-key", "sk-for-a-test")
    base_url = first_lines(process, "Ctrl-C")[0]
    assert httpx.get(f"{base_url}/models").status_code == 401
    headers = {"authorization": "Bearer sk-for-a-test"}
    assert httpx.get(f"{base_url}/models", headers=headers).json()["object"] == "list"
    process.send_signal(end)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 0
    assert err == "stopped\n"


def test_the_key_comes_from_the_environment_too(start_accord: Start) -> None:
    environment = {**os.environ, "ACCORD_SERVE_KEY": "sk-for-a-test"}
    process = start_accord("serve", "--port", "0", env=environment)
    base_url = first_lines(process, "Ctrl-C")[0]
    assert httpx.get(f"{base_url}/models").status_code == 401
    headers = {"authorization": "Bearer sk-for-a-test"}
    assert httpx.get(f"{base_url}/models", headers=headers).status_code == 200


def test_its_log_has_a_line_for_each_request(start_accord: Start) -> None:
    process = start_accord("serve", "--port", "0", "--log")
    base_url = first_lines(process, "Ctrl-C")[0]
    headers = {"authorization": "Bearer sk-in-no-log"}
    httpx.get(f"{base_url}/models", headers=headers)
    httpx.get(f"{base_url}/nowhere%1b[2J?key=sk-in-no-log")
    httpx.post(f"{base_url}/chat/completions", json={})
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=240)
    *logged, last = [re.sub(r" \d+ ms$", " MS", line) for line in err.splitlines()]
    assert logged == [
        "GET /v1/models 200 MS",
        r"GET /v1/nowhere\x1b[2J 404 MS",
        "POST /v1/chat/completions 400 MS",
    ]
    assert last == "stopped"


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_its_example_works_and_its_faults_are_there(start_accord: Start) -> None:
    process = start_accord("serve", "--port", "0", "--fault", "stream.no-done")
    lines = first_lines(process, "Ctrl-C")
    assert any(line.startswith("fault stream.no-done: ") for line in lines)
    assert lines[lines.index("Try it:") - 1] == ""
    example = "\n".join(lines[lines.index("Try it:") + 1 : -1])
    done = subprocess.run(["sh", "-c", example], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("data: {")
    assert "[DONE]" not in done.stdout


def test_what_faults_do_is_not_logged(start_accord: Start) -> None:
    process = start_accord("serve", "--port", "0", "--fault", "transport.too-*")
    base_url = first_lines(process, "Ctrl-C")[0]
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(f"{base_url}/completions", json={"model": "accord-small", "prompt": "Hello!"})
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=240)
    assert err == "stopped\n"


def test_a_port_in_use_is_said(run_accord: Accord) -> None:
    with ReferenceServer() as server:
        result = run_accord("serve", "--port", str(server.port))
    assert result.exit_code == 2
    assert f"port {server.port}" in result.stderr
    assert "hint: choose another with --port" in result.stderr


def test_an_unknown_fault_is_said(run_accord: Accord) -> None:
    result = run_accord("serve", "--fault", "stream.no-dnoe")
    assert result.exit_code == 2
    assert "did you mean stream.no-done" in result.stderr
