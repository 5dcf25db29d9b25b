"""Agreement on time: a stream comes while the JSON answer would be waited for."""

from __future__ import annotations

from typing import Final, NamedTuple

from accord_contracts.ask import Ask, streamed
from accord_contracts.exchange import Exchange
from accord_contracts.finding import need
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import SHOULD, AsyncProblems, scenario
from accord_contracts.views import Stream

LONG: Final = 64
"""Tokens of a stream that takes a while."""
TELLING: Final = 0.25
"""Seconds of generation that it takes for arrival times to mean something."""
TRIALS: Final = 4
"""Streams that must all come at once: on a busy machine one does, now and then, and so do two."""


class Pace(NamedTuple):
    """When the text of a stream came, in seconds after sending."""

    first: float
    last: float

    @classmethod
    def of(cls, exchange: Exchange) -> Pace:
        """Read it off a stream.

        Raises:
            NotApplicable: the stream has no text.
            Unsupported, CouldNotRun: as `streamed`.
        """
        stream = streamed(exchange)
        pieces = [piece for piece in stream.pieces.get(0, []) if piece.text]
        need(pieces, "a stream with text")
        times = [exchange.arrival(exchange.events[piece.event - 1].end) for piece in pieces]
        return cls(times[0], times[-1])


@scenario(
    "agreement.{endpoint}-arrives-as-generated",
    SHOULD,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/Stream",
    covers=["STR-051"],
)
async def arrives_as_generated(ask: Ask) -> AsyncProblems:
    """Chunks come while the text is generated, not all of them at its end.

    Why: it is what streams are for: the user waits as long as for JSON.

    Seen: mlx-omni-server, oMLX.

    Sources: madroidmaq/mlx-omni-server#2, jundot/omlx#112.

    Violation: 64 tokens take two seconds, and all chunks come within a few milliseconds.
    """
    for again in range(TRIALS):
        short, long = await _paces(ask, again)
        took = long.last - short.last
        need(took >= TELLING, f"a text of {LONG} tokens that takes {TELLING} s longer than of one")
        if long.last - long.first > took / 10:
            return
    exchange = await ask(ask.make.capped(ask.endpoint, LONG, stream=True, again=TRIALS - 1))
    yield Stream(exchange).problem(
        f"chunks spread over the {took:.2f} s that the text took to generate",
        f"all of them within {long.last - long.first:.3f} s",
    )


async def _paces(ask: Ask, again: int) -> tuple[Pace, Pace]:
    """How fast one token comes, and how fast many do.

    One token takes what is no generation: the queue, the prompt. Asking for it first warms
    caches up, so that the long stream has less of that, not more.
    """
    make, name = ask.make, ask.endpoint
    short, long = await ask.all(
        make.capped(name, 1, stream=True, again=again),
        make.capped(name, LONG, stream=True, again=again),
    )
    return Pace.of(short), Pace.of(long)
