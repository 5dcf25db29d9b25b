"""Views: an exchange as what its answer is meant to be, readable whatever was sent.

A view never raises on what a server sends: a member that is missing or of another type reads as
empty, because some rule (not every rule) speaks about that. Each view makes `Problem`s that
point into its own answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeGuard

from accord_contracts.exchange import DONE, NOT_JSON, Exchange, parse
from accord_contracts.finding import Place, Problem

MISSING: Final = type("Missing", (), {"__repr__": lambda _: "nothing"})()
"""What `at` gives for a member that is not there (None is a null)."""

LONGEST_SHOWN: Final = 120
"""Characters of a value that a message shows."""


def members(value: Any) -> dict[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """The value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def is_int(value: Any) -> TypeGuard[int]:
    """Whether a JSON value is an integer written as one: neither `true` nor `3.0`."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a JSON value is a number (`true` is none)."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_READABLE: Final = json.JSONEncoder(ensure_ascii=False)


def show(value: Any) -> str:
    """A value as messages show it: JSON, shortened; `nothing` where there is none."""
    if value is MISSING:
        return "nothing"
    if value is NOT_JSON:
        return "no JSON"
    shown = _READABLE.encode(value)
    return shown if len(shown) <= LONGEST_SHOWN else shown[: LONGEST_SHOWN - 1] + "…"


def at(value: Any, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) names in a value; `MISSING` where nothing is."""
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key, MISSING)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return MISSING
    return value


@dataclass(frozen=True)
class View:
    """Any answer: what all views have."""

    exchange: Exchange

    @property
    def params(self) -> dict[str, Any]:
        """The members of the request's body."""
        return self.exchange.request.params

    @property
    def endpoint(self) -> str | None:
        """The endpoint asked: `models`, `model`, `completions`, `chat`, or None."""
        return self.exchange.request.endpoint

    def problem(
        self,
        expected: str,
        actual: str,
        pointer: str | None = None,
        *,
        event: int | None = None,
        offset: int | None = None,
        header: str | None = None,
        compared: tuple[Exchange, ...] = (),
    ) -> Problem:
        """Say what is wrong with this answer, and where."""
        place = Place(pointer, event, offset, header)
        return Problem(expected, actual, self.exchange, place, compared)


@dataclass(frozen=True)
class Answer(View):
    """A JSON answer: a success or an error."""

    @property
    def json(self) -> Any:
        """The body as a JSON value, or `NOT_JSON`."""
        return self.exchange.json

    @property
    def fields(self) -> dict[str, Any]:
        """The body's members; empty where it is no JSON object."""
        return members(self.json)

    def at(self, pointer: str) -> Any:
        """What a JSON pointer names in the body, or `MISSING`."""
        return at(self.json, pointer)

    def unless(self, holds: object, expected: str, pointer: str) -> Iterator[Problem]:
        """Yield a problem at `pointer` unless `holds`; the actual value is shown."""
        if not holds:
            yield self.problem(expected, show(self.at(pointer)), pointer)

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The choices, in the order sent."""
        return [members(choice) for choice in items(self.fields.get("choices"))]

    @property
    def places(self) -> list[tuple[str, dict[str, Any]]]:
        """The choices, each after the JSON pointer to it: `("/choices/0", {…})`."""
        return [(f"/choices/{number}", choice) for number, choice in enumerate(self.choices)]

    @property
    def usage(self) -> dict[str, Any]:
        """The usage object."""
        return members(self.fields.get("usage"))

    @property
    def error(self) -> dict[str, Any]:
        """The error object of OpenAI's envelope."""
        return members(self.fields.get("error"))

    @property
    def texts(self) -> list[str]:
        """The text of each choice, in the order sent: a chat answer's content, or the text."""
        return [choice_text(choice) for choice in self.choices]

    @property
    def finish_reasons(self) -> list[Any]:
        """The finish reason of each choice, in the order sent."""
        return [choice.get("finish_reason") for choice in self.choices]


def choice_text(choice: dict[str, Any]) -> str:
    """The text of one choice of an answer, chat or completions."""
    return text(members(choice.get("message")).get("content")) or text(choice.get("text"))


def delta_text(choice: dict[str, Any]) -> str:
    """The text that one choice of a chunk adds, chat or completions."""
    return text(members(choice.get("delta")).get("content")) or text(choice.get("text"))


