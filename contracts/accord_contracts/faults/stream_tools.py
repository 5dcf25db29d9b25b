"""Faults of streamed tool calls."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator

from accord_contracts.faults.bank import JSON, on_chunk, on_events, on_request
from accord_contracts.faults.chunks import deltas
from accord_contracts.faults.streams import finishes
from accord_contracts.server.hooks import Call, Refusal, StreamEvent

Events = AsyncIterator[StreamEvent]


def entries(chunk: JSON) -> Iterator[JSON]:
    """The entries of `tool_calls`, of all choices."""
    return (entry for delta in deltas(chunk) for entry in delta.get("tool_calls", ()))


@on_chunk("stream.tool-call-without-index", caught_by=["stream.tool-call-has-an-index"])
def tool_call_without_index(call: Call, chunk: JSON) -> None:
    """Tool calls do not say which one they are."""
    for entry in entries(chunk):
        del entry["index"]


@on_chunk("stream.one-tool-index", caught_by=["stream.tool-index-tells-calls-apart"])
def one_tool_index(call: Call, chunk: JSON) -> None:
    """All tool calls have the index 0."""
    for entry in entries(chunk):
        entry["index"] = 0


@on_chunk("stream.tool-index-of-blocks", caught_by=["stream.tool-indexes-count-from-zero"])
def tool_index_of_blocks(call: Call, chunk: JSON) -> None:
    """Tool calls are counted with the block of text that may come before them."""
    for entry in entries(chunk):
        entry["index"] += 1


@on_chunk("stream.tool-call-without-id", caught_by=["stream.tool-call-opens-with-its-name"])
def tool_call_without_id(call: Call, chunk: JSON) -> None:
    """Streamed tool calls have no id."""
    for entry in entries(chunk):
        entry.pop("id", None)


@on_chunk("stream.tool-call-named-with-nulls", caught_by=["stream.tool-call-is-named-once"])
def tool_call_named_with_nulls(call: Call, chunk: JSON) -> None:
    """Later deltas of a call have null for its id and name."""
    for entry in entries(chunk):
        entry.setdefault("id", None)
        entry["function"].setdefault("name", None)


@on_chunk("stream.tool-arguments-as-object", caught_by=["stream.tool-arguments-are-text"])
def tool_arguments_as_object(call: Call, chunk: JSON) -> None:
    """The arguments of a streamed call are an object."""
    for entry in entries(chunk):
        entry["function"]["arguments"] = {}


@on_chunk("stream.tool-index-twice", caught_by=["stream.one-entry-for-each-tool-index"])
def tool_index_twice(call: Call, chunk: JSON) -> None:
    """One chunk has two fragments of one call."""
    for delta in deltas(chunk):
        for entry in delta.get("tool_calls", [])[:1]:
            empty = {"index": entry["index"], "function": {"arguments": ""}}
            delta["tool_calls"].append(empty)


@on_chunk("stream.tool-calls-null", caught_by=["stream.no-empty-tool-calls"])
def tool_calls_null(call: Call, chunk: JSON) -> None:
    """Deltas without tool calls have null for them."""
    for delta in deltas(chunk):
        delta.setdefault("tool_calls", None)


@on_chunk("stream.tool-calls-end-with-stop", caught_by=["stream.tool-calls-end-as-such"])
def tool_calls_end_with_stop(call: Call, chunk: JSON) -> None:
    """Answers that call tools end with `stop`."""
    for choice in chunk["choices"]:
        if choice["finish_reason"] == "tool_calls":
            choice["finish_reason"] = "stop"


@on_events("stream.cap-in-a-call-fails", caught_by=["stream.cap-inside-a-tool-call"])
async def cap_in_a_call_fails(call: Call, events: Events) -> Events:
    """Arguments that the cap cut off can't be parsed, and the server fails."""
    called = False
    async for event in events:
        if isinstance(event, dict):
            called = called or any(entries(event))
            if called and finishes(event) and event["choices"][0]["finish_reason"] == "length":
                yield {"error": {"message": "Failed.", "type": "server_error", "code": None}}
                return
        yield event


@on_request("stream.no-logprobs-beside-tools", caught_by=["stream.logprobs-beside-tools"])
def no_logprobs_beside_tools(call: Call) -> None:
    """Logprobs and tools together are refused in streams."""
    if call.streams and call.body.get("tools") and call.body.get("logprobs"):
        raise Refusal(400, "logprobs can't be streamed beside tools.", param="logprobs")


@on_chunk("agreement.tool-calls-as-text", caught_by=["agreement.chat-same-tool-calls"])
def tool_calls_as_text(call: Call, chunk: JSON) -> None:
    """Streamed tool calls come as the text that the model wrote."""
    for delta in deltas(chunk):
        found = delta.pop("tool_calls", None)
        if found:
            delta["content"] = json.dumps(found)
