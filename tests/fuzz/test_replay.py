"""Examples: kept, tried first, sent again; and each rule of fuzzing, proved by its fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click.testing
import pytest
from hypothesis import given
from hypothesis import strategies as st
from targets import serving

from accord_contracts import faults
from accord_contracts.exchange import Request
from accord_contracts.fuzz import obligations
from accord_contracts.fuzz.examples import Example, ExampleError, Examples
from accord_contracts.fuzz.run import FuzzPlan, fuzz, replay
from accord_contracts.requests import JSON_TYPE
from accord_contracts.server import MODELS

Accord = Callable[..., click.testing.Result]


def post(path: str, body: Any, *, authorized: bool = True) -> Request:
    return Request("POST", path, json.dumps(body).encode(), (JSON_TYPE,), authorized)


SAID = {"model": MODELS[0].id, "messages": [{"role": "user", "content": "a"}], "max_tokens": 2}
PROMPT = {"model": MODELS[0].id, "prompt": "a", "max_tokens": 2}

SHOWN = {
    "fuzz.answers": Request("DELETE", "/models"),
    "fuzz.server-error": post("/chat/completions", []),
    "fuzz.status": post("/completions", PROMPT),
    "fuzz.response-headers": post("/chat/completions", {**SAID, "n": 2}),
    "fuzz.rejects-invalid": post("/chat/completions", {**SAID, "user": 5}),
    "fuzz.accepts-valid": post("/completions", {**PROMPT, "seed": -1}),
    "fuzz.auth": post("/chat/completions", {**SAID, "stream": True}),
    "fuzz.unsupported-method": Request("DELETE", "/models"),
}


@pytest.mark.parametrize("fault", faults.FOR_FUZZING, ids=lambda fault: fault.name)
def test_each_fault_breaks_its_rule_and_the_correct_server_keeps_it(
    fault: faults.Fault, tmp_path: Path
) -> None:
    (rule,) = fault.caught_by
    file = tmp_path / "example.json"
    file.write_text(Example(rule, "", SHOWN[rule]).to_json())
    broken = []
    for names in ((fault.name,), ()):
        with serving(*names) as target:
            run = replay(target.having(timeout=5), FuzzPlan(database="none"), str(file))
        broken.append([finding.rule.id for finding in run.report.failures])
    assert broken == [[rule], []]


def test_each_rule_has_a_fault_that_it_alone_is_answerable_for() -> None:
    proved = {rule for fault in faults.FOR_FUZZING for rule in fault.caught_by}
    assert {rule.id for rule in obligations.ALL} == proved == set(SHOWN)


def test_what_was_found_is_tried_first_and_forgotten_when_it_is_fixed(tmp_path: Path) -> None:
    plan = FuzzPlan(60, database=str(tmp_path), first=True)
    with serving("fuzz.created") as target:
        found = fuzz(target, plan).report
        kept = Examples.of(target.base_url, str(tmp_path)).all()
        again = fuzz(target, plan).report
    assert [example.rule for example in kept] == [f.rule.id for f in found.failures]
    assert again.requests <= found.requests
    folder = Examples.of(target.base_url, str(tmp_path)).folder
    with serving() as target:
        moved = Examples.of(target.base_url, str(tmp_path)).folder
        assert folder is not None
        assert moved is not None
        folder.rename(moved)
        run = fuzz(target, plan)
    assert [example.id for example in run.resolved] == [example.id for example in kept]
    assert not list(moved.iterdir())


def test_the_command_shows_how_to_send_a_finding_again(run_accord: Accord) -> None:
    with serving("fuzz.created") as target:
        shown = run_accord(target.base_url, "-x")
        assert shown.exit_code == 1, shown.output
        line = next(line for line in shown.output.splitlines() if "--replay" in line)
        name = line.split()[-1]
        again = run_accord(target.base_url, "--replay", name)
        assert again.exit_code == 1, again.output
        assert "it still fails" in again.output
    unknown = run_accord(target.base_url, "--replay", "0123456789")
    assert unknown.exit_code == 2
    assert name in unknown.output  # the ids that there are


def test_what_is_found_has_all_views_and_counts_unless_it_is_known(
    run_accord: Accord, tmp_path: Path
) -> None:
    known = tmp_path / "known.txt"
    known.write_text("fuzz.status  # it says 201\n")
    views = {name: tmp_path / name for name in ("json", "junit", "html", "markdown", "badge")}
    words = [word for name, file in views.items() for word in (f"--{name}", str(file))]
    with serving("fuzz.created") as target:
        result = run_accord(target.base_url, "-x", "--known", str(known), *words)
    assert result.exit_code == 0, result.output
    told = {name: file.read_text("utf-8") for name, file in views.items()}
    assert all("fuzz.status" in text for name, text in told.items() if name != "badge")
    assert told["badge"].startswith("<svg")


@given(
    st.builds(
        Request,
        method=st.sampled_from(["GET", "POST"]),
        path=st.text(),
        body=st.none() | st.binary(),
        headers=st.lists(st.tuples(st.text(), st.text())).map(tuple),
        authorized=st.booleans(),
    )
)
def test_an_example_is_read_as_it_was_written(request_: Request) -> None:
    example = Example("rule", "cause", request_)
    assert Example.from_json(example.to_json()) == example


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "accord-example/9"}', "null"])
def test_what_is_no_example_says_so(text: str) -> None:
    with pytest.raises(ExampleError):
        Example.from_json(text)
