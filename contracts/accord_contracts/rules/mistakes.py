"""Mistakes: the wrong requests that several families share, and how their answers are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import Problem
from accord_contracts.requests import Requests
from accord_contracts.views import Answer

UNKNOWN_MODEL: Final = "accord-no-such-model"

MALFORMED: Final = b'{"model": "accord", "messages": [{"role": "user", "con'
"""A JSON object that was cut on its way."""

ENVELOPE: Final = "#/components/schemas/ErrorResponse"
ERROR: Final = "#/components/schemas/ErrorObject"


def _unknown_model(make: Requests) -> Request:
    return make.chat(model=UNKNOWN_MODEL)


def _malformed(make: Requests) -> Request:
    return make.raw("/chat/completions", MALFORMED)


def wrong_type(make: Requests) -> Request:
    """A chat whose temperature is a word."""
    return make.chat(temperature="hot")


PROBES: Final = (_unknown_model, _malformed, wrong_type)
"""Three mistakes that reach three layers of a server: its models, its parser, its checks."""


def envelope_problems(exchange: Exchange) -> Iterator[Problem]:
    """Say what keeps an answer of any status from being OpenAI's error envelope."""
    answer = Answer(exchange)
    if not isinstance(answer.at("/error"), dict):
        yield answer.problem(
            'an object with the error in its member "error"', shown(exchange), "/error"
        )


def shown(exchange: Exchange) -> str:
    """A body in a few words, whatever it is."""
    if not exchange.body.strip():
        return "an empty body"
    return exchange.text.strip()[:100]


NOT_A_FAULT: Final = frozenset({501, 503, 504, 529})
"""5xx statuses that a correct server may answer: not offered, overloaded, no answer in time."""


def has_failed(exchange: Exchange) -> bool:
    """Whether a server failed over a request: it closed the connection, or says so itself."""
    status = exchange.status
    return status is None or (status >= 500 and status not in NOT_A_FAULT)
