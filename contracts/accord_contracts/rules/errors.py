"""Errors: the envelope that every refusal comes in, and the statuses that go with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Final

from accord_contracts.ask import BUSY, Ask, considered, refused, supported
from accord_contracts.exchange import NOT_JSON, Exchange, Request
from accord_contracts.finding import CouldNotRun, Problem, need
from accord_contracts.kinds import ALL_ENDPOINTS, ERRORS, EVERYTHING, GENERATING
from accord_contracts.requests import Requests
from accord_contracts.rule import MAY, MUST, SHOULD, AsyncProblems, Problems, invariant, scenario
from accord_contracts.views import MISSING, Answer, View, members, show, text

UNKNOWN_MODEL: Final = "accord-no-such-model"

MALFORMED: Final = b'{"model": "accord", "messages": [{"role": "user", "con'
"""A JSON object that was cut on its way."""

ENVELOPE: Final = "#/components/schemas/ErrorResponse"
ERROR: Final = "#/components/schemas/ErrorObject"


def _unknown_model(make: Requests) -> Request:
    return make.chat(model=UNKNOWN_MODEL)


def _malformed(make: Requests) -> Request:
    return make.raw("/chat/completions", MALFORMED)


def _wrong_type(make: Requests) -> Request:
    return make.chat(temperature="hot")


PROBES: Final = (_unknown_model, _malformed, _wrong_type)
"""Three mistakes that reach three layers of a server: its models, its parser, its checks."""


def refusal_problems(exchange: Exchange) -> Iterator[Problem]:
    """Say what keeps an answer of any status from being OpenAI's error envelope."""
    answer = Answer(exchange)
    if not isinstance(answer.at("/error"), dict):
        yield answer.problem(
            'an object with the error in its member "error"', _shown(exchange), "/error"
        )


def _shown(exchange: Exchange) -> str:
    """A body in a few words, whatever it is."""
    if not exchange.body.strip():
        return "an empty body"
    return exchange.text.strip()[:100]


# ------------------------------------------------------------------------------- the envelope


@invariant(
    "errors.body-is-json",
    MUST,
    on=ERRORS,
    probes=PROBES,
    spec="#/components/responses/Error/content",
    covers=["ERR-009"],
)
def body_is_json(answer: Answer) -> Problems:
    """The body of an error is one JSON document, not a page or a line of text, and not empty.

    Why: SDKs take the error out of the JSON; from a page they make an exception without a reason.

    Seen: web frameworks and reverse proxies with their own pages for errors.

    Sources: xtekky/gpt4free#2149, qnguyen3/chat-with-mlx#15.

    Violation: `Internal Server Error`, or `<html><title>502 Bad Gateway</title>`.
    """
    if answer.json is NOT_JSON:
        yield answer.problem("an error as JSON", _shown(answer.exchange), offset=0)


@invariant(
    "errors.content-type-is-json",
    SHOULD,
    on=ERRORS,
    probes=PROBES,
    spec="#/components/responses/Error/content/application~1json",
)
def content_type_is_json(answer: Answer) -> Problems:
    """An error says that it is JSON: its content type is `application/json`.

    Why: clients that look at the content type first read the error as text, and show all of it.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `ErrorResponse`.

    Violation: `content-type: text/plain` on an error that is JSON.
    """
    need(answer.json is not NOT_JSON, "an error that is JSON")
    found = answer.exchange.media_type
    if found != "application/json" and not found.endswith("+json"):
        yield answer.problem("application/json", found or "no content type", header="content-type")


FRAMEWORK_MEMBERS: Final = (
    ({"detail"}, "FastAPI or Django"),
    ({"statusCode"}, "a Node framework"),
    ({"timestamp", "path"}, "Spring"),
    ({"title", "status"}, "RFC 9457"),
)
"""Members by which the error bodies that frameworks make on their own are known."""


def _framework(answer: Answer) -> str | None:
    """Whose default error body this is; None where it has an error object, or is nobody's."""
    fields = answer.fields
    if isinstance(fields.get("error"), dict):
        return None
    return next((name for known, name in FRAMEWORK_MEMBERS if known <= fields.keys()), None)


