"""Chunks: what each chunk of a stream carries, whatever it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from accord_contracts.exchange import Request
from accord_contracts.finding import need
from accord_contracts.kinds import CHAT_STREAMS, COMPLETION_STREAMS, STREAMS
from accord_contracts.requests import Requests
from accord_contracts.rule import MAY, MUST, QUICK, Problems, invariant
from accord_contracts.views import MISSING, Chunk, Stream, is_int, is_number, items, members, show

FINISH_REASONS: Final = {
    "chat": ("stop", "length", "tool_calls", "content_filter", "function_call"),
    "completions": ("stop", "length", "content_filter"),
}

ROLES: Final = ("developer", "system", "user", "assistant", "tool")

MILLISECONDS: Final = 10**11
"""A time that is no less can't be seconds: those would lie three thousand years ahead."""

WITH_USAGE: Final = {"include_usage": True}


def chat_with_usage(make: Requests) -> Request:
    """A streamed chat that asks for usage."""
    return make.chat(stream=True, stream_options=WITH_USAGE)


def completion_with_usage(make: Requests) -> Request:
    """A streamed completion that asks for usage."""
    return make.completion(stream=True, stream_options=WITH_USAGE)


REPORTING: Final = (chat_with_usage, completion_with_usage)
"""What brings usage chunks about."""
ALL_CHUNKS: Final = (*STREAMS.probes, *REPORTING)
"""What brings all sorts of chunks about."""


def sound(stream: Stream) -> list[Chunk]:
    """The chunks that go on with the answer.

    Raises:
        NotApplicable: there is none.
    """
    need(stream.sound, "a chunk")
    return stream.sound


def choices(stream: Stream) -> Iterator[tuple[Chunk, str, dict[str, Any]]]:
    """Every choice of every chunk, with its chunk and its place there.

    Raises:
        NotApplicable: there is none.
    """
    need(any(chunk.choices for chunk in stream.sound), "a chunk with a choice")
    for chunk in stream.sound:
        for position, choice in enumerate(chunk.choices):
            yield chunk, f"/choices/{position}", choice


@invariant(
    "stream.chat-chunks-name-their-object",
    MUST,
    on=CHAT_STREAMS,
    spec="#/components/schemas/ChatCompletionChunk/properties/object",
    covers=["STR-011", "STR-013"],
)
def chat_chunks_name_their_object(stream: Stream) -> Problems:
    """Every chunk of a chat stream has `object: "chat.completion.chunk"`.

    Why: clients that decode by the value of `object` take the chunk for something else.

    Seen: ray-llm, mlx-lm, TGI, Azure OpenAI, minimind.

    Sources: ray-project/ray-llm#43, ml-explore/mlx-examples#913,
    huggingface/text-generation-inference#2089, AbanteAI/archive-old-cli-mentat#429.

    Violation: `{"object": "chat.completion", "choices": [{"delta": {…}}]}`
    """
    for chunk in sound(stream):
        right = chunk.at("/object") == "chat.completion.chunk"
        yield from stream.unless(right, '"chat.completion.chunk"', chunk, "/object")


@invariant(
    "stream.completions-chunks-name-their-object",
    MUST,
    on=COMPLETION_STREAMS,
    spec="#/components/schemas/CompletionChunk/properties/object",
    covers=["STR-012", "STR-013"],
)
def completions_chunks_name_their_object(stream: Stream) -> Problems:
    """Every chunk of a completions stream has `object: "text_completion"`.

    Why: clients that decode by the value of `object` take the chunk for something else. It is
    the same name as in the JSON answer; `text_completion.chunk` does not exist.

    Seen: SGLang.

    Sources: sgl-project/sglang#3760.

    Violation: `{"object": "text_completion.chunk", "choices": [{"text": "…"}]}`
    """
    for chunk in sound(stream):
        right = chunk.at("/object") == "text_completion"
        yield from stream.unless(right, '"text_completion"', chunk, "/object")


@invariant(
    "stream.chunks-have-an-id",
    MUST,
    on=STREAMS,
    probes=ALL_CHUNKS,
    spec="#/components/schemas/ChatCompletionChunk/properties/id",
    covers=["STR-010", "STR-013"],
    effort=QUICK,
)
def chunks_have_an_id(stream: Stream) -> Problems:
    """Every chunk has an `id`, a string that is not empty; the usage chunk too.

    Why: typed clients fail to decode a chunk without it, and loggers and accumulators that key
    by it mix streams up.

    Seen: TGI, Azure OpenAI, minimind, SGLang (usage chunk).

    Sources: huggingface/text-generation-inference#1782, seratch/ChatGPT-in-Slack#49,
    jingyaogong/minimind#738, sgl-project/sglang#3760.

    Violation: `{"id": "", "object": "chat.completion.chunk"}`
    """
    for chunk in sound(stream):
        value = chunk.at("/id")
        right = isinstance(value, str) and value != ""
        yield from stream.unless(right, "a string that is not empty", chunk, "/id")


