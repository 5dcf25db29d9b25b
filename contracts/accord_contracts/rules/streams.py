"""Streams: the state machine of an event stream, and how it is framed."""

from __future__ import annotations

from accord_contracts.ask import Ask, streamed
from accord_contracts.exchange import DONE, Request
from accord_contracts.finding import need
from accord_contracts.kinds import STREAMS
from accord_contracts.requests import Requests
from accord_contracts.rule import MUST, AsyncProblems, Problems, invariant, scenario
from accord_contracts.views import Stream, show


def chat_with_usage(make: Requests) -> Request:
    """A streamed chat that asks for usage."""
    return make.chat(stream=True, stream_options={"include_usage": True})


@invariant(
    "stream.ends-with-done",
    MUST,
    on=STREAMS,
    spec="#/components/schemas/CreateChatCompletionRequest/properties/stream",
    covers=["STR-003"],
)
def ends_with_done(stream: Stream) -> Problems:
    """A stream ends with the event `data: [DONE]`.

    Why: clients that wait for it hang, or report a cut stream.

    Seen: ik_llama.cpp, text-generation-webui, TGI (to 2024-07), MLC-LLM, gpt4free, Qianfan.

    Sources: OpenAI's API reference on `stream`.

    Violation: the connection ends after the chunk with `finish_reason`.
    """
    need(stream.complete, "a stream that was read to its end without an error in it")
    events = stream.exchange.events
    need(events, "a stream with events")
    if stream.done is None:
        yield stream.problem(
            f"`data: {DONE}` as the last event", show(events[-1].data), event=len(events)
        )


@invariant(
    "stream.usage-chunk-is-last",
    MUST,
    on=STREAMS,
    probes=[chat_with_usage],
    spec="#/components/schemas/ChatCompletionStreamOptions/properties/include_usage",
    covers=["STR-031"],
)
def usage_chunk_is_last(stream: Stream) -> Problems:
    """The usage chunk is the last one before `[DONE]`.

    Why: clients that read usage at the end miss it elsewhere, and those that stop at it lose
    what follows.

    Seen: no server that is known.

    Sources: OpenAI's API reference on `stream_options`.

    Violation: a usage chunk in front of the chunk with `finish_reason`.
    """
    need(stream.usage_chunks, "a chunk with usage")
    first, last = stream.usage_chunks[0], stream.chunks[-1]
    if first is not last:
        yield stream.problem(
            "no chunk after the one with usage", show(last.fields), event=last.event
        )


@scenario(
    "{endpoint}.stream-honours-n",
    MUST,
    endpoints=["chat", "completions"],
    features=["stream", "n"],
    spec="#/components/schemas/CreateChatCompletionRequest/properties/n",
    covers=["STR-025"],
)
async def stream_honours_n(ask: Ask) -> AsyncProblems:
    """With `n` above 1, a stream carries that many choices, told apart by `index`.

    Why: a client that asked for two choices and reads one index gets one mixed text.

    Seen: SGLang.

    Sources: the OpenAPI description of OpenAI, `n`.

    Violation: all chunks of a stream with `n: 2` have `index: 0`.
    """
    stream = streamed(await ask.text(stream=True, n=2))
    if list(stream.pieces) != [0, 1]:
        yield stream.problem("chunks for the indexes 0 and 1", f"indexes {list(stream.pieces)}")
