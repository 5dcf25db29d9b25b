"""Streams: their course, from the role to `[DONE]`, as clients follow it for each choice.

role -> content … -> exactly one finish reason -> (usage) -> [DONE] -> the end
"""

from __future__ import annotations

from typing import Any, Final

from accord_contracts.ask import Ask, considered, refused, streamed
from accord_contracts.exchange import DONE, Exchange, Request
from accord_contracts.finding import need
from accord_contracts.kinds import CHAT_STREAMS, GENERATING, STREAM_REQUESTS, STREAMS
from accord_contracts.requests import SEVERAL, Requests
from accord_contracts.rule import (
    MAY,
    MUST,
    QUICK,
    SHOULD,
    AsyncProblems,
    Problems,
    invariant,
    scenario,
)
from accord_contracts.views import Piece, Stream, members, show

PROMPTS: Final = ("The sea is", "A garden has")
"""Two prompts for one request."""


def chat_of_several(make: Requests) -> Request:
    """A streamed chat with several choices."""
    return make.chat(stream=True, n=SEVERAL)


@invariant(
    "stream.comes-when-asked-for",
    MUST,
    on=STREAM_REQUESTS,
    spec="#/components/schemas/Stream",
    covers=["STR-002"],
)
def comes_when_asked_for(stream: Stream) -> Problems:
    """A request with `stream: true` is answered by events, or refused.

    Why: clients read the one JSON document as a stream without events: an empty answer, or a
    wait for nothing.

    Seen: switchboard, LMDeploy (with tools), self-hosted proxies.

    Sources: sankalp-happy/switchboard#22, tinyhumansai/tinyagents#56, InternLM/lmdeploy#2552,
    NousResearch/hermes-agent#21522.

    Violation: `200` with `{"object": "chat.completion", …}`
    """
    exchange = stream.exchange
    need(exchange.failure is None and not exchange.request.abandons, "an answer read to its end")
    if STREAMS.see(exchange) is None or not (exchange.events or exchange.event_error):
        yield stream.problem("an event stream", exchange.outcome)


@invariant(
    "stream.opens-with-the-role",
    MUST,
    on=CHAT_STREAMS,
    spec="#/components/schemas/ChatCompletionDelta/properties/role",
    covers=["STR-005", "STR-016"],
)
def opens_with_the_role(stream: Stream) -> Problems:
    """The first chunk of a chat answer has `delta.role: "assistant"`.

    Why: accumulators make the message out of the first delta; without a role it can't be sent
    back as part of the conversation.

    Seen: LangWatch gateway, TensorZero, OmniRoute, Open WebUI, oMLX (a keep-alive in its place).

    Sources: langwatch/langwatch#6196, tensorzero/tensorzero#1265, diegosouzapw/OmniRoute#3911,
    open-webui/open-webui#23917, langchain-ai/langchainjs#11157, jundot/omlx#1479.

    Violation: `{"delta": {"content": "Once"}}` as the first chunk.
    """
    openings = _openings(stream)
    need(openings, "a chunk with a choice")
    yield from _without_role(stream, openings[:1])


@invariant(
    "stream.every-choice-opens-with-the-role",
    SHOULD,
    on=CHAT_STREAMS,
    probes=[chat_of_several],
    spec="#/components/schemas/ChatCompletionDelta/properties/role",
    covers=["STR-017"],
    effort=QUICK,
)
def every_choice_opens_with_the_role(stream: Stream) -> Problems:
    """With several choices, the first chunk of each has `delta.role: "assistant"`.

    Why: accumulators keep a message for each index; those after the first have no role.

    Seen: LangWatch gateway, openai_trtllm.

    Sources: langwatch/langwatch#6214, npuichigo/openai_trtllm#48.

    Violation: with `n: 2`, one role chunk, for index 0.
    """
    openings = _openings(stream)
    need(len(openings) > 1, "a stream with several choices")
    yield from _without_role(stream, openings[1:])


def _openings(stream: Stream) -> list[Piece]:
    """The first piece of each choice, in the order of the stream."""
    firsts = (pieces[0] for pieces in stream.pieces.values())
    return sorted(firsts, key=lambda piece: (piece.event, piece.position))


def _without_role(stream: Stream, openings: list[Piece]) -> Problems:
    for piece in openings:
        if piece.delta.get("role") != "assistant":
            yield stream.problem(
                'the role "assistant" in the first delta of a choice',
                show(piece.choice.get("delta")),
                f"{piece.pointer}/delta/role",
                event=piece.event,
            )


