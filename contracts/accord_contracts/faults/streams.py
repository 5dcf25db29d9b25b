"""Faults of streams: their course, their usage, their errors."""

from __future__ import annotations

from collections.abc import AsyncIterator

from accord_contracts.faults.accepts import posted
from accord_contracts.faults.bank import JSON, on_chunk, on_events, on_reply, on_request
from accord_contracts.faults.chunks import deltas
from accord_contracts.server.hooks import DONE, Call, Reply, StreamEvent

Events = AsyncIterator[StreamEvent]


def finishes(event: StreamEvent) -> bool:
    """Whether this is the chunk with a choice's finish reason."""
    return isinstance(event, dict) and any(c["finish_reason"] for c in event["choices"])


def text_of(event: StreamEvent) -> str:
    """The text in a chunk; empty for any other event."""
    choices = event["choices"] if isinstance(event, dict) else []
    return "".join(c.get("text") or c.get("delta", {}).get("content") or "" for c in choices)


def has_text(event: StreamEvent) -> bool:
    """Whether this is a chunk with text."""
    return text_of(event) != ""


# ------------------------------------------------------------------------------------ the course


@on_request("stream.ignored", caught_by=["stream.comes-when-asked-for"])
def ignored(call: Call) -> None:
    """`stream` is ignored: one JSON document comes back."""
    if call.streams:
        call.body["stream"] = False
        call.body.pop("stream_options", None)


@on_chunk("stream.no-role", caught_by=["stream.opens-with-the-role"])
def no_role(call: Call, chunk: JSON) -> None:
    """No chunk has a role."""
    for delta in deltas(chunk):
        delta.pop("role", None)


@on_chunk(
    "stream.role-of-the-first-choice-alone",
    caught_by=["stream.every-choice-opens-with-the-role"],
)
def role_of_the_first_choice_alone(call: Call, chunk: JSON) -> None:
    """With several choices, only the first has a role."""
    for choice in chunk["choices"]:
        if choice["index"] > 0 and "delta" in choice:
            choice["delta"].pop("role", None)


@on_chunk("stream.role-with-null", caught_by=["stream.role-comes-with-text"])
def role_with_null(call: Call, chunk: JSON) -> None:
    """The chunk with the role has null for its content."""
    for delta in deltas(chunk):
        if "role" in delta:
            delta["content"] = None


@on_chunk("stream.never-finishes", caught_by=["stream.every-choice-finishes"])
def never_finishes(call: Call, chunk: JSON) -> None:
    """No chunk has a finish reason."""
    for choice in chunk["choices"]:
        choice["finish_reason"] = None


@on_chunk("stream.last-choice-finishes-alone", caught_by=["stream.every-choice-finishes"])
def last_choice_finishes_alone(call: Call, chunk: JSON) -> None:
    """With several choices, only the last one gets a finish reason."""
    for choice in chunk["choices"]:
        if choice["index"] == 0 and (call.body.get("n") or 1) > 1:
            choice["finish_reason"] = None


@on_events("stream.finishes-twice", caught_by=["stream.each-choice-finishes-once"])
async def finishes_twice(call: Call, events: Events) -> Events:
    """The finish chunk is sent twice."""
    async for event in events:
        yield event
        if finishes(event):
            yield event


@on_chunk(
    "stream.stop-in-each-chunk",
    caught_by=["stream.each-choice-finishes-once", "stream.nothing-after-the-finish"],
)
def stop_in_each_chunk(call: Call, chunk: JSON) -> None:
    """Each chunk has a finish reason."""
    for choice in chunk["choices"]:
        choice["finish_reason"] = choice["finish_reason"] or "stop"


@on_events("stream.text-after-the-finish", caught_by=["stream.nothing-after-the-finish"])
async def text_after_the_finish(call: Call, events: Events) -> Events:
    """The last chunk of text comes after the finish chunk."""
    held: list[StreamEvent] = []
    async for event in events:
        if has_text(event):
            held.append(event)
        if not has_text(event) or len(held) > 1:
            yield held.pop(0) if has_text(event) else event
        if finishes(event) and held:
            yield held.pop()


@on_chunk("stream.text-in-the-finish-chunk", caught_by=["stream.finish-chunk-says-nothing"])
def text_in_the_finish_chunk(call: Call, chunk: JSON) -> None:
    """The last token rides in the finish chunk."""
    for choice in chunk["choices"]:
        if choice["finish_reason"] and "delta" in choice:
            choice["delta"]["content"] = "."


@on_events("stream.no-done", caught_by=["stream.ends-with-done"])
async def no_done(call: Call, events: Events) -> Events:
    """The stream ends without `[DONE]`."""
    async for event in events:
        if event != DONE:
            yield event


def _begins_from_nothing(call: Call) -> bool:
    return call.endpoint == "completions" and not posted(call).get("prompt")


@on_events("stream.nothing-from-nothing", caught_by=["accepts.missing-prompt-streamed"])
async def nothing_from_nothing(call: Call, events: Events) -> Events:
    """Where there is no prompt to go on from, the stream is empty."""
    async for event in events:
        if not _begins_from_nothing(call):
            yield event


@on_events("stream.cut-after-nothing", caught_by=["accepts.missing-prompt-streamed"])
async def cut_after_nothing(call: Call, events: Events) -> Events:
    """Where there is no prompt to score, the stream ends at its first log probability."""
    async for event in events:
        yield event
        if _begins_from_nothing(call) and posted(call).get("logprobs"):
            return


