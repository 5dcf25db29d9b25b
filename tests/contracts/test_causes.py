"""Failures that are alike are grouped; none of them is lost."""

from __future__ import annotations

import accord_contracts
from accord_contracts import ReferenceServer, Report
from accord_contracts.causes import causes
from accord_contracts.server import Call, Hook, Refusal, Reply


class Validates(Hook):
    """Fails over what it does not know, in words of its own each time; and counts wrongly."""

    def request(self, call: Call) -> None:
        if isinstance(call.body, dict) and None in call.body.values():
            number = len(call.raw)
            raise Refusal(500, f"{number} validation errors:\n at {number}", type="server_error")

    def reply(self, call: Call, reply: Reply) -> Reply:
        if call.endpoint == "models" and reply.status == 200:
            reply.body["object"] = "models"
        return reply


def judged() -> Report:
    with ReferenceServer(hooks=[Validates()]) as server:
        return accord_contracts.check(server.base_url, only="accepts.*null*,models")


def test_failures_over_one_kind_of_error_have_one_cause() -> None:
    named = {f.rule.id: cause.name for cause in causes(judged().failures) for f in cause.findings}
    assert named["accepts.chat-null-sampling"] == named["accepts.completions-null-optionals"]
    assert "validation errors" in named["accepts.chat-null-sampling"]


def test_no_failure_is_lost_and_those_alone_have_no_name() -> None:
    report = judged()
    grouped = [finding for cause in causes(report.failures) for finding in cause.findings]
    assert sorted(map(str, grouped)) == sorted(map(str, report.failures))
    alone = [cause for cause in causes(report.failures) if not cause.name]
    assert [f.rule.family for cause in alone for f in cause.findings] == ["models"]


def test_the_document_names_the_cause() -> None:
    found = {f["rule"]: f["cause"] for f in judged().to_dict()["findings"]}
    assert "validation errors" in found["accepts.chat-null-sampling"]
    assert found["models.list-is-a-list-object"] is None
    assert found["models.list-exists"] is None
