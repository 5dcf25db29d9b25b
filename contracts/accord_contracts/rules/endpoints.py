"""Endpoints: their paths, and the plainest request to each."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from accord_contracts.ask import Ask, considered, supported
from accord_contracts.exchange import Exchange, Request

PATHS: Final = {
    "models": "/models",
    "chat": "/chat/completions",
    "completions": "/completions",
}


def plain(ask: Ask, *, again: int = 0) -> Request:
    """The plainest request to the rule's endpoint."""
    if ask.endpoint == "models":
        return replace(ask.make.models(), again=again)
    return ask.make.text(ask.endpoint, again=again)


async def beside_plain(ask: Ask, *requests: Request) -> list[Exchange]:
    """What comes back for some requests, where the endpoint is there at all.

    Raises:
        Unsupported, CouldNotRun: the baseline is not answered.
    """
    valid, *answers = await ask.all(plain(ask), *requests)
    supported(valid)
    return [considered(answer) for answer in answers]
