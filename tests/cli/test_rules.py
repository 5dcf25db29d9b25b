"""`accord rules`, `accord explain`, `accord faults`: what the suite says of itself."""

from __future__ import annotations

import json

import pytest
from commandline import Accord

from accord_contracts import clients, faults, rules
from accord_contracts.clients import Obligation
from accord_contracts.reports import document
from accord_contracts.rule import THOROUGH, Rule
from accord_contracts.traceability import load


def test_all_rules_are_listed(run_accord: Accord) -> None:
    listed = json.loads(run_accord("rules", "--json").stdout)
    assert [entry["id"] for entry in listed] == [rule.id for rule in rules.ALL]
    shown = run_accord("rules").stdout
    assert all(rule.id in shown for rule in rules.ALL)


def test_rules_are_filtered(run_accord: Accord) -> None:
    args = ("rules", "stream", "--level", "must", "--scope", "chat", "--json")
    listed = json.loads(run_accord(*args).stdout)
    assert listed
    for entry in listed:
        assert entry["id"].startswith("stream.")
        assert entry["level"] == "MUST"
        assert "chat" in entry["endpoints"]


def test_obligations_are_listed_with_their_rules_or_a_reason(run_accord: Accord) -> None:
    done = run_accord("rules", "--obligations", COLUMNS="200")
    known = load()
    assert all(one.id in done.stdout for one in known)
    assert "no rule: " in done.stdout
    assert f"{len(known)} obligations" in done.stderr
    few = json.loads(run_accord("rules", "stream.ends-with-done", "--obligations", "--json").stdout)
    assert {one["id"] for one in few} == {"STR-003", "facts.sse.done"}
    assert all(one["rules"] == ["stream.ends-with-done"] for one in few)


@pytest.mark.parametrize("rule", rules.ALL[::25], ids=lambda rule: rule.id)
def test_explain_tells_the_whole_documentation(run_accord: Accord, rule: Rule) -> None:
    out = " ".join(run_accord("explain", rule.id, COLUMNS="1000").stdout.split())
    document = rule.document
    for part in (document.obligation, document.why, document.seen, document.violation, rule.spec):
        assert " ".join(part.split()) in out
    assert f"accord check BASE_URL --only {rule.id}" in out
    proof = [fault.name for fault in faults.ALL if rule.id in fault.caught_by]
    assert all(name in out for name in proof)


@pytest.mark.parametrize("one", [*clients.ALL.values()][::8], ids=lambda one: one.id)
def test_explain_tells_of_what_clients_must_do(run_accord: Accord, one: Obligation) -> None:
    out = " ".join(run_accord("explain", one.id, COLUMNS="1000").stdout.split())
    document = one.document
    for part in (document.obligation, document.why, document.violation, one.spec):
        assert part in out
    assert out.endswith("accord observe -- COMMAND")


def test_explain_hints_at_what_clients_must_do(run_accord: Accord) -> None:
    done = run_accord("explain", "request.content-type")
    assert "did you mean request.content-type-is-json" in " ".join(done.stderr.split())


def test_explain_resolves_the_pointer_into_the_spec(run_accord: Accord) -> None:
    out = run_accord("explain", "stream.ends-with-done", COLUMNS="1000").stdout
    spec = next(line for line in out.splitlines() if line.startswith("Spec"))
    after = out.splitlines()[out.splitlines().index(spec) + 1]
    assert after.strip()
    assert not after.startswith("Faults")


def test_faults_are_listed_with_who_catches_them(run_accord: Accord) -> None:
    out = run_accord("faults", "stream.no-done").stdout
    assert "stream.no-done" in out
    assert "caught by stream.ends-with-done" in out
    assert all(fault.name in run_accord("faults").stdout for fault in faults.ALL[::40])


def test_faults_are_listed_by_the_rule_that_must_catch_them(run_accord: Accord) -> None:
    out = run_accord("faults", "stream.ends-with-done", "--json").stdout
    listed = {fault["name"]: fault["caught_by"] for fault in json.loads(out)}
    assert listed == {"stream.no-done": ["stream.ends-with-done"]}


@pytest.mark.parametrize("rule", rules.ALL[::25], ids=lambda rule: rule.id)
def test_explain_keeps_what_is_copied_on_one_line(run_accord: Accord, rule: Rule) -> None:
    lines = run_accord("explain", rule.id, COLUMNS="40").stdout.splitlines()
    assert f"Spec       {rule.spec}" in lines
    dear = " --thorough" if rule.effort is THOROUGH else ""
    assert f"Alone      accord check BASE_URL --only {rule.id}{dear}" in lines


@pytest.mark.parametrize("args", [("explain", "stream"), ("rules", "stream"), ("faults",)])
def test_lists_end_in_no_padding(run_accord: Accord, args: tuple[str, ...]) -> None:
    assert not any(line.endswith(" ") for line in run_accord(*args).stdout.splitlines())


def test_a_comma_parts_patterns(run_accord: Accord) -> None:
    listed = json.loads(run_accord("rules", "stream,models", "--json").stdout)
    assert {entry["id"].partition(".")[0] for entry in listed} == {"stream", "models"}


def test_the_schema_of_reports_is_printed(run_accord: Accord) -> None:
    assert json.loads(run_accord("schema").stdout) == document.schema()
