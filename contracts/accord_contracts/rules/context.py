"""Context: prompts that do not fit into it are refused, not cut in silence.

How long the context is, the server must have said: in its list of models, or in a refusal of a
cap that is far too high. Otherwise only a thorough run tries, with prompts that grow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from accord_contracts.ask import Ask, considered, refused, supported
from accord_contracts.effort import Effort
from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import NotApplicable, Problem, need
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import MUST, SHOULD, AsyncProblems, scenario
from accord_contracts.rules.accepts import with_large_cap
from accord_contracts.views import Answer, at, is_int, items, members, text

NAMES: Final = (
    *("max_model_len", "context_length", "context_window", "max_context_length"),
    *("n_ctx", "n_ctx_train"),
)
"""Where lists of models say how long the context is; the contract has no name for it."""

SAID: Final = re.compile(r"context (?:length|window|size)[^.\d]{0,40}?(\d{2,8})", re.IGNORECASE)
"""How refusals say it: `maximum context length is 4096 tokens`."""

DEAR: Final = 20_000
"""Tokens: a server that cuts a longer prompt may read for minutes what it has left of it."""

GROWING: Final = (5_000, 20_000, 80_000)
"""Words to try in a thorough run, where nobody knows."""

WORD: Final = "sea "
"""A token in most vocabularies, and never less than one."""


@scenario(
    "refusals.{endpoint}-prompt-beyond-the-context",
    MUST,
    endpoints=GENERATING,
    spec="#/components/responses/BadRequest",
    covers=["ERR-030"],
)
async def prompt_beyond_the_context(ask: Ask) -> AsyncProblems:
    """A prompt that is longer than the model's context is refused with 400.

    Why: with a 500 the client sends it again; cut in silence, the answer is about a part of the
    conversation, and nobody knows which.

    Seen: no server that is known by this rule; OGX turns such a refusal into 500.

    Sources: chathub-dev/chathub#126, ogx-ai/ogx#2002.

    Violation: `HTTP 200` and `"prompt_tokens": 4096` for a prompt of 5,000 words.
    """
    _, exchange = await _overflow(ask)
    if not refused(exchange):
        yield Problem(
            "status 400 for a prompt that is longer than the context", exchange.outcome, exchange
        )


@scenario(
    "refusals.{endpoint}-long-prompt-has-its-code",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/schemas/ErrorObject/properties/code",
    covers=["ERR-030"],
)
async def long_prompt_has_its_code(ask: Ask) -> AsyncProblems:
    """The error for a prompt that is too long has the code `context_length_exceeded`.

    Why: agents shorten the conversation at this code, and give up at any other.

    Seen: no server that is known by this rule.

    Sources: chathub-dev/chathub#126 (what OpenAI answers).

    Violation: `{"error": {"message": "prompt too long", "code": null, …}}`
    """
    _, exchange = await _overflow(ask)
    answer = Answer(exchange)
    need(refused(exchange) and answer.error, "a refusal, as an error object")
    holds = answer.at("/error/code") == "context_length_exceeded"
    for problem in answer.unless(holds, '"context_length_exceeded"', "/error/code"):
        yield problem


async def _overflow(ask: Ask) -> tuple[int, Exchange]:
    """A prompt that can't fit, in words, and what came back for it.

    Raises:
        NotApplicable: nobody knows how long the context is, or to find out would be dear.
        Unsupported, CouldNotRun: the baseline is not answered.
    """
    supported(await ask.text())
    known = await _context(ask)
    thorough = ask.effort is Effort.THOROUGH
    if known and (known <= DEAR or thorough):
        words = known + known // 8 + 16
        return words, considered(await ask(_long(ask, words)))
    need(thorough, f"a context of at most {DEAR} tokens, as the server says ({known or 'nothing'})")
    for words in GROWING:
        exchange = considered(await ask(_long(ask, words)))
        if not exchange.ok or _was_cut(exchange, words):
            return words, exchange
    raise NotApplicable(f"looked for a prompt that does not fit, up to {GROWING[-1]} words")


def _long(ask: Ask, words: int) -> Request:
    return ask.make.brief.text(ask.endpoint, WORD * words)


def _was_cut(exchange: Exchange, words: int) -> bool:
    """Whether a prompt cost less than it has words, as far as the server counts."""
    counted = Answer(exchange).usage.get("prompt_tokens")
    return is_int(counted) and 0 < counted < words // 2


async def _context(ask: Ask) -> int:
    """How many tokens the context holds, as the server says; 0 where it does not."""
    listing, refusal = await ask.all(ask.make.models(), with_large_cap(ask))
    entries = [members(one) for one in items(Answer(listing).at("/data"))]
    mine = next((one for one in entries if one.get("id") == ask.target.model), {})
    return next(_listed(mine), 0) or _told(refusal)


def _listed(model: dict[str, Any]) -> Iterator[int]:
    """What a model on the list says of its context."""
    for place in ("", "/meta"):
        for name in NAMES:
            found = at(model, f"{place}/{name}")
            if is_int(found) and found > 0:
                yield found


def _told(refusal: Exchange) -> int:
    """What a refusal says of the context."""
    found = SAID.search(text(Answer(refusal).error.get("message")))
    return int(found[1]) if found and refused(refusal) else 0
