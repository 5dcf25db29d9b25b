"""Bad input: one clear line, a hint, exit 2, no traceback. Over real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click.testing
import pytest
from commandline import Accord, serving

from accord_contracts.server import Call, Hook, Model, Reply


def assert_complains(result: click.testing.Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stderr.count("accord: error: ") == 1
    assert "Traceback" not in result.output
    for word in words:
        assert word in result.stderr


class Page(BaseHTTPRequestHandler):
    """A web site where an API was expected."""

    def do_GET(self) -> None:
        page = b"<!doctype html><html><body>Welcome</body></html>"
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def web_site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that nobody listens on, and that nobody else can get."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def test_a_url_without_scheme(run_accord: Accord) -> None:
    result = run_accord("check", "localhost:8000/v1")
    assert_complains(result, "does not start with http://", "try http://localhost:8000/v1")


def test_a_password_in_a_url_is_not_repeated(run_accord: Accord) -> None:
    for url in ("user:hunter22@127.0.0.1:1/v1", "http://user:hunter22@127.0.0.1:1/v1"):
        result = run_accord("check", url)
        assert_complains(result)
        assert "hunter22" not in result.output


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://", "names no host"),
        ("http://[::1/v1", "the base URL is none"),
        ("http://127.0.0.1:99999/v1", "the base URL is none"),
        ("http://127.0.0.1:1/v1?key=1", "query"),
        ("http://127.0.0.1:1/v1/chat/completions", "use http://127.0.0.1:1/v1"),
        ("http://127.0.0.1:1/v1/models/", "use http://127.0.0.1:1/v1"),
    ],
)
def test_what_is_no_base_url(run_accord: Accord, url: str, said: str) -> None:
    assert_complains(run_accord("check", url), said)
    assert_complains(run_accord("check", url, "--dry-run"), said)


def test_an_unreachable_port(run_accord: Accord, closed_port: int) -> None:
    result = run_accord("check", f"http://127.0.0.1:{closed_port}/v1")
    assert_complains(result, "can't be reached", "is the server running")


def test_tls_to_a_server_that_speaks_none(run_accord: Accord) -> None:
    with serving() as url:
        result = run_accord("check", url.replace("http:", "https:"))
    assert_complains(result, "can't be reached", "use http://")


def test_html_in_place_of_json(run_accord: Accord, web_site: str) -> None:
    result = run_accord("check", web_site)
    assert_complains(result, "200 with HTML", f"{web_site}/v1/models was tried")


def test_a_base_url_without_v1(run_accord: Accord) -> None:
    with serving() as url:
        result = run_accord("check", url.removesuffix("/v1"))
        assert_complains(result, f"use the base URL {url}", "/v1/models answers")


@pytest.mark.parametrize(
    ("key", "said"), [([], "a key is needed"), (["--api-key", "sk-wrong"], "the key was refused")]
)
def test_a_wrong_key(run_accord: Accord, key: list[str], said: str) -> None:
    with serving(api_key="sk-the-right-one") as url:
        result = run_accord("check", url, *key)
    assert_complains(result, "answered 401", said, "OPENAI_API_KEY")


@pytest.mark.parametrize("key", ["line\nend", "schlüssel", "“quoted”"])
def test_a_key_that_no_header_can_carry(run_accord: Accord, key: str) -> None:
    with serving() as url:
        result = run_accord("check", url, "--api-key", key)
    assert_complains(result, "no header can carry")
    assert key not in result.output


@pytest.mark.parametrize(
    ("key", "said"),
    [("Bearer sk-one", "leave the word out"), ("bearer sk-one", "leave the word out"),
     ("sk-ö", "no header can carry")],
)  # fmt: skip
@pytest.mark.parametrize("command", ["check", "fuzz"])
def test_a_key_that_is_none_is_said_before_all_else(
    run_accord: Accord, command: str, key: str, said: str
) -> None:
    result = run_accord(command, "http://127.0.0.1:1/v1", "--api-key", key)
    assert_complains(result, said)
    assert result.stdout == ""
    assert key not in result.output


@pytest.mark.parametrize(
    "args",
    [("check", ""), ("check", "--only", ""), ("check", "--skip", ""), ("check", "--model", " "),
     ("check", "--scope", ""), ("rules", ""), ("rules", "--scope", "")],
)  # fmt: skip
def test_an_empty_value_is_no_value(run_accord: Accord, args: tuple[str, ...]) -> None:
    result = run_accord(*args)
    assert result.exit_code == 2
    assert "is empty (an unset variable?)" in result.stderr
    assert result.stdout == ""


def test_a_comma_too_many(run_accord: Accord) -> None:
    assert_complains(run_accord("check", "--only", "models,"), "a pattern is empty")


@pytest.mark.parametrize("name", ["stream.*-qqqq", "qqqqqqqq"])
def test_a_fault_that_nobody_knows(run_accord: Accord, name: str) -> None:
    assert_complains(
        run_accord("serve", "--port", "0", "--fault", name),
        f"no fault is called {name!r}",
        "`accord faults` lists all of them",
    )


def test_no_model_listed(run_accord: Accord) -> None:
    with serving(models=()) as url:
        result = run_accord("check", url)
    assert_complains(result, "no model to ask", "hint: name one with --model\n")


def test_no_model_listed_and_no_v1(run_accord: Accord) -> None:
    class Unlisted(Hook):
        def reply(self, call: Call, reply: Reply) -> Reply:
            reply.status, reply.body = 404, {"detail": "Not Found"}
            return reply

    with serving(Unlisted()) as url:
        result = run_accord("check", url.removesuffix("/v1"))
    assert_complains(result, "no model to ask", f"--model; or is the base URL {url}?")


def test_an_unknown_model(run_accord: Accord) -> None:
    with serving() as url:
        result = run_accord("check", url, "--model", "accord-smal")
    assert_complains(result, "no model 'accord-smal'", "accord-small")


def test_a_models_name_cannot_drive_the_terminal(run_accord: Accord) -> None:
    with serving(models=(Model("\x1b[2Jaccord-evil"),)) as url:
        result = run_accord("check", url, "--model", "accord-evil")
    assert_complains(result, "accord-evil")
    assert "\x1b" not in result.output


def test_an_unknown_rule(run_accord: Accord) -> None:
    assert_complains(
        run_accord("check", "--only", "stream.ends-with-dnoe"),
        "no rule is called 'stream.ends-with-dnoe'",
        "did you mean stream.ends-with-done",
    )
    assert_complains(run_accord("check", "--skip", "ends-with-done"), "stream.ends-with-done")
    assert_complains(run_accord("explain", "modles"), "did you mean models")
    assert_complains(run_accord("rules", "zzzzzzzz"), "`accord rules` lists all")


def test_a_bad_scope_word(run_accord: Accord) -> None:
    result = run_accord("check", "--scope", "chta,stream")
    assert_complains(result, "'chta' is neither an endpoint nor a feature", "did you mean chat")


def test_a_choice_that_leaves_no_rule(run_accord: Accord) -> None:
    result = run_accord("check", "--only", "models", "--scope", "chat")
    assert_complains(result, "no rule is left")


def test_an_unwritable_report_is_said_before_anything_is_sent(
    run_accord: Accord, tmp_path: Path
) -> None:
    asked = []

    class Watch(Hook):
        def reply(self, call: Call, reply: Reply) -> Reply:
            asked.append(call.path)
            return reply

    with serving(Watch()) as url:
        for name in (tmp_path / "missing" / "report.json", tmp_path):
            result = run_accord("check", url, "--json", str(name))
            assert_complains(result, f"the report can't be written to {name}")
    assert asked == []


def test_a_run_that_never_was_leaves_no_report(run_accord: Accord, tmp_path: Path) -> None:
    file, old = tmp_path / "new.json", tmp_path / "old.json"
    old.write_text("{}")
    for name in (file, old):
        run_accord("check", "http://127.0.0.1:1/v1", "--json", str(name))
    assert not file.exists()
    assert old.read_text() == "{}"


def test_a_budget_too_small_to_begin_with(run_accord: Accord) -> None:
    result = run_accord("check", "--max-tokens-total", "5")
    assert_complains(result, "the budget of 5 tokens", "raise --max-tokens-total")


@pytest.mark.parametrize(
    "args", [("--concurrency", "0"), ("--timeout", "0"), ("--seed", "x"), ("--level", "WILL")]
)
def test_options_out_of_range(run_accord: Accord, args: tuple[str, str]) -> None:
    result = run_accord("check", *args)
    assert result.exit_code == 2
    assert f"Invalid value for '{args[0]}'" in result.stderr


def test_a_dry_run_with_a_report(run_accord: Accord) -> None:
    assert_complains(run_accord("check", "--dry-run", "--json", "-"), "a dry run judges nothing")
