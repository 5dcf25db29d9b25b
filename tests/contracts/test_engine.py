"""What becomes of rules: verdicts, signals, crashes, and what a report makes of them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_contracts import rules
from accord_contracts.ask import Ask, supported
from accord_contracts.engine import judge, judge_exchange
from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import Finding, Verdict, need
from accord_contracts.kinds import CHAT_ANSWERS
from accord_contracts.report import Report
from accord_contracts.rule import (
    MUST,
    REGISTRY,
    AsyncProblems,
    Invariant,
    Level,
    Problems,
    Rule,
    invariant,
    scenario,
)
from accord_contracts.session import Session
from accord_contracts.target import Target
from accord_contracts.views import Answer

TARGET = Target("http://test", model="m", baseline={"max_tokens": 3})
GOOD = {"id": "x", "choices": [{"message": {"content": "Hi"}}]}


@pytest.fixture
def registry() -> Iterator[dict[str, Rule]]:
    """The registry, as it was before, once the test is over."""
    before = dict(REGISTRY)
    yield REGISTRY
    REGISTRY.clear()
    REGISTRY.update(before)


def run(rule: Rule, *, status: int = 200, body: Any = GOOD) -> Finding:
    """Judge a server that gives the same answer to everything."""

    async def send(request: Request, number: int) -> Exchange:
        return Exchange(request, number, status, body=json.dumps(body).encode())

    async def judged() -> tuple[Finding, ...]:
        return await judge([rule], TARGET, Session(send))

    return asyncio.run(judged())[0]


def an_invariant(registry: dict[str, Rule]) -> Rule:
    @invariant("test.id-is-x", MUST, on=CHAT_ANSWERS, spec="#")
    def id_is_x(answer: Answer) -> Problems:
        """The id is x.

        Why: it is a test.

        Seen: here.
        """
        need(answer.choices, "a choice")
        yield from answer.unless(answer.at("/id") == "x", '"x"', "/id")

    return registry["test.id-is-x"]


def a_scenario(registry: dict[str, Rule]) -> Rule:
    @scenario("test.says-hi", MUST, endpoints=["chat"], spec="#")
    async def says_hi(ask: Ask) -> AsyncProblems:
        """The answer is Hi."""
        answer = supported(await ask.chat())
        if answer.texts != ["Hi"]:
            yield answer.problem('"Hi"', str(answer.texts))

    return registry["test.says-hi"]


@pytest.mark.parametrize(
    ("body", "verdict", "message"),
    [
        (GOOD, "pass", ""),
        ({**GOOD, "id": "y"}, "fail", 'expected "x"; got "y"'),
        ({"choices": []}, "not-applicable", "looked for a choice, and saw none"),
    ],
)
def test_an_invariant_judges_what_it_sees(
    registry: dict[str, Rule], body: Any, verdict: str, message: str
) -> None:
    finding = run(an_invariant(registry), body=body)
    assert (finding.verdict, finding.message) == (verdict, message)


@pytest.mark.parametrize("make", [an_invariant, a_scenario])
@pytest.mark.parametrize(
    ("status", "verdict"),
    [(404, "unsupported"), (400, "unsupported"), (429, "could-not-run"), (500, "could-not-run")],
)
def test_a_rule_without_an_answer_is_never_green(
    registry: dict[str, Rule], make: Any, status: int, verdict: str
) -> None:
    finding = run(make(registry), status=status, body={"error": {}})
    assert finding.verdict == verdict
    assert str(status) in finding.message


def test_a_scenario_fails_with_the_exchange_that_shows_it(registry: dict[str, Rule]) -> None:
    finding = run(a_scenario(registry), body={"choices": [{"message": {"content": "Ho"}}]})
    assert finding.failed
    assert finding.problem
    assert finding.problem.exchange.request.params["model"] == "m"


def test_a_rule_that_crashes_is_our_fault(registry: dict[str, Rule]) -> None:
    @scenario("test.crashes", MUST, endpoints=["chat"], spec="#")
    async def crashes(ask: Ask) -> AsyncProblems:
        """Crash."""
        yield {}[0]  # type: ignore[index]

    finding = run(registry["test.crashes"])
    assert finding.verdict is Verdict.HARNESS_ERROR
    assert "KeyError" in finding.message


def test_an_id_is_given_once(registry: dict[str, Rule]) -> None:
    an_invariant(registry)
    with pytest.raises(ValueError, match=r"two rules are called test\.id-is-x"):
        an_invariant(registry)


def test_an_endpoint_in_the_id_makes_a_rule_for_each(registry: dict[str, Rule]) -> None:
    @scenario("{endpoint}.test", MUST, endpoints=["chat", "completions"], spec="#")
    async def both(ask: Ask) -> AsyncProblems:
        """Ask on one's own endpoint."""
        exchange = await ask.text()
        if exchange.request.endpoint != ask.endpoint:
            yield Answer(exchange).problem(ask.endpoint, str(exchange.request.endpoint))

    assert run(registry["chat.test"]).verdict is Verdict.PASS
    assert run(registry["completions.test"]).verdict is Verdict.PASS


