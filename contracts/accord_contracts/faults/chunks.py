"""Faults of chunks: what each of them carries."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator

from accord_contracts.faults.bank import JSON, on_chunk, on_events
from accord_contracts.server.hooks import Call, StreamEvent

Events = AsyncIterator[StreamEvent]

_numbers = itertools.count()


def deltas(chunk: JSON) -> Iterator[JSON]:
    """The deltas of a chat chunk; none in a completions chunk."""
    return (choice["delta"] for choice in chunk["choices"] if "delta" in choice)


@on_chunk(
    "stream.object-of-the-answer",
    caught_by=["stream.chat-chunks-name-their-object"],
)
def object_of_the_answer(call: Call, chunk: JSON) -> None:
    """Chat chunks have the JSON answer's `object`."""
    chunk["object"] = chunk["object"].removesuffix(".chunk")


@on_chunk(
    "stream.object-of-no-one",
    caught_by=["stream.completions-chunks-name-their-object"],
)
def object_of_no_one(call: Call, chunk: JSON) -> None:
    """Completions chunks add `.chunk` to their `object`, as chat does."""
    chunk["object"] = chunk["object"].removesuffix(".chunk") + ".chunk"


@on_chunk("stream.no-id-in-the-usage-chunk", caught_by=["stream.chunks-have-an-id"])
def no_id_in_the_usage_chunk(call: Call, chunk: JSON) -> None:
    """The usage chunk has an empty id."""
    if not chunk["choices"]:
        chunk["id"] = ""


@on_chunk("stream.an-id-for-each-chunk", caught_by=["stream.one-id"])
def an_id_for_each_chunk(call: Call, chunk: JSON) -> None:
    """Each chunk gets an id of its own."""
    chunk["id"] += str(next(_numbers))


@on_events("stream.keep-alive-chunk", caught_by=["stream.one-id", "stream.opens-with-the-role"])
async def keep_alive_chunk(call: Call, events: Events) -> Events:
    """A chunk without role, with an id of its own, keeps the connection alive."""
    sent = False
    async for event in events:
        if isinstance(event, dict) and event["object"] == "chat.completion.chunk" and not sent:
            choice = {"index": 0, "delta": {"content": ""}, "finish_reason": None}
            yield {**event, "id": "chatcmpl-keepalive", "choices": [choice]}
            sent = True
        yield event


@on_chunk("stream.created-is-a-fraction", caught_by=["stream.created-is-in-seconds"])
def created_is_a_fraction(call: Call, chunk: JSON) -> None:
    """The time has a fraction."""
    chunk["created"] += 0.25


@on_chunk("stream.created-is-in-milliseconds", caught_by=["stream.created-is-in-seconds"])
def created_is_in_milliseconds(call: Call, chunk: JSON) -> None:
    """The time is in milliseconds."""
    chunk["created"] *= 1000


@on_chunk("stream.created-moves", caught_by=["stream.one-created"])
def created_moves(call: Call, chunk: JSON) -> None:
    """The clock is read for each chunk."""
    chunk["created"] += next(_numbers)


@on_chunk("stream.no-model", caught_by=["stream.one-model"])
def no_model(call: Call, chunk: JSON) -> None:
    """Chunks do not name their model."""
    del chunk["model"]


@on_events("stream.model-changes", caught_by=["stream.one-model"])
async def model_changes(call: Call, events: Events) -> Events:
    """The first chunk names the alias that was asked for, the others what stands behind it."""
    first = True
    async for event in events:
        if isinstance(event, dict) and not first:
            event["model"] += "-2025-01-01"
        first = False
        yield event


@on_chunk("stream.choices-null-beside-usage", caught_by=["stream.choices-is-an-array"])
def choices_null_beside_usage(call: Call, chunk: JSON) -> None:
    """Where there is no choice, `choices` is null."""
    chunk["choices"] = chunk["choices"] or None


@on_events(
    "stream.filter-data-first",
    caught_by=["stream.only-usage-comes-without-choices"],
)
async def filter_data_first(call: Call, events: Events) -> Events:
    """A chunk with filter data and no choices opens the stream."""
    first = True
    async for event in events:
        if isinstance(event, dict) and first:
            yield {**event, "choices": [], "prompt_filter_results": []}
        first = False
        yield event


@on_chunk("stream.no-index", caught_by=["stream.choices-are-numbered"])
def no_index(call: Call, chunk: JSON) -> None:
    """Choices do not say which one they are."""
    for choice in chunk["choices"]:
        del choice["index"]


@on_chunk("stream.finish-without-delta", caught_by=["stream.chat-choices-have-a-delta"])
def finish_without_delta(call: Call, chunk: JSON) -> None:
    """The finish chunk has no delta."""
    for choice in chunk["choices"]:
        if choice["finish_reason"]:
            choice.pop("delta", None)


@on_chunk("stream.finish-with-null-text", caught_by=["stream.completions-choices-have-text"])
def finish_with_null_text(call: Call, chunk: JSON) -> None:
    """The finish chunk has null for its text."""
    for choice in chunk["choices"]:
        if choice["finish_reason"] and "text" in choice:
            choice["text"] = None


@on_chunk("stream.text-twice", caught_by=["stream.delta-stands-alone"])
def text_twice(call: Call, chunk: JSON) -> None:
    """Chat choices have their text under the completions' key too."""
    for choice in chunk["choices"]:
        if "delta" in choice:
            choice["text"] = choice["delta"].get("content", "")


@on_chunk("stream.content-in-parts", caught_by=["stream.content-is-text"])
def content_in_parts(call: Call, chunk: JSON) -> None:
    """Deltas have their content as an array of parts."""
    for delta in deltas(chunk):
        if delta.get("content"):
            delta["content"] = [{"type": "text", "text": delta["content"]}]


@on_chunk("stream.empty-role", caught_by=["stream.role-is-known"])
def empty_role(call: Call, chunk: JSON) -> None:
    """Deltas that name no role have an empty one."""
    for delta in deltas(chunk):
        delta.setdefault("role", "")


@on_chunk("stream.no-finish-reason-key", caught_by=["stream.finish-reason-is-always-there"])
def no_finish_reason_key(call: Call, chunk: JSON) -> None:
    """A finish reason that is null is left out."""
    for choice in chunk["choices"]:
        if choice["finish_reason"] is None:
            del choice["finish_reason"]


@on_chunk("stream.empty-finish-reason", caught_by=["stream.finish-reason-is-not-empty"])
def empty_finish_reason(call: Call, chunk: JSON) -> None:
    """The finish reason is an empty string until the end."""
    for choice in chunk["choices"]:
        choice["finish_reason"] = choice["finish_reason"] or ""


@on_chunk("stream.unknown-finish-reason", caught_by=["stream.finish-reason-is-known"])
def unknown_finish_reason(call: Call, chunk: JSON) -> None:
    """The engine's own word for the end is passed on."""
    for choice in chunk["choices"]:
        if choice["finish_reason"]:
            choice["finish_reason"] = "eos_token"
