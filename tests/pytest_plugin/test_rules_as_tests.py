"""`pytest --pyargs accord_contracts`: a test for each rule, and what becomes of it."""

from __future__ import annotations

import socket
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import accord_contracts
from accord_contracts import conformance, faults, rules
from accord_contracts.faults.bank import BANK
from accord_contracts.rule import Rule
from accord_contracts.server import Call, Hook, ReferenceServer, Settings

pytest_plugins = ["pytester"]

KEY = "sk-a-secret-of-the-tests"
CONTRACT = ("--pyargs", "accord_contracts", "-p", "no:randomly")


class Counting(Hook):
    """Counts the requests that a server answers."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def request(self, call: Call) -> None:
        self.calls[call.path] += 1


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@contextmanager
def serving(*names: str, hooks: tuple[Hook, ...] = (), **settings: Any) -> Iterator[str]:
    """The reference server with faults; gives the option that names it."""
    assert faults.ALL
    bent = [BANK[name].hook for name in names]
    with ReferenceServer(Settings(**settings), [*bent, *hooks]) as server:
        yield f"--accord-url={server.base_url}"


@contextmanager
def nobody() -> Iterator[str]:
    """A port that nobody listens on, and that nobody else can get meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"--accord-url=http://127.0.0.1:{taken.getsockname()[1]}/v1"


def outcomes(result: pytest.RunResult) -> dict[str, int]:
    counts: dict[str, int] = result.parseoutcomes()
    return counts