@invariant(
    "stream.one-id",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/ChatCompletionChunk/properties/id",
    covers=["STR-005", "STR-007", "STR-008"],
)
def one_id(stream: Stream) -> Problems:
    """All chunks of a stream carry the same `id`.

    Why: accumulators begin a new answer at a new id, and drop what they had of the old one.

    Seen: Foundry Local, LiteLLM (2024), llama.cpp (2024), ray-llm, Open WebUI, SGLang,
    Rapid-MLX, oMLX (keep-alive chunks).

    Sources: microsoft/foundry-local#144, microsoft/foundry-local#221, BerriAI/litellm#1571,
    ggml-org/llama.cpp#5876, ray-project/ray-llm#43, open-webui/open-webui#23917,
    sgl-project/sglang#3760, raullenchai/Rapid-MLX#752, raullenchai/Rapid-MLX#461,
    jundot/omlx#1478, jundot/omlx#1479, jundot/omlx#2117.

    Violation: a random id made for each chunk.
    """
    yield from _all_the_same(stream, "/id")


@invariant(
    "stream.created-is-in-seconds",
    MUST,
    on=STREAMS,
    probes=ALL_CHUNKS,
    spec="#/components/schemas/ChatCompletionChunk/properties/created",
    covers=["STR-013"],
    effort=QUICK,
)
def created_is_in_seconds(stream: Stream) -> Problems:
    """Every chunk has `created`, an integer of Unix seconds; the usage chunk too.

    Why: typed clients fail to decode a missing time or a fraction, and show milliseconds as a
    date in the far future.

    Seen: minimind, SGLang (usage chunk).

    Sources: jingyaogong/minimind#738, sgl-project/sglang#3760.

    Violation: `{"id": "c1", "created": 1735689600.25}`
    """
    for chunk in sound(stream):
        value = chunk.at("/created")
        right = is_int(value) and 0 <= value < MILLISECONDS
        yield from stream.unless(right, "an integer of Unix seconds", chunk, "/created")


@invariant(
    "stream.one-created",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/ChatCompletionChunk/properties/created",
    covers=["STR-005", "STR-009"],
)
def one_created(stream: Stream) -> Problems:
    """All chunks of a stream carry the same `created`.

    Why: it is when the answer began, not when the chunk left; clients that tell answers apart
    by it see several.

    Seen: LiteLLM, Rapid-MLX, oMLX (keep-alive chunks).

    Sources: BerriAI/litellm#11528, raullenchai/Rapid-MLX#752, jundot/omlx#1478.

    Violation: the clock is read for each chunk.
    """
    yield from _all_the_same(stream, "/created")


@invariant(
    "stream.one-model",
    MUST,
    on=STREAMS,
    probes=ALL_CHUNKS,
    spec="#/components/schemas/ChatCompletionChunk/properties/model",
    covers=["STR-013"],
    effort=QUICK,
)
def one_model(stream: Stream) -> Problems:
    """Every chunk names the model, all of them the same; the usage chunk too.

    Why: typed clients fail to decode a chunk without it, and cost trackers price the usage
    chunk by it.

    Seen: minimind, SGLang (usage chunk).

    Sources: jingyaogong/minimind#738, sgl-project/sglang#3760.

    Violation: `{"id": "c1", "object": "chat.completion.chunk", "choices": []}`
    """
    for chunk in sound(stream):
        right = isinstance(chunk.at("/model"), str)
        yield from stream.unless(right, "the model's name", chunk, "/model")
    yield from _all_the_same(stream, "/model")


def _all_the_same(stream: Stream, pointer: str) -> Problems:
    """Compare what is there; that it is there at all is another rule."""
    there = [chunk for chunk in sound(stream) if chunk.at(pointer) not in (MISSING, "")]
    for chunk in there[1:]:
        first = there[0].at(pointer)
        right = chunk.at(pointer) == first
        yield from stream.unless(right, f"{show(first)} as in the first chunk", chunk, pointer)


