"""A whole run: a target in, a report out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import httpx

from accord_contracts.effort import Effort
from accord_contracts.engine import judge
from accord_contracts.exchange import Exchange
from accord_contracts.passes import Passes
from accord_contracts.preflight import check_url, prepare
from accord_contracts.repeats import judge_again
from accord_contracts.report import Report
from accord_contracts.rule import Rule
from accord_contracts.sender import Sender
from accord_contracts.session import Session
from accord_contracts.target import Target

ENDPOINTS = frozenset({"models", "chat", "completions"})


class Observer(Protocol):
    """Is told how a run goes on."""

    def exchanged(self, exchange: Exchange) -> None:
        """An answer has ended."""

    def asked(self, rule: Rule) -> None:
        """A rule has all the answers that it needs."""


class Nobody:
    """An observer that looks away."""

    def exchanged(self, exchange: Exchange) -> None:
        """Do nothing."""

    def asked(self, rule: Rule) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Plan:
    """What a run judges, and within what limits.

    Attributes:
        rules: in the order of judging.
        endpoints: of `models`, `chat`, `completions`: those that may be sent to.
        seed: of everything that is left to chance; also sent as the parameter `seed`.
        concurrency: how many requests may be under way at once.
        budget: tokens that the run may spend; None sets no bound.
        effort: how much may be asked for.
        repeat: how often rules that are broken are judged again.
    """

    rules: Sequence[Rule]
    endpoints: frozenset[str] = field(default=ENDPOINTS)
    seed: int = 0
    concurrency: int = 1
    budget: int | None = None
    effort: Effort = Effort.DEFAULT
    repeat: int = 0


async def run(
    target: Target,
    plan: Plan,
    *,
    observer: Observer | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Report:
    """Judge a target.

    Args:
        target: its model may be empty: then the first listed one is asked.
        plan: by which rules, and how.
        observer: is told how the run goes on.
        transport: in place of the network, for servers in process.

    Raises:
        TargetError: the target can't be judged at all.
    """
    observer = observer or Nobody()
    target = target.having(base_url=check_url(target.base_url))
    started = time.perf_counter()
    async with Sender(target, transport) as sender:
        session = Session(
            sender.send,
            concurrency=plan.concurrency,
            budget=plan.budget,
            seen=observer.exchanged,
        )
        needed = frozenset(name for rule in plan.rules for name in rule.endpoints)
        endpoints = plan.endpoints & needed
        target = await prepare(target, session, seed=plan.seed, endpoints=endpoints)
        judge_once = partial(judge, session=session, endpoints=plan.endpoints, effort=plan.effort)
        passes = Passes(judge_once, session, target, plan.effort.passes)
        findings = await passes.all(plan.rules, observer.asked)
        findings = await judge_again(passes, findings, plan.repeat)
    return Report(
        target=target,
        seed=plan.seed,
        findings=findings,
        exchanges=tuple(session.exchanges),
        tokens=session.spent,
        seconds=time.perf_counter() - started,
        effort=plan.effort,
    )


def check(target: Target, plan: Plan, *, observer: Observer | None = None) -> Report:
    """Judge a target, from code that is not async. See `run`."""
    return asyncio.run(run(target, plan, observer=observer))