@dataclass(frozen=True)
class Chunk:
    """One event of a stream whose data is a JSON object."""

    event: int
    """The event's number, from 1."""
    fields: dict[str, Any]

    def at(self, pointer: str) -> Any:
        """What a JSON pointer names in the chunk, or `MISSING`."""
        return at(self.fields, pointer)

    @cached_property
    def choices(self) -> list[dict[str, Any]]:
        """The choices in this chunk."""
        return [members(choice) for choice in items(self.fields.get("choices"))]

    @property
    def usage(self) -> dict[str, Any]:
        """The usage object; empty where it is null or missing."""
        return members(self.fields.get("usage"))

    @property
    def is_error(self) -> bool:
        """Whether the chunk reports an error instead of going on."""
        return bool(self.fields.get("error"))


@dataclass(frozen=True)
class Piece:
    """What one chunk says of one choice."""

    event: int
    position: int
    """Its place in the chunk's `choices`."""
    choice: dict[str, Any]

    @property
    def delta(self) -> dict[str, Any]:
        """The chat delta; empty for completions."""
        return members(self.choice.get("delta"))

    @property
    def text(self) -> str:
        """The text it adds."""
        return delta_text(self.choice)

    @property
    def finish_reason(self) -> Any:
        """The finish reason, or None."""
        return self.choice.get("finish_reason")

    @property
    def pointer(self) -> str:
        """Where in the chunk it stands."""
        return f"/choices/{self.position}"


@dataclass(frozen=True)
class Stream(View):
    """A streamed answer of chat or completions."""

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """The events whose data is a JSON object, in order."""
        parsed = ((n, parse(e.data)) for n, e in enumerate(self.exchange.events, 1))
        return tuple(Chunk(n, value) for n, value in parsed if isinstance(value, dict))

    @cached_property
    def done(self) -> int | None:
        """The number of the first `[DONE]` event, or None."""
        events = enumerate(self.exchange.events, 1)
        return next((n for n, event in events if event.data.strip() == DONE), None)

    @cached_property
    def complete(self) -> bool:
        """Whether the stream could be read to its proper end, without an error in it."""
        return (
            self.exchange.failure is None
            and self.exchange.event_error is None
            and not self.exchange.request.abandons
            and not any(chunk.is_error for chunk in self.chunks)
        )

    @property
    def ended(self) -> bool:
        """Whether the stream is complete, and not empty: its end can be judged."""
        return self.complete and bool(self.exchange.events)

    @cached_property
    def sound(self) -> list[Chunk]:
        """The chunks that go on with the answer: those that report no error."""
        return [chunk for chunk in self.chunks if not chunk.is_error]

    @cached_property
    def pieces(self) -> dict[Any, list[Piece]]:
        """What the chunks say of each choice, by its index, in order."""
        found: dict[Any, list[Piece]] = {}
        for chunk in self.chunks:
            for position, choice in enumerate(chunk.choices):
                index = choice.get("index")
                key = index if is_int(index) else 0
                found.setdefault(key, []).append(Piece(chunk.event, position, choice))
        return dict(sorted(found.items()))

    @property
    def texts(self) -> list[str]:
        """The joined text of each choice, by index."""
        return ["".join(piece.text for piece in pieces) for pieces in self.pieces.values()]

    @property
    def finish_reasons(self) -> list[Any]:
        """The first finish reason of each choice, by index; None where none came."""
        return [
            next((p.finish_reason for p in pieces if p.finish_reason is not None), None)
            for pieces in self.pieces.values()
        ]

    @cached_property
    def usage_chunks(self) -> list[Chunk]:
        """The chunks that carry a usage object, in order."""
        return [chunk for chunk in self.chunks if chunk.usage]

    @property
    def usage(self) -> dict[str, Any]:
        """The usage reported last; empty where none was."""
        return self.usage_chunks[-1].usage if self.usage_chunks else {}

    def unless(self, holds: object, expected: str, chunk: Chunk, pointer: str) -> Iterator[Problem]:
        """Yield a problem at `pointer` of a chunk unless `holds`; the actual value is shown."""
        if not holds:
            yield self.problem(expected, show(chunk.at(pointer)), pointer, event=chunk.event)