@invariant(
    "stream.choices-is-an-array",
    MUST,
    on=STREAMS,
    probes=ALL_CHUNKS,
    spec="#/components/schemas/ChatCompletionChunk/properties/choices",
    covers=["STR-014"],
    effort=QUICK,
)
def choices_is_an_array(stream: Stream) -> Problems:
    """Every chunk has an array `choices`; in the usage chunk it is empty.

    Why: clients iterate over it without a look, and crash at a null.

    Seen: ATOM, zukijourney, DeepSeek, Groq, Open WebUI.

    Sources: ROCm/ATOM#1711, anomalyco/opencode#1298, cline/cline#8518.

    Violation: `{"id": "c1", "usage": {…}}`
    """
    for chunk in sound(stream):
        right = isinstance(chunk.at("/choices"), list)
        yield from stream.unless(right, "an array", chunk, "/choices")


@invariant(
    "stream.only-usage-comes-without-choices",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/ChatCompletionChunk/properties/choices",
    covers=["STR-015"],
)
def only_usage_comes_without_choices(stream: Stream) -> Problems:
    """`choices` is empty in the usage chunk alone.

    Why: clients that did not ask for usage read `choices[0]` of every chunk.

    Seen: Azure OpenAI (content filter data first), Lepton.

    Sources: AbanteAI/archive-old-cli-mentat#429, seratch/ChatGPT-in-Slack#49, simonw/llm#294,
    pydantic/pydantic-ai#164, TheR1D/shell_gpt#470.

    Violation: `{"choices": [], "prompt_filter_results": […]}` as the first chunk.
    """
    for chunk in sound(stream):
        right = chunk.at("/choices") != [] or chunk.usage
        yield from stream.unless(right, "a choice, or usage beside", chunk, "/choices")


@invariant(
    "stream.choices-are-numbered",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/ChatCompletionChunkChoice/properties/index",
)
def choices_are_numbered(stream: Stream) -> Problems:
    """Every choice of every chunk has an integer `index`, below the number of choices asked for.

    Why: it is the only thing that says which choice a delta belongs to; accumulators that use
    it as a key or an array index fail without.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, schema `CreateChatCompletionStreamResponse`.

    Violation: `{"choices": [{"delta": {"content": "a"}}]}`
    """
    count = choice_count(stream.params)
    for chunk, pointer, choice in choices(stream):
        index = choice.get("index")
        right = is_int(index) and 0 <= index < count
        yield from stream.unless(right, f"an integer below {count}", chunk, f"{pointer}/index")


def choice_count(params: dict[str, Any]) -> int:
    """How many choices a request asks for: `n` for each prompt. `2.0` is an integer in JSON."""
    n, prompts = params.get("n"), items(params.get("prompt"))
    several = prompts and isinstance(prompts[0], str | list)
    return (int(n) if is_number(n) and n > 0 else 1) * (len(prompts) if several else 1)


@invariant(
    "stream.chat-choices-have-a-delta",
    MUST,
    on=CHAT_STREAMS,
    spec="#/components/schemas/ChatCompletionChunkChoice/properties/delta",
)
def chat_choices_have_a_delta(stream: Stream) -> Problems:
    """Every choice of a chat chunk has an object `delta`, empty where there is nothing to say.

    Why: clients read `delta.content` of every choice, the last one too.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, schema `CreateChatCompletionStreamResponse`.

    Violation: `{"choices": [{"index": 0, "finish_reason": "stop"}]}`
    """
    for chunk, pointer, choice in choices(stream):
        right = isinstance(choice.get("delta"), dict)
        yield from stream.unless(right, "an object", chunk, f"{pointer}/delta")


@invariant(
    "stream.completions-choices-have-text",
    MUST,
    on=COMPLETION_STREAMS,
    spec="#/components/schemas/CompletionChunkChoice/properties/text",
)
def completions_choices_have_text(stream: Stream) -> Problems:
    """Every choice of a completions chunk has a string `text`, empty where nothing is added.

    Why: clients append `text` of every choice to what they have, and fail at a null or at a
    chat delta.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, schema `CreateCompletionResponse`.

    Violation: `{"choices": [{"index": 0, "delta": {"content": "a"}}]}`
    """
    for chunk, pointer, choice in choices(stream):
        right = isinstance(choice.get("text"), str)
        yield from stream.unless(right, "a string", chunk, f"{pointer}/text")


@invariant(
    "stream.delta-stands-alone",
    MAY,
    on=CHAT_STREAMS,
    spec="#/components/schemas/ChatCompletionChunkChoice",
    covers=["STR-057"],
)
def delta_stands_alone(stream: Stream) -> Problems:
    """A choice of a chat chunk has `delta` alone, neither `message` nor `text` as well.

    Why: clients that look for either take the text twice, or a part of it for the whole.

    Seen: Foundry Local, Together.

    Sources: microsoft/foundry-local#144, vercel/ai#1865.

    Violation: `{"index": 0, "delta": {"content": "a"}, "text": "a"}`
    """
    for chunk, pointer, choice in choices(stream):
        for name in {"message", "text"} & choice.keys():
            yield from stream.unless(False, "`delta` alone", chunk, f"{pointer}/{name}")


