"""Where rules draw a line: on it, and beside it; and at which event they point."""

from __future__ import annotations

from typing import Any

import pytest

from accord_contracts.engine import judge_exchange
from accord_contracts.exchange import Exchange
from accord_contracts.finding import Finding, NotApplicable, Verdict
from accord_contracts.requests import JSON_TYPE, Requests, encode
from accord_contracts.rule import REGISTRY
from accord_contracts.rules.agreement_logprobs import NOISE, Scored
from accord_contracts.rules.parameters import CAP, beyond_cap
from accord_contracts.rules.usage import hides_thought
from accord_contracts.run import Plan, check
from accord_contracts.server import Call, Hook, ReferenceServer, Refusal, Reply
from accord_contracts.target import Target
from accord_contracts.views import Answer

MAKE = Requests(Target("http://127.0.0.1:1/v1", model="m"))
ROLE = {"role": "assistant"}


def answer(finish: str = "stop", usage: Any = None, **message: Any) -> Answer:
    choice = {"message": message, "finish_reason": finish}
    body = encode({"choices": [choice], "usage": usage})
    return Answer(Exchange(MAKE.chat(), 1, 200, (JSON_TYPE,), body))


def choice(index: int, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"index": index, "delta": delta, "finish_reason": finish}


def judge(name: str, *choices: Any, end: bytes = b"data: [DONE]\n\n", **asked: Any) -> Finding:
    """Judge a stream of one choice a chunk by one rule."""
    chunks = ({"id": "c", "object": "chat.completion.chunk", "choices": [c]} for c in choices)
    body = b"".join(b"data: %b\n\n" % encode(chunk) for chunk in chunks) + end
    headers = (("content-type", "text/event-stream"),)
    judged = Exchange(MAKE.chat(stream=True, **asked), 1, 200, headers, body)
    return judge_exchange([REGISTRY[name]], judged)[0]


def event(finding: Finding) -> int | None:
    assert finding.problem, finding
    return finding.problem.place.event


def test_of_several_choices_any_may_lack_its_role() -> None:
    name = "stream.every-choice-opens-with-the-role"
    roles = [choice(index, **ROLE) for index in range(3)]
    assert judge(name, *roles, n=3).verdict is Verdict.PASS
    for number in (1, 2):  # the first choice is another rule's
        broken = [*roles[:number], choice(number, content="a"), *roles[number + 1 :]]
        assert event(judge(name, *broken, n=3)) == number + 1


def test_the_last_chunk_of_a_choice_is_where_its_finish_is_missed() -> None:
    texts = [choice(0, content="a"), choice(0, content="b"), choice(0, content="c")]
    assert event(judge("stream.every-choice-finishes", *texts)) == 3


def test_what_comes_after_the_end_is_counted_from_the_start() -> None:
    end = b"data: [DONE]\n\ndata: {}\n\n"
    assert event(judge("stream.nothing-after-done", choice(0, "stop"), end=end)) == 3


def test_noise_is_what_lies_within_its_bound() -> None:
    zero = Scored("a", 0.0, (0.0,))
    assert zero.resembles(Scored("a", NOISE, (-NOISE,)))
    assert not zero.resembles(Scored("a", NOISE * 1.01, (0.0,)))
    assert not zero.resembles(Scored("a", 0.0, (NOISE * 1.01,)))
    assert not zero.resembles(Scored("b", 0.0, (0.0,)))
    assert zero.resembles(Scored("a", None, (0.0,)))


@pytest.mark.parametrize(
    ("message", "details", "hidden"),
    [
        ({"content": "Hi"}, None, False),
        ({"reasoning": "Hm"}, None, True),
        ({"reasoning_content": "Hm"}, None, True),
        ({"content": "Hi"}, {"reasoning_tokens": 0}, False),
        ({"content": "Hi"}, {"reasoning_tokens": 1}, True),
    ],
)
def test_thought_hides_under_three_names(
    message: dict[str, Any], details: dict[str, int] | None, *, hidden: bool
) -> None:
    usage = {"completion_tokens_details": details}
    assert hides_thought(answer(usage=usage, **message)) is hidden


def words(number: int) -> str:
    return " ".join(["sea"] * number)


def usage(tokens: int) -> dict[str, int]:
    return {"completion_tokens": tokens}


FULL = answer(content=words(2 * CAP))


def test_an_answer_as_long_as_without_a_cap_is_judged_where_its_tokens_reach_the_cap() -> None:
    text = words(2 * CAP)
    assert list(beyond_cap(answer(content=text, usage=usage(CAP)), FULL)) == []
    with pytest.raises(NotApplicable):
        list(beyond_cap(answer(content=text, usage=usage(CAP - 1)), FULL))


