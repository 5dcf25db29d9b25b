"""Framing: the bytes of an event stream, as naive and strict clients read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from accord import sse
from accord_contracts.exchange import CUT_SHORT, DONE, parse
from accord_contracts.finding import need
from accord_contracts.kinds import STREAMS
from accord_contracts.rule import MAY, MUST, SHOULD, Problems, invariant
from accord_contracts.views import Stream, show

EVENTS: Final = "#/paths/~1chat~1completions/post/responses/200/content/text~1event-stream"

FIELDS: Final = ("data", "event", "id", "retry")
"""The fields of the standard; it has readers ignore all others."""


def lines(stream: Stream) -> Iterator[tuple[sse.Block, sse.Line]]:
    """Every line of the stream that is not blank, with its block.

    A line that breaks off is left out where the stream was not read to its end.

    Raises:
        NotApplicable: there is none.
    """
    need(stream.exchange.body.strip(), "a stream with events")
    for block in stream.exchange.blocks:
        for line in block.lines:
            if not line.is_blank and (line.ending or stream.ended):
                yield block, line


@invariant(
    "framing.content-type",
    MUST,
    on=STREAMS,
    spec=EVENTS,
    covers=["STR-001"],
)
def content_type(stream: Stream) -> Problems:
    """A stream has the content type `text/event-stream`; a charset, if any, is UTF-8.

    Why: browsers' event sources refuse any other, and clients that look at it read the stream
    as one document.

    Seen: LitServe, Foundry Local, Foundry dev tools, private-ml-sdk proxy.

    Sources: Lightning-AI/LitServe#359, microsoft/foundry-dev-tools#195, nearai/private-ml-sdk#20.

    Violation: `content-type: application/json`
    """
    value = stream.exchange.header("content-type") or ""
    charset = value.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if stream.exchange.media_type != "text/event-stream" or charset not in {"", "utf-8", "utf8"}:
        found = show(value) if value else "none"
        yield stream.problem("text/event-stream in UTF-8", found, header="content-type")


@invariant("framing.valid-utf-8", MUST, on=STREAMS, spec=EVENTS, covers=["STR-041"])
def valid_utf_8(stream: Stream) -> Problems:
    """A stream is valid UTF-8.

    Why: strict readers fail at the byte, lenient ones show U+FFFD in place of a character.

    Seen: no server that is known.

    Sources: the WHATWG HTML standard, section "Server-sent events".

    Violation: an event ends after the first two bytes of an emoji.
    """
    body = stream.exchange.body
    need(body, "a stream with events")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        # A stream that was cut may end within a character.
        cut = stream.exchange.failure is not None or stream.exchange.request.abandons
        if not cut or error.end < len(body):
            found = f"the bytes {body[error.start : error.start + 4].hex(' ')}"
            yield stream.problem("UTF-8", found, offset=error.start)


@invariant("framing.data-is-json", MUST, on=STREAMS, spec=EVENTS, covers=["STR-038"])
def data_is_json(stream: Stream) -> Problems:
    """The data of each event is one JSON object, or `[DONE]`.

    Why: clients parse whatever comes as `data`, and fail at anything else: at plain text, at
    `NaN`, at an event of two objects without a blank line between them.

    Seen: no server that is known.

    Sources: OpenAI's API reference on `stream`.

    Violation: `data: Internal Server Error`
    """
    events = stream.exchange.events
    need(events, "a stream with events")
    for number, event in enumerate(events, 1):
        whole = event.terminated or stream.ended
        if whole and event.data.strip() != DONE and not isinstance(parse(event.data), dict):
            yield stream.problem(
                "one JSON object", show(event.data), event=number, offset=event.start
            )


@invariant(
    "framing.events-end-in-a-blank-line", SHOULD, on=STREAMS, spec=EVENTS, covers=["STR-004"]
)
def events_end_in_a_blank_line(stream: Stream) -> Problems:
    """Every event is closed by a blank line, `[DONE]` too.

    Why: by the standard, an event without it is thrown away: clients never see `[DONE]`.

    Seen: llama.cpp.

    Sources: darshi1337/apogee#139.

    Violation: the body ends with `data: [DONE]` and one LF.
    """
    need(stream.ended, "a whole stream")
    last = stream.exchange.events[-1]
    if not last.terminated:
        number = len(stream.exchange.events)
        found = f"the end of the body after {show(last.data)}"
        yield stream.problem("a blank line", found, event=number, offset=last.end)


@invariant("framing.only-known-fields", MUST, on=STREAMS, spec=EVENTS, covers=["STR-038"])
def only_known_fields(stream: Stream) -> Problems:
    """Every line is `data: …`, a comment, or another field that the standard knows.

    Why: readers ignore unknown fields by the standard, so that an error told in one goes
    unseen; some clients take the block for an empty event and fail to parse it.

    Seen: llama.cpp (`error: {…}`).

    Sources: ggml-org/llama.cpp#16109, coddy-project/coddy-agent#106.

    Violation: `error: {"code": 500, "message": "…"}`
    """
    for block, line in lines(stream):
        whole = block.terminated or stream.ended
        known = line.is_comment or line.name.removeprefix("\ufeff") in FIELDS
        if whole and not known:
            yield stream.problem("a line of data", show(line.name), offset=block.start)


@invariant("framing.data-only", SHOULD, on=STREAMS, spec=EVENTS)
def data_only(stream: Stream) -> Problems:
    """Events have data alone: no `event`, `id` or `retry`.

    Why: OpenAI sends none. Clients that split at `data: ` stumble over other lines, and
    openai-python takes every comment after an `id` for an event without data.

    Seen: no server that is known.

    Sources: OpenAI's API reference on `stream` ("data-only server-sent events").

    Violation: `event: message` in front of each `data` line.
    """
    for block, line in lines(stream):
        if line.name in {"event", "id", "retry"}:
            found = f"the field {show(line.name)}"
            yield stream.problem("data alone", found, offset=block.start)


@invariant("framing.one-line-of-data", MAY, on=STREAMS, spec=EVENTS)
def one_line_of_data(stream: Stream) -> Problems:
    """The data of an event stands on one line.

    Why: several are legal, but clients that read line by line parse each of them alone.

    Seen: no server that is known.

    Sources: OpenAI's API reference on `stream`, which shows one line for each event.

    Violation: JSON that is indented, a `data` field for each of its lines.
    """
    need(stream.exchange.body.strip(), "a stream with events")
    for block in stream.exchange.blocks:
        count = sum(line.name == "data" for line in block.lines)
        if count > 1:
            yield stream.problem("one line of data", f"{count} lines", offset=block.start)


@invariant("framing.no-comments", MAY, on=STREAMS, spec=EVENTS, covers=["STR-006"])
def no_comments(stream: Stream) -> Problems:
    """A stream has no comments.

    Why: they are legal, and keep slow connections open; naive clients parse them as data.

    Seen: OpenRouter.

    Sources: openai/openai-go#227, tmc/langchaingo#1366, deepnoodle-ai/dive#206.

    Violation: `: keep-alive`
    """
    for block, line in lines(stream):
        if line.is_comment:
            yield stream.problem("no comment", show(f":{line.value}"), offset=block.start)


@invariant("framing.one-space-after-the-colon", MAY, on=STREAMS, spec=EVENTS, covers=["STR-058"])
def one_space_after_the_colon(stream: Stream) -> Problems:
    """`data:` is followed by one space, as at OpenAI.

    Why: leaving it out is legal, but naive clients cut off six characters without a look.

    Seen: Spring-based and private gateways.

    Sources: openai/openai-python#498, lidge-jun/opencodex#1170, dataelement/Clawith#106.

    Violation: `data:{"id": "c1", …}`
    """
    for block, line in lines(stream):
        if line.name == "data" and line.separator != b": ":
            found = show(f"data{line.separator.decode()}{line.value[:20]}")
            yield stream.problem("`data:` and one space", found, offset=block.start)


@invariant("framing.lines-end-in-lf", MAY, on=STREAMS, spec=EVENTS, covers=["STR-059"])
def lines_end_in_lf(stream: Stream) -> Problems:
    r"""Lines end in LF, as at OpenAI.

    Why: CRLF and CR are legal, but clients that split at two LFs see no event until the end.

    Seen: Gemini `alt=sse`, proxies.

    Sources: miruamel/xuan#194, kubernetes-sigs/inference-perf#781, Routstr/routstr-core#543.

    Violation: `data: {…}\r\n\r\n`
    """
    body = stream.exchange.body
    need(body.strip(), "a stream with events")
    if b"\r" in body:
        offset = body.index(b"\r")
        found = "CRLF" if body[offset : offset + 2] == b"\r\n" else "CR"
        yield stream.problem("LF at the end of a line", found, offset=offset)


@invariant("framing.connection-ends-properly", MUST, on=STREAMS, spec=EVENTS, covers=["STR-038"])
def connection_ends_properly(stream: Stream) -> Problems:
    """A stream ends as HTTP says it does, soon after `[DONE]`.

    Why: a connection that is cut looks like a failure of the network, and is tried again; one
    that stays open after `[DONE]` keeps clients waiting.

    Seen: LiteLLM (a failure that just closes the connection).

    Sources: BerriAI/litellm#39748.

    Violation: the last chunk of a chunked body, the one without bytes, never comes.
    """
    exchange = stream.exchange
    need(not exchange.request.abandons, "a stream that was read to its end")
    why = exchange.failure
    # Without [DONE], a stream that took too long or was too big was given up by us.
    need(why in (None, CUT_SHORT) or stream.done is not None, "a stream read to its end")
    if why is not None:
        yield stream.problem("the end of the body", why, offset=len(exchange.body))
