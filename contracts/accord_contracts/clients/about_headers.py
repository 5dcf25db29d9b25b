"""Headers: the key, the media types."""

from __future__ import annotations

import re
from typing import Final

from accord_contracts.clients.obligation import Breach, Breaches, on_request
from accord_contracts.clients.received import Received
from accord_contracts.rule import MAY, MUST, SHOULD

_BEARER: Final = re.compile(r"bearer [!-~]+", re.IGNORECASE)
_NO_KEYS: Final = frozenset({"None", "null", "undefined", "[object", "nil", "<nil>"})
"""What programs write for a value that they do not have."""


def of_an_endpoint(request: Received) -> bool:
    """About requests to one of the four endpoints."""
    return request.endpoint is not None


def generating(request: Received) -> bool:
    """About requests that take a body."""
    return request.generates


def _keyed(request: Received) -> bool:
    return request.endpoint is not None and request.header("authorization") is not None


@on_request(
    "request.sends-a-key", SHOULD, about=of_an_endpoint, spec="#/components/securitySchemes"
)
def sends_a_key(request: Received) -> Breaches:
    """A request has an `Authorization` header; servers without keys ignore it.

    Why: most servers answer 401 without one, and a client that sends its key only sometimes, or
    under another name, works only with servers that need none.

    Violation: only `api-key: KEY`.
    """
    if request.header("authorization") is None:
        yield Breach("there is no Authorization header")


@on_request(
    "request.key-is-a-bearer-token", MUST, about=_keyed, spec="#/components/securitySchemes"
)
def key_is_a_bearer_token(request: Received) -> Breaches:
    """The `Authorization` header, sent once, is `Bearer KEY`.

    Why: servers answer 401 to any other form.

    Violation: `Authorization: KEY`, or the header sent twice.
    """
    value = request.header("authorization") or ""
    if not _BEARER.fullmatch(value.strip()):
        yield Breach("the Authorization header is not of the form `Bearer KEY`")


@on_request("request.key-is-a-value", SHOULD, about=_keyed, spec="#/components/securitySchemes")
def key_is_a_value(request: Received) -> Breaches:
    """What is sent as the key is a key, and not a program's word for a value that it lacks.

    Why: servers that need a key answer 401, and nobody sees why.

    Violation: `Authorization: Bearer undefined`.
    """
    words = (request.header("authorization") or "").split()
    if len(words) > 1 and (words[1] in _NO_KEYS or words[1].startswith("$")):
        yield Breach("the key is a word for no value, such as None or undefined")


@on_request(
    "request.content-type-is-json",
    MUST,
    about=generating,
    spec="#/components/responses/UnsupportedMediaType",
)
def content_type_is_json(request: Received) -> Breaches:
    """A body is declared as `application/json`.

    Why: servers answer 415 to any other, or take the body for a form.

    Violation: `Content-Type: application/x-www-form-urlencoded`, as curl sends with `-d` alone.
    """
    declared = request.header("content-type")
    if declared is None:
        yield Breach("there is no Content-Type header")
    elif declared.partition(";")[0].strip().lower() != "application/json":
        yield Breach("the Content-Type is not application/json")


@on_request(
    "request.accepts-the-answer",
    SHOULD,
    about=of_an_endpoint,
    spec="#/paths/~1chat~1completions/post/responses/200/content",
)
def accepts_the_answer(request: Received) -> Breaches:
    """An `Accept` header, where there is one, lets the server answer with JSON: errors are JSON.

    Why: a server that takes the header at its word answers 406, or an error as HTML.

    Violation: `Accept: text/html`.
    """
    if not (_accepts(request, "application/json") or _accepts(request, "text/event-stream")):
        yield Breach("the Accept header allows neither application/json nor text/event-stream")


@on_request(
    "request.accepts-the-stream",
    MAY,
    about=lambda request: request.generates and request.streams,
    spec="#/paths/~1chat~1completions/post/responses/200/content/text~1event-stream",
)
def accepts_the_stream(request: Received) -> Breaches:
    """An `Accept` header of a request for a stream allows `text/event-stream`.

    Why: strictly read, the client refuses the answer that it asks for. Popular clients do this,
    so servers bear it.

    Seen: openai-python.

    Violation: `"stream": true` with `Accept: application/json`.
    """
    if not _accepts(request, "text/event-stream"):
        yield Breach("a stream is asked for, and the Accept header does not allow one")


def _accepts(request: Received, media_type: str) -> bool:
    """Whether the `Accept` header allows a media type, at whatever preference but zero."""
    accept = request.header("accept")
    if accept is None:
        return True
    wanted = {media_type, media_type.partition("/")[0] + "/*", "*/*"}
    for choice in accept.lower().split(","):
        name, _, parameters = choice.partition(";")
        refused = re.search(r"\bq\s*=\s*0(\.0*)?\s*(;|$)", parameters)
        if name.strip() in wanted and not refused:
            return True
    return not accept.strip()