@invariant(
    "errors.no-framework-default",
    MUST,
    on=ERRORS,
    probes=PROBES,
    spec=ENVELOPE,
    covers=["ERR-009"],
)
def no_framework_default(answer: Answer) -> Problems:
    """No error has the default body of a web framework in place of OpenAI's envelope.

    Why: SDKs look for `error.message`; what the framework says elsewhere never reaches the user.

    Seen: LiteLLM, Ray Serve LLM, gpt4free, chat-with-mlx, DeepSeek API (2024).

    Sources: BerriAI/litellm#37271, ray-project/ray#64833, xtekky/gpt4free#2149,
    qnguyen3/chat-with-mlx#15, deepseek-ai/DeepSeek-V2#9.

    Violation: `{"detail": "Not Found"}`
    """
    need(answer.fields, "an error that is a JSON object")
    name = _framework(answer)
    if name:
        yield answer.problem(
            'the member "error"', f"the default body of {name}: {_shown(answer.exchange)}", ""
        )


@invariant(
    "errors.wrapped-in-error",
    MUST,
    on=ERRORS,
    probes=PROBES,
    spec=ENVELOPE + "/required",
    covers=["ERR-001"],
)
def wrapped_in_error(answer: Answer) -> Problems:
    """The body of an error is an object whose member `error` holds the error.

    Why: SDKs read `error`; without it the message, the type and the code are lost.

    Seen: vLLM (before 0.10.1), LightLLM, FastChat, worker-vllm, Dynamo.

    Sources: vllm-project/vllm#12886, ModelTC/LightLLM#1259, lm-sys/FastChat#1475,
    QwenLM/Qwen-Agent#49, foundation-model-stack/fms-guardrails-orchestrator#511,
    ai-dynamo/dynamo#4984.

    Violation: `{"object": "error", "message": "…", "code": 404}`
    """
    need(isinstance(answer.json, dict | list), "an error that is a JSON object or array")
    need(_framework(answer) is None, "an error that is not a framework's default body")
    yield from answer.unless(answer.at("/error") is not MISSING, "an object", "/error")


@invariant(
    "errors.error-is-an-object",
    MUST,
    on=ERRORS,
    probes=PROBES,
    spec=ENVELOPE + "/properties/error",
    covers=["ERR-002"],
)
def error_is_an_object(answer: Answer) -> Problems:
    """The member `error` of an error is an object.

    Why: clients that read `error.message` fail on a string, and hide the error behind their own.

    Seen: LM Studio, GenieX, aprender, Ollama cloud.

    Sources: Zazza/sd-ai#2, qualcomm/GenieX#683, paiml/aprender#2375, ollama/ollama#15934.

    Violation: `{"error": "model not found"}`
    """
    need(answer.at("/error") is not MISSING, 'an error with the member "error"')
    need(_framework(answer) is None, "an error that is not a framework's default body")
    yield from answer.unless(isinstance(answer.at("/error"), dict), "an object", "/error")


@invariant(
    "errors.has-all-members",
    SHOULD,
    on=ERRORS,
    probes=PROBES,
    spec=ERROR + "/properties",
    covers=["ERR-003"],
)
def has_all_members(answer: Answer) -> Problems:
    """An error object has `message`, `type`, `param` and `code`; the last two may be null.

    Why: typed clients declare all four, and some refuse an error that lacks one.

    Seen: llama.cpp (no `param`).

    Sources: ggml-org/llama.cpp#25515.

    Violation: `{"error": {"message": "…", "type": "…", "code": null}}`
    """
    need(answer.error, "an error object")
    for name in ("message", "type", "param", "code"):
        pointer = f"/error/{name}"
        yield from answer.unless(answer.at(pointer) is not MISSING, f'"{name}"', pointer)


