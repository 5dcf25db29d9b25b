"""Transport: what HTTP itself has to say, below the JSON: methods, paths, headers, connections."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from accord_contracts.ask import Ask, considered, refused, streamed, supported
from accord_contracts.exchange import CUT_SHORT, HUNG_UP, NOT_JSON, Exchange, Request
from accord_contracts.finding import CouldNotRun, Problem, Unsupported, need
from accord_contracts.kinds import ALL_ENDPOINTS, ERRORS, EVERYTHING, GENERATING, STREAMS
from accord_contracts.requests import JSON_TYPE
from accord_contracts.rule import MAY, MUST, SHOULD, AsyncProblems, Problems, invariant, scenario
from accord_contracts.rules.errors import MALFORMED, has_failed, refusal_problems
from accord_contracts.views import Answer, View, show

PATHS: Final = {
    "models": "/models",
    "chat": "/chat/completions",
    "completions": "/completions",
}


def _baseline(ask: Ask, *, again: int = 0) -> Request:
    """The plainest request to the rule's endpoint."""
    if ask.endpoint == "models":
        return replace(ask.make.models(), again=again)
    return ask.make.text(ask.endpoint, again=again)


async def _beside_baseline(ask: Ask, *requests: Request) -> list[Exchange]:
    """What comes back for some requests, where the endpoint is there at all.

    Raises:
        Unsupported, CouldNotRun: the baseline is not answered.
    """
    valid, *answers = await ask.all(_baseline(ask), *requests)
    supported(valid)
    return [considered(answer) for answer in answers]


# ------------------------------------------------------------------------------ every answer


