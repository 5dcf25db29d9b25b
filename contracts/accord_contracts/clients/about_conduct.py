"""Conduct: connections, retries, endings. Judged on all calls of one client together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from accord_contracts.clients.entry import Ending, Entry
from accord_contracts.clients.obligation import Breach, Breaches, on_conduct
from accord_contracts.rule import MAY, SHOULD

PASSING: Final = frozenset({408, 409, 425, 429})
"""Refusals that may pass by themselves, beside those from 500 on."""

ALLOWANCE: Final = 0.95
"""How much of the time that it was told a client must wait: clocks differ."""

FRESH: Final = 60.0
"""Seconds for which the server surely keeps a connection that nobody uses."""


def busiest(entries: Sequence[Entry]) -> int:
    """How many calls were under way at once, at most."""
    begins = [(entry.arrived, 1) for entry in entries]
    ends = [(entry.ended, -1) for entry in entries]
    return max(accumulate(step for _, step in sorted(begins + ends)), default=0)


def connections(entries: Sequence[Entry]) -> int:
    """How many connections were used."""
    return len({entry.connection for entry in entries})


@on_conduct(
    "conduct.reuses-connections", SHOULD, about=lambda entries: len(entries) > 2, spec="#/servers"
)
def reuses_connections(entries: Sequence[Entry]) -> Breaches:
    """A client keeps its connections, and sends its next request on one that is free.

    Why: each new connection costs a round trip, and with TLS two or three; under load it uses up
    ports. Programs that end after each request, such as curl, can't do otherwise.

    Seen: openai-python, after each stream.

    Violation: ten requests, one after another, on ten connections.
    """
    needless, most = list(_needless(entries)), busiest(entries)
    # A client may connect while the answer that would free a connection is on its way.
    if len(needless) > most and connections(entries) > len(entries) / 3:
        yield Breach(
            f"{len(entries)} requests came on {connections(entries)} connections, never more than "
            f"{most} at once; {len(needless)} times another connection was free",
            number=needless[0].number,
        )


def _needless(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The calls that opened a connection while another one was free."""
    last: dict[int, Entry] = {}
    for entry in entries:
        if entry.connection not in last and any(_free(one, entry) for one in last.values()):
            yield entry
        last[entry.connection] = entry


def _free(before: Entry, entry: Entry) -> bool:
    """Whether the connection of a call could have been used by a later one."""
    return before.kept and 0 < entry.arrived - before.ended < FRESH


@on_conduct(
    "conduct.reads-answers-to-their-end",
    MAY,
    about=lambda entries: any(entry.status is not None for entry in entries),
    spec="#/components/schemas/Stream",
)
def reads_answers_to_their_end(entries: Sequence[Entry]) -> Breaches:
    """A client reads an answer to its end, a stream up to `[DONE]`.

    Why: to stop reading is legal, and stops the server. But where a program did not mean to, it
    has lost the usage at a stream's end, or its time limit is too short.

    Violation: the connection is closed while the server is still sending.
    """
    for entry in entries:
        if entry.ending is Ending.CLIENT_LEFT:
            kind = "stream" if entry.streams else "answer"
            yield Breach(f"the client left before the {kind} was over", number=entry.number)


def retries(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Failed calls, each with the call that said the same again after it."""
    last: dict[bytes, Entry] = {}
    for entry in entries:
        before = last.get(entry.same)
        if before and before.ended <= entry.arrived and _failed(before):
            yield before, entry
        last[entry.same] = entry


def _failed(entry: Entry) -> bool:
    return entry.status is None or entry.status >= 400 or entry.ending is Ending.SERVER_CUT


def _told_to_wait(entries: Sequence[Entry]) -> bool:
    return any(before.retry_after is not None for before, _ in retries(entries))


@on_conduct(
    "conduct.waits-as-long-as-told",
    SHOULD,
    about=_told_to_wait,
    spec="#/components/headers/RetryAfter",
)
def waits_as_long_as_told(entries: Sequence[Entry]) -> Breaches:
    """After an answer with `Retry-After`, a client waits that long before it asks again.

    Why: servers count the requests that they refuse, too; who comes early waits longer.

    Violation: `Retry-After: 5`, and the same request after 0.5 seconds.
    """
    for before, again in retries(entries):
        waited, told = again.arrived - before.ended, before.retry_after or 0
        if waited < told * ALLOWANCE:
            yield Breach(
                f"it came {waited:.1f} s after an answer that asked for {told:g} s",
                number=again.number,
            )


@on_conduct(
    "conduct.takes-no-for-an-answer",
    SHOULD,
    about=lambda entries: any(400 <= (entry.status or 0) < 500 for entry in entries),
    spec="#/components/responses/BadRequest",
)
def takes_no_for_an_answer(entries: Sequence[Entry]) -> Breaches:
    """What was refused for good (400, 401, 404 and so on) is not sent again unchanged.

    Why: it will be refused again, and counts against the limit of requests.

    Violation: the same request three times, each answered 400.
    """
    for before, again in retries(entries):
        status = before.status or 0
        if 400 <= status < 500 and status not in PASSING:
            yield Breach(f"the same request was refused with {status} before", number=again.number)