@invariant(
    "errors.message-is-text",
    MUST,
    on=ERRORS,
    probes=PROBES,
    spec=ERROR + "/properties/message",
    covers=["ERR-003", "ERR-012"],
)
def message_is_text(answer: Answer) -> Problems:
    """An error's `message` is a string that says something.

    Why: it is the one part of an error that users see.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `Error`.

    Violation: `{"error": {"message": {"loc": ["body"]}, …}}`, or an empty message.
    """
    need(answer.error, "an error object")
    message = answer.at("/error/message")
    yield from answer.unless(text(message).strip(), "a string with words in it", "/error/message")


@invariant(
    "errors.type-is-text",
    MUST,
    on=ERRORS,
    probes=PROBES,
    spec=ERROR + "/properties/type",
    covers=["ERR-003"],
)
def type_is_text(answer: Answer) -> Problems:
    """An error's `type` is a string.

    Why: typed clients declare it a string, and fail to decode the error on anything else.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `Error`.

    Violation: `{"error": {"message": "…", "type": null, …}}`
    """
    found = answer.at("/error/type")
    need(found is not MISSING, "an error with a type")
    yield from answer.unless(isinstance(found, str), "a string", "/error/type")


@invariant(
    "errors.param-is-text-or-null",
    MUST,
    on=ERRORS,
    probes=PROBES,
    spec=ERROR + "/properties/param",
    covers=["ERR-003"],
)
def param_is_text_or_null(answer: Answer) -> Problems:
    """An error's `param` is a string or null.

    Why: typed clients declare it so, and fail to decode the error on anything else.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `Error`.

    Violation: `{"error": {…, "param": ["body", "messages"]}}`
    """
    found = answer.at("/error/param")
    need(found is not MISSING, "an error with a param")
    yield from answer.unless(
        found is None or isinstance(found, str), "a string or null", "/error/param"
    )


@invariant(
    "errors.code-is-text-or-null",
    MUST,
    on=ERRORS,
    probes=PROBES,
    spec=ERROR + "/properties/code",
    covers=["ERR-004"],
)
def code_is_text_or_null(answer: Answer) -> Problems:
    """An error's `code` is a string or null, never a number.

    Why: typed clients fail to decode a number, so the user sees a decoding error instead.

    Seen: vLLM, llama.cpp, LiteLLM, Dynamo.

    Sources: vllm-project/vllm#37011, ggml-org/llama.cpp#25515, BerriAI/litellm#3253,
    ai-dynamo/dynamo#4984.

    Violation: `{"error": {…, "code": 404}}`
    """
    found = answer.at("/error/code")
    need(found is not MISSING, "an error with a code")
    yield from answer.unless(
        found is None or isinstance(found, str), "a string or null", "/error/code"
    )


INTERNALS: Final = (
    (r"Traceback \(most recent call last\)", "a Python traceback"),
    (r"\bline \d+, in \w", "a frame of a Python traceback"),
    (r"\bat [\w.$<>\[\] ]{1,80} \([^()\s]{1,200}:\d+(?::\d+)?\)", "a frame of a stack trace"),
    (r"\bpanicked at\b|\bgoroutine \d+ \[", "a panic"),
    (r" object at 0x[0-9a-fA-F]{6,}", "an address in memory"),
    (
        r"(?<![\w/.:-])(?:/[\w.@-]+){2,}\.(?:py|js|mjs|ts|go|rs|cc|cpp|java|rb|php)\b",
        "a source file",
    ),
)
"""What only the server's authors want to read in an error, as patterns over the body's text."""


@invariant(
    "errors.shows-no-internals",
    SHOULD,
    on=ERRORS,
    probes=PROBES,
    spec=ERROR + "/properties/message",
    covers=["ERR-012"],
)
def shows_no_internals(answer: Answer) -> Problems:
    """An error speaks of the request: it shows no stack trace, no address, no source file.

    Why: users can't act on it, and attackers can.

    Seen: vLLM (2025), vLLM-Omni, LM Studio.

    Sources: vllm-project/vllm#17664, vllm-project/vllm-omni#1952,
    lmstudio-ai/lmstudio-bug-tracker#377.

    Violation: `{"error": {"message": "Traceback (most recent call last): …", …}}`
    """
    body = answer.exchange.text.replace(text(answer.params.get("model")) or UNKNOWN_MODEL, "")
    for pattern, what in INTERNALS:
        match = re.search(pattern, body)
        if match:
            yield answer.problem("a message about the request", f"{what}: {show(match[0])}", "")
            return


