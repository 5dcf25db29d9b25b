"""Errors: the envelope that every refusal comes in."""

from __future__ import annotations

import re
from typing import Final

from accord_contracts.exchange import NOT_JSON
from accord_contracts.finding import need
from accord_contracts.kinds import ERRORS
from accord_contracts.rule import MUST, QUICK, SHOULD, Problems, invariant
from accord_contracts.rules.mistakes import ENVELOPE, ERROR, PROBES, UNKNOWN_MODEL, shown
from accord_contracts.views import MISSING, Answer, show, text


@invariant(
    "errors.body-is-json",
    MUST,
    on=ERRORS,
    probes=PROBES,
    spec="#/components/responses/Error/content",
    covers=["ERR-009"],
    effort=QUICK,
)
def body_is_json(answer: Answer) -> Problems:
    """The body of an error is one JSON document, not a page or a line of text, and not empty.

    Why: SDKs take the error out of the JSON; from a page they make an exception without a reason.

    Seen: web frameworks and reverse proxies with their own pages for errors.

    Sources: xtekky/gpt4free#2149, qnguyen3/chat-with-mlx#15.

    Violation: `Internal Server Error`, or `<html><title>502 Bad Gateway</title>`.
    """
    if answer.json is NOT_JSON:
        yield answer.problem("an error as JSON", shown(answer.exchange), offset=0)


@invariant(
    "errors.content-type-is-json",
    SHOULD,
    on=ERRORS,
    probes=PROBES,
    spec="#/components/responses/Error/content/application~1json",
    effort=QUICK,
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
    effort=QUICK,
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
            'the member "error"', f"the default body of {name}: {shown(answer.exchange)}", ""
        )


@invariant(
    "errors.wrapped-in-error",
    MUST,
    on=ERRORS,
    probes=PROBES,
    spec=ENVELOPE + "/required",
    covers=["ERR-001"],
    effort=QUICK,
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
    effort=QUICK,
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
    effort=QUICK,
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
    effort=QUICK,
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
    effort=QUICK,
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
    effort=QUICK,
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
    effort=QUICK,
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
    effort=QUICK,
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
