"""What the rules on refusals make of servers that refuse otherwise, or for another reason."""

from __future__ import annotations

import pytest

from accord_contracts.finding import Finding, Verdict
from accord_contracts.rule import REGISTRY
from accord_contracts.run import Plan, check
from accord_contracts.server import Call, Hook, ReferenceServer, Refusal, Reply
from accord_contracts.target import Target


class Statuses(Hook):
    """Changes one status into another."""

    def __init__(self, before: int, after: int) -> None:
        self.before, self.after = before, after

    def reply(self, call: Call, reply: Reply) -> Reply:
        reply.status = self.after if reply.status == self.before else reply.status
        return reply


class Chatless(Hook):
    """Has no chat."""

    def request(self, call: Call) -> None:
        if call.endpoint == "chat":
            raise Refusal(404, "Not here.")


class Sighted(Hook):
    """Takes images."""

    def request(self, call: Call) -> None:
        if isinstance(call.body, dict) and b"image_url" in call.raw:
            call.body["messages"] = [{"role": "user", "content": "A grey square."}]


class Silent(Hook):
    """Refuses what it can't read without a word."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        if reply.status == 400:
            reply.body, reply.headers = b"", {}
        return reply


def judge(rule: str, *hooks: Hook) -> Finding:
    with ReferenceServer(hooks=hooks) as server:
        return check(Target(server.base_url), Plan([REGISTRY[rule]])).findings[0]


@pytest.mark.parametrize(
    ("rule", "hook", "verdict"),
    [
        ("refusals.chat-malformed-json", Statuses(400, 422), Verdict.PASS),
        ("refusals.chat-malformed-json", Silent(), Verdict.PASS),
        ("refusals.chat-malformed-json", Statuses(400, 500), Verdict.FAIL),
        ("refusals.chat-malformed-json", Statuses(400, 429), Verdict.COULD_NOT_RUN),
        ("refusals.chat-malformed-json", Statuses(400, 503), Verdict.COULD_NOT_RUN),
        ("refusals.chat-malformed-json", Chatless(), Verdict.UNSUPPORTED),
        ("refusals.completions-malformed-json", Chatless(), Verdict.PASS),
        ("refusals.chat-survives-content-types", Statuses(415, 200), Verdict.PASS),
        ("refusals.chat-survives-content-types", Statuses(415, 501), Verdict.PASS),
        ("refusals.image-it-cannot-see", Sighted(), Verdict.NOT_APPLICABLE),
        ("errors.chat-unknown-model-is-404", Statuses(404, 400), Verdict.FAIL),
        ("errors.chat-unknown-model-is-404", Statuses(404, 403), Verdict.COULD_NOT_RUN),
        ("transport.models-wrong-method-is-405", Statuses(405, 501), Verdict.PASS),
    ],
)
def test_a_refusal_counts_for_what_it_is(rule: str, hook: Hook, verdict: Verdict) -> None:
    assert judge(rule, hook).verdict is verdict


def test_a_failure_shows_the_good_request_beside_the_bad_one() -> None:
    found = judge("refusals.chat-top-p-out-of-range", Statuses(400, 500))
    assert found.message.startswith("expected status 400 for a top_p of 1.5; got 500 ")
    assert found.problem
    assert [beside.status for beside in found.problem.compared] == [200]