# --------------------------------------------------------------------------------- the status


@invariant(
    "errors.not-with-a-success-status",
    MUST,
    on=EVERYTHING,
    probes=PROBES,
    spec="#/components/responses/BadRequest",
    covers=["ERR-007"],
)
def not_with_a_success_status(view: View) -> Problems:
    """An error has an error status, never a 2xx.

    Why: SDKs raise by the status; an error with 200 is decoded as an answer, and fails later.

    Seen: worker-vllm, TGI 2.4.0, LM Studio.

    Sources: runpod-workers/worker-vllm#57, huggingface/text-generation-inference#2749,
    lmstudio-ai/lms#362.

    Violation: `HTTP 200` with `{"error": {"message": "…"}}`
    """
    answer = Answer(view.exchange)
    need(answer.endpoint is not None and answer.fields, "a JSON object from one of the endpoints")
    is_error = bool(answer.fields.get("error")) or answer.at("/object") == "error"
    if view.exchange.ok and is_error:
        yield answer.problem(
            "an error status with this body",
            f"status {view.exchange.status} with {_shown(view.exchange)}",
        )


NOT_A_FAULT: Final = frozenset({501, 503, 504, 529})
"""5xx statuses that a correct server may answer: not offered, overloaded, no answer in time."""


def has_failed(exchange: Exchange) -> bool:
    """Whether a server failed over a request: it closed the connection, or says so itself."""
    status = exchange.status
    return status is None or (status >= 500 and status not in NOT_A_FAULT)


@invariant(
    "errors.no-server-error",
    MUST,
    on=EVERYTHING,
    probes=PROBES,
    spec="#/components/responses/InternalServerError",
    covers=["ERR-012", "ERR-030"],
)
def no_server_error(view: View) -> Problems:
    """Nothing that a client sends as JSON makes the server fail: mistakes are answered 4xx.

    Judged on every request of the suite to one of the endpoints whose body, if it has one, is a
    JSON object declared as JSON.

    Why: clients try a 5xx again, and again; a mistake of their own they would report at once.

    Seen: vLLM (2025), vLLM-Omni, LM Studio, OGX, LiteLLM.

    Sources: vllm-project/vllm#17664, vllm-project/vllm-omni#1952,
    lmstudio-ai/lmstudio-bug-tracker#377, ogx-ai/ogx#2002, BerriAI/litellm#14085.

    Violation: `HTTP 500` to `{"temperature": "hot", …}`
    """
    request = view.exchange.request
    need(view.exchange.status is not None, "an answer")
    need(request.endpoint is not None and _well_formed(request), "a well-formed request")
    if has_failed(view.exchange):
        yield view.problem("an answer, or a 4xx that refuses the request", view.exchange.outcome)


def _well_formed(request: Request) -> bool:
    """Whether a request has no body, or a JSON object that says so."""
    if request.method == "GET":
        return True
    types = [value for name, value in request.headers if name.lower() == "content-type"]
    return bool(request.params) and types == ["application/json"]


@invariant(
    "errors.mistakes-are-400",
    SHOULD,
    on=ERRORS,
    probes=[_wrong_type],
    spec="#/components/responses/BadRequest",
    covers=["ERR-008"],
)
def mistakes_are_400(answer: Answer) -> Problems:
    """A request that fails validation is answered 400, not 422.

    Why: SDKs raise `BadRequestError` for a 400; programs that handle it never see the 422.

    Seen: Mistral API, DeepInfra, GigaChat, Langchain-Chatchat.

    Sources: mistralai/platform-docs-public#7, earendil-works/pi#1578,
    ai-forever/gigachain#237, chatchat-space/Langchain-Chatchat#4826.

    Violation: `HTTP 422` to `{"temperature": "hot", …}`
    """
    need(answer.exchange.status in {400, 422}, "a request that failed validation")
    if answer.exchange.status == 422:
        yield answer.problem("status 400", "status 422")


