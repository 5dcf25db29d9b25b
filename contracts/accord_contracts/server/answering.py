"""What both POST endpoints share: models, budgets, dice, usage, the head of an answer."""

from __future__ import annotations

import secrets
import time
from random import Random
from typing import TYPE_CHECKING, Any, Final

from accord_contracts.server.errors import context_exceeded, unknown_model
from accord_contracts.server.hooks import Reply
from accord_contracts.server.settings import Model

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from accord_contracts.server.hooks import StreamEvent
    from accord_contracts.server.parameters import Common
    from accord_contracts.server.settings import Settings

FINGERPRINT: Final = "fp_accord_prose_1"
"""Changes when equal requests may get other answers than before."""


def find_model(name: str, settings: Settings) -> Model:
    """The model of that name.

    Raises:
        Refusal: 404, there is none.
    """
    for model in settings.models:
        if model.id == name:
            return model
    if settings.any_model:
        return Model(name)
    raise unknown_model(name)


def budget(limit: int | None, length: int, context: int, param: str) -> int:
    """How many tokens may be generated after a prompt of `length` tokens.

    A limit beyond the end of the context is cut to what fits.

    Raises:
        Refusal: 400, the prompt leaves no room, and some is asked for.
    """
    room = context - length
    if room < 0 or (room == 0 and limit != 0):
        raise context_exceeded(param, length, context)
    return room if limit is None else min(limit, room)


def dice(common: Common, choice: int, state: int) -> Random:
    """Where the chance of one choice comes from.

    At temperature 0 there is none: all is decided by the context. With a seed, it is decided by
    the seed and the number of the choice; without one, every time anew.
    """
    if common.sampling.temperature == 0:
        return Random(state)  # noqa: S311 - repeatable on purpose, and no secret
    if common.seed is None:
        return Random()  # noqa: S311 - variety is all that is wanted
    return Random(f"{common.seed}/{choice}")  # noqa: S311 - repeatable on purpose


def head(prefix: str, kind: str, model: str) -> dict[str, Any]:
    """The members that begin an answer, and every chunk of a stream alike."""
    return {
        "id": prefix + secrets.token_urlsafe(21).replace("-", "x").replace("_", "y"),
        "object": kind,
        "created": int(time.time()),
        "model": model,
        "system_fingerprint": FINGERPRINT,
    }


def usage(prompt: int, completion: int) -> dict[str, Any]:
    """The cost of a request, in tokens."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def streamed(events: AsyncIterator[StreamEvent]) -> Reply:
    """The head of a streamed answer."""
    headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
    return Reply(200, None, headers, events)


def answered(body: Any, status: int = 200) -> Reply:
    """A JSON answer."""
    return Reply(status, body, {"content-type": "application/json"})
