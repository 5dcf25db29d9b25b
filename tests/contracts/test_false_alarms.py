"""Servers that are odd and right: none of them may be blamed. Each was blamed once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from accord_contracts import rules
from accord_contracts.finding import Verdict
from accord_contracts.report import Report
from accord_contracts.rule import REGISTRY, Level
from accord_contracts.run import Plan, check
from accord_contracts.server import Call, Hook, ReferenceServer, Refusal, Reply
from accord_contracts.target import Target


def judge(hook: Hook, prompt: str = "日本 café 🎉: tell me about the sea.") -> Report:
    with ReferenceServer(hooks=[hook]) as server:
        return check(Target(server.base_url, prompt=prompt), Plan(rules.ALL))


class ModernCap(Hook):
    """Knows `max_completion_tokens` alone on chat, as reasoning models do; is strict elsewhere."""

    def request(self, call: Call) -> None:
        """Refuse the other cap."""
        other = {"chat": "max_tokens", "completions": "max_completion_tokens"}
        name = other.get(call.endpoint or "")
        if isinstance(call.body, dict) and name in call.body:
            raise Refusal(400, f"Unsupported parameter: {name}", param=name)


class TinyReads(Hook):
    """Sends streams a few bytes at a time, cutting lines and characters anywhere."""

    async def blocks(self, call: Call, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Cut each block."""
        async for block in blocks:
            for start in range(0, len(block), 5):
                yield block[start : start + 5]


class CommentFirst(Hook):
    """Begins each stream with a comment, as gateways do while they wait."""

    async def blocks(self, call: Call, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Add the comment."""
        yield b": PROCESSING\n\n"
        async for block in blocks:
            yield block


@pytest.mark.parametrize(
    ("hook", "deserved"),
    [
        (ModernCap(), set()),
        (TinyReads(), set()),
        (CommentFirst(), {"framing.no-comments"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_server_that_is_odd_and_right_is_not_blamed(hook: Hook, deserved: set[str]) -> None:
    report = judge(hook)
    assert {f.rule.id: f.message for f in report.failures if f.rule.id not in deserved} == {}
    assert all(f.rule.level is Level.MAY for f in report.failures)


def test_a_baseline_of_chat_does_not_silence_the_rules_on_completions() -> None:
    unsupported = judge(ModernCap()).having(Verdict.UNSUPPORTED)
    assert len(unsupported) < 10


class OneTemperature(Hook):
    """Takes no temperature but the default, as reasoning models do."""

    def request(self, call: Call) -> None:
        """Refuse any other."""
        if isinstance(call.body, dict) and call.body.get("temperature", 1) not in {1, None}:
            raise Refusal(400, "Unsupported value: 'temperature'", param="temperature")


@pytest.mark.parametrize(
    "rule",
    ["accepts.chat-limits-of-temperature", "accepts.completions-limits-of-temperature"],
)
def test_a_server_that_takes_one_temperature_is_not_blamed_for_the_limits(rule: str) -> None:
    with ReferenceServer(hooks=[OneTemperature()]) as server:
        report = check(Target(server.base_url), Plan([REGISTRY[rule]]))
    assert [f.verdict for f in report.findings] == [Verdict.UNSUPPORTED]


class Blank(Hook):
    """Begins with white space, whatever is asked for, and ends right there."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Leave nothing else."""
        if call.endpoint == "completions":
            for choice in reply.body["choices"]:
                choice["text"] = "\n\n"
        return reply


def test_white_space_alone_says_nothing_of_a_bias() -> None:
    rule = REGISTRY["completions.logit-bias-is-read"]
    with ReferenceServer(hooks=[Blank()]) as server:
        (finding,) = check(Target(server.base_url), Plan([rule])).findings
    assert finding.verdict is Verdict.NOT_APPLICABLE


class NoThought(Hook):
    """Puts the tags of a thought that was not asked for in front of each chat answer."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Add what no stop string was looked for in."""
        for choice in reply.body.get("choices", ()) if call.endpoint == "chat" else ():
            message = choice["message"]
            message["content"] = f"<think>\n\n</think>\n\n{message['content']}"
        return reply


def test_what_is_put_before_an_answer_is_nothing_to_stop_at() -> None:
    stops = [rule for rule in REGISTRY.values() if rule.matches("chat.stop-*")]
    with ReferenceServer(hooks=[NoThought()]) as server:
        report = check(Target(server.base_url), Plan(stops))
    assert report.having(Verdict.FAIL) == []
    assert REGISTRY["chat.stop-is-honoured"] in {f.rule for f in report.having(Verdict.PASS)}
