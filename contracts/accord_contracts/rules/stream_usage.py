"""Usage in streams: reported when asked for, alone, last, and not otherwise."""

from __future__ import annotations

from typing import Final

from accord_contracts.ask import Ask, streamed
from accord_contracts.exchange import Request
from accord_contracts.finding import need
from accord_contracts.kinds import GENERATING, STREAMS
from accord_contracts.requests import Requests
from accord_contracts.rule import MUST, QUICK, SHOULD, AsyncProblems, Problems, invariant, scenario
from accord_contracts.rules.chunks import REPORTING, WITH_USAGE, choices
from accord_contracts.rules.usage import COUNTS
from accord_contracts.views import Stream, is_int, members, show


def chat_with_empty_options(make: Requests) -> Request:
    """A streamed chat with stream options that say nothing."""
    return make.chat(stream=True, stream_options={})


def completion_with_empty_options(make: Requests) -> Request:
    """A streamed completion with stream options that say nothing."""
    return make.completion(stream=True, stream_options={})


UNASKED: Final = (*STREAMS.probes, chat_with_empty_options, completion_with_empty_options)


@scenario(
    "stream.{endpoint}-reports-usage",
    MUST,
    endpoints=GENERATING,
    features=["stream", "usage"],
    spec="#/components/schemas/StreamOptions/properties/include_usage",
    covers=["STR-029", "STR-035"],
    effort=QUICK,
)
async def reports_usage(ask: Ask) -> AsyncProblems:
    """`stream_options.include_usage: true` gives a chunk with usage.

    Why: it is how cost is counted for streams; without it, clients count nothing or guess.

    Seen: SGLang (2024), vllm-swift, llama-cpp-python, vLLM (one report), OGX.

    Sources: sgl-project/sglang#954, TheTom/vllm-swift#19, abetlen/llama-cpp-python#1640,
    vllm-project/vllm#6371, ogx-ai/ogx#6541.

    Violation: the option is ignored, and no chunk has `usage`.
    """
    stream = streamed(await ask.text(stream=True, stream_options=WITH_USAGE))
    need(stream.ended, "a whole stream")
    if not stream.usage_chunks:
        yield stream.problem("a chunk with usage", f"none among {len(stream.chunks)} chunks")


@invariant(
    "stream.usage-chunk-is-alone",
    MUST,
    on=STREAMS,
    probes=REPORTING,
    spec="#/components/schemas/StreamOptions/properties/include_usage",
    covers=["STR-030"],
    effort=QUICK,
)
def usage_chunk_is_alone(stream: Stream) -> Problems:
    """A chunk with usage has `choices: []`.

    Why: clients that keep usage apart from text by empty choices lose one of them; those that
    drop the chunk lose its text.

    Seen: LiteLLM, Rapid-MLX, Gemini compat.

    Sources: BerriAI/litellm#8751, raullenchai/Rapid-MLX#792, Routstr/routstr-core#543.

    Violation: `{"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": {…}}`
    """
    need(_asks_for_usage(stream), "a stream that was asked for usage")
    need(stream.usage_chunks, "a chunk with usage")
    for chunk in stream.usage_chunks:
        yield from stream.unless(not chunk.choices, "[] beside usage", chunk, "/choices")


@invariant(
    "stream.usage-comes-once",
    MUST,
    on=STREAMS,
    probes=REPORTING,
    spec="#/components/schemas/StreamOptions/properties/include_usage",
    covers=["STR-029"],
    effort=QUICK,
)
def usage_comes_once(stream: Stream) -> Problems:
    """One chunk of a stream has usage; in all others it is null or left out.

    Why: clients that add usage up count tokens twice.

    Seen: no server that is known.

    Sources: OpenAI's API reference on `stream_options`.

    Violation: running totals in every chunk.
    """
    need(_asks_for_usage(stream), "a stream that was asked for usage")
    need(stream.usage_chunks, "a chunk with usage")
    for chunk in stream.usage_chunks[1:]:
        yield from stream.unless(False, "null after usage was given", chunk, "/usage")