@scenario(
    "errors.{endpoint}-unknown-model-is-404",
    MUST,
    endpoints=GENERATING,
    spec="#/components/responses/NotFound",
    covers=["ERR-005"],
)
async def unknown_model_is_404(ask: Ask) -> AsyncProblems:
    """A model that the server does not have is answered 404.

    Why: a client that misspells a model gets answers from another one, and never learns of it.

    Seen: SGLang, mlx-serve, llama.cpp, FastFlowLM, LM Studio, FastChat.

    Sources: sgl-project/sglang#31404, ddalcu/mlx-serve#257, ggml-org/llama.cpp#10056,
    ROCm/FastFlowLM#266, webai-at-home/webai-at-home#210, lm-sys/FastChat#1685.

    Violation: `HTTP 200` and an answer from the model that is loaded.
    """
    answer = await _ask_unknown_model(ask)
    if answer.exchange.status != 404:
        yield answer.problem("status 404 for an unknown model", answer.exchange.outcome)


@scenario(
    "errors.{endpoint}-unknown-model-has-its-code",
    SHOULD,
    endpoints=GENERATING,
    spec=ERROR + "/properties/code",
    covers=["ERR-006"],
)
async def unknown_model_has_its_code(ask: Ask) -> AsyncProblems:
    """The error for an unknown model has the code `model_not_found`.

    Why: a 404 may also be a wrong URL; programs tell the two apart by the code.

    Seen: vLLM.

    Sources: vllm-project/vllm#58025.

    Violation: `{"error": {…, "code": null}}`, or 404 as a number.
    """
    answer = await _ask_unknown_model(ask)
    need(refused(answer.exchange), "a refusal of an unknown model")
    need(answer.error, "an error object")
    pointer = "/error/code"
    found = answer.at(pointer)
    for problem in answer.unless(found == "model_not_found", '"model_not_found"', pointer):
        yield problem


async def _ask_unknown_model(ask: Ask) -> Answer:
    """What comes back for an unknown model, where the known one is answered."""
    make = ask.make
    known, unknown = await ask.all(
        make.text(ask.endpoint), make.text(ask.endpoint, model=UNKNOWN_MODEL)
    )
    supported(known)
    return Answer(considered(unknown))


# ------------------------------------------------------------------------------------ the key


WRONG_KEY: Final = ("authorization", "Bearer accord-wrong-key")


@scenario(
    "errors.key-guards-every-path",
    MUST,
    endpoints=ALL_ENDPOINTS,
    features=["key"],
    spec="#/components/responses/Unauthorized",
    covers=["ERR-025"],
)
async def key_guards_every_path(ask: Ask) -> AsyncProblems:
    """A server that refuses calls without its key does so on all four paths, and for wrong keys.

    Why: what is left open is used by whoever finds it; the list of models tells them it is there.

    Seen: Ray Serve LLM.

    Sources: ray-project/ray#55369.

    Violation: `HTTP 200` for the list of models without a key, while a chat needs one.
    """
    calls = await _calls_without_the_key(ask)
    closed = [call for call in calls if call.status in {401, 403}]
    need(closed, "a call that is refused without the key")
    for call in calls:
        if call.ok:
            yield Problem(
                "status 401 without the right key, as on other paths",
                call.outcome,
                call,
                compared=(closed[0],),
            )


