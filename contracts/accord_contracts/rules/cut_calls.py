"""Tool calls that the token cap cuts off: nobody must take them for whole."""

from __future__ import annotations

from typing import Any, Final

from accord_contracts.ask import Ask, streamed, supported
from accord_contracts.exchange import Request
from accord_contracts.finding import need
from accord_contracts.requests import Requests
from accord_contracts.rule import MUST, THOROUGH, AsyncProblems, scenario
from accord_contracts.rules.stream_tools import INSIDE, ORDER, TOOLS, calls
from accord_contracts.rules.tools import SECOND_TOOL
from accord_contracts.views import Answer, Stream, at, items, show, text

NAMED: Final = {"type": "function", "function": {"name": SECOND_TOOL}}
"""The choice of one tool: some servers know this one, and not `required`."""

AMPLE: Final = 128
"""A cap that a call of one short argument does not reach."""

EXPECTED: Final = '"length", because with a higher cap the arguments go on'


def _calling(make: Requests, cap: int, **params: Any) -> Request:
    """A chat that has to call a tool, with a cap."""
    return make.capped("chat", cap, ORDER, tools=TOOLS, tool_choice=NAMED, **params)


def _cut(shorter: str, longer: str) -> bool:
    """Whether arguments have begun, and are the beginning of others.

    Then they are no whole JSON object, whether or not the server repeats itself.
    """
    return bool(shorter) and longer.startswith(shorter) and len(longer) > len(shorter)


@scenario(
    "tools.cut-call-ends-with-length",
    MUST,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/ChatFinishReason",
    covers=["JSN-014"],
    effort=THOROUGH,
)
async def cut_call_ends_with_length(ask: Ask) -> AsyncProblems:
    """A tool call that the token cap cut off ends with `length`, and not as a call that is whole.

    Why: clients call the function as soon as the reason is `tool_calls`, and fail at half a JSON
    document; or call it with what a lenient parser makes of it.

    Seen: llama-cpp-python.

    Sources: found by `accord fuzz`; the OpenAPI description of OpenAI: `length` if the maximum
    number of tokens was reached.

    Violation: arguments that end after the first word, with `"finish_reason": "tool_calls"`
    """
    longer = supported(await ask(_calling(ask.make, AMPLE)))
    answers = [supported(await ask(_calling(ask.make, cap))) for cap in INSIDE]
    cut = [answer for answer in answers if _cut(_arguments(answer), _arguments(longer))]
    need(cut, "a call that the cap cut")
    for answer in cut:
        reason = answer.at("/choices/0/finish_reason")
        if reason != "length":
            place = "/choices/0/finish_reason"
            yield answer.problem(EXPECTED, show(reason), place, compared=(longer.exchange,))
            return


def _arguments(answer: Answer) -> str:
    """The arguments of the first call."""
    called = items(answer.at("/choices/0/message/tool_calls"))
    return text(at(called[0], "/function/arguments")) if called else ""


@scenario(
    "stream.cut-call-ends-with-length",
    MUST,
    endpoints=["chat"],
    features=["stream", "tools"],
    spec="#/components/schemas/ChatFinishReason",
    covers=["STR-040"],
    effort=THOROUGH,
)
async def streamed_cut_call_ends_with_length(ask: Ask) -> AsyncProblems:
    """A streamed tool call that the token cap cut off ends with `length`.

    Why: clients call the function as soon as the reason is `tool_calls`, and fail at half a JSON
    document.

    Seen: llama-cpp-python.

    Sources: found by `accord fuzz`; the OpenAPI description of OpenAI: `length` if the maximum
    number of tokens was reached.

    Violation: fragments that end after the first word, and `"finish_reason": "tool_calls"`
    """
    longer = streamed(await ask(_calling(ask.make, AMPLE, stream=True)))
    asked = [_calling(ask.make, cap, stream=True) for cap in INSIDE]
    streams = [streamed(await ask(request)) for request in asked]
    cut = [stream for stream in streams if _cut(_joined(stream), _joined(longer))]
    need(cut, "a call that the cap cut")
    for stream in cut:
        if "length" not in stream.finish_reasons:
            reason = show(stream.finish_reasons[0])
            yield stream.problem(EXPECTED, reason, compared=(longer.exchange,))
            return


def _joined(stream: Stream) -> str:
    """The arguments of the first call, joined."""
    called = next(
        (call for pieces in stream.pieces.values() for call in calls(pieces).values()), ()
    )
    return "".join(text(fragment.function.get("arguments")) for fragment in called)