def test_each_rule_is_a_test_that_has_its_name_and_its_level(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest(*CONTRACT, "--collect-only", "-q", "--strict-markers")
    lines = [line for line in result.outlines if "::" in line]
    assert lines == [
        f"{conformance.NODE}::{rule.id}" for rule in rules.ALL if rule_is_default(rule)
    ]
    result = pytester.runpytest(*CONTRACT, "--collect-only", "-q", "-m", "must", "-k", "done")
    chosen = {line.partition("::")[2] for line in result.outlines if "::" in line}
    assert chosen == {r.id for r in rules.ALL if r.level == "MUST" and "done" in r.id}


def rule_is_default(rule: Rule) -> bool:
    return rule.effort != "thorough"


def test_the_reference_server_passes(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest(*CONTRACT, "--accord-rules=models,errors", "--accord-strict", "-v")
    assert result.ret == 0
    counts = outcomes(result)
    assert counts["passed"] > 20
    assert set(counts) <= {"passed", "skipped"}
    result.stdout.fnmatch_lines([f"{conformance.NODE}::models.list-exists PASSED*"])


def test_what_became_of_a_rule_is_what_becomes_of_its_test(pytester: pytest.Pytester) -> None:
    chosen = (
        "stream.ends-with-done,transport.request-id,stream.nothing-after-an-error,"
        "stream.chunks-have-an-id"
    )
    with serving("stream.no-done", "transport.no-request-id") as url:
        options = (*CONTRACT, url, f"--accord-rules={chosen}", "-ra", "--junitxml=report.xml")
        result = pytester.runpytest(*options)
        strict = pytester.runpytest(*options, "--accord-strict", "--accord-repeat=1")
        ignored = pytester.runpytest(*options, "--runxfail")
    assert outcomes(result) == {"failed": 1, "xfailed": 1, "skipped": 1, "passed": 1}
    result.stdout.fnmatch_lines(
        [
            "*stream.ends-with-done (MUST)*",
            "expected `data: [[]DONE[]]` as the last event; got *",
            "Sent *curl -sS -i -N http://127.0.0.1:*",
            "Alone *accord check http://127.0.0.1:* --only stream.ends-with-done",
            "SKIPPED*not-applicable: looked for an error event, and saw none",
            "XFAIL *::transport.request-id - SHOULD is broken: expected x-request-id; got no*",
            "FAILED *::stream.ends-with-done - *",
        ]
    )
    strict.stdout.fnmatch_lines(["Repeats *broken again 1 of 1 time"])
    assert outcomes(strict) == outcomes(ignored) == {"failed": 2, "skipped": 1, "passed": 1}


def test_what_is_known_does_not_fail_and_what_is_stale_does(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("known.txt").write_text(
        "stream.ends-with-done  # issue 7\nstream.chunks-have-an-id\n"
    )
    chosen = "stream.ends-with-done,stream.chunks-have-an-id"
    with serving("stream.no-done") as url:
        options = (url, "--accord-known=known.txt", "-ra", f"--accord-rules={chosen}")
        result = pytester.runpytest(*CONTRACT, *options)
    assert outcomes(result) == {"failed": 1, "xfailed": 1}
    result.stdout.fnmatch_lines(
        [
            "stale: known as broken, and not broken any more",
            "XFAIL *::stream.ends-with-done - MUST is broken, as is known: expected *",
            "FAILED *::stream.chunks-have-an-id - *",
        ]
    )


def test_a_list_of_known_failures_that_names_no_rule_is_said(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("known.txt").write_text("stream.ends-with-don\n")
    result = pytester.runpytest(*CONTRACT, "--accord-known=known.txt")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["accord: no rule is called 'stream.ends-with-don'*"])
    result = pytester.runpytest(*CONTRACT, "--accord-known=missing.txt")
    result.stdout.fnmatch_lines(["accord: the known failures can't be read: *missing.txt*"])


def test_hints_name_the_options_that_pytest_has(pytester: pytest.Pytester) -> None:
    with serving(api_key=KEY) as url:
        result = pytester.runpytest(*CONTRACT, url)
    result.stdout.fnmatch_lines(["  hint: give the right key with --accord-key or OPENAI_API_KEY"])
    result = pytester.runpytest(*CONTRACT, "--accord-rules=stream", "--accord-skip=stream")
    result.stdout.fnmatch_lines(["  hint: widen --accord-rules, --accord-skip, *"])


def test_junit_has_the_evidence(pytester: pytest.Pytester) -> None:
    with serving("stream.no-done", "transport.no-request-id", api_key=KEY) as url:
        pytester.runpytest(
            *(*CONTRACT, url, f"--accord-key={KEY}", "--junitxml=report.xml"),
            "--accord-rules=stream.ends-with-done,transport.request-id",
        )
    text = (pytester.path / "report.xml").read_text("utf-8")
    assert KEY not in text
    cases = {case.get("name"): case for case in ET.fromstring(text).iter("testcase")}
    failed, tolerated = cases["stream.ends-with-done"], cases["transport.request-id"]
    assert failed.get("classname") == "accord_contracts.conformance"
    (failure,) = failed.iter("failure")
    assert "event 15" in (failure.text or "")
    known = properties(failed)
    assert (known["level"], known["verdict"]) == ("MUST", "fail")
    assert known["curl"].startswith("curl -sS -i -N http://127.0.0.1:")
    assert known["curl"] in (failure.text or "")
    assert "Received" in properties(tolerated)["evidence"]


def properties(case: ET.Element) -> dict[str, str]:
    return {p.get("name", ""): p.get("value", "") for p in case.iter("property")}


def test_what_can_not_be_judged_is_an_error(pytester: pytest.Pytester) -> None:
    with serving() as url:
        result = pytester.runpytest(
            *(*CONTRACT, url, "--accord-rules=completions", "--accord-max-tokens-total=100")
        )
    assert result.ret == 1
    assert outcomes(result)["errors"] > 5
    result.stdout.fnmatch_lines(["could-not-run: the budget of 100 tokens is spent"])


def test_a_server_that_is_not_there_is_said_once(pytester: pytest.Pytester) -> None:
    with nobody() as url:
        result = pytester.runpytest(*CONTRACT, url)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert outcomes(result) == {"errors": 1}
    result.stdout.fnmatch_lines(["accord: * can't be reached: *", "  hint: is the server running*"])


def test_other_tests_go_on_where_there_is_no_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_other(): pass")
    with nobody() as url:
        result = pytester.runpytest(*CONTRACT, ".", url, "--accord-rules=models")
    counts = outcomes(result)
    assert counts["passed"] == 1
    assert counts["errors"] == len([rule for rule in rules.ALL if rule.family == "models"])


def test_an_option_that_names_nothing_is_said(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest(*CONTRACT, "--accord-rules=strem")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        ["accord: no rule is called 'strem'", "  hint: did you mean stream?"]
    )


def test_the_environments_key_goes_to_the_server_that_is_named(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with serving(api_key=KEY) as url:
        assert pytester.runpytest(*CONTRACT, url, "--accord-rules=models.list-exists").ret == 0
    assert pytester.runpytest(*CONTRACT, "--accord-rules=models.list-exists").ret == 0


def test_one_run_asks_for_all_tests(pytester: pytest.Pytester) -> None:
    tests, command = Counting(), Counting()
    chosen = "stream.ends-with-done,stream.chunks-have-an-id"
    with serving(hooks=(tests,)) as url:
        result = pytester.runpytest(*CONTRACT, url, f"--accord-rules={chosen}")
    with serving(hooks=(command,)) as url:
        accord_contracts.check(url.removeprefix("--accord-url="), only=chosen)
    assert outcomes(result) == {"passed": 2}
    assert tests.calls == command.calls


def test_workers_of_xdist_share_one_run(pytester: pytest.Pytester) -> None:
    few, many = Counting(), Counting()
    chosen = "--accord-rules=stream.*done*,framing,transport.request-id"
    with serving("stream.no-done", hooks=(few,)) as url:
        expected = pytester.runpytest(*CONTRACT, url, chosen)
    with serving("stream.no-done", hooks=(many,)) as url:
        result = pytester.runpytest_subprocess(
            *(*CONTRACT, url, chosen, "-n2", "--junitxml=report.xml", "-p", "no:schemathesis"),
            *("-p", "no:hypothesispytest"),
        )
    assert outcomes(result) == outcomes(expected)
    assert many.calls == few.calls
    result.stdout.fnmatch_lines(["expected `data: [[]DONE[]]` as the last event; got *"])
    cases = ET.parse(pytester.path / "report.xml").iter("testcase")
    assert {properties(case)["level"] for case in cases} >= {"MUST", "SHOULD"}


def test_last_failed_and_first_failure(pytester: pytest.Pytester) -> None:
    with serving("stream.no-done", "stream.object-of-no-one") as url:
        options = (*CONTRACT, url, "--accord-rules=stream.*done*,stream.*object*")
        first = pytester.runpytest(*options, "-x")
        assert outcomes(first)["failed"] == 1
        failed = outcomes(pytester.runpytest(*options))["failed"]
        assert failed > 1
        again = pytester.runpytest(*options, "--lf")
        counts = outcomes(again)
        assert (counts["failed"], counts.get("passed", 0)) == (failed, 0)


def test_one_rule_can_be_named(pytester: pytest.Pytester) -> None:
    named = "accord_contracts.conformance::models.list-exists"
    result = pytester.runpytest("--pyargs", named)
    assert outcomes(result) == {"passed": 1}
