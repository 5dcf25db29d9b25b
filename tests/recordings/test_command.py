"""`accord judge`, and the real servers whose traffic is kept here."""

from __future__ import annotations

import json
from pathlib import Path

import click.testing
import pytest

from accord_contracts import judge, rules
from accord_contracts.cli.app import accord
from accord_contracts.recordings import load
from accord_contracts.rule import Invariant

HERE = Path(__file__).parent
KNOWN = HERE.parent / "servers" / "known"
REAL = sorted(HERE.glob("*.har"))
SHOWN = {
    "aimock": {
        "answer.names-its-model",
        "errors.has-all-members",
        "errors.mistakes-are-invalid-requests",
        "usage.stays-under-the-cap",
    },
    "llama-cpp-python": {
        "answer.has-refusal",
        "errors.body-is-json",
        "errors.message-is-text",
        "errors.no-framework-default",
        "errors.no-server-error",
        "errors.shows-no-internals",
        "models.created-is-unix-seconds",
        "transport.request-id",
        "usage.stays-under-the-cap",
    },
    "mockllm": {
        "answer.has-refusal",
        "answer.logprobs-are-null-unless-asked",
        "errors.body-is-json",
        "errors.no-framework-default",
        "errors.no-server-error",
        "stream.one-id",
        "stream.role-comes-with-text",
        "stream.role-is-known",
        "transport.request-id",
        "usage.stays-under-the-cap",
    },
}
"""The rules that each recording shows to be broken; others may need what it does not hold."""

INVARIANTS = {rule.id for rule in rules.ALL if isinstance(rule, Invariant)}


def run(*args: str | Path, code: int) -> str:
    result = click.testing.CliRunner().invoke(accord, [str(arg) for arg in args])
    assert result.exit_code == code, result.output
    return result.output


def known(name: str) -> set[str]:
    """The rules that a server is known to break, always or sometimes."""
    lines = (KNOWN / f"{name}.txt").read_text("utf-8").splitlines()
    return {line.partition("#")[0].strip(" ?") for line in lines}


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_servers_break_what_they_are_known_to_break(path: Path) -> None:
    recording = load([path])
    assert recording.left_out == ()
    broken = {finding.rule.id for finding in judge(*recording.exchanges).failures}
    assert SHOWN[path.stem] <= broken <= known(path.stem)


def test_what_is_kept_of_real_servers_is_small_and_holds_no_secret() -> None:
    assert REAL
    text = "".join(path.read_text("ascii") for path in REAL)
    assert len(text) < 300_000
    assert not [word for word in ("sk-", "Bearer", "/root/", "/home/") if word in text]


def test_a_run_is_recorded_and_judged_again(tmp_path: Path) -> None:
    folder, file = tmp_path / "made" / "here", tmp_path / "report.json"
    run("check", "--only", "models", "--record", folder, code=0)
    shown = run("judge", folder, "--json", file, code=0)
    assert "Judged     " in shown
    report = json.loads(file.read_text())
    recorded = json.loads((folder / "accord-check.har").read_text())
    assert report["spent"]["requests"] == len(recorded["log"]["entries"])
    assert {finding["rule"] for finding in report["findings"]} == INVARIANTS


def test_a_broken_rule_is_shown_with_its_evidence_and_how_to_see_it_alone() -> None:
    path = next(path for path in REAL if path.stem == "mockllm")
    shown = run("judge", path, "--only", "errors", code=1)
    assert "MUST errors.body-is-json" in shown
    assert "curl -sS" in shown
    assert f"accord judge {path} --only errors.body-is-json" in shown


def test_strict_counts_a_broken_should(tmp_path: Path) -> None:
    path = next(path for path in REAL if path.stem == "aimock")
    should = next(f for f in judge(*load([path]).exchanges).failures if f.rule.level == "SHOULD")
    run("judge", path, "--only", should.rule.id, code=0)
    run("judge", path, "--only", should.rule.id, "--strict", code=1)


def test_traffic_with_several_servers_needs_a_choice(tmp_path: Path) -> None:
    both = [path for path in REAL if path.stem in {"aimock", "mockllm"}]
    shown = run("judge", *both, code=2)
    assert "traffic with 2 servers" in shown
    assert "--base-url" in shown
    server = load([both[0]]).base_url
    shown = run("judge", *both, "--base-url", f"{server}/", "--quiet", code=1)
    assert f"{len(load([both[0]]).exchanges)} requests" in shown


def test_a_recording_is_shown_in_all_views_and_what_is_known_does_not_count(tmp_path: Path) -> None:
    path = next(path for path in REAL if path.stem == "mockllm")
    files = {view: tmp_path / view for view in ("json", "junit", "html", "markdown", "badge")}
    options = [word for view, file in files.items() for word in (f"--{view}", file)]
    run("judge", path, "--only", "errors", "--quiet", *options, code=1)
    written = {view: file.read_text("utf-8") for view, file in files.items()}
    assert written.pop("badge").startswith("<svg")
    assert all("errors.body-is-json" in text for text in written.values())
    assert "effort default" not in written["html"]  # nobody chose one
    run("judge", path, "--only", "errors.body-is-json", "--known", KNOWN / "mockllm.txt", code=0)


def test_nothing_to_judge_is_no_pass(tmp_path: Path) -> None:
    path = tmp_path / "empty.har"
    entry = {"request": {"method": "GET", "url": "https://x.example/logo.png?key=k"}}
    path.write_text(json.dumps({"log": {"entries": [entry, entry, "no entry"]}}))
    shown = run("judge", path, code=3)
    assert "3 because it is none of the four endpoints: GET https://x.example/logo.png" in shown
    assert "key=k" not in shown
    assert "models.list-exists" not in shown


@pytest.mark.parametrize(
    ("text", "message"),
    [("<html>", "it is no JSON document"), ('{"log": []}', "no list of entries at /log/entries")],
)
def test_a_file_that_is_no_recording_is_said_to_be_none(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "file.har"
    path.write_text(text)
    assert message in run("judge", path, code=2)


def test_a_file_or_an_option_that_names_nothing_is_said(tmp_path: Path) -> None:
    assert "can't be read" in run("judge", tmp_path / "missing.har", code=2)
    assert "holds no .har file" in run("judge", tmp_path, code=2)
    assert "no rule is called" in run("judge", REAL[0], "--only", "nonsense.rule", code=2)
    assert "have to ask" in run("judge", REAL[0], "--only", "chat.stop-is-honoured", code=2)
    assert "does not start with http" in run("judge", REAL[0], "--base-url", "host", code=2)


def test_a_recording_that_can_not_be_written_is_said_before_anything_is_run(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    shown = run("check", "http://127.0.0.1:9/v1", "--record", file, code=2)
    assert "the recording can't be written" in shown
    assert "leave out --json, --record" in run("check", "--dry-run", "--record", file, code=2)
