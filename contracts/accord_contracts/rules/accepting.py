"""How acceptance and refusal are judged: what a server says to a request, not what it writes.

Both judgements are differential: they compare with a *control*, a request that the server is
known to answer and that lacks only what the rule is about. So a server that is down, or that
lacks the endpoint or the whole feature, is never blamed for the one detail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from accord_contracts.ask import Ask, considered, refused, streamed, supported
from accord_contracts.effort import Effort
from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import CouldNotRun, Problem, Unsupported
from accord_contracts.kinds import STREAMS
from accord_contracts.rule import AsyncProblems, Level, scenario
from accord_contracts.views import Answer

Build = Callable[[Ask], Request]


def baseline(ask: Ask) -> Request:
    """The request that every other one varies."""
    return ask.make.text(ask.endpoint)


def brief(ask: Ask) -> Request:
    """The baseline, for one token: the control of requests that are dear."""
    return ask.make.brief.text(ask.endpoint)


def streaming(ask: Ask) -> Request:
    """The baseline, as a stream."""
    return ask.make.text(ask.endpoint, stream=True)


def accepted(  # noqa: PLR0913 - what `scenario` takes, and two more; all by name
    id: str,  # noqa: A002 - it is the rule's id
    level: Level,
    *,
    endpoints: Iterable[str],
    spec: str,
    covers: Iterable[str] = (),
    features: Iterable[str] = (),
    control: Build = baseline,
    may_refuse: bool = False,
    effort: Effort = Effort.DEFAULT,
) -> Callable[[Build], Build]:
    """Make a function that builds one request a rule: the server must answer that request.

    The function's docstring documents the rule. `control` is the request without what the rule
    is about. With `may_refuse` a clear 4xx is `unsupported`, and only a crash breaks the rule.
    """

    def wrap(build: Build) -> Build:
        async def check(ask: Ask) -> AsyncProblems:
            async for problem in answer_to(ask, build(ask), control, may_refuse=may_refuse):
                yield problem

        check.__doc__ = build.__doc__
        scenario(
            id,
            level,
            endpoints=endpoints,
            spec=spec,
            covers=covers,
            features=features,
            effort=effort,
        )(check)
        return build

    return wrap


async def answer_to(
    ask: Ask, request: Request, control: Build = baseline, *, may_refuse: bool = False
) -> AsyncProblems:
    """Yield a problem unless the server answers a request. Arguments as of `accepted`.

    Raises:
        Unsupported, CouldNotRun: the control is not answered either, or (with `may_refuse`) the
            request is refused.
    """
    exchange = await ask(request)
    if answered(exchange):
        return
    if may_refuse and refused(exchange):
        raise Unsupported(f"the server refused it: {exchange.outcome}", exchange)
    known = await ask(control(ask))
    _ = streamed(known) if known.request.streams else supported(known)
    await _confirm(ask, exchange)
    yield Problem(
        "an answer: the request is legal, and without the detail in question it gets one",
        exchange.outcome,
        exchange,
        compared=(known,),
    )


async def refusal_of(ask: Ask, request: Request, why: str) -> AsyncProblems:
    """Yield a problem unless the server refuses a request clearly, with a 4xx.

    Args:
        ask: of the rule.
        request: must not be answered.
        why: what is wrong with it, to be read after "a 400, because".

    Raises:
        Unsupported, CouldNotRun: the baseline is not answered either.
    """
    known = await ask(baseline(ask))
    supported(known)
    exchange = await ask(request)
    if not refused(exchange):
        await _confirm(ask, exchange)
        yield Problem(f"a 400, because {why}", exchange.outcome, exchange, compared=(known,))


async def _confirm(ask: Ask, exchange: Exchange) -> None:
    """Make sure that what came back speaks about the request, and comes back once more.

    Raises:
        CouldNotRun: it does not.
    """
    if considered(exchange).status is None:
        raise CouldNotRun(f"no answer to judge: {exchange.outcome}", exchange)
    await ask.crashes(exchange)


def answered(exchange: Exchange) -> bool:
    """Whether a success with choices came, as JSON or (at least begun) as a stream."""
    if not exchange.ok:
        return False
    if exchange.request.abandons:
        return exchange.media_type == "text/event-stream"
    if (stream := STREAMS.see(exchange)) is not None:
        return any(chunk.choices for chunk in stream.chunks)
    return bool(Answer(exchange).choices)
