"""Streams: what else holds of their course, whatever was asked for."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, Final

from accord_contracts.ask import Ask, streamed, supported
from accord_contracts.exchange import NOT_JSON, Request, parse
from accord_contracts.finding import NotApplicable, need
from accord_contracts.kinds import CHAT_STREAMS, GENERATING, STREAMS
from accord_contracts.requests import Requests
from accord_contracts.rule import (
    MAY,
    MUST,
    SHOULD,
    AsyncProblems,
    Problems,
    invariant,
    scenario,
)
from accord_contracts.rules.agreement import first_text
from accord_contracts.rules.agreement_stops import stopped
from accord_contracts.rules.chunks import REPORTING
from accord_contracts.rules.parameters import CAP, beyond_cap
from accord_contracts.rules.stream_tools import all_calls, tool_stream
from accord_contracts.rules.tools import with_named_tool, without_calls
from accord_contracts.schema import mismatches
from accord_contracts.views import Stream, items, members, show, text

SCHEMAS: Final = {"chat": "ChatCompletionChunk", "completions": "CompletionChunk"}

JUDGED_ELSEWHERE: Final = (
    *("/id", "/object", "/created", "/model", "/choices", "/choices/*/index", "/usage*"),
    *("/choices/*/delta", "/choices/*/delta/role", "/choices/*/delta/content", "/choices/*/text"),
    *("/choices/*/finish_reason", "/choices/*/delta/tool_calls*"),
)
"""Pointers that rules of their own speak about, so that nothing is reported twice."""


@invariant(
    "stream.has-choices",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/ChatCompletionChunk/properties/choices",
    covers=["STR-023"],
)
def has_choices(stream: Stream) -> Problems:
    """A stream that ends without an error has at least one chunk with a choice.

    Why: the user sees nothing at all, and the client takes it for an answer.

    Seen: vLLM (tools), GenieX: streams that end with nothing said.

    Sources: vllm-project/vllm#27572, qualcomm/GenieX#1243.

    Violation: `data: [DONE]`, and nothing before it.
    """
    need(stream.ended, "a whole stream")
    if not stream.pieces:
        events = [event.data for event in stream.exchange.events]
        yield stream.problem("a chunk with a choice", show(events), event=1)


@invariant(
    "stream.role-comes-once",
    MAY,
    on=CHAT_STREAMS,
    spec="#/components/schemas/ChatCompletionDelta/properties/role",
    covers=["STR-018"],
)
def role_comes_once(stream: Stream) -> Problems:
    """The role stands in the first delta of a choice, and in no other.

    Why: clients that add up the members of deltas get a role of "assistantassistant".

    Seen: no server that is known to send it wrong; many repeat it.

    Sources: langchain-ai/langchainjs#11157 (a client that relies on the first).

    Violation: `{"delta": {"role": "assistant", "content": "Once"}}` in every chunk.
    """
    need(any(len(pieces) > 1 for pieces in stream.pieces.values()), "a choice of several chunks")
    for pieces in stream.pieces.values():
        for piece in pieces[1:]:
            if piece.delta.get("role") is not None:
                place = f"{piece.pointer}/delta/role"
                found = show(piece.delta["role"])
                yield stream.problem(
                    "no role after the first delta", found, place, event=piece.event
                )
                break


@invariant(
    "stream.usage-is-null-before",
    MAY,
    on=STREAMS,
    probes=REPORTING,
    spec="#/components/schemas/ChatCompletionChunk/properties/usage",
    covers=["STR-029"],
)
def usage_is_null_before(stream: Stream) -> Problems:
    """Where usage is asked for, the chunks before it have `usage: null`.

    Why: it is how a client sees that usage is to come, and waits for it.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `stream_options.include_usage`.

    Violation: a chunk without the member `usage`.
    """
    asked = members(stream.params.get("stream_options")).get("include_usage") is True
    need(asked and stream.sound, "a stream that was asked for usage")
    for chunk in stream.sound:
        yield from stream.unless("usage" in chunk.fields, "null", chunk, "/usage")


@invariant(
    "stream.chunks-match-the-schema",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/ChatCompletionChunk",
)
def chunks_match_the_schema(stream: Stream) -> Problems:
    """A chunk matches its schema also in what no other rule speaks about.

    Why: a typed client decodes the whole chunk, and one member of another type ends the stream.

    Seen: no server that is known, beyond what other rules name.

    Sources: the OpenAPI description of OpenAI.

    Violation: `"system_fingerprint": 7`
    """
    need(stream.sound, "a chunk")
    schema = SCHEMAS[stream.endpoint or "chat"]
    for chunk in stream.sound:
        for pointer, message in _mismatches(chunk.fields, schema):
            expected = f"what the schema {schema} allows"
            actual = f"{show(chunk.at(pointer))} ({message})"
            yield stream.problem(expected, actual, pointer, event=chunk.event)


def _mismatches(value: Any, schema: str) -> list[tuple[str, str]]:
    try:
        found = [(one.pointer, one.message) for one in mismatches(value, schema)]
    except ValueError as error:
        raise NotApplicable(f"the schema can't be applied: {error}") from error
    return [one for one in found if not any(fnmatchcase(one[0], p) for p in JUDGED_ELSEWHERE)]


@scenario(
    "stream.{endpoint}-obfuscation-can-be-off",
    SHOULD,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/StreamOptions/properties/include_obfuscation",
)
async def obfuscation_can_be_off(ask: Ask) -> AsyncProblems:
    """With `include_obfuscation: false` no chunk has the padding `obfuscation`.

    Why: it is asked for where every byte on the line counts.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `stream_options.include_obfuscation`.

    Violation: `{"choices": […], "obfuscation": "x8Fk2"}`
    """
    options = {"include_obfuscation": False}
    stream = streamed(await ask.text(stream=True, stream_options=options))
    for chunk in stream.sound:
        holds = not chunk.fields.get("obfuscation")
        for problem in stream.unless(holds, "no padding", chunk, "/obfuscation"):
            yield problem


@scenario(
    "{endpoint}.max-tokens-caps-streams",
    MUST,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/CompletionRequest/properties/max_tokens",
    covers=["REQ-002"],
)
async def max_tokens_caps_streams(ask: Ask) -> AsyncProblems:
    """`max_tokens` caps a stream as well.

    Why: a cap that holds for whole answers alone does not bound what streams cost.

    Seen: vLLM-Omni.

    Sources: vllm-project/vllm-omni#445.

    Violation: a paragraph, streamed, in answer to `max_tokens: 3`.
    """
    full, capped = await ask.all(
        ask.make.text(ask.endpoint), ask.make.text(ask.endpoint, stream=True, max_tokens=CAP)
    )
    for problem in beyond_cap(streamed(capped), supported(full)):
        yield problem


@scenario(
    "agreement.{endpoint}-stops-for-the-same-reason",
    MUST,
    endpoints=GENERATING,
    features=["stream", "stop"],
    spec="#/components/schemas/ChatFinishReason",
    covers=["JSN-016", "STR-045"],
)
async def stops_for_the_same_reason(ask: Ask) -> AsyncProblems:
    """A stream that a stop sequence ended has the finish reason of the JSON answer.

    Why: clients take a stream that ends with `length` for cut, and ask for what follows.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `finish_reason`.

    Violation: `"finish_reason": "length"` in the stream, `"stop"` in the JSON answer.
    """
    _, answer, stream = await stopped(ask)
    need(first_text(stream) == first_text(answer), "a stream that ends where the answer does")
    if stream.finish_reasons != answer.finish_reasons:
        expected = f"{show(answer.finish_reasons)}, as in the JSON answer"
        found = show(stream.finish_reasons)
        yield stream.problem(expected, found, compared=(answer.exchange,))


# --------------------------------------------------------------------------------------- tools


def _streaming(make: Requests, request: Request) -> Request:
    """The same request, as a stream."""
    return make.varied("chat", {**request.params, "stream": True})


@scenario(
    "stream.none-makes-no-call",
    MUST,
    endpoints=["chat"],
    features=["stream", "tools"],
    spec="#/components/schemas/ToolChoiceMode",
    covers=["JSN-042"],
)
async def none_makes_no_call(ask: Ask) -> AsyncProblems:
    """With `tool_choice: "none"` a stream calls no tool.

    Why: it is how a client ends a chain of calls, to have the results put into words.

    Seen: LiteRT-LM, mlx-vlm, ayunis-core.

    Sources: google-ai-edge/LiteRT-LM#2471, Blaizzy/mlx-vlm#1045, ayunis-core/ayunis-core#705.

    Violation: `{"delta": {"tool_calls": [{"index": 0, "id": "call_1", …}]}}`
    """
    stream = streamed(await ask(_streaming(ask.make, without_calls(ask.make))))
    for pieces in stream.pieces.values():
        for piece in pieces:
            if calls := items(piece.delta.get("tool_calls")):
                place = f"{piece.pointer}/delta/tool_calls"
                yield stream.problem("no tool call", show(calls), place, event=piece.event)


@scenario(
    "stream.named-function-is-called",
    SHOULD,
    endpoints=["chat"],
    features=["stream", "tools"],
    spec="#/components/schemas/ToolChoiceFunction",
    covers=["JSN-041"],
)
async def named_function_is_called(ask: Ask) -> AsyncProblems:
    """With a function named in `tool_choice` a stream calls it and no other, or is refused.

    Why: frameworks get structured output by it, and read the arguments without looking.

    Seen: LiteRT-LM, mlx-vlm (the choice is read as `auto`).

    Sources: google-ai-edge/LiteRT-LM#2471, Blaizzy/mlx-vlm#1045.

    Violation: a call of `get_weather` where `tool_choice` names `get_time`.
    """
    named = with_named_tool(ask.make)
    wanted = named.params["tool_choice"]["function"]["name"]
    stream = streamed(await ask(_streaming(ask.make, named)))
    need("length" not in stream.finish_reasons, "a stream that its cap did not cut")
    deltas = [piece.delta for pieces in stream.pieces.values() for piece in pieces]
    entries = [members(entry) for delta in deltas for entry in items(delta.get("tool_calls"))]
    names = [name for e in entries if (name := text(members(e.get("function")).get("name")))]
    if set(names) != {wanted}:
        yield stream.problem(f"calls of {show(wanted)} alone", show(names or "no call"))


@invariant(
    "stream.tool-arguments-join",
    SHOULD,
    on=CHAT_STREAMS,
    probes=[tool_stream],
    features=["tools"],
    spec="#/components/schemas/FunctionCallDelta/properties/arguments",
    covers=["STR-050"],
)
def tool_arguments_join(stream: Stream) -> Problems:
    """The fragments of a call's arguments, joined, are JSON, where the call came to its end.

    Why: clients parse them as soon as the finish reason is there.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI; it does not promise that models write JSON.

    Violation: `{"city": "Paris"` and `{"city": "Paris"}` as two fragments of one call.
    """
    need(stream.ended and "length" not in stream.finish_reasons, "a stream that no cap cut")
    for call in all_calls(stream):
        joined = "".join(text(fragment.function.get("arguments")) for fragment in call)
        if joined and parse(joined) is NOT_JSON:
            place, event = call[-1].piece.pointer, call[-1].piece.event
            yield stream.problem("JSON", show(joined), f"{place}/delta/tool_calls", event=event)
