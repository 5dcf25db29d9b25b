"""How faults are written: one small function each, at one level of the reference server.

    @on_chunk("stream.object-wrong", caught_by=["stream.object-names-the-chunk"])
    def object_wrong(call: Call, chunk: JSON) -> None:
        # docstring: what is wrong, as a server's author would put it
        chunk["object"] = "chat.completion"

The levels, from the request to the wire: `on_request`, `on_answer` (successful JSON), `on_error`
(status 400 and above), `on_reply` (both, and the head of a stream), `on_chunk` (each chunk of a
stream), `on_events` (the sequence of events), `on_blocks` (encoded events), `on_asgi` (all of it).
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from starlette.types import ASGIApp

from accord_contracts.server.hooks import Call, Hook, Reply, StreamEvent

JSON = dict[str, Any]

KEY: Final = "accord-selftest-key"
"""The key of every server that a fault is put into, so that faults can be about keys."""


@dataclass(frozen=True)
class Fault:
    """One deliberate deviation.

    Attributes:
        name: `family.what-is-wrong`; stable.
        caught_by: ids of the rules that must fail because of it.
        summary: one sentence: what the server does wrong.
        hook: bends the reference server.
    """

    name: str
    caught_by: tuple[str, ...]
    summary: str
    hook: Hook


BANK: Final[dict[str, Fault]] = {}
"""All faults by name; filled by importing `accord_contracts.faults`."""

F = TypeVar("F", bound=Callable[..., Any])
OnRequest = Callable[[Call], None]
OnJson = Callable[[Call, JSON], None]
OnReply = Callable[[Call, Reply], Reply | None]
OnEvents = Callable[[Call, AsyncIterator[StreamEvent]], AsyncIterator[StreamEvent]]
OnBlocks = Callable[[Call, AsyncIterator[bytes]], AsyncIterator[bytes]]


def _entry(make: Callable[[F], Hook]) -> Callable[..., Callable[[F], F]]:
    """Turn a way to make a hook of a function into a decorator that registers a fault."""

    def decorator(name: str, *, caught_by: Iterable[str]) -> Callable[[F], F]:
        def register(function: F) -> F:
            if name in BANK:
                raise ValueError(f"two faults are called {name}")
            summary = " ".join(inspect.cleandoc(function.__doc__ or "").split("\n\n")[0].split())
            BANK[name] = Fault(name, tuple(caught_by), summary, make(function))
            return function

        return register

    return decorator


@dataclass(frozen=True)
class _Request(Hook):
    change: OnRequest

    def request(self, call: Call) -> None:
        self.change(call)


@dataclass(frozen=True)
class _Reply(Hook):
    change: OnReply

    def reply(self, call: Call, reply: Reply) -> Reply:
        return self.change(call, reply) or reply


@dataclass(frozen=True)
class _Events(Hook):
    change: OnEvents

    def events(self, call: Call, events: AsyncIterator[StreamEvent]) -> AsyncIterator[StreamEvent]:
        return self.change(call, events)


@dataclass(frozen=True)
class _Blocks(Hook):
    change: OnBlocks

    def blocks(self, call: Call, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        return self.change(call, blocks)


@dataclass(frozen=True)
class _Asgi(Hook):
    change: Callable[[ASGIApp], ASGIApp]

    def asgi(self, app: ASGIApp) -> ASGIApp:
        return self.change(app)


def _answers(change: OnJson) -> Hook:
    def edit(call: Call, reply: Reply) -> None:
        if reply.status < 300 and isinstance(reply.body, dict):
            change(call, reply.body)

    return _Reply(edit)


def _errors(change: OnReply) -> Hook:
    def edit(call: Call, reply: Reply) -> Reply | None:
        return change(call, reply) if reply.status >= 400 else None

    return _Reply(edit)


def _chunks(change: OnJson) -> Hook:
    async def edit(call: Call, events: AsyncIterator[StreamEvent]) -> AsyncIterator[StreamEvent]:
        async for event in events:
            if isinstance(event, dict):
                change(call, event)
            yield event

    return _Events(edit)


on_request = _entry(_Request)
on_answer = _entry(_answers)
on_error = _entry(_errors)
on_reply = _entry(_Reply)
on_chunk = _entry(_chunks)
on_events = _entry(_Events)
on_blocks = _entry(_Blocks)
on_asgi = _entry(_Asgi)
