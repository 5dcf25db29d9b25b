"""Makes a small recording of a long one, to be kept: real servers for tests without them.

    accord check URL --record RUN
    python tests/recordings/curate.py RUN tests/recordings/NAME.har 90000 OLD=NEW

It keeps what breaks a rule (one exchange for each), and then one of each sort of exchange, the
shortest first, up to so many bytes. `OLD=NEW` writes one text for another of the same length, so
that no path of the machine that recorded is kept and all offsets stay true.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from accord_contracts import har, judge
from accord_contracts.exchange import Exchange
from accord_contracts.recordings import load
from accord_contracts.target import Target

ORDINARY: Final = frozenset({"model", "messages", "prompt", "max_tokens", "temperature", "seed"})


def main(run: str, kept: str, size: str, *replacements: str) -> None:
    recording = load([run])
    target = Target(recording.base_url)
    exchanges = [_cleaned(exchange, replacements) for exchange in recording.exchanges]
    chosen: dict[int, Exchange] = {}
    for exchange in [*_breaking(exchanges), *_sorts(exchanges)]:
        longer = chosen | {exchange.number: exchange}
        if len(har.render(longer.values(), target)) <= int(size):
            chosen = longer
    Path(kept).write_text(har.render(sorted(chosen.values(), key=_number), target), "ascii")
    print(f"{kept}: {len(chosen)} of {len(exchanges)} exchanges")


def _number(exchange: Exchange) -> int:
    return exchange.number


def _cleaned(exchange: Exchange, replacements: Iterable[str]) -> Exchange:
    body = exchange.body
    for replacement in replacements:
        old, _, new = replacement.encode().partition(b"=")
        if len(old) != len(new):
            sys.exit(f"{replacement}: of another length")
        body = body.replace(old, new)
    return replace(exchange, body=body)


def _breaking(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """The exchanges that the findings name."""
    return [finding.exchange for finding in judge(*exchanges).failures if finding.exchange]


def _sorts(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """One exchange for each combination of endpoint, outcome and parameters."""
    seen = set()
    for exchange in sorted(exchanges, key=lambda e: len(e.body) + len(e.request.body or b"")):
        request = exchange.request
        sort = (request.endpoint, exchange.status, *sorted({*request.params} - ORDINARY))
        if sort not in seen:
            seen.add(sort)
            yield exchange


if __name__ == "__main__":
    main(*sys.argv[1:])
