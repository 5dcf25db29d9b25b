"""Chance: above temperature 0 texts vary, by their seed or without one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from accord_contracts.ask import Ask, supported
from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import need
from accord_contracts.requests import ABSENT, SEVERAL
from accord_contracts.rule import MAY, SHOULD, THOROUGH, AsyncProblems, scenario
from accord_contracts.views import Answer, show

FIRST_SEED: Final = 7
MANY: Final = 16
"""Requests more before equal texts are reported: some models are nearly sure of what they say."""
FEW: Final = 8
"""Tokens in which several choices are told apart: with fewer, they are equal now and then."""

Build = Callable[[Ask, int], Request]


def seeded(ask: Ask, number: int) -> Request:
    """One of several requests that differ in their seed."""
    return ask.make.text(ask.endpoint, temperature=1, seed=FIRST_SEED + number)


def unseeded(ask: Ask, number: int) -> Request:
    """One of several equal requests without a seed."""
    return ask.make.text(ask.endpoint, temperature=1, seed=ABSENT, again=number)


@scenario(
    "chance.{endpoint}-seeds-differ",
    SHOULD,
    endpoints=["chat", "completions"],
    features=["seed"],
    spec="#/components/schemas/Seed",
    covers=["JSN-037"],
)
async def seeds_differ(ask: Ask) -> AsyncProblems:
    """Where texts vary without a seed, they vary from seed to seed as well.

    Why: whoever samples with known seeds, to be able to repeat it, gets one sample.

    Seen: SGLang (deterministic mode).

    Sources: sgl-project/sglang#15746.

    Violation: the same text for each of 18 seeds at temperature 1.
    """
    async for problem in _varies(ask, seeded, unseeded, "texts that differ with the seed"):
        yield problem


@scenario(
    "chance.{endpoint}-unseeded-varies",
    MAY,
    endpoints=["chat", "completions"],
    spec="#/components/schemas/Temperature",
    covers=["JSN-038"],
)
async def unseeded_varies(ask: Ask) -> AsyncProblems:
    """Where texts vary from seed to seed, they vary without a seed as well.

    Why: whoever asks again for another answer gets the same one.

    Seen: mlx-vlm (a fixed seed of its own).

    Sources: Blaizzy/mlx-vlm#1818.

    Violation: the same text for each of 18 requests without a seed at temperature 1.
    """
    async for problem in _varies(ask, unseeded, seeded, "texts that differ without a seed"):
        yield problem


@scenario(
    "chance.{endpoint}-choices-differ",
    SHOULD,
    endpoints=["chat", "completions"],
    features=["n"],
    spec="#/components/schemas/ChoiceCount",
    effort=THOROUGH,
)
async def choices_differ(ask: Ask) -> AsyncProblems:
    """Where texts vary without a seed, the choices of one answer vary as well.

    Why: whoever asks for several answers votes among them, or picks the best, and has one.

    Seen: no server that is known; engines that give each choice the same seed.

    Sources: the OpenAPI description of OpenAI, `n`: how many choices to generate.

    Violation: the same text in each of 18 choices at temperature 1.
    """
    several = ask.make.capped(ask.endpoint, FEW, temperature=1, seed=ABSENT, n=SEVERAL)
    first, *others = await ask.all(several, *(unseeded(ask, n) for n in range(2)))
    need(_differ(others), "texts that vary at temperature 1")
    need(len(supported(first).choices) > 1, "several choices")
    if _one_text(first):
        more = await ask.all(*(replace(several, again=n) for n in range(1, 1 + MANY // SEVERAL)))
        if all(map(_one_text, more)):
            answer = Answer(first)
            expected = "choices that differ from each other"
            actual = f"{SEVERAL} times the same text, in each of {1 + len(more)} answers"
            yield answer.problem(expected, actual, "/choices", compared=tuple(others))


def _one_text(exchange: Exchange) -> bool:
    return len(set(supported(exchange).texts)) <= 1


async def _varies(ask: Ask, judged: Build, other: Build, expected: str) -> AsyncProblems:
    """Yield a problem if one kind of request gets equal texts only, and the other does not.

    The other kind proves that there is chance in this server at all: a mock has none, and a
    model may be sure of its text.
    """
    exchanges = await ask.all(*(build(ask, n) for build in (judged, other) for n in range(2)))
    if _differ(exchanges[:2]):
        return
    need(_differ(exchanges[2:]), "texts that vary at temperature 1")
    more = await ask.all(*(judged(ask, n) for n in range(2, 2 + MANY)))
    if not _differ([*exchanges[:2], *more]):
        answer = Answer(exchanges[1])
        actual = f"{2 + MANY} times {show(answer.texts[0] if answer.texts else '')}"
        yield answer.problem(expected, actual, "/choices/0", compared=tuple(exchanges))


def _differ(exchanges: Iterable[Exchange]) -> bool:
    texts = [supported(exchange).texts for exchange in exchanges]
    return any(text != texts[0] for text in texts)
