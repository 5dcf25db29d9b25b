"""Refusals, all of them together: bodies that are no object, what errors blame, what is left.

What is judged here is asked by the rules of the tables (`wrongs`), and sent once for all.
"""

from __future__ import annotations

from typing import Final

from accord_contracts.ask import Ask, considered, refused, supported
from accord_contracts.exchange import Exchange
from accord_contracts.finding import Problem, need
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import MAY, MUST, SHOULD, AsyncProblems, scenario
from accord_contracts.rules.refusing import Case, refuse
from accord_contracts.rules.wrongs import Wrong, wrongs_of
from accord_contracts.views import Answer, show, text

LAST: Final = 70
"""The repetition (`Request.again`) of the baseline that is sent when all was refused."""

NO_OBJECTS: Final = (b"null", b"true", b"5", b'"Hello!"', b"[[]]")

Judged = tuple[Wrong, Exchange]


@scenario(
    "refusals.{endpoint}-body-not-an-object",
    MUST,
    endpoints=GENERATING,
    spec="#/components/responses/BadRequest",
    covers=["ERR-012"],
)
async def body_not_an_object(ask: Ask) -> AsyncProblems:
    """A body that is JSON, but no object, is refused with 400.

    Why: a client that encoded its body twice sends a string, and should hear of it.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, which asks for an object.

    Violation: `HTTP 500` to the body `null`.
    """
    cases = [Case(f"the body {body.decode()}", body=body) for body in NO_OBJECTS]
    async for problem in refuse(ask, cases):
        yield problem


@scenario(
    "refusals.{endpoint}-second-document",
    MAY,
    endpoints=GENERATING,
    spec="#/components/responses/BadRequest",
    covers=["ERR-010"],
)
async def second_document(ask: Ask) -> AsyncProblems:
    """A body that goes on after its JSON document is refused with 400.

    Why: where two requests ran into one another, the second one is lost without a word.

    Seen: no server that is known.

    Sources: RFC 8259, section 2: a JSON text is one value.

    Violation: `HTTP 200` to `{"model": …}{"model": …}`
    """
    body = (await ask.text()).request.body or b""
    async for problem in refuse(ask, [Case("two documents in one body", body=body + body)]):
        yield problem


@scenario(
    "refusals.{endpoint}-leave-the-server-serving",
    MUST,
    endpoints=GENERATING,
    spec="#/servers",
    covers=["ERR-010", "ERR-030"],
)
async def leave_the_server_serving(ask: Ask) -> AsyncProblems:
    """After all that it had to refuse, the server answers a good request as before.

    Why: a server that one bad request puts out of order is out of order for everybody.

    Seen: llamafile (it aborts).

    Sources: mozilla-ai/llamafile#116.

    Violation: `HTTP 500`, or no answer, to the request that was answered at the beginning.
    """
    before = await ask.text()
    supported(before)
    await _all_wrongs(ask)
    after = considered(await ask.text(again=LAST))
    if not after.ok:
        expected = "the answer that came before all the wrong requests"
        yield Problem(expected, after.outcome, after, compared=(before,))


@scenario(
    "errors.{endpoint}-param-blames-the-right-one",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/schemas/ErrorObject/properties/param",
    covers=["ERR-003"],
)
async def param_blames_the_right_one(ask: Ask) -> AsyncProblems:
    """Where an error names a `param`, it is the parameter that was wrong.

    Why: user interfaces mark the input field that it names.

    Seen: no server that is known.

    Sources: sipeed/picoclaw#16, BerriAI/litellm#5803 (what OpenAI answers).

    Violation: `"param": "model"` for a `top_p` that is no number.
    """
    named = [(w, e) for w, e in await _refused_params(ask) if text(_param(e))]
    need(named, "an error that names a param")
    for wrong, exchange in named:
        if wrong.param not in str(_param(exchange)):
            yield _blaming(exchange, f"{show(wrong.param)} in param")


@scenario(
    "errors.{endpoint}-param-is-named",
    MAY,
    endpoints=GENERATING,
    spec="#/components/schemas/ErrorObject/properties/param",
    covers=["ERR-003"],
)
async def param_is_named(ask: Ask) -> AsyncProblems:
    """An error about one parameter names it in `param`.

    Why: programs can't read the message; `param` is how they learn what to leave out.

    Seen: llama.cpp (no such member).

    Sources: ggml-org/llama.cpp#25515, sipeed/picoclaw#16.

    Violation: `"param": null` for a `top_p` that is no number.
    """
    found = await _refused_params(ask)
    need(found, "a refusal of one parameter")
    for _, exchange in found:
        if not text(_param(exchange)):
            yield _blaming(exchange, "the name of the parameter")


def _blaming(exchange: Exchange, expected: str) -> Problem:
    return Answer(exchange).problem(expected, show(_param(exchange)), "/error/param")


def _param(exchange: Exchange) -> object:
    return Answer(exchange).error.get("param")


async def _refused_params(ask: Ask) -> list[Judged]:
    """The refusals of requests in which one parameter was wrong, in OpenAI's envelope.

    Those that need another one beside it are left out: it may be what is refused.

    Raises:
        Unsupported, CouldNotRun: the baseline is not answered.
    """
    supported(await ask.text())
    answers = await _all_wrongs(ask)
    alone = [(w, e) for w, e in answers if w.param and w.control.keys() <= {w.param}]
    return [(w, e) for w, e in alone if refused(e) and Answer(e).error]


async def _all_wrongs(ask: Ask) -> list[Judged]:
    """The first case of each `Wrong` of the endpoint, with what came back for it."""
    wrongs = list(wrongs_of(ask.endpoint))
    requests = [wrong.requests[0].request(ask.make, ask.endpoint) for wrong in wrongs]
    return list(zip(wrongs, await ask.all(*requests), strict=True))
