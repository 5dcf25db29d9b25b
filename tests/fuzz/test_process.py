"""`accord fuzz` as a process: Ctrl-C, and the same seed in another process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading

from accord_contracts.faults.bank import KEY
from accord_contracts.server import Call, Hook, ReferenceServer, Settings

# A shell that starts tests in the background lets them ignore SIGINT, and us with them.
PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from accord_contracts.cli import main
main()
"""
PREFLIGHT = 20
"""More requests than are sent before fuzzing begins."""
ENDLESS = str(10**9)


class Seen(Hook):
    """Notes what is asked for, and tells when the preflight is over."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.fuzzed = threading.Event()

    def request(self, call: Call) -> None:
        self.bodies.append(repr(call.body))
        if len(self.bodies) > PREFLIGHT:
            self.fuzzed.set()


def start(url: str, *options: str, hashing: str = "0") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "fuzz", url, "--database", "none", *options],
        env={**os.environ, "OPENAI_API_KEY": KEY, "PYTHONHASHSEED": hashing},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def interrupt(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Ctrl-C, and once more where it came at a moment that takes no exception."""
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        try:
            return process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    raise AssertionError(process.communicate())


def test_ctrl_c_ends_a_run_with_what_was_found_by_then() -> None:
    seen = Seen()
    with ReferenceServer(Settings(api_key=KEY), [seen]) as server:
        process = start(server.base_url, "--max-requests", ENDLESS)
        assert seen.fuzzed.wait(240)
        out, err = interrupt(process)
    assert process.returncode == 130, err
    assert re.fullmatch(
        r"accord: interrupted after [\d,]+ requests; this is what was found by then\n", err
    ), err
    assert "pass" in out


def test_the_same_seed_sends_the_same_requests_from_another_process() -> None:
    runs = []
    for hashing in ("1", "2"):  # the order of sets is another one
        seen = Seen()
        with ReferenceServer(Settings(api_key=KEY), [seen]) as server:
            words = ("--seed", "7", "--max-requests", "40")
            process = start(server.base_url, *words, hashing=hashing)
            _, err = process.communicate(timeout=480)
            assert process.returncode == 0, err
        runs.append(seen.bodies)
    assert runs[0] == runs[1]
    assert len(runs[0]) > PREFLIGHT
