"""Runs the suite against servers that others wrote, and compares with what is known of them.

    nox -s servers                                   the known servers that this machine has
    nox -s servers -- http://127.0.0.1:8000/v1 …     servers that run already

Every failure in `known/NAME.txt` was read by a person, in the raw exchange, and found true. A
failure that is not there is a find or a false alarm; one that no longer occurs is stale. Both
fail the run, so that somebody looks.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from accord_contracts.known import Known

KNOWN: Final = Path(__file__).parent / "known"
PATIENCE: Final = 60.0
"""Seconds that a server may take to start."""


@dataclass(frozen=True)
class Server:
    """A server that others wrote.

    Attributes:
        name: also the name of the list of its known failures.
        program: what is looked for on the PATH; an environment variable in front of it wins.
        arguments: `{port}` and `{folder}` are filled in.
        files: written to the folder first, text by name.
        needs: an environment variable that must be set, with what it names in `{needs}`.
    """

    name: str
    program: str
    arguments: tuple[str, ...]
    model: str
    key: str | None = None
    files: tuple[tuple[str, str], ...] = ()
    needs: str | None = None

    @property
    def missing(self) -> str | None:
        """Why it can't be started here, or None."""
        if shutil.which(self.program) is None:
            return f"{self.program} is not on the PATH"
        if self.needs and not os.environ.get(self.needs):
            return f"{self.needs} names no file"
        return None

    def command(self, folder: Path, port: int) -> list[str]:
        """The command line that starts it."""
        values = {"port": port, "folder": folder, "needs": os.environ.get(self.needs or "", "")}
        return [self.program, *(argument.format(**values) for argument in self.arguments)]


SERVERS: Final = (
    Server(
        name="mockllm",
        program="mockllm",
        arguments=("start", "--responses", "{folder}/answers.yml", "--port", "{port}"),
        model="any",
        files=(
            (
                "answers.yml",
                (
                    'responses:\n  "Hello": "Hello! This is a mock answer."\n'
                    'defaults:\n  unknown_response: "A mock answer."\n'
                ),
            ),
        ),
    ),
    Server(
        name="aimock",
        program="llmock",
        arguments=("-p", "{port}", "-h", "127.0.0.1", "-f", "{folder}"),
        model="gpt-4o",
        files=(
            (
                "hello.json",
                (
                    '{"fixtures": [{"match": {"userMessage": "Hello"},'
                    ' "response": {"content": "Hello! This is a mock answer."}}]}'
                ),
            ),
        ),
    ),
    Server(
        name="llama-cpp-python",
        program=os.environ.get("ACCORD_LLAMA_CPP_PYTHON", "python-with-llama-cpp"),
        arguments=(
            *("-m", "llama_cpp.server", "--model", "{needs}", "--model_alias", "tiny-llama"),
            *("--host", "127.0.0.1", "--port", "{port}", "--api_key", "sk-lab", "--n_ctx", "2048"),
        ),
        model="tiny-llama",
        key="sk-lab",
        needs="ACCORD_GGUF",
    ),
)


def main(urls: Sequence[str]) -> int:
    """Judge servers by URL, or all that are found. Returns the exit code."""
    if urls:
        return max(_judge_url(url) for url in urls)
    found = [server for server in SERVERS if server.missing is None]
    for server in SERVERS:
        if server.missing:
            print(f"{server.name}: left out, {server.missing}")
    if not found:
        print("no server to judge")
    return max((_judge_server(server) for server in found), default=3)


def _judge_url(url: str) -> int:
    """Show the verdict on a server that runs; nothing is known of it."""
    return subprocess.run(["accord", "check", url], check=False).returncode


def _judge_server(server: Server) -> int:
    with _running(server) as base_url:
        report = _report(base_url, server)
    print(f"{server.name}: {_summary(report)}")
    failed = {entry["rule"] for entry in report["findings"] if entry["verdict"] == "fail"}
    crashed = {e["rule"] for e in report["findings"] if e["verdict"] == "harness-error"}
    known = _known(server)
    new = known.new(failed)
    stale = sorted(known.always - failed)
    for rule in new:
        print(f"  new: {rule} fails: true, or a false alarm? See it with --only {rule}")
    for rule in stale:
        print(f"  stale: {rule} is in {server.name}.txt and does not fail")
    for rule in sorted(crashed):
        print(f"  crashed: {rule}")
    return 1 if new or stale or crashed else 0


def _summary(report: dict[str, Any]) -> str:
    verdicts = report["totals"]["verdicts"].items()
    counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts if count)
    spent, seconds = report["spent"], report["duration_seconds"]
    return f"{counts}; {spent['requests']} requests, {spent['tokens']} tokens, {seconds:.1f} s"


def _known(server: Server) -> Known:
    """The rules that the server is known to break."""
    path = KNOWN / f"{server.name}.txt"
    return Known.read(path.read_text() if path.exists() else "")


def _report(base_url: str, server: Server) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        command = ["accord", "check", base_url, "--model", server.model, "--quiet"]
        command += ["--api-key", server.key] if server.key else []
        done = subprocess.run([*command, "--json", str(path)], check=False, text=True)
        if not path.exists():
            sys.exit(f"{server.name}: no report; accord check exited with {done.returncode}")
        report: dict[str, Any] = json.loads(path.read_text())
        return report


@contextmanager
def _running(server: Server) -> Iterator[str]:
    """Start a server on a free port, and stop it afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), _free_port()
        for file, text in server.files:
            (folder / file).write_text(text)
        log = (folder / "log").open("w")
        process = subprocess.Popen(
            server.command(folder, port), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            _wait(process, port, folder / "log")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(10)
            log.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{port}/v1/models", timeout=5)
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    sys.exit(f"{process.args!r} did not start:\n{log.read_text()[-2000:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
