"""Transport: connections that are used again after a mistake, and those that are left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from accord_contracts.ask import Ask, considered, refused, supported
from accord_contracts.exchange import HUNG_UP, Exchange, Request
from accord_contracts.finding import CouldNotRun, Problem, Unsupported, need
from accord_contracts.kinds import GENERATING
from accord_contracts.requests import JSON_TYPE
from accord_contracts.rule import MUST, SHOULD, AsyncProblems, scenario
from accord_contracts.rules.endpoints import PATHS, beside_plain, plain
from accord_contracts.rules.mistakes import MALFORMED

FRESH: Final = 50
"""Counts repetitions up from here (`Request.again`): requests that no other rule shares."""

LONG: Final = 256
"""Tokens of an answer that takes a while, and is not waited for."""


@scenario(
    "transport.{endpoint}-serves-after-refusals",
    MUST,
    endpoints=GENERATING,
    spec="#/servers",
    covers=["ERR-010"],
)
async def serves_after_refusals(ask: Ask) -> AsyncProblems:
    """After a bad request the server answers the next one, on the same connection too.

    Why: what is left of a refused body is read as the next request; a worker that died of it
    leaves everybody without answers.

    Seen: llamafile.

    Sources: mozilla-ai/llamafile#116.

    Violation: `HTTP 400`, or a reset, to a good request that follows a bad one.
    """
    await beside_plain(ask)
    padding = b'{"padding": "%s"}' % (b"x" * 40_000)
    cut, first, odd, second = await ask.all(
        Request("POST", PATHS[ask.endpoint], MALFORMED, (JSON_TYPE,), again=FRESH),
        plain(ask, again=FRESH),
        Request("PUT", PATHS[ask.endpoint], padding, (JSON_TYPE,), again=FRESH),
        plain(ask, again=FRESH + 1),
    )
    for bad, good in ((cut, first), (odd, second)):
        if not considered(good).ok:
            yield Problem("an answer after a bad request", good.outcome, good, compared=(bad,))


@scenario(
    "transport.{endpoint}-left-stream-frees-the-server",
    SHOULD,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/Stream",
    covers=["HTP-001"],
)
async def left_stream_frees_the_server(ask: Ask) -> AsyncProblems:
    """When a client leaves a stream, the server stops, and serves the next request at once.

    The next request may take three times as long as it does otherwise, and a second; a delay is
    reported when it comes twice.

    Why: users press "stop"; a server that goes on to the end keeps all others waiting.

    Seen: llama.cpp, vLLM (a report), mlx-openai-server, text-generation-webui, mini-sglang.

    Sources: ggml-org/llama.cpp#24496, ggml-org/llama.cpp#11720, vllm-project/vllm#54947,
    cubist38/mlx-openai-server#269, oobabooga/textgen#4521, sgl-project/mini-sglang#15.

    Violation: the next request waits until the stream that nobody reads is at its end.
    """
    stream = replace(_long(ask, stream=True), abandon_after=1)
    async for problem in _served_at_once(ask, stream, FRESH + 2):
        yield problem


@scenario(
    "transport.{endpoint}-left-answer-frees-the-server",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/schemas/Stream",
    covers=["HTP-002"],
)
async def left_answer_frees_the_server(ask: Ask) -> AsyncProblems:
    """When a client leaves before its answer comes, the server stops, and serves the next request.

    The next request may take three times as long as it does otherwise, and a second; a delay is
    reported when it comes twice.

    Why: clients give up after a time and try again; every try adds to what the server has to do.

    Seen: llama.cpp.

    Sources: ggml-org/llama.cpp#24496.

    Violation: the next request waits until the answer that nobody reads is complete.
    """
    async for problem in _served_at_once(ask, replace(_long(ask), hang_up=0.1), FRESH + 4):
        yield problem


def _long(ask: Ask, **params: Any) -> Request:
    """A request whose answer takes a while, as far as the server can be told."""
    return ask.make.capped(ask.endpoint, LONG, **params)


async def _served_at_once(ask: Ask, left: Request, first: int) -> AsyncProblems:
    """Yield a problem if a request that follows one that was left is slow, twice.

    `first` counts repetitions: each rule has its own, or it would get what followed another's.
    """
    turns = first, first + 1
    # All at once, whatever the first turn shows: what is sent must not depend on time.
    short = ask.make.capped(ask.endpoint, 1)
    asked = [replace(request, again=turn) for turn in turns for request in (left, short)]
    valid, *answers = await ask.all(plain(ask), *asked)
    usual = supported(valid).exchange
    patience = 1 + 3 * usual.seconds
    for gone, after in zip(answers[::2], answers[1::2], strict=True):
        _require_left(gone)
        if considered(after).ok and after.seconds <= patience:
            return
    took = f"{after.outcome[:40]} after {after.seconds:.1f} s"
    expected = f"an answer within {patience:.1f} s (it takes {usual.seconds:.1f} s otherwise)"
    yield Problem(expected, took, after, compared=(gone, usual))


def _require_left(gone: Exchange) -> None:
    """See that an answer was left while it was still to come.

    Raises:
        Unsupported, CouldNotRun, NotApplicable: it was refused, failed, or came at once.
    """
    if refused(gone):
        raise Unsupported(f"the server refused it: {gone.outcome}", gone)
    if gone.request.hang_up is not None:
        need(gone.failure == HUNG_UP, "an answer slow enough to be left")
    elif not gone.ok:
        raise CouldNotRun(f"no stream to leave: {gone.outcome}", gone)
