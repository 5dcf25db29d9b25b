"""Judging what has happened already, without a network: by all invariants, and by them alone."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from accord_contracts.captured import Captured, capture
from accord_contracts.effort import Effort
from accord_contracts.engine import judge_exchanges
from accord_contracts.exchange import Exchange
from accord_contracts.library import read_known
from accord_contracts.report import Report
from accord_contracts.rule import Invariant, Level
from accord_contracts.scope import ScopeError, select
from accord_contracts.session import tokens
from accord_contracts.target import Target

if TYPE_CHECKING:
    import httpx


def judge(
    *exchanges: Exchange | httpx.Response,
    base_url: str = "",
    only: str | Iterable[str] = (),
    skip: str | Iterable[str] = (),
    level: Level | str = Level.MAY,
    known: str | Iterable[str] = (),
) -> Report:
    """Judge exchanges by all invariants: the rules that need to see only one exchange at a time.

        response = httpx.post(f"{base_url}/chat/completions", json=...)
        assert accord_contracts.judge(response).exit_code() == 0

    Args:
        exchanges: from a run, a recording (`recordings.load`), or httpx, read to the end.
        base_url: of the server, for the report; answers of httpx know theirs.
        only: a glob over rule ids, or a family, or several of them; empty for all.
        skip: the same, for what is left out.
        level: judge by rules of this level and above: `MUST`, `SHOULD` or `MAY`, in any case.
        known: failures that do not count, as for `check`.

    Raises:
        ScopeError: `only` or `skip` names nothing or no invariant, `known` no rule, or `level`
            is none.
        NotJudged: an answer of httpx's is not from one of the four endpoints.
        httpx.ResponseNotRead: an answer of httpx's was not read.
    """
    started = time.perf_counter()
    rules = invariants(only=only, skip=skip, level=level)
    seen = [_captured(exchange, n, base_url) for n, exchange in enumerate(exchanges, 1)]
    judged = tuple(one.exchange for one in seen)
    return Report(
        target=Target(next((one.base_url for one in seen if one.base_url), "")),
        seed=0,
        findings=judge_exchanges(rules, judged),
        exchanges=judged,
        tokens=sum(map(tokens, judged)),
        seconds=time.perf_counter() - started,
        known=read_known(known),
    )


def _captured(exchange: Exchange | httpx.Response, number: int, base_url: str) -> Captured:
    if isinstance(exchange, Exchange):
        return Captured(base_url, exchange)
    found = capture(exchange)
    return replace(found, exchange=replace(found.exchange, number=number))


def invariants(
    *,
    only: str | Iterable[str] = (),
    skip: str | Iterable[str] = (),
    level: Level | str = Level.MAY,
) -> tuple[Invariant, ...]:
    """Choose among the invariants: see `scope.select`.

    Raises:
        ScopeError: a pattern names nothing, or nothing but scenarios.
    """
    every = import_module("accord_contracts.rules").ALL
    # What is judged costs nothing: no effort is too much.
    chosen = select(every, only=only, skip=skip, level=level, effort=Effort.THOROUGH).rules
    found = tuple(rule for rule in chosen if isinstance(rule, Invariant))
    if not found:
        raise ScopeError(
            "the chosen rules have to ask the server, and can't be judged on what was recorded",
            "`accord check` judges by them",
        )
    return found
