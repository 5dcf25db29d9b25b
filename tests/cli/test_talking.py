"""`accord ask`, `accord chat` and `accord models`, as people and pipes use them."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click.testing
import pytest
from commandline import COMMAND, Accord, broken, serving

from accord_contracts.cli.app import accord
from accord_contracts.server import Call, Hook, ReferenceServer, Reply

MODEL = "accord-small"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ReferenceServer() as running:
        yield running.base_url


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Callable[..., click.testing.Result]:
    """Run the command with something on standard input."""
    for name in ("OPENAI_API_KEY", "OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)

    def run(base_url: str, text: str, *args: str) -> click.testing.Result:
        env = {"OPENAI_BASE_URL": base_url}
        return click.testing.CliRunner().invoke(accord, args, input=text, env=env)

    return run


class Recorder(Hook):
    """Keeps the bodies of requests."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []

    def request(self, call: Call) -> None:
        self.bodies.append(call.body)


class Escaping(Hook):
    """Says what terminals would obey."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        if call.endpoint == "models":
            reply.body = {"object": "list", "data": [{"id": "red\x1b[31m"}]}
        return reply


def test_models_are_listed(run_accord: Accord, server: str) -> None:
    done = run_accord("models", "--base-url", server)
    assert done.exit_code == 0
    assert done.stdout.split() == [
        "accord-small",
        "accord-large",
        "acme/accord-mini",
        "accord-tiny-context",
    ]
    with serving(Escaping()) as base_url:
        assert "\x1b" not in run_accord("models", "--base-url", base_url).stdout


@pytest.mark.parametrize(
    ("text", "words", "sent"),
    [
        ("", ["Why", "so?"], "Why so?"),
        ("a diff\n", ["Sum it up."], "Sum it up.\n\na diff"),
        ("Why?\n", [], "Why?"),
    ],
)
def test_questions_come_from_words_and_pipes(
    piped: Callable[..., click.testing.Result], text: str, words: list[str], sent: str
) -> None:
    recorder = Recorder()
    with serving(recorder) as base_url:
        options = ["--model", MODEL, "--max-tokens", "5", "--system", "Be brief."]
        done = piped(base_url, text, "ask", *words, *options)
    assert (done.exit_code, done.stderr) == (0, "")
    (body,) = recorder.bodies
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": sent},
    ]
    assert (body["max_tokens"], body["stream"]) == (5, True)
    assert "temperature" not in body
    assert done.stdout.endswith("\n")
    assert done.stdout.strip()


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (["ask"], 2, "there is no question"),
        (["ask", "hi"], 2, "name a model, or set OPENAI_MODEL; the server has accord-small"),
        (["ask", "hi", "--model", "nobody"], 2, "`accord models` lists"),
        (["ask", "hi", "--base-url", "ftp://a"], 2, "not an http"),
        (["ask", "hi", "--model", "m", "--base-url", "http://127.0.0.1:9"], 2, "no answer from"),
        (["ask", "hi", "--max-tokens", "0"], 2, "--max-tokens"),
        (["models", "--base-url", "http://127.0.0.1:9/v1"], 2, "Is the server running"),
        (["chat", "--load", "nowhere.json"], 2, "nowhere.json"),
    ],
)
def test_errors_say_what_to_do(
    piped: Callable[..., click.testing.Result], server: str, args: list[str], code: int, told: str
) -> None:
    done = piped(server, "", *args)
    assert (done.exit_code, done.stdout) == (code, "")
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.output


def test_an_answer_that_breaks_off_is_shown_and_told(
    piped: Callable[..., click.testing.Result],
) -> None:
    with broken("stream.no-done") as base_url:
        done = piped(base_url, "", "ask", "hi", "--model", MODEL, "--max-tokens", "5")
    assert done.exit_code == 1
    assert done.stdout.strip()
    assert "ended before [DONE]" in done.stderr


def test_a_chat_from_a_pipe(
    piped: Callable[..., click.testing.Result], server: str, tmp_path: Path
) -> None:
    file = tmp_path / "talk.json"
    lines = f"Hello!\nMore!\n/undo\n/save {file}\n/nope\n/save\n/model nobody\nHi!\n/exit\nno\n"
    done = piped(server, lines, "chat", "--model", MODEL, "--system", "Be brief.")
    assert done.exit_code == 0
    saved = json.loads(file.read_text(encoding="utf-8"))
    assert [message["role"] for message in saved["messages"]] == ["system", "user", "assistant"]
    assert saved["messages"][2]["content"].split() == done.stdout.split(f"{MODEL} · ")[0].split()
    assert "there is no command /nope" in done.stderr
    assert "name a file" in done.stderr
    assert "The model 'nobody' does not exist" in done.stderr

    again = piped(server, "/model\n/clear\n/undo\n", "chat", "--load", str(file))
    assert f"* {MODEL}" in again.stdout
    assert "there is nothing to forget" in again.stderr


class Screen:
    """What a program shows on a terminal."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._unread = ""

    def read_until(self, wanted: str) -> None:
        """Wait until the program has shown what is wanted; what it shows after that is kept."""
        end = time.monotonic() + 240
        while True:
            shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self._unread)
            if wanted in shown:
                self._unread = shown.partition(wanted)[2]
                return
            assert time.monotonic() < end, shown
            if select.select([self._terminal], [], [], 1)[0]:
                self._unread += os.read(self._terminal, 65_536).decode(errors="replace")


def test_a_chat_in_a_terminal(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    screen = Screen(ours)
    recorder = Recorder()
    with serving(recorder, token_delay=0.05) as base_url:
        env = {**os.environ, "OPENAI_BASE_URL": base_url, "XDG_CONFIG_HOME": str(tmp_path)}
        env |= {"PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm", "HOME": str(tmp_path)}
        process = subprocess.Popen(
            [*COMMAND, "chat", "--model", MODEL],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=env,
            start_new_session=True,
        )
        try:
            screen.read_until("Ctrl-D leaves.")
            screen.read_until(">")
            os.write(ours, b"Hello!\r")
            screen.read_until("tokens")
            os.write(ours, b"Tell me more!\r")
            while len(recorder.bodies) < 2:
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)  # the answer takes seconds: it is on its way
            screen.read_until("forgotten")
            os.write(ours, f"/save {tmp_path}/talk.json\r".encode())
            screen.read_until("saved to")
            os.write(ours, b"/exit\r")
            assert process.wait(240) == 0
        finally:
            process.kill()
            process.wait()
            os.close(ours)
            os.close(theirs)
    saved = json.loads((tmp_path / "talk.json").read_text(encoding="utf-8"))
    asked, answered = saved["messages"]
    assert (asked["content"], answered["role"]) == ("Hello!", "assistant")
    history = next(tmp_path.rglob("chat-history")).read_text(encoding="utf-8")
    assert "+Tell me more!" in history


def test_ask_says_what_it_waits_for(server: str) -> None:
    done = subprocess.Popen(
        [*COMMAND, "ask", "Hm?", "--base-url", server, "--model", MODEL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.stderr is not None
    assert "< /dev/null" in done.stderr.readline()
    out, rest = done.communicate("")
    assert (done.returncode, rest) == (0, "")
    assert out
