"""Faults of agreement: streams that say something else than the JSON answer."""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections.abc import AsyncIterator, Callable

from accord_contracts.faults.bank import JSON, on_chunk, on_events, on_request
from accord_contracts.faults.streams import finishes, has_text, text_of
from accord_contracts.server.hooks import DONE, Call, StreamEvent

Events = AsyncIterator[StreamEvent]


def change_text(chunk: JSON, change: Callable[[str], str]) -> None:
    """Change the text of every choice in a chunk."""
    for choice in chunk["choices"]:
        holder, name = (choice["delta"], "content") if "delta" in choice else (choice, "text")
        if holder.get(name):
            holder[name] = change(holder[name])


@on_events("agreement.token-lost", caught_by=["agreement.{endpoint}-same-text"])
async def token_lost(call: Call, events: Events) -> Events:
    """The first chunk of text that is more than white space is lost."""
    lost = False
    async for event in events:
        if lost or not text_of(event).strip():
            yield event
        else:
            lost = True


@on_events("agreement.token-doubled", caught_by=["agreement.{endpoint}-same-text"])
async def token_doubled(call: Call, events: Events) -> Events:
    """The last chunk with text is sent twice."""
    last: StreamEvent | None = None
    async for event in events:
        if last is not None and finishes(event):
            yield last
        last = event if has_text(event) else last
        yield event


_streams = itertools.count()


@on_events("agreement.failure-hidden", caught_by=["agreement.{endpoint}-hides-no-failure"])
async def failure_hidden(call: Call, events: Events) -> Events:
    """Every fourth stream fails before its first word, and ends as if it had said all."""
    fails = next(_streams) % 4 == 3
    async for event in events:
        if fails and finishes(event):
            _end_in_stop(event)
        if not (fails and has_text(event)):
            yield event


def _end_in_stop(event: StreamEvent) -> None:
    for choice in event["choices"] if isinstance(event, dict) else []:
        choice["finish_reason"] = "stop"


@on_chunk("agreement.spaces-lost", caught_by=["agreement.{endpoint}-keeps-white-space"])
def spaces_lost(call: Call, chunk: JSON) -> None:
    """The text of each chunk is stripped."""
    change_text(chunk, str.strip)


@on_chunk("agreement.characters-cut", caught_by=["agreement.{endpoint}-keeps-characters-whole"])
def characters_cut(call: Call, chunk: JSON) -> None:
    """Tokens are decoded one by one, so that halves of characters become U+FFFD."""
    change_text(chunk, lambda text: "".join(c if c < "\u2e80" else "\ufffd\ufffd" for c in text))


@on_chunk("agreement.always-stop", caught_by=["agreement.{endpoint}-same-finish-reason"])
def always_stop(call: Call, chunk: JSON) -> None:
    """Every stream ends with `stop`."""
    for choice in chunk["choices"]:
        if choice["finish_reason"] == "length":
            choice["finish_reason"] = "stop"


@on_chunk("agreement.usage-counts-the-end", caught_by=["agreement.{endpoint}-same-usage"])
def usage_counts_the_end(call: Call, chunk: JSON) -> None:
    """Streamed usage counts one token more."""
    if chunk.get("usage"):
        chunk["usage"]["completion_tokens"] += 1
        chunk["usage"]["total_tokens"] += 1


@on_request("agreement.no-echo", caught_by=["agreement.completions-echoes-once"])
def no_echo(call: Call) -> None:
    """`echo` is ignored in streams."""
    if call.streams:
        call.body.pop("echo", None)


@on_events("agreement.echo-twice", caught_by=["agreement.completions-echoes-once"])
async def echo_twice(call: Call, events: Events) -> Events:
    """The echoed prompt is sent twice."""
    echoed = not call.body.get("echo")
    async for event in events:
        if has_text(event) and not echoed:
            yield event
            echoed = True
        yield event


@on_request("agreement.no-logprobs", caught_by=["agreement.{endpoint}-streams-logprobs"])
def no_logprobs(call: Call) -> None:
    """`logprobs` is ignored in streams."""
    if call.streams:
        call.body.pop("top_logprobs", None)
        call.body.pop("logprobs", None)


@on_events(
    "agreement.alternatives-of-the-first-token", caught_by=["agreement.{endpoint}-same-logprobs"]
)
async def alternatives_of_the_first_token(call: Call, events: Events) -> Events:
    """The first token's alternatives stand beside every token."""
    first: list[JSON] = []
    async for event in events:
        for choice in event["choices"] if isinstance(event, dict) else ():
            logprobs = choice.get("logprobs") or {}
            entries = logprobs.get("content") or [logprobs]
            for entry in entries:
                first = first or entry.get("top_logprobs") or []
                if entry.get("top_logprobs"):
                    entry["top_logprobs"] = first
        yield event


@on_request("agreement.no-stop", caught_by=["agreement.{endpoint}-stops-across-tokens"])
def no_stop(call: Call) -> None:
    """`stop` is ignored in streams."""
    if call.streams:
        call.body.pop("stop", None)


@on_events("agreement.stop-leaks", caught_by=["agreement.{endpoint}-holds-stops-back"])
async def stop_leaks(call: Call, events: Events) -> Events:
    """The beginning of a stop sequence is sent before it is known for one."""
    last: JSON | None = None
    stop = call.body.get("stop")
    async for event in events:
        if isinstance(event, dict) and has_text(event):
            last = event
        if last and finishes(event) and isinstance(stop, str):
            leaked = copy.deepcopy(last)
            change_text(leaked, lambda _: stop[:1])
            yield leaked
        yield event


@on_events("agreement.held-text-lost", caught_by=["agreement.{endpoint}-releases-what-it-held"])
async def held_text_lost(call: Call, events: Events) -> Events:
    """What was held back as a possible stop sequence is lost at the end."""
    held: StreamEvent | None = None
    async for event in events:
        if held is not None and not (finishes(event) and call.body.get("stop")):
            yield held
        held = event
    if held is not None:
        yield held


@on_events("agreement.all-at-once", caught_by=["agreement.{endpoint}-arrives-as-generated"])
async def all_at_once(call: Call, events: Events) -> Events:
    """The stream is sent when the answer is complete."""
    collected = []
    async for event in events:
        # What a token would take; the server itself is too quick to tell a stream from JSON.
        await asyncio.sleep(0.01 if event != DONE else 0)
        collected.append(event)
    for event in collected:
        yield event
