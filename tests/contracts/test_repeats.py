"""Broken rules judged again: what repeats is steady, what does not is flaky."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

import accord_contracts
from accord_contracts import Finding, ReferenceServer, Report
from accord_contracts.reports.document import schema
from accord_contracts.server import Call, Hook, Reply

RULE = "models.list-is-a-list-object"


class Broken(Hook):
    """Calls the list of models something else, for so many requests."""

    def __init__(self, requests: int) -> None:
        self.left = requests

    def reply(self, call: Call, reply: Reply) -> Reply:
        if call.endpoint == "models" and self.left > 0:
            self.left -= 1
            reply.body["object"] = "models"
        return reply


def judge(hook: Hook, only: str = RULE, **options: Any) -> Report:
    with ReferenceServer(hooks=[hook]) as server:
        return accord_contracts.check(server.base_url, only=only, **options)


def failure(report: Report) -> Finding:
    (finding,) = report.failures
    return finding


def test_what_fails_once_is_flaky_and_has_both_answers() -> None:
    report = judge(Broken(1), repeat=2)
    finding = failure(report)
    assert finding.flaky
    assert finding.repeats
    assert (finding.repeats.times, finding.repeats.failed) == (2, 0)
    assert finding.exchange
    assert finding.repeats.other
    assert finding.exchange.json["object"] == "models"
    assert finding.repeats.other.json["object"] == "list"
    assert finding.repeats.other.request == finding.exchange.request
    assert "fail (flaky)" in str(finding)


def test_a_flaky_failure_still_counts() -> None:
    assert judge(Broken(1), repeat=1).exit_code() == 1


def test_what_fails_again_is_steady() -> None:
    finding = failure(judge(Broken(1000), repeat=2))
    assert finding.repeats
    assert (finding.repeats.times, finding.repeats.failed, finding.flaky) == (2, 2, False)


def test_without_repeat_nothing_is_judged_again() -> None:
    report = judge(Broken(1))
    assert failure(report).repeats is None
    assert judge(Broken(1), repeat=3).requests == report.requests + 3


def test_what_another_rule_asked_for_is_asked_for_again() -> None:
    class Stop(Hook):
        def reply(self, call: Call, reply: Reply) -> Reply:
            if isinstance(call.body, dict) and call.body.get("stop") and reply.status == 200:
                reply.body["object"] = "chat"
            return reply

    with ReferenceServer(hooks=[Stop()]) as server:
        report = accord_contracts.check(
            server.base_url, only="answer.chat-names-its-object,chat.stop-is-honoured", repeat=1
        )
    repeats = [finding.repeats for finding in report.failures]
    assert [repeats and repeats.failed for repeats in repeats] == [1]


def test_a_thorough_run_repeats_the_pass_that_failed() -> None:
    finding = failure(judge(Broken(1000), repeat=1, effort="thorough"))
    assert finding.repeats
    assert not finding.flaky


def test_the_document_tells_of_repeats() -> None:
    made = judge(Broken(1), repeat=1).to_dict()
    jsonschema_rs.Draft202012Validator(schema()).validate(made)
    (finding,) = made["findings"]
    assert finding["repeats"]["flaky"] is True
    assert finding["repeats"]["other"]["response"]["status"] == 200
    assert made["totals"]["flaky"] == 1
