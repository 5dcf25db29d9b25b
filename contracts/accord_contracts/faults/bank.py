"""How faults are written: one small function each, at one level of the reference server.

    @on_chunk("stream.object-wrong", caught_by=["stream.object-names-the-chunk"])
    def object_wrong(call: Call, chunk: JSON) -> None:
        # docstring: what is wrong, as a server's author would put it
        chunk["object"] = "chat.completion"

Where servers have one code path for several endpoints, and a rule for each, write `{endpoint}` in
the ids: each endpoint gets a fault of its own, `stream.usage-not-reported@chat`, which bends that
endpoint alone. So there is a fault for each rule that this rule alone is answerable for.

The levels, from the request to the wire: `on_request`, `on_answer` (successful JSON), `on_error`
(status 400 and above), `on_reply` (both, and the head of a stream), `on_chunk` (each chunk of a
stream), `on_events` (the sequence of events), `on_blocks` (encoded events), `on_asgi` (all of it).
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Final, TypeVar

from starlette.types import ASGIApp

from accord_contracts.faults.bound import Bound
from accord_contracts.kinds import GENERATING
from accord_contracts.server.hooks import Call, Hook, Reply, StreamEvent

JSON = dict[str, Any]

KEY: Final = "accord-selftest-key"
"""The key of every server that a fault is put into, so that faults can be about keys."""


@dataclass(frozen=True)
class Fault:
    """One deliberate deviation.

    Attributes:
        name: `family.what-is-wrong`, and `@endpoint` where it is bound to one; stable.
        caught_by: ids of the rules that must fail because of it.
        summary: one sentence: what the server does wrong.
        level: where it bends the server: `request`, `answer`, `error`, ...
        hook: bends the reference server.
        wire: whether only a real connection shows it.
    """

    name: str
    caught_by: tuple[str, ...]
    summary: str
    level: str
    hook: Hook
    wire: bool = False

    @property
    def stem(self) -> str:
        """The name without the endpoint: what all the faults of one deviation have in common."""
        return self.name.partition("@")[0]

    @property
    def family(self) -> str:
        """The part of the name before its dot."""
        return self.name.partition(".")[0]

    @property
    def subject(self) -> str:
        """The family of the rule that it is for."""
        return self.caught_by[0].partition(".")[0]

    def matches(self, pattern: str) -> bool:
        """Whether a glob names this fault: its name, its stem or its family."""
        return fnmatchcase(self.name, pattern) or pattern in {self.stem, self.family}

    def at(self, endpoint: str) -> Fault:
        """The same deviation at one endpoint."""
        return replace(
            self,
            name=f"{self.name}@{endpoint}",
            caught_by=tuple(rule.replace("{endpoint}", endpoint) for rule in self.caught_by),
            hook=Bound(self.hook, endpoint),
        )


BANK: Final[dict[str, Fault]] = {}
"""All faults by name; filled by importing `accord_contracts.faults`."""

F = TypeVar("F", bound=Callable[..., Any])
OnRequest = Callable[[Call], None]
OnJson = Callable[[Call, JSON], None]
OnReply = Callable[[Call, Reply], Reply | None]
OnEvents = Callable[[Call, AsyncIterator[StreamEvent]], AsyncIterator[StreamEvent]]
OnBlocks = Callable[[Call, AsyncIterator[bytes]], AsyncIterator[bytes]]


def _entry(level: str, make: Callable[[F], Hook]) -> Callable[..., Callable[[F], F]]:
    """Turn a way to make a hook of a function into a decorator that registers a fault."""

    def decorator(
        name: str,
        *,
        caught_by: Iterable[str],
        endpoints: Iterable[str] = GENERATING,
        wire: bool = False,
    ) -> Callable[[F], F]:
        def register(function: F) -> F:
            summary = " ".join(inspect.cleandoc(function.__doc__ or "").split("\n\n")[0].split())
            fault = Fault(name, tuple(caught_by), summary, level, make(function), wire)
            spread = any("{endpoint}" in rule for rule in fault.caught_by)
            for one in map(fault.at, endpoints) if spread else [fault]:
                _add(one)
            return function

        return register

    return decorator


def _add(fault: Fault) -> None:
    if fault.name in BANK:
        raise ValueError(f"two faults are called {fault.name}")
    BANK[fault.name] = fault


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


on_request = _entry("request", _Request)
on_answer = _entry("answer", _answers)
on_error = _entry("error", _errors)
on_reply = _entry("reply", _Reply)
on_chunk = _entry("chunk", _chunks)
on_events = _entry("events", _Events)
on_blocks = _entry("blocks", _Blocks)
on_asgi = _entry("asgi", _Asgi)
