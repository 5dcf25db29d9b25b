"""`accord check`: verdicts, evidence, exit codes, outputs."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import Accord, Echo, broken, serving

import accord_contracts
from accord_contracts import rules
from accord_contracts.causes import named
from accord_contracts.faults.bank import BANK
from accord_contracts.recordings import load
from accord_contracts.rule import REGISTRY, Level
from accord_contracts.server import Call, Hook, Reply

FAULT = "stream.no-done"
RULE = "stream.ends-with-done"
KEY = "sk-a-very-secret-key-0123456789"


def labelled(output: str, label: str) -> str:
    """What stands behind a label that is followed by one line."""
    found = re.search(rf"^{label} +(.+)$", output, re.MULTILINE)
    assert found, output
    return found.group(1).strip()


def test_without_a_url_the_embedded_server_is_checked(run_accord: Accord) -> None:
    result = run_accord("check", "--only", "models", "--only", "errors")
    assert result.exit_code == 0, result.output
    assert "the embedded reference server" in result.stdout
    assert "exit 0: no MUST is broken" in result.stdout
    assert "errors.key-" not in result.stdout  # judged, because the embedded server has a key


def test_an_exported_key_does_not_change_what_the_embedded_server_gets(run_accord: Accord) -> None:
    result = run_accord("check", "--only", "errors", OPENAI_API_KEY=KEY)
    assert result.exit_code == 0, result.output


def test_the_base_url_and_the_key_come_from_the_environment(run_accord: Accord) -> None:
    with serving(api_key=KEY) as url:
        result = run_accord("check", "--only", "models", OPENAI_BASE_URL=url, OPENAI_API_KEY=KEY)
    assert result.exit_code == 0, result.output
    assert labelled(result.stdout, "Target") == url


def test_a_failure_shows_what_was_sent_what_came_back_and_why(run_accord: Accord) -> None:
    with broken(FAULT) as url:
        result = run_accord("check", url, "--only", RULE)
    out = result.stdout
    assert result.exit_code == 1
    assert f"MUST {RULE}" in out
    assert shlex.split(labelled(out, "Sent"))[:5] == [
        "curl", "-sS", "-i", "-N", f"{url}/chat/completions",
    ]  # fmt: skip
    assert labelled(out, "Received").startswith("200 text/event-stream, ")
    assert re.search(r"▸ event \d+:", out)
    assert labelled(out, "Expected") == "`data: [DONE]` as the last event"
    assert REGISTRY[RULE].document.why[:40] in out
    assert "exit 1: at least one MUST is broken" in out


def test_the_command_that_runs_a_failure_alone_does_so(run_accord: Accord) -> None:
    with broken(FAULT) as url:
        first = run_accord("check", url, "--only", "stream", "--model", "acme/accord-mini")
        alone = shlex.split(labelled(first.stdout, "Alone"))
        again = run_accord(*alone[1:])
    assert alone[0] == "accord"
    assert again.exit_code == 1
    assert labelled(again.stdout, "Model").strip() == "acme/accord-mini"
    assert "1 rule: 1 fail (1 MUST)" in again.stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_curl_line_gets_the_same_answer_when_pasted(run_accord: Accord) -> None:
    with broken("models.entry-object-wrong") as url:
        result = run_accord("check", url, "--only", "models.entries-are-models")
        line = labelled(result.stdout, "Sent")
        pasted = subprocess.run(
            ["sh", "-c", line], env={"OPENAI_API_KEY": KEY, "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    assert pasted.stdout.startswith("HTTP/1.1 200 OK")
    assert '"object":"models"' in pasted.stdout


def weak_fault() -> tuple[str, str]:
    """A fault that only a SHOULD catches, and that rule."""
    for fault in BANK.values():
        levels = {REGISTRY[name].level for name in fault.caught_by}
        if levels == {Level.SHOULD}:
            return fault.name, fault.caught_by[0]
    raise AssertionError("the bank has no fault of a SHOULD")


def test_a_broken_should_exits_1_only_when_strict(run_accord: Accord) -> None:
    fault, rule = weak_fault()
    with broken(fault) as url:
        assert run_accord("check", url, "--only", rule).exit_code == 0
        strict = run_accord("check", url, "--only", rule, "--strict")
    assert strict.exit_code == 1
    assert "exit 1: at least one MUST or SHOULD is broken" in strict.stdout


def test_a_spent_budget_is_incomplete(run_accord: Accord) -> None:
    result = run_accord("check", "--only", "chat", "--max-tokens-total", "90")
    assert result.exit_code == 3, result.output
    assert "Could not run" in result.stdout
    assert "the budget of 90 tokens is spent" in result.stdout


def test_rules_that_could_not_run_for_one_reason_share_a_line(run_accord: Accord) -> None:
    class Refuse(Hook):
        def reply(self, call: Call, reply: Reply) -> Reply:
            if call.endpoint == "completions":
                number = f"req-{time.time_ns()}-{id(call)}"
                reply.status, reply.events = 500, None
                reply.body = {"error": {"message": f"out of order: {number}"}}
            return reply

    with serving(Refuse()) as url:
        result = run_accord("check", url, "--only", "completions")
    assert result.exit_code in {1, 3}
    assert 1 <= result.stdout.count("no answer to judge: 500") <= 2


def test_a_server_that_sends_everybody_away_is_met_with_a_hint(run_accord: Accord) -> None:
    with serving(rate_limit=4, rate_window=1000) as url:
        result = run_accord("check", url, "--only", "models")
    assert result.exit_code == 3
    assert "hint: ask for less at a time (--concurrency 1" in " ".join(result.stdout.split())


def test_what_does_not_repeat_is_marked_and_shows_both_answers(run_accord: Accord) -> None:
    class Once(Hook):
        def __init__(self) -> None:
            self.left = 1

        def reply(self, call: Call, reply: Reply) -> Reply:
            if call.endpoint == "models" and self.left:
                self.left -= 1
                reply.body["object"] = "models"
            return reply

    with serving(Once()) as url:
        args = ("--only", "models.list-is-a-list-object", "--repeat", "2")
        result = run_accord("check", url, *args)
    assert result.exit_code == 1
    assert "MUST models.list-is-a-list-object (flaky)" in result.stdout
    assert "broken again 0 of 2 times; the same request also got" in result.stdout
    assert '"object": "list"' in result.stdout
    assert "1 fail (1 MUST, 1 flaky)" in result.stdout


def test_failures_of_one_cause_are_shown_together_and_none_is_hidden(
    run_accord: Accord,
) -> None:
    with broken("errors.mistakes-are-500", "models.entry-object-wrong") as url:
        result = run_accord("check", url, "--only", "models,errors,refusals")
        report = accord_contracts.check(url, only="models,errors,refusals")
    assert named(report.failures)
    assert re.search(r"^Failures +Likely cause$", result.stdout, re.MULTILINE)
    assert "Likely for the same cause, 500" in result.stdout
    for finding in report.failures:
        assert f"{finding.rule.level} {finding.rule.id}" in result.stdout
        assert f"--only {finding.rule.id}\n" in result.stdout


def test_quiet_prints_the_totals_alone(run_accord: Accord) -> None:
    result = run_accord("check", "--only", "models", "--quiet")
    first, second, third = result.stdout.splitlines()
    count = sum(rule.family == "models" for rule in rules.ALL)
    assert first.startswith(f"{count} rules: ")
    assert re.fullmatch(
        rf"\d+ requests for {count} rules, [\d,]+ tokens, \d+\.\d s", second.strip()
    )
    assert third == "exit 0: no MUST is broken"


def test_scope_limits_what_is_sent(run_accord: Accord) -> None:
    paths: set[str] = set()

    class Watch(Hook):
        def request(self, call: Call) -> None:
            paths.add(call.endpoint or "other")

    with serving(Watch()) as url:
        result = run_accord("check", url, "--scope", "models", "--only", "models")
    assert result.exit_code == 0, result.output
    assert paths <= {"models", "model", "other"}


def test_a_dry_run_sends_nothing_and_predicts_the_run(run_accord: Accord) -> None:
    def requests(output: str) -> str:
        found = re.search(r"^\d+ requests for \d+ rules", output, re.MULTILINE)
        assert found, output
        return found.group()

    dry = run_accord("check", "http://127.0.0.1:1/v1", "--dry-run", "--only", "chat")
    real = run_accord("check", "--only", "chat")
    assert dry.exit_code == 0
    assert requests(dry.stdout) == requests(real.stdout)
    assert "POST    /chat/completions" in dry.stdout
    assert "http://127.0.0.1:1/v1" in dry.stdout


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--quick",),
        ("--thorough", "--only", "stream,chance,transport"),
        ("--scope", "completions,-logprobs", "--level", "SHOULD", "--seed", "7"),
    ],
    ids=" ".join,
)
def test_a_dry_run_predicts_the_cost_of_the_embedded_server(
    run_accord: Accord, args: tuple[str, ...]
) -> None:
    dry = run_accord("check", "--dry-run", "--quiet", *args).stdout
    real = run_accord("check", "--quiet", "--concurrency", "4", *args).stdout
    assert re.fullmatch(r"[\d,]+ requests for \d+ rules, [\d,]+ tokens\n", dry)
    assert f"{dry.strip()}, " in real


@pytest.mark.parametrize("key", [None, KEY])
def test_a_dry_run_has_the_key_that_the_run_has(run_accord: Accord, key: str | None) -> None:
    args = ("--only", "errors", *(["--api-key", key] if key else []))
    with serving(api_key=key) as url:
        dry = run_accord("check", url, "--dry-run", *args).stdout
        real = run_accord("check", url, *args).stdout
    predicted = re.search(
        r"^(\d+ requests for \d+ rules), about \d+ tokens \(at most ", dry, re.MULTILINE
    )
    assert predicted, dry
    assert predicted.group(1) in real


@pytest.mark.parametrize("args", [("--dry-run",), ()])
def test_lines_end_in_no_padding_where_no_terminal_is(
    run_accord: Accord, args: tuple[str, ...]
) -> None:
    with broken(FAULT) as url:
        out = run_accord("check", url, "--only", "stream", *args).stdout
    assert not re.search(" +$", out, re.MULTILINE)


def test_a_dry_run_names_the_model_that_was_asked_for(run_accord: Accord) -> None:
    result = run_accord("check", "--dry-run", "--model", "org/some-model", "--only", "chat")
    assert '"model": "org/some-model"' in result.stdout


def test_json_on_stdout_leaves_it_to_the_document(run_accord: Accord) -> None:
    result = run_accord("check", "--only", "models", "--json", "-")
    assert json.loads(result.stdout)["format"] == "accord-report/1"
    assert "exit 0" in result.stderr


def test_the_report_file_holds_every_rule_in_scope(run_accord: Accord, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    run_accord("check", "--only", "models", "--json", str(file))
    found = [finding["rule"] for finding in json.loads(file.read_text())["findings"]]
    assert found == [rule.id for rule in rules.ALL if rule.family == "models"]


def test_the_key_is_in_no_output(run_accord: Accord, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    with serving(Echo(), api_key=KEY) as url:
        args = ("check", url, "--only", "models", "--only", "chat", "--json", str(file))
        result = run_accord(*args, OPENAI_API_KEY=KEY)
    assert result.exit_code == 1
    assert KEY not in result.output + file.read_text()
    assert "echo of Bearer ****" in result.stdout
    assert "Bearer ****" in file.read_text()


def test_a_refused_key_is_not_repeated(run_accord: Accord) -> None:
    class Repeat(Hook):
        def reply(self, call: Call, reply: Reply) -> Reply:
            if reply.status == 401:
                reply.body["error"]["message"] = f"no such key: {call.headers['authorization']}"
            return reply

    with serving(Repeat(), api_key="another-key-entirely") as url:
        result = run_accord("check", url, "--api-key", KEY)
    assert result.exit_code == 2
    assert KEY not in result.output


def test_what_a_server_sends_cannot_drive_the_terminal(run_accord: Accord) -> None:
    class Hostile(Hook):
        def reply(self, call: Call, reply: Reply) -> Reply:
            if isinstance(reply.body, dict):
                reply.body["object"] = "\x1b[2J\x9b31m[bold]\u202eevil"
            return reply

    with serving(Hostile()) as url:
        result = run_accord("check", url, "--only", "models")
    assert result.exit_code == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", result.output)
    assert "[bold]" in result.stdout


@pytest.mark.parametrize("columns", ["80", "120"])
def test_lines_fit_the_terminal_but_for_commands(run_accord: Accord, columns: str) -> None:
    with broken(FAULT, "models.entry-object-wrong") as url:
        result = run_accord("check", url, "--only", "stream", "--only", "models", COLUMNS=columns)
    wide = [line for line in result.stdout.splitlines() if len(line) > int(columns)]
    assert wide
    assert all(line.startswith(("Sent ", "Alone ")) for line in wide), wide


@pytest.mark.parametrize(
    ("args", "env", "coloured"),
    [([], {}, True), (["--no-color"], {}, False), ([], {"NO_COLOR": "1"}, False)],
)
def test_colours_can_be_left_out(
    run_accord: Accord, args: list[str], env: dict[str, str], coloured: bool
) -> None:
    terminal = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    result = run_accord("check", "--only", "models", *args, **terminal, **env)
    colours = re.findall(r"\x1b\[(?:\d+;)*[34]\d(?:;\d+)*m", result.stdout)
    assert bool(colours) is coloured


def test_an_interrupt_ends_the_run_tidily(
    start_accord: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    arrived = threading.Event()

    class Arrived(Hook):
        def request(self, call: Call) -> None:
            if call.endpoint == "chat":
                arrived.set()

    with serving(Arrived(), token_delay=30) as url:
        process = start_accord("check", url, "--record", str(tmp_path))
        assert arrived.wait(240)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=240)
    assert process.returncode == 130
    assert re.fullmatch(
        r"accord: interrupted after \d+ requests?; \d+ of \d+ rules "
        "had asked for all they need\n",
        err,
    ), err
    assert "models" in {e.request.endpoint for e in load([tmp_path]).exchanges}
