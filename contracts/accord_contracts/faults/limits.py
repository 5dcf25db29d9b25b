"""Faults made of the table of limits: what lies on a limit is refused."""

from __future__ import annotations

from collections.abc import Callable

from accord_contracts.faults.bank import on_request
from accord_contracts.faults.wrongs import has
from accord_contracts.rules.accepts_limits import LIMITS, Limit
from accord_contracts.server.hooks import Call, Refusal


def _refused(limit: Limit) -> Callable[[Call], None]:
    def refuse(call: Call) -> None:
        if any(has(call, case) for case in limit.cases):
            raise Refusal(400, "The value is out of range.")

    refuse.__doc__ = limit.fault
    return refuse


for _limit in LIMITS:
    on_request(
        f"accepts.limits-of-{_limit.name}-refused",
        caught_by=[_limit.id],
        endpoints=_limit.endpoints,
    )(_refused(_limit))
