"""Errors: the statuses that go with them, and what is said beside them."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

from accord_contracts.ask import Ask, considered, refused, supported
from accord_contracts.exchange import Request
from accord_contracts.finding import need
from accord_contracts.kinds import ERRORS, EVERYTHING, GENERATING
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
from accord_contracts.rules.mistakes import (
    ERROR,
    PROBES,
    UNKNOWN_MODEL,
    has_failed,
    shown,
    wrong_type,
)
from accord_contracts.views import MISSING, Answer, View, members, show, text


@invariant(
    "errors.not-with-a-success-status",
    MUST,
    on=EVERYTHING,
    probes=PROBES,
    spec="#/components/responses/BadRequest",
    covers=["ERR-007"],
    effort=QUICK,
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
            f"status {view.exchange.status} with {shown(view.exchange)}",
        )


@invariant(
    "errors.no-server-error",
    MUST,
    on=EVERYTHING,
    probes=PROBES,
    spec="#/components/responses/InternalServerError",
    covers=["ERR-012", "ERR-030"],
    effort=QUICK,
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
    probes=[wrong_type],
    spec="#/components/responses/BadRequest",
    covers=["ERR-008"],
    effort=QUICK,
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
    effort=QUICK,
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
    effort=QUICK,
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