@invariant(
    "transport.request-id",
    SHOULD,
    on=EVERYTHING,
    probes=[*EVERYTHING.probes, *ERRORS.probes],
    spec="#/components/headers/RequestId",
    covers=["HTP-004"],
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
    (answer,) = await _beside_baseline(ask, WRONG_METHODS[ask.endpoint])
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
    (answer,) = await _beside_baseline(ask, WRONG_METHODS[ask.endpoint])
    need(refused(answer), "a refusal of a wrong method")
    for problem in refusal_problems(answer):
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
    (answer,) = await _beside_baseline(ask, WRONG_METHODS["models"])
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
    for problem in refusal_problems(answer):
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
    plain = _baseline(ask)
    (answer,) = await _beside_baseline(ask, replace(plain, path=plain.path + "/"))
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
    (answer,) = await _beside_baseline(ask, Request("HEAD", PATHS["models"]))
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


# ----------------------------------------------------------------------------------- browsers

ORIGIN: Final = "https://app.example"


def _preflight(path: str, method: str) -> Request:
    """What a browser asks before it sends a request with a key from another site."""
    headers = (
        ("origin", ORIGIN),
        ("access-control-request-method", method),
        ("access-control-request-headers", "authorization,content-type"),
    )
    return Request("OPTIONS", path, headers=headers, authorized=False)


def _allows_origin(exchange: Exchange) -> bool:
    return exchange.header("access-control-allow-origin") in {"*", ORIGIN}


def _allows_headers(exchange: Exchange) -> bool:
    allowed = (exchange.header("access-control-allow-headers") or "").lower()
    names = {name.strip() for name in allowed.split(",")}
    return "*" in names or {"authorization", "content-type"} <= names


@scenario(
    "transport.{endpoint}-preflight",
    MAY,
    endpoints=ALL_ENDPOINTS,
    spec="#/servers",
    covers=["HTP-003"],
)
async def preflight(ask: Ask) -> AsyncProblems:
    """A CORS preflight is answered with a 2xx that allows the origin, the key and JSON.

    It carries no key: browsers never send one with it.

    Why: without it no page of another origin can use the server.

    Seen: LocalAI, llama-swap, RouteLLM, GPT4All, BricksLLM, LM Studio (off by default).

    Sources: mudler/LocalAI#710, mostlygeek/llama-swap#42, lm-sys/RouteLLM#43,
    nomic-ai/gpt4all#2196, bricks-cloud/BricksLLM#45, lmstudio-ai/lmstudio-bug-tracker#443.

    Violation: `HTTP 405` to `OPTIONS /chat/completions`
    """
    method = "GET" if ask.endpoint == "models" else "POST"
    base, answer = await ask.all(_baseline(ask), _preflight(PATHS[ask.endpoint], method))
    supported(base)
    if not answer.ok:
        yield Problem("a 2xx for a preflight", answer.outcome, answer)
        return
    for holds, name in (
        (_allows_origin(answer), "access-control-allow-origin"),
        (_allows_headers(answer), "access-control-allow-headers"),
    ):
        if not holds:
            found = show(answer.header(name))
            yield Answer(answer).problem(f"{name} for the request", found, header=name)


@scenario(
    "transport.answers-allow-the-origin",
    MAY,
    endpoints=["models"],
    spec="#/servers",
    covers=["HTP-003"],
)
async def answers_allow_the_origin(ask: Ask) -> AsyncProblems:
    """Where a preflight is answered, the answer itself allows the origin too.

    Why: without `access-control-allow-origin` the browser keeps the answer from the page.

    Seen: LocalAI.

    Sources: mudler/LocalAI#710.

    Violation: an answer to a request with `origin` that lacks `access-control-allow-origin`.
    """
    request = replace(ask.make.models(), headers=(("origin", ORIGIN),))
    before, answer = await ask.all(_preflight(PATHS["models"], "GET"), request)
    need(before.ok and _allows_origin(before), "an answer to a preflight")
    supported(answer)
    if not _allows_origin(answer):
        name = "access-control-allow-origin"
        yield Answer(answer).problem("* or the origin", show(answer.header(name)), header=name)


# -------------------------------------------------------------------------------- connections

FRESH: Final = 50
"""Counts repetitions up from here (`Request.again`): requests that no other rule shares."""

LONG: Final = 256
"""Tokens of an answer that takes a while, and is not waited for."""


@scenario(
    "transport.{endpoint}-serves-after-refusals",
    MUST,
    endpoints=GENERATING,
    spec="#/servers",
    covers=["ERR-010"],
)
async def serves_after_refusals(ask: Ask) -> AsyncProblems:
    """After a bad request the server answers the next one, on the same connection too.

    Why: what is left of a refused body is read as the next request; a worker that died of it
    leaves everybody without answers.

    Seen: llamafile.

    Sources: mozilla-ai/llamafile#116.

    Violation: `HTTP 400`, or a reset, to a good request that follows a bad one.
    """
    await _beside_baseline(ask)
    padding = b'{"padding": "%s"}' % (b"x" * 40_000)
    cut, first, odd, second = await ask.all(
        Request("POST", PATHS[ask.endpoint], MALFORMED, (JSON_TYPE,), again=FRESH),
        _baseline(ask, again=FRESH),
        Request("PUT", PATHS[ask.endpoint], padding, (JSON_TYPE,), again=FRESH),
        _baseline(ask, again=FRESH + 1),
    )
    for bad, good in ((cut, first), (odd, second)):
        if not considered(good).ok:
            yield Problem("an answer after a bad request", good.outcome, good, compared=(bad,))


@scenario(
    "transport.{endpoint}-left-stream-frees-the-server",
    SHOULD,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/Stream",
    covers=["HTP-001"],
)
async def left_stream_frees_the_server(ask: Ask) -> AsyncProblems:
    """When a client leaves a stream, the server stops, and serves the next request at once.

    The next request may take three times as long as it does otherwise, and a second; a delay is
    reported when it comes twice.

    Why: users press "stop"; a server that goes on to the end keeps all others waiting.

    Seen: llama.cpp, vLLM (a report), mlx-openai-server, text-generation-webui, mini-sglang.

    Sources: ggml-org/llama.cpp#24496, ggml-org/llama.cpp#11720, vllm-project/vllm#54947,
    cubist38/mlx-openai-server#269, oobabooga/textgen#4521, sgl-project/mini-sglang#15.

    Violation: the next request waits until the stream that nobody reads is at its end.
    """
    stream = replace(_long(ask, stream=True), abandon_after=1)
    async for problem in _served_at_once(ask, stream):
        yield problem


@scenario(
    "transport.{endpoint}-left-answer-frees-the-server",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/schemas/Stream",
    covers=["HTP-002"],
)
async def left_answer_frees_the_server(ask: Ask) -> AsyncProblems:
    """When a client leaves before its answer comes, the server stops, and serves the next request.

    The next request may take three times as long as it does otherwise, and a second; a delay is
    reported when it comes twice.

    Why: clients give up after a time and try again; every try adds to what the server has to do.

    Seen: llama.cpp.

    Sources: ggml-org/llama.cpp#24496.

    Violation: the next request waits until the answer that nobody reads is complete.
    """
    async for problem in _served_at_once(ask, replace(_long(ask), hang_up=0.1)):
        yield problem


def _long(ask: Ask, **params: Any) -> Request:
    """A request whose answer takes a while, as far as the server can be told."""
    return ask.make.capped(ask.endpoint, LONG, **params)


async def _served_at_once(ask: Ask, left: Request) -> AsyncProblems:
    """Yield a problem if a request that follows one that was left is slow, twice."""
    usual = supported(await ask(_baseline(ask))).exchange
    patience = 1 + 3 * usual.seconds
    for turn in (FRESH + 2, FRESH + 3):
        gone, after = await ask.all(replace(left, again=turn), _baseline(ask, again=turn))
        _require_left(gone)
        if considered(after).ok and after.seconds <= patience:
            return
    took = f"{after.outcome[:40]} after {after.seconds:.1f} s"
    expected = f"an answer within {patience:.1f} s (it takes {usual.seconds:.1f} s otherwise)"
    yield Problem(expected, took, after, compared=(gone, usual))


def _require_left(gone: Exchange) -> None:
    """See that an answer was left while it was still to come.

    Raises:
        Unsupported, CouldNotRun, NotApplicable: it was refused, failed, or came at once.
    """
    if refused(gone):
        raise Unsupported(f"the server refused it: {gone.outcome}", gone)
    if gone.request.hang_up is not None:
        need(gone.failure == HUNG_UP, "an answer slow enough to be left")
    elif not gone.ok:
        raise CouldNotRun(f"no stream to leave: {gone.outcome}", gone)
