"""The JSON report: valid by its published schema, whole, bounded, and without secrets."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import jsonschema_rs
import pytest

from accord_contracts import Report, Target, Verdict, faults, library, rules
from accord_contracts.exchange import Exchange, Read, Request
from accord_contracts.finding import Finding, Place, Problem
from accord_contracts.reports.document import LONGEST_BODY, document, render, schema
from accord_contracts.rule import REGISTRY
from accord_contracts.server import Call, Hook, ReferenceServer, Reply

VALIDATOR = jsonschema_rs.Draft202012Validator(schema())
RULE = REGISTRY["stream.ends-with-done"]
KEY = "sk-a-very-secret-key-0123456789"


class Hasty(Hook):
    """Stops in the middle of some answers, refuses others: findings of every kind."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        if call.endpoint == "completions":
            reply.status, reply.body, reply.events = 500, {"error": "out of order"}, None
        return reply


@cache
def broken_report() -> Report:
    names = ("stream.no-done", "models.entry-object-wrong")
    hooks = [fault.hook for fault in faults.ALL if fault.name in names]
    with ReferenceServer(hooks=[*hooks, Hasty()]) as server:
        return library.check(server.base_url, skip=["transport"])


def report(finding: Finding, **target: Any) -> Report:
    """A report of one finding."""
    judged = Target("http://127.0.0.1:1/v1", **target)
    exchanges = (finding.exchange,) if finding.exchange else ()
    return Report(judged, 0, (finding,), exchanges, 0, 0.0)


def failure(exchange: Exchange, place: Place, **more: Any) -> Finding:
    problem = Problem("one thing", "another", exchange, place, **more)
    return Finding(RULE, Verdict.FAIL, problem.message, problem, exchange, 1, 1)


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(schema())
    assert schema()["$id"] == "urn:accord:accord-report:1"


def test_a_whole_report_is_valid_and_its_totals_add_up() -> None:
    found = broken_report()
    made = json.loads(render(found))
    VALIDATOR.validate(made)
    assert [f["rule"] for f in made["findings"]] == [f.rule.id for f in found.findings]
    assert made["totals"]["rules"] == len(made["findings"])
    assert sum(made["totals"]["verdicts"].values()) == len(made["findings"])
    for verdict in Verdict:
        count = sum(f["verdict"] == verdict for f in made["findings"])
        assert made["totals"]["verdicts"][verdict] == count
        assert count == sum(counts[verdict] for counts in made["totals"]["levels"].values())
    assert made["spent"]["requests"] == len(found.exchanges)
    assert made["exit_code"] == found.exit_code() == 1


def test_a_rule_that_is_broken_in_two_ways_is_one_rule() -> None:
    once = broken_report()
    twice = replace(once, findings=(*once.findings, once.failures[0]))
    assert twice.counts() == once.counts()
    assert len(twice.failures) == len(once.failures) + 1
    assert document(twice)["totals"] == document(once)["totals"]


def test_it_says_more_than_one_thing() -> None:
    assert len({finding.verdict for finding in broken_report().findings}) >= 3


def test_every_failure_has_its_evidence() -> None:
    made = document(broken_report())
    failures = [f for f in made["findings"] if f["verdict"] == "fail"]
    assert failures
    for finding in failures:
        evidence = finding["evidence"]
        assert evidence["expected"]
        assert evidence["actual"]
        assert evidence["request"]["url"].startswith(made["target"]["base_url"])
        assert (evidence["response"]["body"] is None) != (evidence["response"]["events"] is None)


def test_strict_is_recorded() -> None:
    made = document(broken_report(), strict=True)
    assert made["strict"] is True
    VALIDATOR.validate(made)


def test_events_carry_their_place_in_the_body_and_their_time() -> None:
    events = [f"data: {n}\n\n".encode() for n in range(100)]
    reads = tuple(Read(sum(map(len, events[: n + 1])), n / 10) for n in range(100))
    request = Request("POST", "/chat/completions", b'{"stream": true}')
    headers = (("content-type", "text/event-stream"),)
    body = b"".join(events)
    exchange = Exchange(request, 1, 200, headers, body, reads, 10.0)
    made = json.loads(render(report(failure(exchange, Place(event=50)))))
    VALIDATOR.validate(made)
    evidence = made["findings"][0]["evidence"]
    shown = evidence["response"]["events"]["shown"]
    assert evidence["response"]["events"]["total"] == 100
    assert [event["number"] for event in shown] == list(range(46, 55))
    for event in shown:
        assert event["data"] == str(event["number"] - 1)
        assert body[event["start"] : event["end"]] == events[event["number"] - 1]
        assert event["seconds"] == (event["number"] - 1) / 10
    middle = shown[4]
    assert evidence["place"]["event_bytes"] == {"start": middle["start"], "end": middle["end"]}


@pytest.mark.parametrize("offset", [0, 50_000, 99_999])
def test_long_bodies_are_cut_around_the_place(offset: int) -> None:
    body = bytes(range(256)) * 400
    exchange = Exchange(Request("GET", "/models"), 1, 200, (), body)
    compared = (replace(exchange, number=2),) * 9
    finding = failure(exchange, Place(offset=offset), compared=compared)
    made = json.loads(render(report(finding)))
    VALIDATOR.validate(made)
    kept = made["findings"][0]["evidence"]["response"]["body"]
    assert kept["truncated"]
    assert kept["bytes"] == len(body)
    assert kept["start"] <= offset < kept["start"] + LONGEST_BODY
    assert len(render(report(finding))) < 200_000


def test_what_is_not_text_can_be_written_all_the_same() -> None:
    nasty = "\ud800\x00\x1b\u2028".encode(errors="surrogatepass")
    exchange = Exchange(Request("GET", "/models"), 1, 200, (("x", "\x80"),), nasty)
    text = render(report(failure(exchange, Place())))
    VALIDATOR.validate(json.loads(text))
    assert text.isascii()


def test_no_answer_is_evidence_too() -> None:
    exchange = Exchange(Request("GET", "/models"), 1, failure="the connection was reset")
    made = document(report(Finding(RULE, Verdict.COULD_NOT_RUN, "no answer", exchange=exchange)))
    VALIDATOR.validate(made)
    assert made["findings"][0]["evidence"]["response"]["status"] is None


def test_a_request_too_long_to_keep_has_no_curl_line() -> None:
    request = Request("POST", "/chat/completions", b'{"prompt": "' + b"x" * 10**6 + b'"}')
    made = document(report(failure(Exchange(request, 1, 413), Place())))
    VALIDATOR.validate(made)
    kept = made["findings"][0]["evidence"]["request"]
    assert kept["curl"] is None
    assert kept["body"]["truncated"]


def test_secrets_are_blotted_out_whatever_way_they_came() -> None:
    request = Request("POST", "/chat/completions", f'{{"user": "{KEY}"}}'.encode())
    exchange = Exchange(request, 1, 400, (("x-echo", KEY),), KEY.encode())
    finding = failure(exchange, Place())
    found = report(finding, api_key=KEY)
    target = found.target.having(base_url=f"http://me:{KEY}@127.0.0.1:1/v1")
    text = render(replace(found, target=target))
    VALIDATOR.validate(json.loads(text))
    assert KEY not in text
    assert json.loads(text)["target"]["base_url"] == "http://127.0.0.1:1/v1"


def test_every_rules_id_fits_the_schema() -> None:
    for rule in rules.ALL:
        VALIDATOR.validate(document(report(Finding(rule, Verdict.PASS, ""))))