@invariant(
    "stream.content-is-text",
    MUST,
    on=CHAT_STREAMS,
    spec="#/components/schemas/ChatCompletionDelta/properties/content",
    covers=["STR-055"],
)
def content_is_text(stream: Stream) -> Problems:
    """`delta.content` is a string or null, never an array of parts.

    Why: clients append it to a string.

    Seen: Mistral API.

    Sources: vercel/ai#17779.

    Violation: `{"delta": {"content": [{"type": "text", "text": "a"}]}}`
    """
    for chunk, pointer, choice in choices(stream):
        content = members(choice.get("delta")).get("content")
        right = content is None or isinstance(content, str)
        yield from stream.unless(right, "a string or null", chunk, f"{pointer}/delta/content")


@invariant(
    "stream.role-is-known",
    MUST,
    on=CHAT_STREAMS,
    spec="#/components/schemas/ChatCompletionDelta/properties/role",
    covers=["STR-018"],
)
def role_is_known(stream: Stream) -> Problems:
    """`delta.role`, where it is sent, is a role; a delta that names none leaves the key out.

    Why: typed clients decode it as an enum and fail at an empty string; others overwrite the
    role that they had with a null.

    Seen: MiniMax, SGLang, Lemonade.

    Sources: MiniMax-AI/MiniMax-M2.5#2, sgl-project/sglang#3912, lemonade-sdk/lemonade#350,
    mistralai/mistral-vibe#795.

    Violation: `{"delta": {"role": "", "content": "a"}}`
    """
    for chunk, pointer, choice in choices(stream):
        delta = members(choice.get("delta"))
        right = "role" not in delta or delta["role"] in ROLES
        yield from stream.unless(right, '"assistant", or no key', chunk, f"{pointer}/delta/role")


@invariant(
    "stream.finish-reason-is-always-there",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/ChatCompletionChunkChoice/properties/finish_reason",
    covers=["STR-020"],
)
def finish_reason_is_always_there(stream: Stream) -> Problems:
    """Every choice of every chunk has the key `finish_reason`, null until the choice is over.

    Why: typed clients whose field is nullable but not optional fail to decode the chunk.

    Seen: LocalAI, llm-rosetta.

    Sources: mudler/LocalAI#1744, mudler/LocalAI#1194, Oaklight/llm-rosetta#444.

    Violation: `{"index": 0, "delta": {"content": "a"}}`
    """
    for chunk, pointer, choice in choices(stream):
        there = "finish_reason" in choice
        yield from stream.unless(there, "null or a reason", chunk, f"{pointer}/finish_reason")


@invariant(
    "stream.finish-reason-is-not-empty",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/ChatCompletionChunkChoice/properties/finish_reason",
    covers=["STR-021"],
)
def finish_reason_is_not_empty(stream: Stream) -> Problems:
    """`finish_reason` is never an empty string: what is not over has null.

    Why: clients that stop reading at the first reason that is not null lose the whole answer.

    Seen: Ollama (2024), SGLang, LocalAI, GenieX.

    Sources: ollama/ollama#4357, sgl-project/sglang#3912, mudler/LocalAI#1886,
    qualcomm/GenieX#1243.

    Violation: `{"index": 0, "delta": {"content": "a"}, "finish_reason": ""}`
    """
    for chunk, pointer, choice in choices(stream):
        right = choice.get("finish_reason") != ""
        yield from stream.unless(right, "null or a reason", chunk, f"{pointer}/finish_reason")


@invariant(
    "stream.finish-reason-is-known",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/ChatFinishReason",
    covers=["STR-039"],
)
def finish_reason_is_known(stream: Stream) -> Problems:
    """A `finish_reason` is one of the contract's: `stop`, `length`, `tool_calls` and so on.

    Why: typed clients fail at any other, and a failure told as `finish_reason: "error"` is
    taken for an answer by all others. A failure is an error event.

    Seen: OpenRouter, OmniRoute.

    Sources: damianvtran/local-operator#223, diegosouzapw/OmniRoute#8210.

    Violation: `{"index": 0, "delta": {}, "finish_reason": "error"}`
    """
    known = FINISH_REASONS.get(stream.endpoint or "", ())
    pieces = [piece for found in stream.pieces.values() for piece in found]
    need(any(piece.finish_reason for piece in pieces), "a finish reason")
    for piece in pieces:
        if piece.finish_reason not in (None, "", *known):
            yield stream.problem(
                f"one of {', '.join(known)}",
                show(piece.finish_reason),
                f"{piece.pointer}/finish_reason",
                event=piece.event,
            )
