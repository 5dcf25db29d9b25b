"""schemathesis' checks, asked one by one; what they raise becomes our problems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, cast

import requests
import schemathesis
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup

from accord_contracts.exchange import Exchange
from accord_contracts.finding import Problem
from accord_contracts.fuzz import obligations
from accord_contracts.fuzz.breach import gist, said
from accord_contracts.fuzz.cases import Case, is_valid
from accord_contracts.fuzz.mistakes import mistakes
from accord_contracts.fuzz.obligations import FuzzRule
from accord_contracts.fuzz.sense import is_plain
from accord_contracts.fuzz.wire import STAND_IN

EXPECTED: Final = {
    "fuzz.server-error": "no 5xx",
    "fuzz.status": "200, or a 4xx or 5xx",
    "fuzz.response-headers": "headers that fit the spec",
    "fuzz.rejects-invalid": "a 4xx: the request does not fit the spec",
    "fuzz.accepts-valid": "a 2xx: the request fits the spec",
    "fuzz.auth": "401 or 403 without the right key",
    "fuzz.unsupported-method": "405, with the right methods in `Allow`",
}

_SHOWN_BY_THE_ANSWER: Final = frozenset({obligations.server_error, obligations.status})
"""Rules whose failures are best told by the answer itself."""


class Objection(NamedTuple):
    """What one check has against one exchange."""

    rule: FuzzRule
    problem: Problem
    cause: str


class Checks:
    """Asks the checks.

    Args:
        http: what sends the probes of the check of keys.
        keyed: whether the server was seen to need its key.
    """

    def __init__(self, http: requests.Session, *, keyed: bool) -> None:
        load_all_checks()
        self._http = http
        self._keyed = keyed
        self._probed: set[tuple[str, bool]] = set()

    def asked(self, case: Case, exchange: Exchange) -> list[FuzzRule]:
        """The rules that have something to say about an exchange."""
        rules = [rule for rule in obligations.ALL if rule.check and rule.id not in _SOMETIMES]
        # Without the key nothing is valid; whether it is needed is for `fuzz.auth` to say.
        if not is_valid(case) and exchange.ok and exchange.request.authorized:
            rules.append(obligations.rejects_invalid)
        if is_valid(case) and isinstance(case.body, dict) and is_plain(case.body):
            rules.append(obligations.accepts_valid)
        if _other_method(case):
            rules.append(obligations.unsupported_method)
        return rules + ([obligations.auth] if self._tries_keys(case, exchange) else [])

    def _tries_keys(self, case: Case, exchange: Exchange) -> bool:
        """Whether to try without the key, and with a wrong one: once for each kind of answer."""
        kind = (case.operation.label, exchange.request.streams)
        wanted = self._keyed and exchange.ok and exchange.request.authorized
        if not wanted or kind in self._probed:
            return False
        self._probed.add(kind)
        return True

    def objections(
        self, rule: FuzzRule, case: Case, response: schemathesis.Response, exchange: Exchange
    ) -> Iterator[Objection]:
        """What the check of one rule has against an exchange."""
        for failure in self._failures(rule, case, response):
            if rule is obligations.rejects_invalid:
                yield from _accepted(case, exchange)
                continue
            told = " ".join(failure.message.split()) or failure.title
            actual = exchange.outcome if rule in _SHOWN_BY_THE_ANSWER else told
            problem = Problem(EXPECTED[rule.id], actual, exchange)
            yield Objection(rule, problem, _cause(rule, case, problem))

    def _failures(
        self, rule: FuzzRule, case: Case, response: schemathesis.Response
    ) -> list[Failure]:
        headers = {"Authorization": STAND_IN}
        try:
            case.validate_response(
                response,
                checks=cast("list[schemathesis.CheckFunction]", CHECKS.get_by_names([rule.check])),
                headers=headers,
                transport_kwargs={"session": self._http, "headers": headers},
            )
        except FailureGroup as group:
            return sorted(group.exceptions)
        except requests.ConnectionError:
            return []  # a probe got no answer: the exchange says so, and is judged too
        return []


_SOMETIMES: Final = frozenset(
    {"fuzz.rejects-invalid", "fuzz.accepts-valid", "fuzz.auth", "fuzz.unsupported-method"}
)


def _other_method(case: Case) -> bool:
    method: str = case.operation.method
    return case.method.lower() != method.lower()


def _accepted(case: Case, exchange: Exchange) -> Iterator[Objection]:
    """One objection for each mistake: whoever answers a request has passed over all of them."""
    rule = obligations.rejects_invalid
    where = exchange.request.endpoint or case.operation.label
    for mistake in mistakes(case):
        problem = Problem(EXPECTED[rule.id], f"{exchange.status} to {mistake.words}", exchange)
        yield Objection(rule, problem, f"{where} {mistake.pointer}")


def _cause(rule: FuzzRule, case: Case, problem: Problem) -> str:
    """What tells two breaches of one rule apart."""
    exchange = problem.exchange
    where = exchange.request.endpoint or case.operation.label
    if rule in {obligations.accepts_valid, obligations.server_error}:
        return f"{where} {gist(said(exchange))}"
    return f"{where} {case.method} {exchange.status}"
