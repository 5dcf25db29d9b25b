"""Replaying: sending an example again, as it was, and judging what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from accord_contracts.exchange import NOT_JSON, Request
from accord_contracts.fuzz import obligations
from accord_contracts.fuzz.breach import Breach
from accord_contracts.fuzz.cases import Case, Cases, again, is_valid
from accord_contracts.fuzz.examples import Example
from accord_contracts.fuzz.exploring import Explorer, Line

_BY_CHECKS = frozenset(rule.id for rule in obligations.ALL if rule.check)


class Replayer:
    """Sends examples again."""

    def __init__(self, explorer: Explorer, line: Line, cases: Cases) -> None:
        self._explorer = explorer
        self._line = line
        self._cases = cases

    def replay(self, example: Example) -> list[Breach]:
        """What breaks the example's rule now; nothing where it is kept.

        Raises:
            Enough: the budget does not allow it.
        """
        case = self._case(example.request) if example.rule in _BY_CHECKS else None
        found = (
            self._explorer.try_out(case) if case else self._explorer.try_request(example.request)
        )
        return [breach for breach in found if breach.rule.id == example.rule]

    def _case(self, request: Request) -> Case | None:
        """The case that gives a request: schemathesis' checks ask what was meant by it."""
        return next((c for c in self._alike(request) if self._line.request(c) == request), None)

    def _alike(self, request: Request) -> Iterator[Case]:
        same = [case for case in self._cases.boundary if case.method == request.method]
        if request.json is not NOT_JSON:
            posts = (case for case in same if case.path == request.path and is_valid(case))
            yield from (again(case, request.json) for case in islice(posts, 1))
        yield from same