@invariant(
    "stream.role-comes-with-text",
    MAY,
    on=CHAT_STREAMS,
    spec="#/components/schemas/ChatCompletionDelta/properties/content",
    covers=["STR-019"],
)
def role_comes_with_text(stream: Stream) -> Problems:
    """The chunk with the role has `content: ""` or none, not null, unless tools may be called.

    Why: clients that start their text with the first content start it with a null.

    Seen: llama.cpp.

    Sources: darshi1337/apogee#139, ggml-org/llama.cpp#14268.

    Violation: `{"delta": {"role": "assistant", "content": null}}`
    """
    need(not stream.params.keys() & {"tools", "functions"}, "a chat without tools")
    need(stream.ended, "a whole stream, which shows whether the answer is a refusal")
    told = [f for f in stream.pieces.values() if not any(p.delta.get("refusal") for p in f)]
    pieces = [piece for found in told for piece in found if "role" in piece.delta]
    need(pieces, "a chunk with a role, and no refusal")
    for piece in pieces:
        if piece.delta.get("content", "") is None:
            place = f"{piece.pointer}/delta/content"
            yield stream.problem("a string, or no key", "null", place, event=piece.event)


@invariant(
    "stream.every-choice-finishes",
    MUST,
    on=STREAMS,
    probes=[*STREAMS.probes, chat_of_several],
    spec="#/components/schemas/ChatCompletionChunkChoice/properties/finish_reason",
    covers=["STR-023", "STR-025", "TXT-005"],
    effort=QUICK,
)
def every_choice_finishes(stream: Stream) -> Problems:
    """Every choice of a stream gets a finish reason before the stream ends.

    Why: without one, clients can't tell a whole answer from one that was cut off; several
    report an error.

    Seen: SGLang (with `n`: only the last), vLLM (tools), OpenCode Zen, GenieX, LiteLLM
    (logprobs), ai00.

    Sources: sgl-project/sglang#4550, sgl-project/sglang#8417, vllm-project/vllm#27572,
    anomalyco/opencode#43882, qualcomm/GenieX#1243, BerriAI/litellm#10686,
    Ai00-X/ai00_server#169.

    Violation: the last chunk before `[DONE]` has `finish_reason: null`.
    """
    need(stream.ended and stream.pieces, "a whole stream with a choice")
    for index, pieces in stream.pieces.items():
        if not any(piece.finish_reason for piece in pieces):
            yield stream.problem(
                f"a finish reason for the choice with index {index}",
                f"{show(pieces[-1].finish_reason)} in its last chunk",
                f"{pieces[-1].pointer}/finish_reason",
                event=pieces[-1].event,
            )


@invariant(
    "stream.each-choice-finishes-once",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/ChatCompletionChunkChoice/properties/finish_reason",
    covers=["STR-024", "TXT-019", "TXT-020"],
)
def each_choice_finishes_once(stream: Stream) -> Problems:
    """Exactly one chunk of a choice has a finish reason; those before it have null.

    Why: clients end the answer at the first, and end it again at the second: tools run twice,
    callbacks fire twice.

    Seen: SGLang, vLLM (2024).

    Sources: sgl-project/sglang#8417, vllm-project/vllm#2267, vllm-project/vllm#3450,
    openai/openai-openapi#100.

    Violation: `"finish_reason": "stop"` in two chunks with `"index": 0`.
    """
    need(any(_finishes(pieces) for pieces in stream.pieces.values()), "a finish reason")
    for index, pieces in stream.pieces.items():
        for piece in _finishes(pieces)[1:]:
            yield stream.problem(
                f"no second finish reason for index {index}",
                show(piece.finish_reason),
                f"{piece.pointer}/finish_reason",
                event=piece.event,
            )


