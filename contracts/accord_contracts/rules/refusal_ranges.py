"""Refusals: parameters out of their range, or without what they need."""

from __future__ import annotations

from typing import Final

from accord_contracts.ask import Ask
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import MAY, SHOULD, AsyncProblems, scenario
from accord_contracts.rules.refusals import CHAT
from accord_contracts.rules.refusing import Case, refuse

WITH_TOP: Final = Case("nothing", {"logprobs": True, "top_logprobs": 2})
"""The control of what is said about `top_logprobs`."""


@scenario(
    "refusals.{endpoint}-top-p-out-of-range",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/schemas/TopP",
    covers=["ERR-019"],
)
async def top_p_out_of_range(ask: Ask) -> AsyncProblems:
    """A `top_p` below 0 or above 1 is refused with 400.

    Why: 95 for 0.95 is an easy mistake, and without a refusal it is sampled some other way.

    Seen: apfel, LM Studio.

    Sources: Arthur-Ficial/apfel#235, webai-at-home/webai-at-home#210.

    Violation: `HTTP 200` to `{"top_p": 1.5, …}`
    """
    cases = [Case("a top_p of 1.5", {"top_p": 1.5}), Case("a top_p of -0.5", {"top_p": -0.5})]
    async for problem in refuse(ask, cases):
        yield problem


@scenario(
    "refusals.{endpoint}-temperature-out-of-range",
    MAY,
    endpoints=GENERATING,
    spec="#/components/schemas/Temperature",
)
async def temperature_out_of_range(ask: Ask) -> AsyncProblems:
    """A `temperature` below 0 or above 2 is refused with 400.

    A MAY: many engines sample at any temperature above 0.

    Why: what is sampled at a negative temperature is nothing that its user can have meant.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `temperature`.

    Violation: `HTTP 200` to `{"temperature": -1, …}`
    """
    cases = [
        Case("a temperature of 2.5", {"temperature": 2.5}),
        Case("a temperature of -1", {"temperature": -1}),
    ]
    async for problem in refuse(ask, cases):
        yield problem


@scenario(
    "refusals.{endpoint}-n-out-of-range",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/schemas/ChoiceCount",
    covers=["ERR-020"],
)
async def n_out_of_range(ask: Ask) -> AsyncProblems:
    """An `n` of 0, below 0 or above 128 is refused with 400.

    Why: without a lower bound clients get an answer they did not ask for, without an upper one a
    single request takes the whole server.

    Seen: Rapid-MLX, OrcaRouter.

    Sources: raullenchai/Rapid-MLX#461, Continuum-AI-Corp/OrcaRouter-Lite#103.

    Violation: `HTTP 200` and one choice to `{"n": 0, …}`
    """
    cases = [Case(f"an n of {n}", {"n": n}, one_token=True) for n in (0, -1, 129)]
    async for problem in refuse(ask, cases):
        yield problem


@scenario(
    "refusals.{endpoint}-negative-cap",
    SHOULD,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/CompletionRequest/properties/max_tokens",
    covers=["ERR-021"],
)
async def negative_cap(ask: Ask) -> AsyncProblems:
    """A negative `max_tokens` is refused with 400.

    Asked as a stream and left at its first byte, for servers that take it as "without end".

    Why: a budget that was subtracted once too often must not become an answer without end.

    Seen: OrcaRouter.

    Sources: Continuum-AI-Corp/OrcaRouter-Lite#103.

    Violation: `HTTP 200` to `{"max_tokens": -5, …}`
    """
    modern = ask.endpoint == "chat" and "max_completion_tokens" in ask.target.baseline
    name = "max_completion_tokens" if modern else "max_tokens"
    case = Case(f"a {name} of -5", {name: -5, "stream": True}, first_byte=True)
    async for problem in refuse(ask, [case], Case("nothing", {"stream": True})):
        yield problem


@scenario(
    "refusals.{endpoint}-penalty-out-of-range",
    MAY,
    endpoints=GENERATING,
    spec="#/components/schemas/PresencePenalty",
    covers=["ERR-022"],
)
async def penalty_out_of_range(ask: Ask) -> AsyncProblems:
    """A penalty below -2 or above 2 is refused with 400.

    Why: the same request gets other texts from servers that clamp, scale or take it as it is.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `presence_penalty`.

    Violation: `HTTP 200` to `{"presence_penalty": 3, …}`
    """
    cases = [
        Case("a presence_penalty of 3", {"presence_penalty": 3}),
        Case("a frequency_penalty of -3", {"frequency_penalty": -3}),
    ]
    async for problem in refuse(ask, cases):
        yield problem


@scenario(
    "refusals.top-logprobs-out-of-range",
    SHOULD,
    endpoints=["chat"],
    features=["logprobs"],
    spec=CHAT + "/properties/top_logprobs",
    covers=["ERR-023"],
)
async def top_logprobs_out_of_range(ask: Ask) -> AsyncProblems:
    """A `top_logprobs` below 0 or above 20 is refused with 400.

    Why: a client that asked for 50 and was given 20 reads the rest as impossible.

    Seen: no server that is known.

    Sources: scouzi1966/maclocal-api#21 (a server that does refuse it).

    Violation: `HTTP 200` with fewer entries to `{"logprobs": true, "top_logprobs": 21, …}`
    """
    cases = [
        Case(
            f"a top_logprobs of {count}", {"logprobs": True, "top_logprobs": count}, one_token=True
        )
        for count in (21, -1)
    ]
    async for problem in refuse(ask, cases, WITH_TOP):
        yield problem


@scenario(
    "refusals.top-logprobs-alone",
    MAY,
    endpoints=["chat"],
    features=["logprobs"],
    spec=CHAT + "/properties/top_logprobs",
    covers=["ERR-024"],
)
async def top_logprobs_alone(ask: Ask) -> AsyncProblems:
    """A `top_logprobs` without `logprobs: true` is refused with 400.

    Why: a client that forgot the switch gets no log probabilities, and no reason.

    Seen: no server that is known.

    Sources: deepseek-ai/DeepSeek-V2#9 (a server that does refuse it).

    Violation: `HTTP 200` without log probabilities to `{"top_logprobs": 2, …}`
    """
    case = Case("top_logprobs without logprobs", {"top_logprobs": 2})
    async for problem in refuse(ask, [case], WITH_TOP):
        yield problem


@scenario(
    "refusals.{endpoint}-stream-options-alone",
    MAY,
    endpoints=GENERATING,
    spec="#/components/schemas/NullableStreamOptions",
    covers=["STR-036"],
)
async def stream_options_alone(ask: Ask) -> AsyncProblems:
    """A `stream_options` without `stream: true` is refused with 400.

    Why: it is a sign that the client lost its `stream`, and waits for a stream that never comes.

    Seen: no server that is known.

    Sources: BerriAI/litellm#5803.

    Violation: `HTTP 200` to `{"stream_options": {"include_usage": true}, …}`
    """
    case = Case("stream_options without stream", {"stream_options": {"include_usage": True}})
    async for problem in refuse(ask, [case]):
        yield problem
