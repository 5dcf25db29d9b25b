"""Errors: what they are called, and what a refusal of a key says."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from accord_contracts.ask import Ask, considered, refused
from accord_contracts.exchange import Exchange
from accord_contracts.finding import Problem, need
from accord_contracts.kinds import ALL_ENDPOINTS, ERRORS
from accord_contracts.rule import MAY, SHOULD, AsyncProblems, Problems, invariant, scenario
from accord_contracts.rules.error_keys import WRONG_KEY
from accord_contracts.rules.mistakes import ERROR, PROBES, shown
from accord_contracts.rules.transport import UNKNOWN_ROUTE, WRONG_METHODS
from accord_contracts.views import MISSING, Answer, View, show, text

GARBLED: Final = ("accord", "Basic YWNjb3JkOg==", "Bearer")
"""Values of `Authorization` that are no bearer's key."""

MEMBERS: Final = {"message": str, "type": str, "param": str | None, "code": str | None}
"""The members of an error, with their types."""


@invariant(
    "errors.mistakes-are-invalid-requests",
    MAY,
    on=ERRORS,
    probes=PROBES,
    spec=ERROR + "/properties/type",
    covers=["ERR-003"],
)
def mistakes_are_invalid_requests(answer: Answer) -> Problems:
    """The `type` of an error about a bad request is `invalid_request_error`.

    Why: programs tell by the type whether to try again.

    Seen: no server that is known.

    Sources: nomic-ai/gpt4all#3185, BerriAI/litellm#5803 (what OpenAI answers).

    Violation: `{"error": {"type": "BadRequestError", …}}`
    """
    need(answer.exchange.status in {400, 404}, "a bad request")
    kind = text(answer.at("/error/type"))
    need(kind, "an error with a type")
    expected = '"invalid_request_error"'
    yield from answer.unless(kind == "invalid_request_error", expected, "/error/type")


@scenario(
    "errors.unknown-route-has-its-code",
    MAY,
    endpoints=["models"],
    spec=ERROR + "/properties/code",
    covers=["ERR-028"],
)
async def unknown_route_has_its_code(ask: Ask) -> AsyncProblems:
    """The error for an unknown path has the code `unknown_url`.

    Why: a 404 may also be an unknown model; programs tell the two apart by the code.

    Seen: no server that is known.

    Sources: artificial-julien/docker-nginx-openai-api-cache#2 (what OpenAI answers).

    Violation: `{"error": {…, "code": null}}`
    """
    answer = Answer(considered(await ask(UNKNOWN_ROUTE)))
    need(refused(answer.exchange) and answer.error, "a refusal, as an error object")
    holds = answer.at("/error/code") == "unknown_url"
    for problem in answer.unless(holds, '"unknown_url"', "/error/code"):
        yield problem


@scenario(
    "errors.unknown-route-is-typed",
    SHOULD,
    endpoints=["models"],
    spec=ERROR,
    covers=["ERR-004"],
)
async def unknown_route_is_typed(ask: Ask) -> AsyncProblems:
    """The error for an unknown path has members of their types: its `code` is no number.

    Why: typed clients fail to decode it, and the user sees that in place of the wrong path.

    Seen: llama.cpp, vLLM: the status as the code.

    Sources: ggml-org/llama.cpp#25515, vllm-project/vllm#37011.

    Violation: `{"error": {…, "code": 404}}`
    """
    for problem in _mistyped(considered(await ask(UNKNOWN_ROUTE))):
        yield problem


@scenario(
    "errors.{endpoint}-wrong-method-is-typed",
    SHOULD,
    endpoints=ALL_ENDPOINTS,
    spec=ERROR,
    covers=["ERR-004"],
)
async def wrong_method_is_typed(ask: Ask) -> AsyncProblems:
    """The error for a wrong method has members of their types: its `code` is no number.

    Why: typed clients fail to decode it, and the user sees that in place of the wrong method.

    Seen: vLLM: the status as the code.

    Sources: vllm-project/vllm#37011, nomic-ai/gpt4all#2615 (what OpenAI answers).

    Violation: `{"error": {…, "code": 405}}`
    """
    for problem in _mistyped(considered(await ask(WRONG_METHODS[ask.endpoint]))):
        yield problem


