"""Transport: bodies in chunks, and large ones; and the id of each request."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from accord_contracts.ask import Ask, supported
from accord_contracts.exchange import Request
from accord_contracts.finding import need
from accord_contracts.kinds import GENERATING
from accord_contracts.requests import JSON_TYPE
from accord_contracts.rule import SHOULD, AsyncProblems, scenario
from accord_contracts.rules.accepting import answer_to
from accord_contracts.rules.endpoints import plain
from accord_contracts.views import View, show

LARGE: Final = 150_000
"""Bytes: what a long conversation has, and more than some frameworks read by default."""


@scenario(
    "transport.{endpoint}-reads-chunked-bodies",
    SHOULD,
    endpoints=GENERATING,
    spec="#/paths/~1chat~1completions/post/requestBody",
)
async def reads_chunked_bodies(ask: Ask) -> AsyncProblems:
    """A body that is sent in chunks, without its length, is read as any other.

    Why: clients that encode while they send, and proxies, use `transfer-encoding: chunked`.

    Seen: no server that is known.

    Sources: RFC 9112, section 7.1: a recipient must be able to decode it.

    Violation: `HTTP 400`, body is empty.
    """
    whole = plain(ask)
    chunked = replace(whole, headers=(JSON_TYPE, ("transfer-encoding", "chunked")))
    async for problem in answer_to(ask, chunked):
        yield problem


@scenario(
    "transport.{endpoint}-reads-large-bodies",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/responses/ContentTooLarge",
)
async def reads_large_bodies(ask: Ask) -> AsyncProblems:
    """A body of 150 kB is read as any other.

    It is the baseline with white space behind it, which JSON allows: it costs no tokens.

    Why: conversations with code, tools or images in them are as large as that.

    Seen: no server that is known.

    Sources: RFC 8259, section 2: white space is allowed around a value.

    Violation: `HTTP 413` to what a coding agent sends after an hour.
    """
    async for problem in answer_to(ask, _padded(plain(ask))):
        yield problem


def _padded(request: Request) -> Request:
    return replace(request, body=(request.body or b"").ljust(LARGE))


@scenario(
    "transport.{endpoint}-request-ids-differ",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/headers/RequestId",
    covers=["HTP-004"],
)
async def request_ids_differ(ask: Ask) -> AsyncProblems:
    """Two requests have two ids in `x-request-id`.

    Why: who looks a request up in the logs finds all of them.

    Seen: no server that is known.

    Sources: vllm-project/vllm#9593.

    Violation: `x-request-id: 1` twice.
    """
    make = ask.make
    answers = await ask.all(make.text(ask.endpoint), make.text(ask.endpoint, again=1))
    first, second = (supported(answer).exchange for answer in answers)
    ids = [exchange.header("x-request-id") for exchange in (first, second)]
    need(all(ids), "answers with `x-request-id`")
    if ids[0] == ids[1]:
        view = View(second)
        found = f"{show(ids[1])} again"
        yield view.problem("an id of its own", found, header="x-request-id", compared=(first,))
