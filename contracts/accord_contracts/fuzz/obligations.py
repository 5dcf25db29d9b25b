"""What fuzzing judges beside the invariants: the checks of schemathesis, each as a rule.

They see what no rule was written for.
Where an invariant speaks about the same place of the same answer, it alone is reported.

Of schemathesis' checks some are not used. `response_schema_conformance` holds bodies and events
against the schemas of the spec; so do `answer.matches-the-schema`, `stream.chunks-match-the-schema`
and the rules on errors, and they say where. `content_type_conformance` sees nothing that the
invariants on content types do not see, and takes a page for JSON where both are named.
`use_after_free`, `ensure_resource_availability` and
`object_level_authorization` are about resources that come and go: there are none.
`missing_required_header` is about header parameters: there are none. `allow_header_conformance`
would have `OPTIONS` list the methods of the spec alone: a server may have more.

Nothing here imports schemathesis: `accord explain` must be able to tell of these rules without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from accord_contracts.effort import Effort
from accord_contracts.kinds import ALL_ENDPOINTS, GENERATING
from accord_contracts.rule import MAY, MUST, SHOULD, Document, Level, Rule


@dataclass(frozen=True, eq=False)
class FuzzRule(Rule):
    """An obligation that only fuzzing judges."""

    check: str
    """The name of schemathesis' check; "" for what is seen without one."""


_FOUND: Final[list[FuzzRule]] = []


def _rule(
    name: str,
    level: Level,
    *,
    check: str,
    spec: str,
    endpoints: Iterable[str] = ALL_ENDPOINTS,
) -> Callable[[Callable[[], None]], FuzzRule]:
    """Make a docstring a rule: the judging is schemathesis'."""

    def wrap(documented: Callable[[], None]) -> FuzzRule:
        document = Document.read(documented.__doc__)
        rule = FuzzRule(
            id=name,
            level=level,
            spec=spec,
            covers=(),
            endpoints=frozenset(endpoints),
            features=frozenset(),
            document=document,
            effort=Effort.QUICK,  # who asks for fuzzing asks for it, whatever the effort
            check=check,
        )
        _FOUND.append(rule)
        return rule

    return wrap


@_rule("fuzz.answers", MUST, check="", spec="#/paths")
def answers() -> None:
    """Every request gets an answer, whatever is in it.

    Why: one request that takes the server down takes it from everybody.

    Seen: llama-cpp-python's and other single-process servers, when a request kills the worker.

    Violation: the connection is closed, or nothing comes until the time is over.
    """


@_rule(
    "fuzz.server-error",
    MUST,
    check="not_a_server_error",
    spec="#/components/responses/InternalServerError",
)
def server_error() -> None:
    """Nothing that is sent makes the server fail: not even bodies that are no JSON object.

    `errors.no-server-error` says so of well-formed requests; this is about all the others.

    Why: clients try a 5xx again, and again; and what fails on a byte may fall over on the next.

    Violation: `HTTP 500` to the body `[]`
    """


@_rule("fuzz.status", MUST, check="status_code_conformance", spec="#/paths")
def status() -> None:
    """Successes are 200, and everything else is a 4xx or a 5xx.

    Why: SDKs parse what they get with any 2xx, and follow a 3xx: 202 or 204 gives them no answer.

    Violation: `HTTP 201` with a completion.
    """


@_rule(
    "fuzz.response-headers",
    MAY,
    check="response_headers_conformance",
    spec="#/components/headers/RetryAfter",
)
def response_headers() -> None:
    """Headers fit the spec: `Retry-After` is a whole number of seconds above zero.

    Why: after zero seconds clients try again at once, and meet the same refusal.

    Violation: `retry-after: 0` with a 429.
    """


@_rule(
    "fuzz.rejects-invalid",
    SHOULD,
    check="negative_data_rejection",
    spec="#/components/responses/BadRequest",
)
def rejects_invalid() -> None:
    """A request that does not fit the spec is refused.

    Why: a mistake that is passed over in silence shows up later, as an answer nobody can explain.

    Violation: `{"user": 5, …}` is answered 200.
    """


@_rule(
    "fuzz.accepts-valid",
    SHOULD,
    check="positive_data_acceptance",
    spec="#/components/schemas/ChatCompletionRequest",
    endpoints=GENERATING,
)
def accepts_valid() -> None:
    """A request that fits the spec, and asks for nothing special, is answered.

    Judged on texts, caps, temperatures and seeds alone: what else a server does not have it may
    refuse.

    Why: what people type has every character there is, and no client looks for forbidden ones.

    Violation: `HTTP 400` to a prompt with an emoji.
    """


@_rule("fuzz.auth", MUST, check="ignored_auth", spec="#/components/securitySchemes/bearerAuth")
def auth() -> None:
    """Where a server needs a key, it needs the right one for every answer, however asked.

    Judged where the list of models can't be had without the key.

    Why: what is left open is used by whoever finds it.

    Violation: the key is looked at unless the request says `"stream": true`.
    """


@_rule("fuzz.unsupported-method", SHOULD, check="unsupported_method", spec="#/paths")
def unsupported_method() -> None:
    """Methods that the spec does not have for a path are answered 405, and `Allow` says which are.

    Why: a 200 to what was never offered hides that it does nothing; a 404 sends people to look
    for a wrong address.

    Violation: `DELETE /models/NAME` answers 200.
    """


ALL: Final = tuple(_FOUND)
"""The rules that fuzzing alone judges, in the order of reports."""

BY_CHECK: Final = {rule.check: rule for rule in ALL if rule.check}


def of_the_suite(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Those rules that are judged without fuzzing."""
    return tuple(rule for rule in rules if not isinstance(rule, FuzzRule))