@invariant(
    "stream.usage-chunk-is-last",
    MUST,
    on=STREAMS,
    probes=REPORTING,
    spec="#/components/schemas/StreamOptions/properties/include_usage",
    covers=["STR-031"],
    effort=QUICK,
)
def usage_chunk_is_last(stream: Stream) -> Problems:
    """The usage chunk is the last one before `[DONE]`.

    Why: clients that read usage at the end miss it elsewhere, and those that stop at it lose
    what follows.

    Seen: no server that is known.

    Sources: OpenAI's API reference on `stream_options`.

    Violation: a usage chunk in front of the chunk with `finish_reason`.
    """
    need(stream.ended, "a whole stream")
    need(_asks_for_usage(stream), "a stream that was asked for usage")
    need(stream.usage_chunks, "a chunk with usage")
    last = stream.chunks[-1]
    if stream.usage_chunks[-1] is not last:
        yield stream.problem("usage in the last chunk", show(last.fields), event=last.event)


def _asks_for_usage(stream: Stream) -> bool:
    return members(stream.params.get("stream_options")).get("include_usage") is True


@invariant(
    "stream.usage-has-its-counts",
    MUST,
    on=STREAMS,
    probes=REPORTING,
    spec="#/components/schemas/Usage",
    covers=["STR-035"],
    effort=QUICK,
)
def usage_has_its_counts(stream: Stream) -> Problems:
    """Streamed usage has three integers, and the total is the sum of prompt and completion.

    Why: typed clients fail to decode usage without one of them; billing adds up what is not so.

    Seen: FastDeploy.

    Sources: PaddlePaddle/FastDeploy#3247.

    Violation: `{"usage": {"prompt_tokens": 9, "completion_tokens": 16}}`
    """
    need(stream.usage_chunks, "a chunk with usage")
    for chunk in stream.usage_chunks:
        prompt, completion, total = (chunk.usage.get(name) for name in COUNTS)
        for name in COUNTS:
            count = chunk.usage.get(name)
            right = is_int(count) and count >= 0
            yield from stream.unless(right, "a count", chunk, f"/usage/{name}")
        if is_int(prompt) and is_int(completion) and is_int(total):
            expected = f"{prompt} + {completion} = {prompt + completion}"
            right = total == prompt + completion
            yield from stream.unless(right, expected, chunk, "/usage/total_tokens")


@invariant(
    "stream.no-usage-unasked",
    SHOULD,
    on=STREAMS,
    probes=UNASKED,
    spec="#/components/schemas/StreamOptions/properties/include_usage",
    covers=["STR-032"],
)
def no_usage_unasked(stream: Stream) -> Problems:
    """Without `include_usage: true`, also with `stream_options: {}`, no chunk has usage.

    Why: a chunk with empty choices breaks clients that did not ask for one.

    Seen: vLLM (to 2026-03).

    Sources: vllm-project/vllm#36379.

    Violation: `{"choices": [], "usage": {…}}` in answer to `{"stream": true}`
    """
    need(stream.sound, "a chunk")
    asked = members(stream.params.get("stream_options")).get("include_usage")
    need(asked in (None, False), "a stream that was not asked for usage")
    for chunk in stream.usage_chunks:
        yield from stream.unless(False, "no usage, which nobody asked for", chunk, "/usage")


@invariant(
    "stream.usage-is-on-top",
    MUST,
    on=STREAMS,
    probes=REPORTING,
    spec="#/components/schemas/ChatCompletionChunk/properties/usage",
    covers=["STR-034"],
    effort=QUICK,
)
def usage_is_on_top(stream: Stream) -> Problems:
    """Usage is a member of the chunk, never of a choice.

    Why: clients read `chunk.usage`, and count nothing.

    Seen: Moonshot Kimi.

    Sources: MoonshotAI/Kimi-K2#65.

    Violation: `{"choices": [{"delta": {}, "finish_reason": "stop", "usage": {…}}]}`
    """
    for chunk, pointer, choice in choices(stream):
        right = not choice.get("usage")
        yield from stream.unless(right, "usage beside `choices`", chunk, f"{pointer}/usage")
