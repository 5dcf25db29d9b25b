"""What the rules on acceptance, parameters and completions take for right: the odd and legal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_contracts import rules
from accord_contracts.engine import judge_exchange
from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import Finding, NotApplicable, Verdict
from accord_contracts.requests import JSON_TYPE, encode
from accord_contracts.rule import REGISTRY, Invariant, Scenario
from accord_contracts.rules.parameters import beyond_cap
from accord_contracts.rules.stops import Cut
from accord_contracts.run import Plan, check
from accord_contracts.server import Call, Hook, ReferenceServer, Refusal, Reply
from accord_contracts.target import Target
from accord_contracts.views import Answer

PASS, FAIL, UNSEEN = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE
MODULES = (
    "accepting",  # of the rules that `accepted` makes
    "completion_logprobs",
    "completions",
    "parameters",
    "prompts",
    "stops",
)
MINE = [
    rule
    for rule in rules.ALL
    if isinstance(rule, Invariant | Scenario)
    and rule.check.__module__.rpartition(".")[2] in MODULES
]


def answer_of(choice: Any, **params: Any) -> Exchange:
    request = Request("POST", "/completions", encode({"model": "m", **params}), (JSON_TYPE,))
    body = encode({"id": "cmpl-1", "choices": [choice]})
    return Exchange(request, 1, 200, (JSON_TYPE,), body)


def scored(text: str, tokens: list[Any], offsets: list[Any], **params: Any) -> Exchange:
    arrays = {
        "tokens": tokens,
        "token_logprobs": [-0.5] * len(tokens),
        "top_logprobs": [{"a": -0.5}] * len(tokens),
        "text_offset": offsets,
    }
    return answer_of({"text": text, "logprobs": arrays}, **{"logprobs": 1, **params})


FOUR = "completions.logprobs-are-four-arrays"
OFFSETS = "completions.text-offset-counts-characters"
TEXT = "completions.choices-have-text"


@pytest.mark.parametrize(
    ("rule", "judged", "expected"),
    [
        (TEXT, answer_of({"text": ""}), PASS),
        (TEXT, answer_of({"text": "Hi", "message": None}), PASS),
        (TEXT, answer_of({"text": None}), FAIL),
        (TEXT, answer_of({"text": "Hi", "message": {"content": "Hi"}}), FAIL),
        (TEXT, answer_of("Hi"), FAIL),
        (FOUR, scored("Hi", ["Hi"], [0]), PASS),
        (FOUR, scored("", [], []), UNSEEN),
        (FOUR, scored("Hi", [], []), FAIL),
        (FOUR, scored("Hi", ["H", "i"], [0]), FAIL),
        (FOUR, answer_of({"text": "Hi", "logprobs": None}, logprobs=2), FAIL),
        (FOUR, answer_of({"text": "Hi", "logprobs": None}, logprobs=0), UNSEEN),
        (FOUR, answer_of({"text": "Hi", "logprobs": None}, logprobs=-1), UNSEEN),
        (FOUR, answer_of({"text": "Hi", "logprobs": None}, logprobs=True), UNSEEN),
        (FOUR, answer_of({"text": "Hi", "logprobs": None}), UNSEEN),
        # Offsets: from 0, or from behind the prompt.
        (OFFSETS, scored("café!", ["café", "!"], [0, 4]), PASS),
        (OFFSETS, scored("café!", ["café", "!"], [30, 34]), PASS),
        (OFFSETS, scored("café!", ["café", "!"], [0, 5]), FAIL),
        (OFFSETS, scored("café!", ["café", "!"], [0, 0]), FAIL),
        # Tokens that do not make up the text: part of a character, a special token.
        (OFFSETS, scored("é!", ["bytes:\\xc3", "bytes:\\xa9", "!"], [0, 0, 1]), PASS),
        (OFFSETS, scored("é!", ["bytes:\\xc3", "bytes:\\xa9", "!"], [0, 1, 0]), FAIL),
        (OFFSETS, scored("é!", ["bytes:\\xc3", "bytes:\\xa9", "!"], [0, 10, 20]), FAIL),
        (OFFSETS, scored("Hi", ["<s>", "Hi"], [0, 0]), PASS),
        # The server trims the text, or ends it with a token that is none.
        (OFFSETS, scored("Hi you", [" Hi", " you"], [0, 3]), PASS),
        (OFFSETS, scored("Hi", ["Hi", "</s>"], [0, 2]), PASS),
        # An emoji is one character, or two where strings are UTF-16.
        (OFFSETS, scored("🎉!", ["🎉", "!"], [0, 1]), PASS),
        (OFFSETS, scored("🎉!", ["🎉", "!"], [0, 2]), PASS),
        # The tokens of a stop sequence are no part of the text.
        (OFFSETS, scored("Hi", ["Hi", " stop"], [0, 9], stop=" stop"), UNSEEN),
        (OFFSETS, scored("Hi", ["Hi"], [None]), UNSEEN),
        (OFFSETS, scored("Hi", ["H", "i"], [0]), UNSEEN),
    ],
)
def test_the_borders_of_the_invariants(rule: str, judged: Exchange, expected: Verdict) -> None:
    [finding] = judge_exchange([REGISTRY[rule]], judged)
    assert finding.verdict == expected, finding.message


@given(st.text("ab ,.\néш東🎉", min_size=1), st.sampled_from([Cut.at_word, Cut.at_seam]))
def test_a_cut_tells_right_from_wrong(text: str, at: Callable[[str], Cut | None]) -> None:
    cut = at(text)
    if cut is None:
        return
    assert text.find(cut.stop) == len(cut.before)
    right, ignored, returned = cut.before, text, cut.before + cut.stop
    assert cut.stopped(right)
    assert cut.stopped(right.rstrip())
    assert not cut.shown(right)
    assert not cut.went_on(right)
    assert cut.went_on(ignored)
    assert cut.shown(returned) == cut.stop
    assert not cut.went_on(returned)
    assert cut.shown(returned[:-1]) == cut.stop[:-1].rstrip()


def test_texts_of_one_word_cannot_be_cut() -> None:
    assert Cut.at_word("a") is None
    assert Cut.at_word("  word") == Cut("  w", "or")
    assert Cut.at_seam("word") is None


def capped(text: str, *, finish: str = "stop", tokens: Any = None) -> Answer:
    body = {
        "choices": [{"text": text, "finish_reason": finish}],
        "usage": {"completion_tokens": tokens},
    }
    request = Request("POST", "/completions", encode({"max_tokens": 3}), (JSON_TYPE,))
    return Answer(Exchange(request, 1, 200, (JSON_TYPE,), encode(body)))


FULL = capped("The sea is wide and the sky is high above it.", tokens=12)


@pytest.mark.parametrize(
    "answer",
    [
        capped("The sea is", finish="length", tokens=3),
        capped("The sea is", tokens=4),
        capped("antidisestablishmentarianism", finish="length"),
        capped("海はとても広くて", finish="length"),
        capped("", finish="length", tokens=3),
    ],
)
def test_a_capped_answer_is_within_its_cap(answer: Answer) -> None:
    assert list(beyond_cap(answer, FULL)) == []


@pytest.mark.parametrize("answer", [FULL, capped("海はとても広くて空は高い", tokens=12)])
def test_an_answer_beyond_its_cap_is_seen(answer: Answer) -> None:
    assert len(list(beyond_cap(answer, FULL))) == 1


def test_an_answer_too_short_for_its_cap_proves_nothing() -> None:
    with pytest.raises(NotApplicable):
        list(beyond_cap(capped("Hi"), capped("Hi")))


# ------------------------------------------------------------- whole servers, odd and legal


def body_of(call: Call) -> dict[str, Any]:
    return call.body if isinstance(call.body, dict) else {}


@dataclass
class Refuses(Hook):
    """Refuses requests that set one of some parameters to anything but its default."""

    names: tuple[str, ...]

    def request(self, call: Call) -> None:
        defaults: list[Any] = [None, False, 0, 1, {}]
        for name in self.names:
            if body_of(call).get(name) not in defaults:
                raise Refusal(400, f"{name} is not supported", param=name)


class ChatsOnly(Hook):
    """Refuses its model on `/completions`, as OpenAI does."""

    def request(self, call: Call) -> None:
        if call.endpoint == "completions":
            raise Refusal(404, "This is a chat model", param="model")


class NoSystem(Hook):
    """Has a chat template without system messages."""

    def request(self, call: Call) -> None:
        roles = [message.get("role") for message in body_of(call).get("messages", [])]
        if {"system", "developer"} & set(roles):
            raise Refusal(400, "System role not supported")


class Varies(Hook):
    """Never says the same twice."""

    def request(self, call: Call) -> None:
        body_of(call).pop("seed", None)
        if call.body:
            call.body["temperature"] = 2


@dataclass
class Says(Hook):
    """Edits the text of every answer, where nothing else depends on it."""

    edit: Callable[[str], str]

    def reply(self, call: Call, reply: Reply) -> Reply:
        if isinstance(reply.body, dict) and not {"echo", "logprobs"} & body_of(call).keys():
            for choice in reply.body.get("choices", []):
                holder = choice.get("message", choice)
                key = "text" if "text" in choice else "content"
                holder[key] = self.edit(holder[key] or "")
        return reply


class Overloaded(Hook):
    """Is busy, except for the plainest requests."""

    def request(self, call: Call) -> None:
        plain = {"model", "prompt", "messages", "max_tokens", "temperature", "seed"}
        if not body_of(call).keys() <= plain:
            raise Refusal(503, "Overloaded", type="server_error")


ODD = {
    "refuses all that is optional": Refuses(
        ("n", "best_of", "echo", "suffix", "logprobs", "logit_bias", "stop", "tools", "seed")
    ),
    "refuses sampling": Refuses(("temperature", "top_p", "frequency_penalty")),
    "only chats": ChatsOnly(),
    "has no system role": NoSystem(),
    "varies": Varies(),
    "trims": Says(str.strip),
    "says one word": Says(lambda text: text.strip().partition(" ")[0]),
    "says nothing": Says(lambda text: text[:0]),
    "is busy": Overloaded(),
}


def judge(hook: Hook, pattern: str = "*") -> tuple[Finding, ...]:
    chosen = [rule for rule in MINE if fnmatchcase(rule.id, pattern)]
    with ReferenceServer(hooks=[hook]) as server:
        return check(Target(server.base_url), Plan(chosen)).findings


@pytest.mark.parametrize("hook", ODD.values(), ids=ODD)
def test_odd_servers_are_not_blamed(hook: Hook) -> None:
    bad = {Verdict.FAIL, Verdict.HARNESS_ERROR}
    assert {f.rule.id: f.message for f in judge(hook) if f.verdict in bad} == {}


@pytest.mark.parametrize(
    ("odd", "pattern", "verdict"),
    [
        ("only chats", "accepts.completions-*", Verdict.UNSUPPORTED),
        ("only chats", "completions.endpoint-exists", UNSEEN),
        ("has no system role", "accepts.developer-role", Verdict.UNSUPPORTED),
        ("varies", "*.stop-is-honoured", UNSEEN),
        ("says nothing", "*.stop-is-honoured", UNSEEN),
        ("is busy", "accepts.chat-null-stop", Verdict.COULD_NOT_RUN),
        ("refuses all that is optional", "*.logit-bias-is-read", Verdict.UNSUPPORTED),
    ],
)
def test_what_an_odd_server_cannot_show_is_said(odd: str, pattern: str, verdict: Verdict) -> None:
    assert {finding.verdict for finding in judge(ODD[odd], pattern)} == {verdict}


def test_one_failure_that_does_not_come_back_is_no_fault() -> None:
    class Stumbles(Hook):
        stumbled = False

        def request(self, call: Call) -> None:
            if "stop" in body_of(call) and not self.stumbled:
                self.stumbled = True
                raise Refusal(500, "Oh no", type="server_error")

    rule = REGISTRY["accepts.chat-null-stop"]
    with ReferenceServer(hooks=[Stumbles()]) as server:
        [finding] = check(Target(server.base_url), Plan([rule])).findings
    assert finding.verdict is Verdict.COULD_NOT_RUN
