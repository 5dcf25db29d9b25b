"""Faults of tool calls that the token cap cuts off."""

from __future__ import annotations

from accord_contracts.faults.answers import choices
from accord_contracts.faults.bank import JSON, on_answer, on_events
from accord_contracts.faults.stream_tools import Events, entries
from accord_contracts.faults.streams import finishes
from accord_contracts.server.hooks import Call


@on_answer("tools.cut-call-passes-as-whole", caught_by=["tools.cut-call-ends-with-length"])
def cut_call_passes_as_whole(call: Call, answer: JSON) -> None:
    """Whatever has called a tool ends with `tool_calls`, also where the cap cut it off."""
    for choice in choices(answer):
        if choice.get("message", {}).get("tool_calls"):
            choice["finish_reason"] = "tool_calls"


@on_events("stream.cut-call-passes-as-whole", caught_by=["stream.cut-call-ends-with-length"])
async def streamed_cut_call_passes_as_whole(call: Call, events: Events) -> Events:
    """Whatever has called a tool ends with `tool_calls`, also where the cap cut it off."""
    called = False
    async for event in events:
        if isinstance(event, dict):
            called = called or any(entries(event))
            if called and finishes(event):
                event["choices"][0]["finish_reason"] = "tool_calls"
        yield event
