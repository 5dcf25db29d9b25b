"""Faults of errors: their envelope, their statuses, the key."""

from __future__ import annotations

from accord_contracts.faults.bank import KEY, on_error, on_request
from accord_contracts.server.hooks import Call, Reply
from accord_contracts.server.settings import MODELS

_TRACE = """Traceback (most recent call last):
  File "/srv/app/serve.py", line 88, in generate
KeyError: 'temperature'"""


@on_error("errors.page", caught_by=["errors.body-is-json"])
def page(call: Call, reply: Reply) -> None:
    """Errors are pages for people, as the reverse proxy makes them."""
    reply.body = b"<html><title>Bad Request</title><h1>400 Bad Request</h1></html>"
    reply.headers["content-type"] = "text/html"


@on_error("errors.empty", caught_by=["errors.body-is-json"])
def empty(call: Call, reply: Reply) -> None:
    """Errors have no body."""
    reply.body = b""


@on_error("errors.called-text", caught_by=["errors.content-type-is-json"])
def called_text(call: Call, reply: Reply) -> None:
    """Errors are JSON that calls itself text."""
    reply.headers["content-type"] = "text/plain; charset=utf-8"


@on_error("errors.framework-default", caught_by=["errors.no-framework-default"])
def framework_default(call: Call, reply: Reply) -> None:
    """Errors are left to the web framework."""
    reply.body = {"detail": reply.body["error"]["message"]}


@on_error("errors.unwrapped", caught_by=["errors.wrapped-in-error"])
def unwrapped(call: Call, reply: Reply) -> None:
    """The members of the error stand at the top of the body."""
    reply.body = {"object": "error", **reply.body["error"]}


@on_error("errors.string", caught_by=["errors.error-is-an-object"])
def string(call: Call, reply: Reply) -> None:
    """The error is its message alone."""
    reply.body = {"error": reply.body["error"]["message"]}


@on_error("errors.no-param", caught_by=["errors.has-all-members"])
def no_param(call: Call, reply: Reply) -> None:
    """Errors do not say which parameter they are about, not even null."""
    del reply.body["error"]["param"]


@on_error("errors.message-is-a-list", caught_by=["errors.message-is-text"])
def message_is_a_list(call: Call, reply: Reply) -> None:
    """The message is the validator's list of errors."""
    message = reply.body["error"]["message"]
    reply.body["error"]["message"] = [{"loc": ["body"], "msg": message}]


@on_error("errors.type-is-null", caught_by=["errors.type-is-text"])
def type_is_null(call: Call, reply: Reply) -> None:
    """The type of an error is null."""
    reply.body["error"]["type"] = None


@on_error("errors.param-is-a-list", caught_by=["errors.param-is-text-or-null"])
def param_is_a_list(call: Call, reply: Reply) -> None:
    """The parameter is given as a path of steps."""
    reply.body["error"]["param"] = ["body", reply.body["error"]["param"]]


@on_error("errors.code-is-the-status", caught_by=["errors.code-is-text-or-null"])
def code_is_the_status(call: Call, reply: Reply) -> None:
    """The code of an error repeats the HTTP status, as a number."""
    reply.body["error"]["code"] = reply.status


@on_error("errors.shows-a-traceback", caught_by=["errors.shows-no-internals"])
def shows_a_traceback(call: Call, reply: Reply) -> None:
    """The message is the exception as the server's log has it."""
    reply.body["error"]["message"] = _TRACE


@on_error("errors.always-200", caught_by=["errors.not-with-a-success-status"])
def always_200(call: Call, reply: Reply) -> None:
    """Errors are sent with the status of a success."""
    reply.status = 200


@on_error("errors.mistakes-are-500", caught_by=["errors.no-server-error"])
def mistakes_are_500(call: Call, reply: Reply) -> None:
    """What a check further inside refuses becomes a server error."""
    if reply.status == 400 and isinstance(call.body, dict):
        reply.status = 500


@on_error("errors.mistakes-are-422", caught_by=["errors.mistakes-are-400"])
def mistakes_are_422(call: Call, reply: Reply) -> None:
    """Requests that fail validation get the framework's status."""
    if reply.status == 400:
        reply.status = 422


@on_request(
    "errors.any-model-name",
    caught_by=["errors.{endpoint}-unknown-model-is-404"],
)
def any_model_name(call: Call) -> None:
    """Whatever model is asked for, the one that is loaded answers."""
    if isinstance(call.body, dict) and "model" in call.body:
        call.body["model"] = MODELS[0].id


@on_error(
    "errors.unknown-model-without-code",
    caught_by=["errors.{endpoint}-unknown-model-has-its-code"],
)
def unknown_model_without_code(call: Call, reply: Reply) -> None:
    """A 404 says only in words that it is the model that is unknown."""
    if reply.status == 404:
        reply.body["error"]["code"] = None


@on_request("errors.list-needs-no-key", caught_by=["errors.key-guards-every-path"])
def list_needs_no_key(call: Call) -> None:
    """The list of models is open to everyone."""
    if call.endpoint == "models":
        call.headers["authorization"] = f"Bearer {KEY}"


@on_request("errors.any-key", caught_by=["errors.key-guards-every-path"])
def any_key(call: Call) -> None:
    """A key is needed, and any key will do."""
    if call.headers.get("authorization"):
        call.headers["authorization"] = f"Bearer {KEY}"


@on_error("errors.key-refused-with-403", caught_by=["errors.key-refusal-is-401"])
def key_refused_with_403(call: Call, reply: Reply) -> None:
    """A missing key is answered as one that opens something else."""
    if reply.status == 401:
        reply.status = 403


@on_request("errors.key-ignored", caught_by=["errors.key-is-needed"])
def key_ignored(call: Call) -> None:
    """A key is configured, and nobody looks at it."""
    call.headers["authorization"] = f"Bearer {KEY}"


@on_error("errors.retry-soon", caught_by=["errors.retry-after-is-a-time"])
def retry_soon(call: Call, reply: Reply) -> None:
    """Too many calls are told in words when to come again."""
    if reply.status == 404:
        reply.status, reply.headers["retry-after"] = 429, "in a minute"


@on_error("errors.too-many-of-what", caught_by=["errors.too-many-says-which"])
def too_many_of_what(call: Call, reply: Reply) -> None:
    """A 429 does not say whether the rate or the quota is exceeded."""
    if reply.status == 404:
        reply.status, reply.body["error"]["code"] = 429, None