def test_a_docstring_is_read_by_its_headings(registry: dict[str, Rule]) -> None:
    document = an_invariant(registry).document
    assert document.obligation == "The id is x."
    assert (document.why, document.seen, document.sources) == ("it is a test.", "here.", "")


def report(*verdicts: tuple[Level, Verdict]) -> Report:
    rule = next(iter(REGISTRY.values()))
    kinds = {level: type("R", (), {**vars(rule), "level": level}) for level in Level}
    findings = tuple(Finding(kinds[level], verdict, "") for level, verdict in verdicts)  # type: ignore[arg-type]
    return Report(TARGET, 0, findings, (), 0, 0.0)


@pytest.mark.parametrize(
    ("found", "plain", "strict"),
    [
        ([(Level.MUST, Verdict.PASS)], 0, 0),
        ([(Level.MUST, Verdict.FAIL), (Level.MUST, Verdict.COULD_NOT_RUN)], 1, 1),
        ([(Level.SHOULD, Verdict.FAIL), (Level.MUST, Verdict.PASS)], 0, 1),
        ([(Level.MAY, Verdict.FAIL)], 0, 0),
        ([(Level.MUST, Verdict.PASS), (Level.MAY, Verdict.COULD_NOT_RUN)], 3, 3),
        ([(Level.MUST, Verdict.PASS), (Level.MUST, Verdict.HARNESS_ERROR)], 3, 3),
        ([(Level.MUST, Verdict.UNSUPPORTED), (Level.MUST, Verdict.NOT_APPLICABLE)], 3, 3),
        ([], 3, 3),
    ],
)
def test_exit_codes(found: list[tuple[Level, Verdict]], plain: int, strict: int) -> None:
    made = report(*found)
    assert (made.exit_code(), made.exit_code(strict=True)) == (plain, strict)


NAMES = """
id object created model choices index message delta
content role text usage error logprobs tokens token_logprobs
top_logprobs text_offset token logprob bytes refusal tool_calls function
name arguments type finish_reason prompt_tokens completion_tokens total_tokens data
owned_by permission code param
"""

# What a server may send where the contract has something: anything at all.
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(re.findall(r"\w+", NAMES)),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)
requests = st.sampled_from(
    [
        Request("GET", "/models"),
        Request("GET", "/models/m"),
        *(
            Request("POST", path, json.dumps({"model": "m", **more}).encode())
            for path in ("/completions", "/chat/completions")
            for more in (
                {},
                {"n": 2, "logprobs": 1, "max_tokens": 2, "prompt": ["a", "b"]},
                {"logprobs": True, "top_logprobs": 2, "tools": [{}], "tool_choice": "required"},
                {"stream": True, "stream_options": {"include_usage": True}, "n": 2},
                {"stream": True},
            )
        ),
    ]
)
statuses = st.sampled_from([200, 204, 307, 400, 401, 404, 500])


def encode(value: Any) -> bytes:
    return json.dumps(value).encode()


bodies = (
    values.map(encode)
    | st.binary(max_size=40)
    | st.lists(values.map(encode) | st.sampled_from([b"[DONE]", b"", b"\xff"]), max_size=5).map(
        lambda blocks: b"".join(b"data: " + block + b"\n\n" for block in blocks)
    )
)
types = st.sampled_from(["application/json", "text/event-stream", "text/html", ""])


@given(requests, statuses, bodies, types)
def test_no_answer_makes_an_invariant_crash(
    request: Request, status: int, body: bytes, content_type: str
) -> None:
    exchange = Exchange(request, 1, status, (("content-type", content_type),), body)
    findings = judge_exchange(rules.ALL, exchange)
    assert len(findings) == sum(isinstance(rule, Invariant) for rule in rules.ALL)
    assert [f.message for f in findings if f.verdict is Verdict.HARNESS_ERROR] == []
