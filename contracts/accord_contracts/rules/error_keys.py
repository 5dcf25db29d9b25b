"""Errors: what becomes of calls without the right key."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from accord_contracts.ask import BUSY, Ask
from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import CouldNotRun, Problem, need
from accord_contracts.kinds import ALL_ENDPOINTS
from accord_contracts.rule import MAY, MUST, SHOULD, AsyncProblems, scenario

WRONG_KEY: Final = ("authorization", "Bearer accord-wrong-key")


@scenario(
    "errors.key-guards-every-path",
    MUST,
    endpoints=ALL_ENDPOINTS,
    features=["key"],
    spec="#/components/responses/Unauthorized",
    covers=["ERR-025"],
)
async def key_guards_every_path(ask: Ask) -> AsyncProblems:
    """A server that refuses calls without its key does so on all four paths, and for wrong keys.

    Why: what is left open is used by whoever finds it; the list of models tells them it is there.

    Seen: Ray Serve LLM.

    Sources: ray-project/ray#55369.

    Violation: `HTTP 200` for the list of models without a key, while a chat needs one.
    """
    calls = await _calls_without_the_key(ask)
    closed = [call for call in calls if call.status in {401, 403}]
    need(closed, "a call that is refused without the key")
    for call in calls:
        if call.ok:
            yield Problem(
                "status 401 without the right key, as on other paths",
                call.outcome,
                call,
                compared=(closed[0],),
            )


@scenario(
    "errors.key-refusal-is-401",
    SHOULD,
    endpoints=ALL_ENDPOINTS,
    features=["key"],
    spec="#/components/responses/Unauthorized",
    covers=["ERR-025"],
)
async def key_refusal_is_401(ask: Ask) -> AsyncProblems:
    """A call without the key, or with a wrong one, is refused with 401.

    Why: SDKs raise `AuthenticationError` for 401 alone, and tell the user to look at the key.

    Seen: no server that is known.

    Sources: ray-project/ray#55369.

    Violation: `HTTP 403`, or 404, for a wrong key.
    """
    calls = [call for call in await _calls_without_the_key(ask) if not call.ok]
    need(calls, "a call that is refused without the key")
    for call in calls:
        if call.status not in {401, 429, *BUSY}:
            yield Problem("status 401 without the right key", call.outcome, call)


@scenario(
    "errors.key-is-needed",
    MAY,
    endpoints=ALL_ENDPOINTS,
    features=["key"],
    spec="#/components/securitySchemes/bearerAuth",
    covers=["ERR-025"],
)
async def key_is_needed(ask: Ask) -> AsyncProblems:
    """A server that is used with a key needs it: some call is refused without.

    A MAY, for a key may be given to a server that has none configured.

    Why: a key that is configured and ignored leaves the server open, and nobody knows.

    Seen: Ray Serve LLM.

    Sources: ray-project/ray#55369.

    Violation: every path answers 200 to a wrong key.
    """
    calls = await _calls_without_the_key(ask)
    if all(call.ok for call in calls):
        yield Problem(
            "a refusal without the right key (unless the server has none configured)",
            calls[0].outcome,
            calls[0],
            compared=tuple(calls[1:]),
        )


async def _calls_without_the_key(ask: Ask) -> list[Exchange]:
    """Calls of all four paths without a key and with a wrong one, where the right one opens them.

    Raises:
        NotApplicable: the target has no key.
        CouldNotRun: no path is open with the key.
    """
    need(ask.target.api_key, "a key to leave out")
    make = ask.make
    paths = [make.models(), make.model(ask.target.model), make.chat(), make.completion()]
    keyed = await ask.all(*paths)
    if not any(exchange.ok for exchange in keyed):
        raise CouldNotRun(f"no path answers with the key: {keyed[0].outcome}", keyed[0])
    opened = [exchange.request for exchange in keyed if exchange.ok]
    return await ask.all(*(bad for request in opened for bad in _without_the_key(request)))


def _without_the_key(request: Request) -> tuple[Request, Request]:
    bare = replace(request, authorized=False)
    return bare, replace(bare, headers=(*request.headers, WRONG_KEY))