@scenario(
    "errors.key-refusal-is-401",
    SHOULD,
    endpoints=ALL_ENDPOINTS,
    features=["key"],
    spec="#/components/responses/Unauthorized",
    covers=["ERR-025"],
)
async def key_refusal_is_401(ask: Ask) -> AsyncProblems:
    """A call without the key, or with a wrong one, is refused with 401.

    Why: SDKs raise `AuthenticationError` for 401 alone, and tell the user to look at the key.

    Seen: no server that is known.

    Sources: ray-project/ray#55369.

    Violation: `HTTP 403`, or 404, for a wrong key.
    """
    calls = [call for call in await _calls_without_the_key(ask) if not call.ok]
    need(calls, "a call that is refused without the key")
    for call in calls:
        if call.status not in {401, 429, *BUSY}:
            yield Problem("status 401 without the right key", call.outcome, call)


@scenario(
    "errors.key-is-needed",
    MAY,
    endpoints=ALL_ENDPOINTS,
    features=["key"],
    spec="#/components/securitySchemes/bearerAuth",
    covers=["ERR-025"],
)
async def key_is_needed(ask: Ask) -> AsyncProblems:
    """A server that is used with a key needs it: some call is refused without.

    A MAY, for a key may be given to a server that has none configured.

    Why: a key that is configured and ignored leaves the server open, and nobody knows.

    Seen: Ray Serve LLM.

    Sources: ray-project/ray#55369.

    Violation: every path answers 200 to a wrong key.
    """
    calls = await _calls_without_the_key(ask)
    if all(call.ok for call in calls):
        yield Problem(
            "a refusal without the right key (unless the server has none configured)",
            calls[0].outcome,
            calls[0],
            compared=tuple(calls[1:]),
        )


async def _calls_without_the_key(ask: Ask) -> list[Exchange]:
    """Calls of all four paths without a key and with a wrong one, where the right one opens them.

    Raises:
        NotApplicable: the target has no key.
        CouldNotRun: no path is open with the key.
    """
    need(ask.target.api_key, "a key to leave out")
    make = ask.make
    paths = [make.models(), make.model(ask.target.model), make.chat(), make.completion()]
    keyed = await ask.all(*paths)
    if not any(exchange.ok for exchange in keyed):
        raise CouldNotRun(f"no path answers with the key: {keyed[0].outcome}", keyed[0])
    opened = [exchange.request for exchange in keyed if exchange.ok]
    return await ask.all(*(bad for request in opened for bad in _without_the_key(request)))


def _without_the_key(request: Request) -> tuple[Request, Request]:
    bare = replace(request, authorized=False)
    return bare, replace(bare, headers=(*request.headers, WRONG_KEY))


# ----------------------------------------------------------------------------------- overload


@invariant(
    "errors.retry-after-is-a-time",
    SHOULD,
    on=ERRORS,
    spec="#/components/headers/RetryAfter",
    covers=["ERR-031"],
)
def retry_after_is_a_time(answer: Answer) -> Problems:
    """`Retry-After`, where it is sent, is a number of whole seconds (or an HTTP date).

    Why: SDKs wait as long as it says; from anything else they fall back to a guess.

    Seen: no server that is known.

    Sources: ollama/ollama#15934, BerriAI/litellm#40578.

    Violation: `retry-after: soon`
    """
    found = answer.exchange.header("retry-after")
    need(found is not None, "an error with `Retry-After`")
    if not re.fullmatch("[0-9]+", found or "") and not _is_http_date(found or ""):
        yield answer.problem("whole seconds, or a date", show(found), header="retry-after")


def _is_http_date(value: str) -> bool:
    try:
        parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return False
    return True


@invariant(
    "errors.too-many-says-which",
    MAY,
    on=ERRORS,
    spec="#/components/responses/TooManyRequests",
    covers=["ERR-032"],
)
def too_many_says_which(answer: Answer) -> Problems:
    """A 429 has a code that says what there was too much of: of calls now, or of the quota.

    Why: waiting helps against the one and not against the other; clients tell them by the code.

    Seen: OpenAI (a client's complaint).

    Sources: langchain-ai/langchainjs#1929, alexrudall/ruby-openai#501.

    Violation: `HTTP 429` with `{"error": {…, "code": null}}`
    """
    need(answer.exchange.status == 429, "a 429")
    found = members(answer.at("/error")).get("code", MISSING)
    yield from answer.unless(text(found), "a code", "/error/code")