@on_events("stream.usage-after-done", caught_by=["stream.nothing-after-done"])
async def usage_after_done(call: Call, events: Events) -> Events:
    """The last chunk comes after `[DONE]`."""
    held: list[StreamEvent] = []
    async for event in events:
        if event == DONE:
            yield event
        else:
            held.append(event)
        if event == DONE or len(held) > 1:
            yield held.pop(0)


@on_chunk("stream.one-index", caught_by=["stream.{endpoint}-honours-n"])
def one_index(call: Call, chunk: JSON) -> None:
    """The choices that `n` asks for have the index 0 in a stream, all of them."""
    for choice in chunk["choices"] if call.body.get("n") else ():
        choice["index"] = 0


@on_chunk("stream.one-index-for-all-prompts", caught_by=["stream.completions-honours-prompts"])
def one_index_for_all_prompts(call: Call, chunk: JSON) -> None:
    """The texts of several prompts have the index 0 in a stream, all of them."""
    for choice in chunk["choices"] if isinstance(call.body.get("prompt"), list) else ():
        choice["index"] = 0


# ------------------------------------------------------------------------------------ the errors


@on_reply(
    "stream.refuses-in-a-stream",
    caught_by=["stream.{endpoint}-refuses-before-it-streams"],
)
def refuses_in_a_stream(call: Call, reply: Reply) -> Reply | None:
    """Bad requests for a stream get a 200, and an event with the error."""
    if not call.streams or reply.status < 400:
        return None
    head = {**reply.headers, "content-type": "text/event-stream"}
    return Reply(200, None, head, _events(reply.body, DONE))


async def _events(*events: StreamEvent) -> Events:
    for event in events:
        yield event


@on_events("stream.error-with-a-number", caught_by=["stream.error-event-is-an-envelope"])
async def error_with_a_number(call: Call, events: Events) -> Events:
    """A failure in mid-stream has a number for its code."""
    async for event in events:
        if has_text(event):
            yield {"error": {"message": "The engine failed.", "type": "server_error", "code": 500}}
            return
        yield event


@on_events("stream.error-as-text", caught_by=["stream.error-event-is-an-envelope"])
async def error_as_text(call: Call, events: Events) -> Events:
    """A failure in mid-stream is told as a string."""
    async for event in events:
        if has_text(event):
            yield {"error": "The engine failed."}
            return
        yield event


@on_events("stream.goes-on-after-an-error", caught_by=["stream.nothing-after-an-error"])
async def goes_on_after_an_error(call: Call, events: Events) -> Events:
    """After an error the stream is brought to its usual end."""
    failed = False
    async for event in events:
        if has_text(event) and not failed:
            yield {"error": {"message": "Failed.", "type": "server_error", "code": None}}
            failed = True
        if not has_text(event):
            yield event


# ------------------------------------------------------------------------------------- the usage


@on_request(
    "stream.usage-not-reported",
    caught_by=["stream.{endpoint}-reports-usage"],
)
def usage_not_reported(call: Call) -> None:
    """`stream_options` is ignored."""
    if call.streams:
        call.body.pop("stream_options", None)


@on_events("stream.usage-in-the-finish-chunk", caught_by=["stream.usage-chunk-is-alone"])
async def usage_in_the_finish_chunk(call: Call, events: Events) -> Events:
    """The usage chunk has the finish chunk's choices, in place of it."""
    held: list[JSON] = []
    async for event in events:
        if isinstance(event, dict) and event.get("usage"):
            yield {**event, "choices": held.pop()["choices"]}
            continue
        while held:
            yield held.pop(0)
        if isinstance(event, dict) and finishes(event):
            held.append(event)
        else:
            yield event


@on_events("stream.usage-twice", caught_by=["stream.usage-comes-once"])
async def usage_twice(call: Call, events: Events) -> Events:
    """The usage chunk is sent twice."""
    async for event in events:
        yield event
        if isinstance(event, dict) and event.get("usage"):
            yield event


@on_events("stream.usage-too-early", caught_by=["stream.usage-chunk-is-last"])
async def usage_too_early(call: Call, events: Events) -> Events:
    """The usage chunk comes before the finish chunk."""
    held: StreamEvent | None = None
    async for event in events:
        if held is not None and isinstance(event, dict) and event.get("usage"):
            yield event
            continue
        if held is not None:
            yield held
        held = event
    if held is not None:
        yield held


@on_chunk("stream.usage-without-total", caught_by=["stream.usage-has-its-counts"])
def usage_without_total(call: Call, chunk: JSON) -> None:
    """Streamed usage has no total."""
    if chunk.get("usage"):
        del chunk["usage"]["total_tokens"]


@on_chunk("stream.usage-does-not-add-up", caught_by=["stream.usage-has-its-counts"])
def usage_does_not_add_up(call: Call, chunk: JSON) -> None:
    """The total of streamed usage counts the answer alone."""
    if chunk.get("usage"):
        chunk["usage"]["total_tokens"] = chunk["usage"]["completion_tokens"]


@on_request("stream.usage-unasked", caught_by=["stream.no-usage-unasked"])
def usage_unasked(call: Call) -> None:
    """Stream options that say nothing are taken for `include_usage`."""
    if call.streams and call.body.get("stream_options") == {}:
        call.body["stream_options"] = {"include_usage": True}


@on_chunk("stream.usage-in-the-choice", caught_by=["stream.usage-is-on-top"])
def usage_in_the_choice(call: Call, chunk: JSON) -> None:
    """The finish chunk's choice has the usage."""
    for choice in chunk["choices"]:
        if choice["finish_reason"]:
            choice["usage"] = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