def test_twice_the_cap_is_room_enough() -> None:
    for capped in (
        answer(content=words(2 * CAP), finish="length"),
        answer(content=words(1), finish="length"),
        answer(content="海", usage=usage(2 * CAP)),
    ):
        assert list(beyond_cap(capped, FULL)) == []
    for capped in (
        answer(content=words(2 * CAP + 1)),
        answer(content="海", usage=usage(2 * CAP + 1)),
    ):
        assert len(list(beyond_cap(capped, FULL))) == 1


# ------------------------------------------------------------------------------------- servers


class WrongTool(Hook):
    """Calls a tool whose name comes earlier in the alphabet than the one that is named."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        if isinstance(reply.body, dict):
            for choice in reply.body.get("choices", []):
                for made in choice.get("message", {}).get("tool_calls") or []:
                    made["function"]["name"] = "a" + made["function"]["name"]
        return reply


class OneText(Hook):
    """Takes no prompt but one text."""

    def request(self, call: Call) -> None:
        if isinstance(call.body, dict) and isinstance(call.body.get("prompt"), list):
            raise Refusal(400, "prompt must be a string", param="prompt")


class Miscounts(Hook):
    """Counts one prompt too many or too few, where a request has these bytes, or comes again."""

    def __init__(self, by: int, where: bytes | None = None) -> None:
        self._by, self._where = by, where
        self._seen: set[bytes] = set()

    def reply(self, call: Call, reply: Reply) -> Reply:
        odd = self._where in call.raw if self._where else call.raw in self._seen
        self._seen.add(call.raw)
        if odd and reply.body.get("usage"):
            reply.body["usage"]["prompt_tokens"] += self._by
        return reply


class Ends(Hook):
    """Gives one reason for every end."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def reply(self, call: Call, reply: Reply) -> Reply:
        for choice in reply.body.get("choices", []):
            choice["finish_reason"] = self._reason
        return reply


class NeverGenerates(Hook):
    """Generates nothing, and says why in this way."""

    def __init__(self, code: str | None = None, param: str | None = None) -> None:
        self._code, self._param = code, param

    def request(self, call: Call) -> None:
        if call.endpoint in {"chat", "completions"}:
            raise Refusal(404, "Not here.", code=self._code, param=self._param)


class NoIds(Hook):
    """Makes calls that have no ids."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        for choice in reply.body.get("choices", []):
            for made in choice.get("message", {}).get("tool_calls") or []:
                del made["id"]
        return reply


class FiveAtMost(Hook):
    """Gives five alternatives where more are asked for."""

    def request(self, call: Call) -> None:
        if isinstance(call.body, dict) and call.body.get("logprobs") == 6:
            call.body["logprobs"] = 5


class StreamsNothingBad(Hook):
    """Has not written yet what refuses requests for streams."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        reply.status = 501 if b'"stream": true' in call.raw else reply.status
        return reply


@pytest.mark.parametrize(
    ("rule", "hook", "verdict"),
    [
        ("usage.text-part-counts-as-text", Miscounts(1, b'"type": "text"'), Verdict.FAIL),
        ("usage.text-part-counts-as-text", Miscounts(-1, b'"type": "text"'), Verdict.FAIL),
        ("usage.chat-counts-a-prompt-alike", Miscounts(1), Verdict.FAIL),
        ("usage.chat-counts-a-prompt-alike", Miscounts(-1), Verdict.FAIL),
        ("finish.chat-length-when-cut", Ends("stop"), Verdict.FAIL),
        ("finish.chat-length-when-cut", Ends("content_filter"), Verdict.FAIL),
        ("models.listed-models-work", NeverGenerates(), Verdict.COULD_NOT_RUN),
        ("models.listed-models-work", NeverGenerates(code="a_code"), Verdict.COULD_NOT_RUN),
        ("models.listed-models-work", NeverGenerates(code="model_not_found"), Verdict.FAIL),
        ("models.listed-models-work", NeverGenerates(param="model"), Verdict.FAIL),
        ("tools.ids-are-unique", NoIds(), Verdict.NOT_APPLICABLE),
        ("completions.logprobs-above-five", FiveAtMost(), Verdict.FAIL),
        ("stream.chat-refuses-before-it-streams", StreamsNothingBad(), Verdict.FAIL),
        ("tools.named-function-is-called", WrongTool(), Verdict.FAIL),
        ("accepts.token-ids", OneText(), Verdict.UNSUPPORTED),
        ("accepts.token-id-lists", OneText(), Verdict.UNSUPPORTED),
    ],
)
def test_a_server_gets_the_verdict_it_deserves(rule: str, hook: Hook, verdict: Verdict) -> None:
    with ReferenceServer(hooks=[hook]) as server:
        report = check(Target(server.base_url), Plan([REGISTRY[rule]]))
    assert report.findings[0].verdict is verdict