def _mistyped(exchange: Exchange) -> Problems:
    """Say which members of an error have a wrong type; those that are not there, have none.

    Raises:
        NotApplicable: it is no error object.
    """
    answer = Answer(exchange)
    need(refused(exchange) and answer.error, "a refusal, as an error object")
    for name, kind in MEMBERS.items():
        found = answer.at(f"/error/{name}")
        right = found is MISSING or isinstance(found, kind)
        expected = "a string" if kind is str else "a string or null"
        yield from answer.unless(right, expected, f"/error/{name}")


async def _with_headers(ask: Ask, *values: str) -> list[Exchange]:
    """The list of models, asked for with other values of `Authorization` than the key's.

    Raises:
        NotApplicable: there is no key, or it is not needed.
    """
    need(ask.target.api_key, "a key to leave out")
    bare = replace(ask.make.models(), authorized=False)
    requests = [replace(bare, headers=(("authorization", value),)) for value in values]
    without, *answers = await ask.all(bare, *requests)
    need(without.status in {401, 403}, "a list of models that is refused without the key")
    return answers


@scenario(
    "errors.garbled-key-is-refused",
    SHOULD,
    endpoints=["models"],
    features=["key"],
    spec="#/components/responses/Unauthorized",
    covers=["ERR-025"],
)
async def garbled_key_is_refused(ask: Ask) -> AsyncProblems:
    """An `Authorization` that is no bearer's key is refused with a 4xx, and crashes nothing.

    Why: a key that was pasted without its scheme is a mistake of every beginner.

    Seen: no server that is known.

    Sources: yaroslavyaroslav/OpenAI-sublime-text#144 (what OpenAI answers without a key).

    Violation: `HTTP 500` to `authorization: accord`
    """
    for answer in await _with_headers(ask, *GARBLED):
        if not 400 <= (answer.status or 0) < 500:
            yield Problem("a 4xx without the right key", answer.outcome, answer)


@scenario(
    "errors.key-refusal-says-how",
    MAY,
    endpoints=["models"],
    features=["key"],
    spec="#/components/responses/Unauthorized",
    covers=["ERR-025"],
)
async def key_refusal_says_how(ask: Ask) -> AsyncProblems:
    """A 401 says in `WWW-Authenticate` how to send the key.

    Why: HTTP demands it, and some libraries send no key before they have seen it.

    Seen: no server that is known.

    Sources: RFC 9110, section 15.5.2.

    Violation: `HTTP 401` without `www-authenticate: Bearer`
    """
    (answer,) = await _with_headers(ask, WRONG_KEY[1])
    need(answer.status == 401, "a 401")
    if not answer.header("www-authenticate"):
        yield View(answer).problem("a scheme", "no such header", header="www-authenticate")


@scenario(
    "errors.key-is-not-repeated",
    MAY,
    endpoints=["models"],
    features=["key"],
    spec="#/components/responses/Unauthorized",
    covers=["ERR-025"],
)
async def key_is_not_repeated(ask: Ask) -> AsyncProblems:
    """The refusal of a wrong key does not repeat it in full.

    Why: errors are logged and pasted, and a key with one wrong letter is nearly a key.

    Seen: no server that is known.

    Sources: continuedev/continue#10250 (OpenAI masks it).

    Violation: `Incorrect API key provided: sk-my-own-key`
    """
    (answer,) = await _with_headers(ask, WRONG_KEY[1])
    need(refused(answer) or answer.status in {401, 403}, "a refusal of the key")
    key = WRONG_KEY[1].removeprefix("Bearer")
    if key in answer.text:
        found = show(shown(answer))
        yield View(answer).problem("no key", found, offset=answer.body.find(key.encode()))
