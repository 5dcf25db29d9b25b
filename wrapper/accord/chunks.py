"""From the bytes of a stream to its chunks, and to the error when it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import httpx

from accord import sse
from accord.errors import (
    CallCancelledError,
    InvalidEventError,
    StreamCutError,
    StreamError,
    StreamEventError,
    StreamTimeoutError,
)
from accord.failures import Failures, is_error, parse_json, parse_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord.errors import AccordError, Facts
    from accord.operations import StreamOperation

__all__ = ["DONE", "ChunkReader"]

DONE: Final = "[DONE]"
# Bytes kept until the first event: they may be a page, or the answer as one JSON document.
_PAGE: Final = 65_536
_DOCUMENT: Final = sse.MAX_BLOCK

T = TypeVar("T")
E = TypeVar("E", bound=StreamError)


class ChunkReader(Generic[T]):
    """Reads one stream.

    Attributes:
        done: whether `[DONE]` has come; what comes after it is not the stream's.
        events: how many chunks have come.
        fold: the answer that they make up.
        deadline: when the whole call must be done.
        cancelled: whether the stream was closed elsewhere while it was read.
    """

    def __init__(
        self, operation: StreamOperation[T], response: httpx.Response, failures: Failures
    ) -> None:
        self.done = self.cancelled = False
        self.deadline = failures.deadline
        self.events = 0
        self._operation = operation
        self._response = response
        self._failures = failures
        self._reader = sse.Reader()
        self._head = bytearray()
        is_json = "json" in response.headers.get("content-type", "")
        self._head_size = _DOCUMENT if is_json else _PAGE
        self.fold = operation.fold()

    def feed(self, data: bytes) -> Iterator[T]:
        """Take the next bytes; give the chunks that they complete, up to `[DONE]`.

        Raises:
            StreamError: an event reports an error, or is no chunk.
        """
        if not self.events and len(self._head) < self._head_size:
            self._head += data
        read, add = self._operation.read, self.fold.add
        try:
            for event in self._reader.feed(data):
                value = parse_text(event.data)
                if isinstance(value, dict) and not is_error(value) and event.event != "error":
                    chunk = read(value)
                    add(value)
                    self.events += 1
                    yield chunk
                elif event.data.startswith(DONE):
                    self.done = True
                    return
                elif event.data:
                    raise self._no_chunk(event, value)
        except sse.EventStreamError as error:
            raise self._invalid(str(error), "") from error

    def close(self) -> list[T]:
        """Say that the body has ended; give the chunks that are left.

        There is one where a server doesn't know `stream` and sent the answer as JSON.

        Raises:
            AccordError: it ended before `[DONE]`, or was closed; or it was no stream but an
                error, or a page.
        """
        rest = self._reader.close()
        if rest is not None and rest.data.startswith(DONE):
            self.done = True  # the blank line after it is missing, but nothing of the answer is
        if self.cancelled:
            raise self._given_up()
        if self.done:
            return []
        document = None if self.events else parse_json(self._head)
        if isinstance(document, dict) and document.get("choices") and not is_error(document):
            self.done, self.events = True, 1
            chunk = self.fold.chunk_of(document)
            self.fold.add(chunk)
            return [self._operation.read(chunk)]
        raise self._not_a_stream(document) or self._error(
            StreamCutError, "the stream ended before [DONE]", self._facts()
        )

    def whole(self) -> Any:
        """Give the answer that all chunks make up.

        Raises:
            StreamCutError: not all of them have been read, and the stream is closed.
        """
        if not self.done:
            message = "the stream was closed before [DONE]"
            raise self._error(StreamCutError, message, self._facts())
        return self.fold.result()

    def broken(self, error: httpx.HTTPError) -> AccordError:
        """Give the error for a connection that failed while the stream was read."""
        if self.cancelled:
            return self._given_up()
        phase = self._failures.timeout_phase(error)
        if phase:
            message = f"the stream stopped before [DONE] ({phase} timeout)"
            return self._error(StreamTimeoutError, message, self._facts(), phase=phase)
        text = self._failures.config.mask(str(error)) or type(error).__name__
        message = f"the stream broke off before [DONE]: {text}"
        return self._error(StreamCutError, message, self._facts())

    def _no_chunk(self, event: sse.Event, data: Any) -> AccordError:
        if isinstance(data, dict):
            return self._reported(data, event.data)
        return self._invalid(f"the event at byte {event.start} is no JSON object", event.data)

    def _not_a_stream(self, data: Any) -> AccordError | None:
        """Give the error for a document that came where a stream was asked for, if one did."""
        kind = self._response.headers.get("content-type", "")
        if self.events or not self._head or kind.startswith("text/event-stream"):
            return None
        head = bytes(self._head)
        if is_error(data):
            return self._failures.refused(self._response, data, head)
        return self._failures.invalid(self._response, "a stream was asked for", head)

    def _given_up(self) -> CallCancelledError:
        return CallCancelledError("the stream was closed while it was read", self._facts())

    def _reported(self, data: Any, text: str) -> StreamEventError:
        message, facts = self._failures.told(data, self._facts(text))
        return self._error(StreamEventError, message or "the server reported an error", facts)

    def _invalid(self, message: str, text: str) -> InvalidEventError:
        return self._error(InvalidEventError, message, self._facts(text))

    def _error(self, kind: type[E], message: str, facts: Facts, **more: str) -> E:
        partial = self.fold.result() if self.events else None
        return kind(message, facts, events=self.events, partial=partial, **more)

    def _facts(self, text: str = "") -> Facts:
        return self._failures.facts(self._response, text.encode(errors="replace"))