def _finishes(pieces: list[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece.finish_reason]


@invariant(
    "stream.nothing-after-the-finish",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/ChatCompletionChunkChoice/properties/finish_reason",
    covers=["STR-022", "STR-027"],
)
def nothing_after_the_finish(stream: Stream) -> Problems:
    """After its finish reason, a choice says nothing more: neither text nor tool calls.

    Why: clients stop reading a choice at its finish reason, and lose what follows.

    Seen: SenseNova, OpenRouter, LiteLLM (2023), one-api (Gemini), Open WebUI.

    Sources: anomalyco/opencode#43040, anomalyco/opencode#49167, end-4/dots-hyprland#1329,
    BerriAI/litellm#376, songquanpeng/one-api#1477, open-webui/open-webui#16377.

    Violation: `"finish_reason": "stop"` in each chunk, or in front of the last text.
    """
    need(any(_finishes(pieces) for pieces in stream.pieces.values()), "a finish reason")
    for index, pieces in stream.pieces.items():
        finished = False
        for piece in pieces:
            if finished and _says_something(piece):
                yield stream.problem(
                    f"nothing more for index {index} after its finish reason",
                    show(piece.choice),
                    piece.pointer,
                    event=piece.event,
                )
            finished = finished or bool(piece.finish_reason)


def _says_something(piece: Piece) -> bool:
    return bool(piece.text or piece.delta.get("tool_calls"))


@invariant(
    "stream.finish-chunk-says-nothing",
    MAY,
    on=CHAT_STREAMS,
    spec="#/components/schemas/ChatCompletionChunkChoice/properties/delta",
    covers=["STR-026"],
)
def finish_chunk_says_nothing(stream: Stream) -> Problems:
    """The chunk with a chat choice's finish reason has an empty delta.

    Why: clients that look at the finish reason first lose the last token.

    Seen: vLLM.

    Sources: vllm-project/vllm#35705, vllm-project/vllm#36944.

    Violation: `{"delta": {"content": " end."}, "finish_reason": "stop"}`
    """
    finishes = [piece for pieces in stream.pieces.values() for piece in _finishes(pieces)]
    need(finishes, "a finish reason")
    for piece in finishes:
        if _says_something(piece):
            place = f"{piece.pointer}/delta"
            yield stream.problem("an empty delta", show(piece.delta), place, event=piece.event)


@invariant(
    "stream.ends-with-done",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/Stream",
    covers=["STR-003"],
)
def ends_with_done(stream: Stream) -> Problems:
    """A stream ends with the event `data: [DONE]`.

    Why: clients that wait for it hang, or report a cut stream.

    Seen: ik_llama.cpp, text-generation-webui, TGI (to 2024-07), MLC-LLM, gpt4free, minimind,
    Qianfan.

    Sources: ikawrakow/ik_llama.cpp#467, oobabooga/textgen#4778,
    huggingface/text-generation-inference#2221, mlc-ai/mlc-llm#1300, xtekky/gpt4free#1845,
    jingyaogong/minimind#738, baidubce/bce-qianfan-sdk#457.

    Violation: the connection ends after the chunk with `finish_reason`.
    """
    need(stream.ended, "a whole stream")
    events = stream.exchange.events
    if stream.done is None:
        last = show(events[-1].data)
        yield stream.problem(f"`data: {DONE}` as the last event", last, event=len(events))


@invariant(
    "stream.nothing-after-done",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/Stream",
    covers=["STR-031"],
)
def nothing_after_done(stream: Stream) -> Problems:
    """`data: [DONE]` is the last event, and there is one.

    Why: clients close the connection there, and never see usage or errors behind it.

    Seen: no server that is known.

    Sources: OpenAI's API reference on `stream`.

    Violation: a usage chunk after `[DONE]`.
    """
    need(stream.done is not None, "an event with [DONE]")
    events = stream.exchange.events
    for number, event in enumerate(events[stream.done :], (stream.done or 0) + 1):
        yield stream.problem(f"no event after {DONE}", show(event.data), event=number)


@scenario(
    "stream.{endpoint}-honours-n",
    MUST,
    endpoints=GENERATING,
    features=["stream", "n"],
    spec="#/components/schemas/ChoiceCount",
    covers=["STR-025"],
)
async def honours_n(ask: Ask) -> AsyncProblems:
    """With `n` above 1, a stream carries that many choices, told apart by `index`.

    Why: a client that asked for two choices and reads one index gets one mixed text.

    Seen: SGLang.

    Sources: sgl-project/sglang#8417.

    Violation: all chunks of a stream with `n: 3` have `index: 0`.
    """
    stream = streamed(await ask.text(stream=True, n=SEVERAL))
    expected = list(range(SEVERAL))
    if list(stream.pieces) != expected:
        yield stream.problem(f"chunks for the indexes {expected}", f"{list(stream.pieces)}")


@scenario(
    "stream.completions-honours-prompts",
    MUST,
    endpoints=["completions"],
    features=["stream", "prompts"],
    spec="#/components/schemas/Prompt",
    covers=["TXT-005"],
)
async def honours_prompts(ask: Ask) -> AsyncProblems:
    """With several prompts, a completions stream carries an index for each.

    Why: batch jobs take the text of one prompt for that of all, or get two texts in one.

    Seen: ai00.

    Sources: Ai00-X/ai00_server#169, huggingface/text-generation-inference#1702.

    Violation: two prompts, and all chunks have `index: 0`.
    """
    stream = streamed(await ask.completion(list(PROMPTS), stream=True))
    if list(stream.pieces) != [0, 1]:
        yield stream.problem("chunks for the indexes 0 and 1", f"indexes {list(stream.pieces)}")


@scenario(
    "stream.{endpoint}-refuses-before-it-streams",
    MUST,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/responses/BadRequest",
    covers=["STR-037"],
)
async def refuses_before_it_streams(ask: Ask) -> AsyncProblems:
    """A bad request with `stream: true` gets the 4xx and the JSON body that it gets without.

    Why: clients look at the status first; a 200 with an error event, or without any event, is
    an answer to them.

    Seen: llama.cpp, SGLang, vLLM (some paths), TGI 2.4.0, LiteLLM.

    Sources: ggml-org/llama.cpp#14566, sgl-project/sglang#20027, vllm-project/vllm#21052,
    BerriAI/litellm#32237, huggingface/text-generation-inference#2749.

    Violation: `200`, `content-type: text/event-stream`, `data: {"error": {…}}`
    """
    plain = _mistakes(ask.make, ask.endpoint)
    streams = _mistakes(ask.make, ask.endpoint, stream=True)
    answers = await ask.all(*plain, *streams)
    pairs = list(zip(answers[: len(plain)], answers[len(plain) :], strict=True))
    need(any(refused(bad) for bad, _ in pairs), "a bad request that is refused without a stream")
    for bad, streaming in pairs:
        if refused(bad) and not _refused_in_json(considered(streaming)):
            yield Stream(streaming).problem(
                f"{bad.status} and a JSON body, as without `stream`",
                streaming.outcome,
                compared=(bad,),
            )


def _mistakes(make: Requests, endpoint: str, **params: Any) -> list[Request]:
    """Requests that nobody can answer: an unknown model, a wrong type, no text to go on from."""
    if endpoint == "chat":
        wrong = make.chat("Hello!", **params)
    else:
        wrong = make.completion({"text": "Hello!"}, **params)
    return [
        make.text(endpoint, model="accord-no-such-model", **params),
        make.text(endpoint, temperature="hot", **params),
        wrong,
    ]


def _refused_in_json(exchange: Exchange) -> bool:
    return 400 <= (exchange.status or 0) < 500 and members(exchange.json) != {}


@invariant(
    "stream.error-event-is-an-envelope",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/ErrorResponse",
    covers=["STR-038"],
)
def error_event_is_an_envelope(stream: Stream) -> Problems:
    """A failure in mid-stream is one event `{"error": {"message": …, "type": …}}`.

    Why: official clients look for `error` in the event's JSON, and raise with its message; a
    `code` that is a number breaks typed ones.

    Seen: llama.cpp, LiteLLM.

    Sources: ggml-org/llama.cpp#16109, BerriAI/litellm#39748.

    Violation: `data: {"error": {"code": 500, "message": "…"}}`
    """
    errors = [c for c in stream.chunks if c.is_error or c.at("/object") == "error"]
    need(errors, "an error event")
    for chunk in errors:
        error = members(chunk.at("/error"))
        yield from stream.unless(error, "an object", chunk, "/error")
        for name in ("message", "type") if error else ():
            right = isinstance(error.get(name), str)
            yield from stream.unless(right, "a string", chunk, f"/error/{name}")
        right = isinstance(error.get("code"), str | None)
        yield from stream.unless(right, "a string or null", chunk, "/error/code")


@invariant(
    "stream.nothing-after-an-error",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/ErrorResponse",
    covers=["STR-039"],
)
def nothing_after_an_error(stream: Stream) -> Problems:
    """After an error event no chunk follows, and the event itself finishes no choice.

    Why: clients that overlook the error take the failed stream for a finished one.

    Seen: OpenRouter, LiteLLM, OmniRoute, any-llm gateway.

    Sources: BerriAI/litellm#40578, open-octo/octo-agent#910, mozilla-ai/any-llm#847.

    Violation: an error event, and a chunk with `finish_reason: "stop"` behind it.
    """
    first = next((chunk for chunk in stream.chunks if chunk.is_error), None)
    need(first, "an error event")
    for chunk in stream.chunks:
        if first and chunk.event > first.event and not chunk.is_error:
            yield stream.problem("no chunk after an error", show(chunk.fields), event=chunk.event)
        elif chunk.is_error and any(choice.get("finish_reason") for choice in chunk.choices):
            yield stream.problem(
                "no finish reason in an error event",
                show(chunk.choices),
                "/choices",
                event=chunk.event,
            )
