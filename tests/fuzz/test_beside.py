"""`accord check --fuzz`: the suite, then fuzzing, and one report of both."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from targets import serving

import accord_contracts
from accord_contracts.cli.app import accord
from accord_contracts.faults.bank import KEY

FEW = ("--fuzz", "--fuzz-requests", "40")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # where examples are kept


def check(*args: str) -> tuple[Result, dict[str, Any]]:
    """Run `accord check --json -`; the report is what it wrote to stdout."""
    result = CliRunner().invoke(accord, ["check", *args, "--json", "-"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result
    return result, json.loads(result.stdout)


@pytest.mark.usefixtures("environment")
def test_what_fuzzing_finds_is_in_the_report_with_a_command_that_sends_it_again() -> None:
    only = ("--only", "stream.ends-with-done,fuzz.status")
    with serving("fuzz.created") as target:
        without, suite = check(target.base_url, "--only", "stream.ends-with-done")
        result, report = check(target.base_url, *only, *FEW)
        line = next(line for line in result.stderr.splitlines() if "--replay" in line)
        assert without.exit_code == 0, without.output
        assert result.exit_code == 1, result.output

        words = line.split()[line.split().index("accord") + 1 :]
        replayed = CliRunner().invoke(accord, words)
        assert replayed.exit_code == 1, replayed.output

    verdicts = {finding["rule"]: finding["verdict"] for finding in report["findings"]}
    assert verdicts == {"stream.ends-with-done": "pass", "fuzz.status": "fail"}
    by_fuzzing = report["findings"][1]["evidence"]
    assert suite["spent"]["requests"] < by_fuzzing["number"] <= report["spent"]["requests"]


@pytest.mark.usefixtures("environment")
def test_a_rule_that_both_judge_is_said_once_and_the_scope_holds_for_both() -> None:
    with serving("stream.no-done") as target:
        scope = ("--scope", "completions", "--only", "stream")
        result, report = check(target.base_url, *scope, *FEW)
    counted = Counter(finding["rule"] for finding in report["findings"])
    failed = [f["rule"] for f in report["findings"] if f["verdict"] == "fail"]
    assert result.exit_code == 1, result.output
    assert failed == ["stream.ends-with-done"]
    assert set(counted.values()) == {1}


@pytest.mark.usefixtures("environment")
def test_in_code_it_is_the_same() -> None:
    only = ["stream.ends-with-done", "fuzz.status"]
    with serving("fuzz.created") as target:
        url, key = target.base_url, target.api_key
        suite = accord_contracts.check(url, api_key=key, only=only[:1])
        both = accord_contracts.check(url, api_key=key, only=only, fuzz=40)
    assert suite.exit_code() == 0
    assert [finding.rule.id for finding in both.failures] == ["fuzz.status"]
    assert suite.requests < both.requests <= suite.requests + 40


@pytest.mark.parametrize("url", [(), ("http://127.0.0.1:1/v1",)])
def test_a_dry_run_says_what_it_would_send(url: tuple[str, ...]) -> None:
    only = ("--only", "models", *FEW)
    dry = CliRunner().invoke(accord, ["check", *url, "--dry-run", "--quiet", *only])
    assert dry.exit_code == 0, dry.output
    if url:
        assert "then at most 40 requests of fuzzing, about " in dry.output
        return
    real = CliRunner().invoke(accord, ["check", "--quiet", *only])
    predicted = dry.output.partition(", about ")[0]
    assert re.fullmatch(r"\d+ requests for \d+ rules", predicted), dry.output
    assert predicted in real.output


def test_without_it_rules_of_fuzzing_are_unknown() -> None:
    result = CliRunner().invoke(accord, ["check", "--only", "fuzz.status"])
    assert result.exit_code == 2
    assert "fuzz.status" in result.output
