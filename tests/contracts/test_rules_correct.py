"""What the rules ask of the correct server, by the spec on both sides, and what they find."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import evidence
import odd
import pytest

from accord_contracts import rules
from accord_contracts.exchange import Exchange
from accord_contracts.rules.wrongs import WRONGS, Wrong
from accord_contracts.schema import mismatches
from accord_contracts.selftest.trial import Bench
from accord_contracts.views import is_number

REQUESTS = {"chat": "ChatCompletionRequest", "completions": "CompletionRequest"}
PLAIN: dict[str, dict[str, Any]] = {
    "chat": {"model": "m", "messages": [{"role": "user", "content": "Hello!"}]},
    "completions": {"model": "m", "prompt": "Hello!"},
}

UNSEEN = {
    "agreement.chat-arrives-as-generated",  # the server is too quick to tell
    "agreement.completions-arrives-as-generated",
    "errors.retry-after-is-a-time",  # it is never busy
    "errors.too-many-says-which",
    "stream.error-event-is-an-envelope",  # its streams do not fail
    "stream.nothing-after-an-error",
    "transport.chat-left-answer-frees-the-server",
    "transport.completions-left-answer-frees-the-server",
}

ANY_SCHEMA = {"negative-max-completion-tokens", "worded-logit-bias", "empty-model"}
ANY_SCHEMA |= {"choice-of-missing-tool"}
"""What is wrong in words of the contract, and not by its schema."""


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(rules.ALL)


def test_every_rule_sees_its_subject_but_for_what_a_good_server_never_shows(
    bench: Bench,
) -> None:
    assert bench.correct.undecided.keys() == UNSEEN


def body_of(exchange: Exchange) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(exchange.request.body or b"")
    return body


def test_whatever_it_answers_is_right_by_the_spec(bench: Bench) -> None:
    answered = [e for e in bench.exchanges if e.ok and e.request.endpoint in REQUESTS]
    assert len(answered) > 200
    for exchange in answered:
        schema = REQUESTS[exchange.request.endpoint or ""]
        found = [error.message for error in mismatches(body_of(exchange), schema)]
        # The spec wants a prompt where OpenAI takes none: that is one rule's question.
        assert found == [] or "prompt" not in body_of(exchange), exchange.request.body


@pytest.mark.parametrize("wrong", WRONGS, ids=lambda wrong: wrong.name)
def test_the_spec_knows_what_is_wrong_with_a_case_and_nothing_wrong_with_its_control(
    wrong: Wrong,
) -> None:
    for endpoint in wrong.endpoints:
        schema, plain = REQUESTS[endpoint], PLAIN[endpoint]
        assert list(mismatches({**plain, **wrong.control}, schema)) == []
        for case in wrong.cases if wrong.name not in ANY_SCHEMA else ():
            assert list(mismatches({**plain, **wrong.control, **case}, schema))


# ------------------------------------------------------------------------------------- values


def values(bench: Bench, *, ok: bool) -> dict[str, set[str]]:
    """What was sent of each parameter in requests that were answered, or refused: as JSON."""
    seen: dict[str, set[str]] = {}
    for exchange in bench.exchanges:
        if exchange.request.endpoint in REQUESTS and exchange.ok == ok:
            with suppress(ValueError, RecursionError):
                for name, value in parameters(json.loads(exchange.request.body or b"")):
                    seen.setdefault(name, set()).add(value)
    return seen


def parameters(body: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(body, dict):
        return
    for name, value in body.items():
        if isinstance(value, list | dict):
            yield f"len({name})", str(len(value))
            yield from ((f"in {name}", json.dumps(one)) for one in value if is_number(one))
        elif not isinstance(value, str):
            yield name, json.dumps(value)
    if isinstance(biases := body.get("logit_bias"), dict):
        yield from (("a bias", json.dumps(bias)) for bias in biases.values())


TAKEN = {
    "n": "1 2 3 null",
    "best_of": "1 2 null",
    "temperature": "0 0.7 1 2 null",
    "top_p": "0 0.9 1 null",
    "frequency_penalty": "-2 0 0.5 2 null",
    "presence_penalty": "-2 0 0.5 2 null",
    "seed": "-9223372036854775808 0 1 7 8 9223372036854775807 null",
    "a bias": "-100 1 100",
    "logprobs": "0 2 5 false null true",
    "top_logprobs": "0 2 20 null",
    "max_completion_tokens": "1 3",
    "max_tokens": "0 1 12 128 16 160 256 3 32000 64 8",
    "len(messages)": "1 2 3 4",
    "len(metadata)": "1 16",
    "len(prompt)": "2 4",
    "len(stop)": "1 2 4",
    "len(tools)": "0 1 2",
}
REFUSED = {
    "n": "-1 0 1.5 129 3 true",  # 3 of a `best_of` of 2
    "best_of": "-1 2 21",
    "temperature": "-1 0 2.5 Infinity NaN false",
    "top_p": "-0.5 1.5",
    "frequency_penalty": "-3",
    "presence_penalty": "3",
    "a bias": '"much" -100 -101 101',
    "logprobs": "-1 6 true",
    "top_logprobs": "-1 2 21",
    "max_completion_tokens": "-5",
    "in best_of": "2",
    "in logprobs": "2",
    "in max_completion_tokens": "5",
    "in max_tokens": "5",
    "in prompt": "5",
    "in stop": "5",
    "in top_p": "0.5",
    "stop": "5",
    "suffix": "5",
    "len(metadata)": "1 17",
    "len(stop)": "0 1 2 5",
    "len(tools)": "0 1",
}


@pytest.mark.parametrize(("ok", "known"), [(True, TAKEN), (False, REFUSED)])
def test_these_are_the_values_that_are_asked_for(
    bench: Bench, ok: bool, known: dict[str, str]
) -> None:
    found = values(bench, ok=ok)
    assert {name: " ".join(sorted(found[name])) for name in known} == known


def test_this_is_what_is_asked_for_in_this_order(bench: Bench) -> None:
    assert evidence.asked(bench.exchanges) == evidence.ASKED, evidence.RENEW


@pytest.mark.parametrize("name", odd.ALL)
def test_odd_servers_get_these_verdicts(bench: Bench, name: str) -> None:
    assert odd.verdicts(bench, name) == evidence.ODD[name], evidence.RENEW
