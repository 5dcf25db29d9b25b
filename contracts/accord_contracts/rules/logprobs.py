"""Log probabilities of chat, and that those of both endpoints are numbers."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from accord_contracts.ask import Ask, supported
from accord_contracts.exchange import Request
from accord_contracts.finding import need
from accord_contracts.kinds import CHAT_ANSWERS
from accord_contracts.requests import Requests
from accord_contracts.rule import MUST, QUICK, SHOULD, AsyncProblems, Problems, invariant, scenario
from accord_contracts.rules.completion_logprobs import with_logprobs
from accord_contracts.rules.usage import count, hides_thought
from accord_contracts.views import (
    MISSING,
    Answer,
    View,
    at,
    choice_text,
    is_int,
    is_number,
    items,
    members,
    show,
)

FLOOR: Final = -9999.0
"""What OpenAI says in place of minus infinity."""

ROUNDING: Final = 0.05
"""By how much twenty probabilities may sum to more than one: servers compute with 16 bits."""


def with_top(make: Requests) -> Request:
    """A chat with log probabilities, and the two likeliest tokens for each place."""
    return make.chat(logprobs=True, top_logprobs=2)


def without_top(make: Requests) -> Request:
    """A chat with log probabilities, and nothing of other tokens."""
    return make.chat(logprobs=True)


@invariant(
    "logprobs.have-the-shape-of-chat",
    MUST,
    on=CHAT_ANSWERS,
    features=["logprobs"],
    probes=[with_top],
    spec="#/components/schemas/ChatLogprobs",
    covers=["JSN-028"],
    effort=QUICK,
)
def have_the_shape_of_chat(answer: Answer) -> Problems:
    """The `logprobs` of chat are `{"content": [{"token", "logprob", "top_logprobs"}, …]}`.

    Why: the four arrays of completions are another type; clients find nothing, or fail.

    Seen: vLLM (early 2024), llama-cpp-python.

    Sources: vllm-project/vllm#3179, abetlen/llama-cpp-python#1787.

    Violation: `"logprobs": {"tokens": ["Hi"], "token_logprobs": [-0.1], …}`
    """
    for pointer, given in _given(answer):
        content = at(given, "/content")
        holds = content is None or isinstance(content, list)
        yield from answer.unless(holds, "an array or null", f"{pointer}/content")
        for number, element in enumerate(items(content)):
            expected = "a token with its logprob and an array top_logprobs"
            place = f"{pointer}/content/{number}"
            yield from answer.unless(_is_element(element), expected, place)


def _is_element(element: Any) -> bool:
    known = isinstance(at(element, "/token"), str) and is_number(at(element, "/logprob"))
    return known and isinstance(at(element, "/top_logprobs"), list)


def _given(answer: Answer) -> list[tuple[str, Any]]:
    """The `logprobs` of each choice with their pointers, where they were asked for and given.

    Raises:
        NotApplicable: there are none.
    """
    asked = answer.params.get("logprobs") is True
    given = [(f"{pointer}/logprobs", one.get("logprobs")) for pointer, one in answer.places]
    found = [(pointer, value) for pointer, value in given if asked and value is not None]
    need(found, "log probabilities, where they were asked for")
    return found


def _elements(answer: Answer) -> list[tuple[str, dict[str, Any]]]:
    """All entries for tokens with their pointers.

    Raises:
        NotApplicable: there are none.
    """
    found = [
        (f"{pointer}/content/{number}", members(element))
        for pointer, given in _given(answer)
        for number, element in enumerate(items(members(given).get("content")))
    ]
    need(found, "log probabilities of tokens")
    return found


@invariant(
    "logprobs.have-refusal",
    SHOULD,
    on=CHAT_ANSWERS,
    features=["logprobs"],
    probes=[with_top],
    spec="#/components/schemas/ChatLogprobs/properties/refusal",
    covers=["JSN-028"],
    effort=QUICK,
)
def have_refusal(answer: Answer) -> Problems:
    """The `logprobs` of chat have `refusal`: an array, or null when the model did not refuse.

    Why: clients that decode strictly by OpenAI's schema refuse an answer without it.

    Seen: llama-cpp-python.

    Sources: abetlen/llama-cpp-python#1787.

    Violation: `"logprobs": {"content": […]}`
    """
    for pointer, given in _given(answer):
        found = at(given, "/refusal")
        holds = found is None or isinstance(found, list)
        yield from answer.unless(holds, "an array or null", f"{pointer}/refusal")


@scenario(
    "logprobs.asked-for-are-given",
    SHOULD,
    endpoints=["chat"],
    features=["logprobs"],
    spec="#/components/schemas/ChatCompletionRequest/properties/logprobs",
    covers=["JSN-029"],
    effort=QUICK,
)
async def asked_for_are_given(ask: Ask) -> AsyncProblems:
    """A chat with `logprobs: true` gets log probabilities for its text, or is refused.

    Why: whoever scores texts by them finds null, and no word why.

    Seen: Ollama (2026-05).

    Sources: ollama/ollama#16117.

    Violation: `"logprobs": null`
    """
    answer = supported(await ask(with_top(ask.make)))
    need(any(answer.texts), "an answer with text")
    for pointer, choice in answer.places:
        if choice_text(choice) and not members(choice.get("logprobs")):
            found = show(choice.get("logprobs", MISSING))
            yield answer.problem("log probabilities", found, f"{pointer}/logprobs")


@invariant(
    "logprobs.are-log-probabilities",
    SHOULD,
    on=CHAT_ANSWERS,
    features=["logprobs"],
    probes=[with_top],
    spec="#/components/schemas/TokenLogprob/properties/logprob",
    covers=["JSN-029"],
    effort=QUICK,
)
def are_log_probabilities(answer: Answer) -> Problems:
    """A `logprob` is none above 0, alternatives sum to no more than 1, and -9999 is rare.

    Why: filler in place of log probabilities scores every text alike.

    Seen: DeepSeek's API (0 and -9999).

    Sources: microsoft/PyRIT#991.

    Violation: `"logprob": 0.0` for both of two alternatives.
    """
    need(not answer.params.get("logit_bias"), "an answer whose likelihood nobody has bent")
    elements = _elements(answer)
    drawn = [number for _, one in elements if is_number(number := one.get("logprob"))]
    if drawn and max(drawn) <= FLOOR:
        yield answer.problem("log probabilities", f"{max(drawn)} for every token", elements[0][0])
    for pointer, element in elements:
        likelihood = _likelihood(element.get("logprob"))
        total = sum(_likelihood(at(one, "/logprob")) for one in items(element.get("top_logprobs")))
        if max(likelihood, total) > 1 + ROUNDING:
            expected = "probabilities that sum to no more than 1"
            yield answer.problem(expected, f"{max(likelihood, total):.3g}", pointer)


def _likelihood(logprob: Any) -> float:
    """The probability that a logprob stands for; 0 for what is no number, 2 for what is none."""
    if not is_number(logprob):
        return 0.0
    return 2.0 if logprob > 1 else math.exp(max(logprob, FLOOR))


@invariant(
    "logprobs.have-bytes",
    SHOULD,
    on=CHAT_ANSWERS,
    features=["logprobs"],
    probes=[with_top],
    spec="#/components/schemas/TokenBytes",
    covers=["JSN-031"],
    effort=QUICK,
)
def have_bytes(answer: Answer) -> Problems:
    """Each token, drawn or alternative, has `bytes`: an array of integers, or null.

    Why: characters that span tokens can only be put together from bytes.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, schema `ChatCompletionTokenLogprob`.

    Violation: `{"token": "Hi", "logprob": -0.1, "top_logprobs": []}`
    """
    for pointer, element in _elements(answer):
        others = range(len(items(element.get("top_logprobs"))))
        for place in (pointer, *(f"{pointer}/top_logprobs/{number}" for number in others)):
            found = answer.at(f"{place}/bytes")
            yield from answer.unless(_is_bytes(found), "bytes, or null", f"{place}/bytes")


def _is_bytes(value: Any) -> bool:
    whole = isinstance(value, list) and all(is_int(byte) and 0 <= byte < 256 for byte in value)
    return value is None or whole


@invariant(
    "logprobs.one-per-token",
    MUST,
    on=CHAT_ANSWERS,
    features=["logprobs"],
    probes=[with_top],
    spec="#/components/schemas/ChatLogprobs/properties/content",
    covers=["JSN-032"],
    effort=QUICK,
)
def one_per_token(answer: Answer) -> Problems:
    """The log probabilities of a text have as many entries as the text has tokens.

    Why: whoever sums them up scores a part of the text only.

    Seen: Floway (only the last token), trtllm-serve (lengths differ, and the request fails).

    Sources: Menci/Floway#481, NVIDIA/TensorRT-LLM#6845.

    Violation: one entry, and `"completion_tokens": 16`.
    """
    # Only where the cap cut the text: the token that ends a text is counted by some, and shown
    # by few. Usage sums over choices, and over hidden thought.
    spent, elements = count(answer, "completion_tokens"), _elements(answer)
    need(answer.finish_reasons == ["length"], "one text that its cap cut")
    called = answer.at("/choices/0/message/tool_calls")
    need(any(answer.texts) and not items(called) and not hides_thought(answer), "plain text")
    if len(elements) != spent:
        expected = f"{spent} entries, as many as completion tokens"
        yield answer.problem(expected, str(len(elements)), "/choices/0/logprobs/content")


@invariant(
    "logprobs.no-more-alternatives-than-asked",
    SHOULD,
    on=CHAT_ANSWERS,
    features=["logprobs"],
    probes=[with_top, without_top],
    spec="#/components/schemas/TokenLogprob/properties/top_logprobs",
    covers=["JSN-028"],
)
def no_more_alternatives_than_asked(answer: Answer) -> Problems:
    """Each token has at most as many alternatives as `top_logprobs` asks for; without it none.

    Why: clients lay out a table of that many columns.

    Seen: no server that is known (vLLM had no array at all without it).

    Sources: vllm-project/vllm#4795.

    Violation: three alternatives for `"top_logprobs": 2`.
    """
    asked = answer.params.get("top_logprobs")
    most = asked if is_int(asked) else 0
    need(asked is None or is_int(asked), "a request that says how many")
    for pointer, element in _elements(answer):
        found = len(items(element.get("top_logprobs")))
        if found > most:
            place = f"{pointer}/top_logprobs"
            yield answer.problem(f"at most {most} alternatives", str(found), place)


@scenario(
    "logprobs.{endpoint}-are-finite",
    MUST,
    endpoints=["chat", "completions"],
    features=["logprobs"],
    spec="#/components/schemas/TokenLogprob/properties/logprob",
    covers=["JSN-030"],
)
async def are_finite(ask: Ask) -> AsyncProblems:
    """Log probabilities are finite JSON numbers: -9999.0 stands for minus infinity.

    Why: JSON has no infinity; an encoder fails on it (status 500), or writes what no client
    can read.

    Seen: SGLang, vLLM, Aphrodite, mlx-omni-server.

    Sources: sgl-project/sglang#5984, vllm-project/vllm#10234, vllm-project/vllm#11073,
    dphnAI/sonar#183, madroidmaq/mlx-omni-server#56.

    Violation: `500 Out of range float values are not JSON compliant`
    """
    make = with_top if ask.endpoint == "chat" else with_logprobs
    plain, scored = await ask.all(ask.make.text(ask.endpoint), make(ask.make))
    supported(plain)
    if await ask.crashes(scored):
        expected = "an answer, as for the same request without log probabilities"
        yield View(scored).problem(expected, scored.outcome, compared=(plain,))
    elif found := _not_finite(scored.body):
        offset = scored.body.find(found[0].encode())
        yield View(scored).problem("finite numbers", found[0], offset=offset)
    else:
        given = [choice.get("logprobs") for choice in supported(scored).choices]
        need(any(given), "log probabilities in the answer")


def _not_finite(body: bytes) -> list[str]:
    """The numbers in a JSON document that are not finite, as they are written there."""
    found: list[str] = []

    def note(literal: str) -> float:
        if not math.isfinite(number := float(literal)):
            found.append(literal)
        return number

    try:
        json.loads(body, parse_constant=note, parse_float=note)
    except (ValueError, RecursionError):
        return []
    return found
