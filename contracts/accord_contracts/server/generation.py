"""Writing the choices of an answer, token by token.

A *writer* is an iterator that takes one step for each token and yields an `Emission`: what the
choice newly has to show. JSON answers add the emissions up, streams send them on, so that both
say the same by construction.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from accord_contracts.server.text_flow import TextFlow
from accord_contracts.server.tokenizer import TOKEN_BYTES, Mark, encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from accord_contracts.server.language import Logits, Model
    from accord_contracts.server.sampling import Scored

Finish = Literal["stop", "length", "tool_calls", "function_call"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the answer makes."""

    id: str
    kind: Literal["function", "custom"]
    name: str
    payload: str
    """The arguments as JSON, or a custom tool's input."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a tool call; the piece that opens the call has no text."""

    position: int
    """Which of the calls of this answer."""
    call: ToolCall
    opens: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Emission:
    """What one choice newly has to show."""

    text: str = ""
    scored: tuple[Scored, ...] = ()
    """The tokens accounted for since the last text, those of a matched stop included."""
    fragment: Fragment | None = None
    finish: Finish | None = None
    spent: int = 1
    """Tokens generated since the last emission."""


@dataclass(slots=True)
class Outcome:
    """All that one choice has shown."""

    text: str = ""
    scored: list[Scored] = field(default_factory=list)
    calls: dict[int, tuple[ToolCall, str]] = field(default_factory=dict)
    """By position: the call, and as much of its payload as was written."""
    finish: Finish | None = None
    spent: int = 0

    def add(self, emission: Emission) -> None:
        """Take one more emission."""
        self.text += emission.text
        self.scored += emission.scored
        self.finish = emission.finish
        self.spent += emission.spent
        if fragment := emission.fragment:
            _, written = self.calls.get(fragment.position, (fragment.call, ""))
            self.calls[fragment.position] = fragment.call, written + fragment.text

    @property
    def mean_logprob(self) -> float:
        """How likely the model found its own text, per token."""
        return sum(scored.logprob for scored in self.scored) / max(len(self.scored), 1)


def write_text(
    model: Model, draw: Callable[[Logits], Scored], budget: int, stops: Sequence[str]
) -> Iterator[Emission]:
    """Write text until the model ends it, a stop sequence comes or the budget is spent."""
    flow = TextFlow(stops)
    waiting: list[Scored] = []
    finish: Finish = "length"
    for _ in range(budget):
        scored = _next(model, draw)
        if scored is None:
            finish = "stop"
            break
        waiting.append(scored)
        text = flow.feed(TOKEN_BYTES[scored.token])
        if flow.stopped:
            yield Emission(text, tuple(waiting), finish="stop")
            return
        yield Emission(text, tuple(waiting) if text else ())
        if text:
            waiting = []
    yield Emission(flow.rest(), tuple(waiting), finish=finish, spent=0)


def _next(model: Model, draw: Callable[[Logits], Scored]) -> Scored | None:
    logits = model.logits()
    scored = draw(logits) if logits else None
    if scored is None or scored.token == Mark.END_OF_TEXT:
        return None
    model.advance(scored.token)
    return scored


def write_calls(calls: Sequence[ToolCall], budget: int, finish: Finish) -> Iterator[Emission]:
    """Write tool calls until all are made or the budget is spent."""
    left = budget
    for fragment in _spell(calls):
        if left == 0:
            finish = "length"
            break
        left -= 1
        yield Emission(fragment=fragment)
    yield Emission(finish=finish, spent=0)


def _spell(calls: Sequence[ToolCall]) -> Iterator[Fragment | None]:
    """One item for each token: two marks and the name open a call, then comes its payload."""
    for position, call in enumerate(calls):
        yield from [None] * (1 + len(encode(call.name)))
        yield Fragment(position, call, opens=True)
        flow = TextFlow()
        for token in encode(call.payload):
            text = flow.feed(TOKEN_BYTES[token])
            yield Fragment(position, call, opens=False, text=text) if text else None


_BREATH = 16
"""After so many tokens other requests get their turn."""


async def interleave(
    writers: Sequence[Iterator[Emission]], delay: float = 0.0
) -> AsyncIterator[tuple[int, Emission]]:
    """Let the writers take turns; yield what each shows, with its number.

    Args:
        writers: one for each choice.
        delay: seconds that each round takes.
    """
    running, steps = dict(enumerate(writers)), 0
    while running:
        if delay:
            await asyncio.sleep(delay)
        for index, writer in list(running.items()):
            emission = next(writer)
            if emission.finish:
                del running[index]
            steps += 1
            if steps % _BREATH == 0:
                await asyncio.sleep(0)
            yield index, emission


async def outcomes(writers: Sequence[Iterator[Emission]], delay: float = 0.0) -> list[Outcome]:
    """Let the writers write to the end; give what each has shown."""
    results = [Outcome() for _ in writers]
    async for index, emission in interleave(writers, delay):
        results[index].add(emission)
    return results
