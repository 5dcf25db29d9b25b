"""Drawing one token from a model's logits, and saying how likely it was.

The order is OpenAI's: penalties and biases change the logits, the temperature their spread,
`top_p` cuts the tail, and one token is drawn. Log probabilities are those after penalties and
biases, before temperature and `top_p`: the model's own, so that they sum to at most one and the
drawn token always has a finite one.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from heapq import nlargest
from typing import TYPE_CHECKING, Final

from accord_contracts.server.language import FLOOR, Logits
from accord_contracts.server.tokenizer import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

LEAST: Final = -9999.0
"""What OpenAI says in place of minus infinity."""

_BY_FLOOR: Final = sorted(range(len(FLOOR)), key=lambda token: (-FLOOR[token], token < 256, token))
"""The tokens that no model favours: whole characters first, and of these pieces before bytes."""
_FLOOR_MASS: Final = sum(map(math.exp, FLOOR))


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a request wants its tokens drawn."""

    temperature: float = 1.0
    top_p: float = 1.0
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    logit_bias: Mapping[int, float] = field(default_factory=dict)

    @property
    def penalises(self) -> bool:
        """Whether tokens that have come are treated otherwise."""
        return bool(self.frequency_penalty or self.presence_penalty)


@dataclass(frozen=True, slots=True)
class Scored:
    """A token with its log probability and the likeliest tokens in its place, best first."""

    token: int
    logprob: float
    top: tuple[tuple[int, float], ...] = ()


class Sampler:
    """Draws the tokens of one choice.

    Args:
        sampling: what the request asks for.
        rng: where chance comes from; not touched at temperature 0.
        top: how many alternatives each `Scored` names; None asks for no log probabilities.
    """

    def __init__(self, sampling: Sampling, rng: Random, top: int | None = None) -> None:
        self._sampling = sampling
        self._rng = rng
        self._top = top
        self._counts: Counter[int] = Counter()

    def draw(self, logits: Logits) -> Scored:
        """Draw one token; the end of the text counts as one."""
        if self._sampling.penalises or self._sampling.logit_bias:
            logits = self._edit(logits)
        token = self._pick(logits)
        self._counts[token] += 1
        return Scored(token, 0.0) if self._top is None else score(logits, token, self._top)

    def forced(self, logits: Logits) -> Scored:
        """Take the only token there is, whatever the request would like to draw."""
        (token,) = logits
        return Scored(token, 0.0) if self._top is None else score(logits, token, self._top)

    def _edit(self, logits: Logits) -> Logits:
        sampling, edited = self._sampling, dict(logits)
        if sampling.penalises:
            self._penalise(edited)
        for token, bias in sampling.logit_bias.items():
            edited[token] = edited.get(token, FLOOR[token]) + bias
        return edited

    def _penalise(self, logits: Logits) -> None:
        sampling = self._sampling
        for token, count in self._counts.items():
            penalty = sampling.presence_penalty + sampling.frequency_penalty * count
            # A token on the floor that sinks below it is no less out of the question.
            if token in logits or penalty < 0:
                logits[token] = logits.get(token, FLOOR[token]) - penalty

    def _pick(self, logits: Logits) -> int:
        ranked = sorted(logits.items(), key=_rank)
        outsider = next(token for token in _BY_FLOOR if token not in logits)
        if FLOOR[outsider] >= ranked[0][1]:
            return outsider
        if self._sampling.temperature == 0:
            return ranked[0][0]
        return self._sample(ranked)

    def _sample(self, ranked: list[tuple[int, float]]) -> int:
        best, temperature = ranked[0][1], self._sampling.temperature
        weights = [math.exp((logit - best) / temperature) for _, logit in ranked]
        weights = _nucleus(weights, self._sampling.top_p)
        return self._rng.choices(ranked[: len(weights)], weights)[0][0]


def _rank(item: tuple[int, float]) -> tuple[float, int]:
    return -item[1], item[0]


def _nucleus(weights: list[float], top_p: float) -> list[float]:
    """The fewest leading weights that hold the share `top_p` of the whole; at least one."""
    if top_p >= 1:
        return weights
    enough, held = top_p * sum(weights), 0.0
    for size, weight in enumerate(weights, 1):
        held += weight
        if held >= enough:
            return weights[:size]
    return weights


def score(logits: Logits, token: int, top: int) -> Scored:
    """Say how likely a token was under some logits."""
    norm = _log_norm(logits)
    best = nlargest(top, logits.items(), key=lambda item: (item[1], -item[0]))
    others = (other for other in _BY_FLOOR if other not in logits and other < Mark.END_OF_TEXT)
    while len(best) < top and (other := next(others, None)) is not None:
        best.append((other, FLOOR[other]))
    return Scored(
        token,
        _logprob(logits.get(token, FLOOR[token]), norm),
        tuple((other, _logprob(logit, norm)) for other, logit in best),
    )


def _log_norm(logits: Logits) -> float:
    highest = max(*logits.values(), FLOOR[_BY_FLOOR[0]])
    named = sum(math.exp(logit - highest) for logit in logits.values())
    rest = _FLOOR_MASS - sum(math.exp(FLOOR[token]) for token in logits)
    return highest + math.log(max(named + rest * math.exp(-highest), 1e-300))


def _logprob(logit: float, norm: float) -> float:
    # Six digits are enough for anyone; adding zero turns -0.0 into 0.0.
    return round(max(min(logit - norm, 0.0), LEAST), 6) + 0.0
