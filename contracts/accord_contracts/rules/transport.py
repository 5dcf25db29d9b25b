"""Transport: what HTTP itself has to say, below the JSON: headers, methods, paths."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from accord_contracts.ask import Ask, considered, refused, streamed, supported
from accord_contracts.exchange import CUT_SHORT, NOT_JSON, Request
from accord_contracts.finding import Problem, need
from accord_contracts.kinds import ALL_ENDPOINTS, ERRORS, EVERYTHING, GENERATING, STREAMS
from accord_contracts.requests import JSON_TYPE
from accord_contracts.rule import (
    MAY,
    MUST,
    QUICK,
    SHOULD,
    AsyncProblems,
    Problems,
    invariant,
    scenario,
)
from accord_contracts.rules.endpoints import PATHS, beside_plain, plain
from accord_contracts.rules.mistakes import envelope_problems, has_failed
from accord_contracts.views import Answer, View, show

# ------------------------------------------------------------------------------ every answer


@invariant(
    "transport.request-id",
    SHOULD,
    on=EVERYTHING,
    probes=[*EVERYTHING.probes, *ERRORS.probes],
    spec="#/components/headers/RequestId",
    covers=["HTP-004"],
    effort=QUICK,
)
def request_id(view: View) -> Problems:
    """Every answer, refusals too, names its request in the header `x-request-id`.

    Why: it is what a user quotes to the people who run the server; some typed clients need it.

    Seen: vLLM (before its flag).

    Sources: vllm-project/vllm#9593, openai-php/client#283.

    Violation: an answer without `x-request-id`.
    """
    need(view.endpoint is not None, "an answer from one of the endpoints")
    if not (view.exchange.header("x-request-id") or "").strip():
        yield view.problem("x-request-id", "no such header", header="x-request-id")


@invariant(
    "transport.no-redirects",
    MAY,
    on=EVERYTHING,
    spec="#/servers",
    covers=["HTP-007"],
)
def no_redirects(view: View) -> Problems:
    """The paths of the API answer where they are: no redirect leads away from them.

    Why: many clients follow no redirect of a POST, or follow it without the body or the key.

    Seen: Llama API / OGX.

    Sources: ogx-ai/ogx#2496.

    Violation: `HTTP 307` with `location: /v1/chat/completions/`
    """
    need(view.endpoint is not None, "an answer from one of the endpoints")
    status = view.exchange.status or 0
    if 300 <= status < 400:
        where = show(view.exchange.header("location"))
        yield view.problem("an answer", f"status {status}, which leads to {where}")


@invariant(
    "transport.answers-are-whole",
    MUST,
    on=EVERYTHING,
    spec="#/components/responses/InternalServerError",
)
def answers_are_whole(view: View) -> Problems:
    """An answer that has begun is sent to its end, as HTTP marks it.

    Why: clients raise a network error over an answer that was cut, and lose what they had of it.

    Seen: no server that is known.

    Sources: RFC 9112, section 8.

    Violation: a `content-length` of 500, and the connection is closed after 300 bytes.
    """
    need(not view.exchange.request.abandons, "an answer that was read to its end")
    failure = view.exchange.failure or ""
    if failure == CUT_SHORT or failure.startswith("not HTTP"):
        yield view.problem("the rest of the answer", failure, offset=len(view.exchange.body))


@invariant(
    "transport.no-unasked-encoding",
    SHOULD,
    on=EVERYTHING,
    spec="#/servers",
)
def no_unasked_encoding(view: View) -> Problems:
    """An answer is not compressed where the request accepts no compression.

    Why: a client that says `accept-encoding: identity` cannot read it.

    Seen: no server that is known.

    Sources: RFC 9110, section 12.5.3.

    Violation: `content-encoding: gzip`
    """
    found = view.exchange.header("content-encoding")
    if found not in {None, "", "identity"}:
        yield view.problem("no compression", show(found), header="content-encoding")


# --------------------------------------------------------------------------- methods and paths

WRONG_METHODS: Final = {
    "models": Request("PUT", PATHS["models"]),
    "chat": Request("PUT", PATHS["chat"]),
    "completions": Request("GET", PATHS["completions"]),
}
"""A method that no version of the API has on that path. (GET on chat lists stored chats.)"""

UNKNOWN_ROUTE: Final = Request("GET", "/accord-no-such-route")


@scenario(
    "transport.{endpoint}-wrong-method-is-405",
    SHOULD,
    endpoints=ALL_ENDPOINTS,
    spec="#/components/responses/MethodNotAllowed",
    covers=["ERR-026"],
)
async def wrong_method_is_405(ask: Ask) -> AsyncProblems:
    """A method that a path does not answer gets 405.

    Why: a 404 tells the user that the URL is wrong, and sends the search the wrong way.

    Seen: Ollama (before 2025-04), GPT4All.

    Sources: ollama/ollama#5483, ollama/ollama#10275, nomic-ai/gpt4all#2615.

    Violation: `HTTP 404` to `GET /completions`
    """
    (answer,) = await beside_plain(ask, WRONG_METHODS[ask.endpoint])
    if answer.status not in {405, 501}:
        yield Problem("status 405 for a wrong method", answer.outcome, answer)


@scenario(
    "transport.{endpoint}-wrong-method-has-the-envelope",
    SHOULD,
    endpoints=ALL_ENDPOINTS,
    spec="#/components/responses/MethodNotAllowed/content",
    covers=["ERR-027"],
)
async def wrong_method_has_the_envelope(ask: Ask) -> AsyncProblems:
    """The answer to a wrong method is an error in OpenAI's envelope.

    Why: SDKs take the message out of the envelope; of a default body they show nothing.

    Seen: gpt4free, chat-with-mlx, GPT4All.

    Sources: xtekky/gpt4free#2149, qnguyen3/chat-with-mlx#15, nomic-ai/gpt4all#2615.

    Violation: `{"detail": "Method Not Allowed"}`
    """
    (answer,) = await beside_plain(ask, WRONG_METHODS[ask.endpoint])
    need(refused(answer), "a refusal of a wrong method")
    for problem in envelope_problems(answer):
        yield problem


@scenario(
    "transport.wrong-method-names-the-right-ones",
    MAY,
    endpoints=["models"],
    spec="#/components/responses/MethodNotAllowed",
)
async def wrong_method_names_the_right_ones(ask: Ask) -> AsyncProblems:
    """A 405 says in `Allow` which methods the path answers.

    Why: HTTP demands it, and it is the one hint that tools can act on.

    Seen: no server that is known.

    Sources: RFC 9110, section 15.5.6.

    Violation: `HTTP 405` without `allow: GET`
    """
    (answer,) = await beside_plain(ask, WRONG_METHODS["models"])
    need(answer.status == 405, "a 405")
    if "GET" not in (answer.header("allow") or "").upper():
        yield Answer(answer).problem("GET in Allow", show(answer.header("allow")), header="allow")


@scenario(
    "transport.unknown-route-is-404",
    SHOULD,
    endpoints=["models"],
    spec="#/components/responses/NotFound",
    covers=["ERR-028"],
)
async def unknown_route_is_404(ask: Ask) -> AsyncProblems:
    """A path that is no part of the API gets 404.

    Why: with a 200 a misspelt URL looks like an API that answers nonsense.

    Seen: LM Studio.

    Sources: lmstudio-ai/lmstudio-bug-tracker#1879.

    Violation: `HTTP 200` with `{"error": "Unexpected endpoint"}`, or with a page.
    """
    answer = considered(await ask(UNKNOWN_ROUTE))
    if answer.status != 404:
        yield Problem("status 404 for an unknown path", answer.outcome, answer)


@scenario(
    "transport.unknown-route-has-the-envelope",
    SHOULD,
    endpoints=["models"],
    spec="#/components/responses/NotFound/content",
    covers=["ERR-028"],
)
async def unknown_route_has_the_envelope(ask: Ask) -> AsyncProblems:
    """The answer to an unknown path is an error in OpenAI's envelope.

    Why: SDKs take the message out of the envelope; of a line of text they show nothing.

    Seen: Ollama.

    Sources: ollama/ollama#5830, artificial-julien/docker-nginx-openai-api-cache#2.

    Violation: `404 page not found` as text.
    """
    answer = considered(await ask(UNKNOWN_ROUTE))
    need(refused(answer), "a refusal of an unknown path")
    for problem in envelope_problems(answer):
        yield problem


@scenario(
    "transport.{endpoint}-trailing-slash",
    MAY,
    endpoints=ALL_ENDPOINTS,
    spec="#/servers",
    covers=["HTP-005"],
)
async def trailing_slash(ask: Ask) -> AsyncProblems:
    """A slash at the end of a path changes nothing (or is redirected, method and body kept).

    Why: base URLs and paths are joined by hand everywhere, and a slash too many is invisible.

    Seen: llama.cpp.

    Sources: cosmicoptima/loom#25.

    Violation: `HTTP 404` to `GET /models/`
    """
    request = plain(ask)
    (answer,) = await beside_plain(ask, replace(request, path=request.path + "/"))
    if not answer.ok and answer.status not in {307, 308}:
        yield Problem("the answer that comes without the slash", answer.outcome, answer)


@scenario(
    "transport.head-is-survived",
    MAY,
    endpoints=["models"],
    spec="#/paths/~1models/get",
)
async def head_is_survived(ask: Ask) -> AsyncProblems:
    """HEAD on the list of models is answered or refused; it makes no server fail.

    Why: monitors and load balancers ask with HEAD whether a server is up.

    Seen: no server that is known.

    Sources: RFC 9110, section 9.3.2.

    Violation: `HTTP 500` to `HEAD /models`
    """
    (answer,) = await beside_plain(ask, Request("HEAD", PATHS["models"]))
    if has_failed(answer):
        yield Problem("an answer to HEAD, or a 405", answer.outcome, answer)


@scenario(
    "transport.{endpoint}-accept-does-not-choose",
    MAY,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/Stream",
    covers=["HTP-006"],
)
async def accept_does_not_choose(ask: Ask) -> AsyncProblems:
    """The parameter `stream` decides whether an answer is streamed, not the header `Accept`.

    Why: OpenAI's SDKs send `Accept: application/json` with every request, for streams too.

    Seen: OmniRoute.

    Sources: diegosouzapw/OmniRoute#6740.

    Violation: one JSON document in answer to `{"stream": true, …}` with `accept: application/json`
    """
    make = ask.make
    asks_json = (JSON_TYPE, ("accept", "application/json"))
    asks_stream = (JSON_TYPE, ("accept", "text/event-stream"))
    stream, plain, odd_stream, odd_plain = await ask.all(
        make.text(ask.endpoint, stream=True),
        make.text(ask.endpoint),
        replace(make.text(ask.endpoint, stream=True), headers=asks_json),
        replace(make.text(ask.endpoint), headers=asks_stream),
    )
    streamed(stream)
    supported(plain)
    if STREAMS.see(considered(odd_stream)) is None:
        yield Problem("a stream, whatever `accept` says", odd_stream.outcome, odd_stream)
    if not considered(odd_plain).ok or odd_plain.json is NOT_JSON:
        yield Problem("one JSON document, whatever `accept` says", odd_plain.outcome, odd_plain)
