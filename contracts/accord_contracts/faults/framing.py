"""Faults of framing: the bytes of event streams."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accord_contracts.faults.bank import on_asgi, on_blocks, on_events, on_reply
from accord_contracts.server.hooks import Call, Reply, StreamEvent

Blocks = AsyncIterator[bytes]


@on_reply("framing.json-type", caught_by=["framing.content-type"])
def json_type(call: Call, reply: Reply) -> None:
    """Streams have the content type of JSON."""
    if reply.events is not None:
        reply.headers["content-type"] = "application/json"


@on_reply("framing.other-charset", caught_by=["framing.content-type"])
def other_charset(call: Call, reply: Reply) -> None:
    """Streams claim to be in Latin-1."""
    if reply.events is not None:
        reply.headers["content-type"] = "text/event-stream; charset=iso-8859-1"


@on_blocks("framing.half-a-character", caught_by=["framing.valid-utf-8"])
async def half_a_character(call: Call, blocks: Blocks) -> Blocks:
    """Text is cut within a character."""
    async for block in blocks:
        yield block.replace(b'"content":"', b'"content":"\xf0\x9f').replace(
            b'"text":"', b'"text":"\xf0\x9f'
        )


@on_blocks("framing.plain-text-error", caught_by=["framing.data-is-json"])
async def plain_text_error(call: Call, blocks: Blocks) -> Blocks:
    """A failure is told as plain text."""
    async for block in blocks:
        if b"[DONE]" in block:
            yield b"data: Internal Server Error\n\n"
        yield block


@on_blocks("framing.no-blank-lines", caught_by=["framing.data-is-json"])
async def no_blank_lines(call: Call, blocks: Blocks) -> Blocks:
    """Events end with their line, as in newline-delimited JSON."""
    async for block in blocks:
        yield block.removesuffix(b"\n")


@on_blocks("framing.done-unterminated", caught_by=["framing.events-end-in-a-blank-line"])
async def done_unterminated(call: Call, blocks: Blocks) -> Blocks:
    """`[DONE]` has no blank line after it."""
    async for block in blocks:
        yield block.removesuffix(b"\n") if b"[DONE]" in block else block


@on_blocks("framing.error-field", caught_by=["framing.only-known-fields"])
async def error_field(call: Call, blocks: Blocks) -> Blocks:
    """A failure is told in a field called `error`."""
    async for block in blocks:
        if b"[DONE]" in block:
            yield b'error: {"code": 500, "message": "Failed."}\n\n'
        yield block


@on_blocks("framing.event-names", caught_by=["framing.data-only"])
async def event_names(call: Call, blocks: Blocks) -> Blocks:
    """Every event has a name."""
    async for block in blocks:
        yield b"event: message\n" + block


@on_events("framing.indented", caught_by=["framing.one-line-of-data"])
async def indented(call: Call, events: AsyncIterator[StreamEvent]) -> AsyncIterator[StreamEvent]:
    """JSON is indented, a `data` field for each of its lines."""
    async for event in events:
        if isinstance(event, dict):
            yield json.dumps(event, indent=1).replace("\n", "\ndata: ")
        else:
            yield event


@on_blocks("framing.keep-alive-comments", caught_by=["framing.no-comments"])
async def keep_alive_comments(call: Call, blocks: Blocks) -> Blocks:
    """Comments keep the connection open."""
    async for block in blocks:
        yield b": keep-alive\n\n"
        yield block


@on_blocks("framing.no-space", caught_by=["framing.one-space-after-the-colon"])
async def no_space(call: Call, blocks: Blocks) -> Blocks:
    """No space follows `data:`."""
    async for block in blocks:
        yield block.replace(b"data: ", b"data:", 1)


@on_blocks("framing.crlf", caught_by=["framing.lines-end-in-lf"])
async def crlf(call: Call, blocks: Blocks) -> Blocks:
    """Lines end in CRLF."""
    async for block in blocks:
        yield block.replace(b"\n", b"\r\n")


@on_asgi("framing.connection-cut", caught_by=["framing.connection-ends-properly"], wire=True)
def connection_cut(app: ASGIApp) -> ASGIApp:
    """The connection of a stream is closed without the end of its body."""

    async def cut(scope: Scope, receive: Receive, send: Send) -> None:
        streaming = False

        async def forward(message: Message) -> None:
            nonlocal streaming
            streaming = streaming or message.get("more_body", False)
            if message.get("more_body", False) or not streaming:
                await send(message)

        await app(scope, receive, forward)

    return cut
