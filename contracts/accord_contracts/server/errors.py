"""Refusals in OpenAI's words: one function for each way in which a request can be wrong."""

from __future__ import annotations

from typing import Any

from accord_contracts.server.hooks import Refusal


def _name(value: Any) -> str:
    """What a JSON value is, in words, for error messages."""
    names = {bool: "a boolean", int: "an integer", float: "a decimal", str: "a string"}
    more = {list: "an array", dict: "an object", type(None): "null"}
    return (names | more)[type(value)]


def wrong_type(path: str, expected: str, value: Any) -> Refusal:
    """A value of another type than the parameter takes."""
    return Refusal(
        400,
        f"Invalid type for '{path}': expected {expected}, but got {_name(value)} instead.",
        param=path,
        code="invalid_type",
    )


def wrong_value(path: str, why: str, code: str = "invalid_value") -> Refusal:
    """A value of the right type that the parameter does not take."""
    return Refusal(400, f"Invalid '{path}': {why}", param=path, code=code)


def missing(path: str) -> Refusal:
    """A required parameter that is not there."""
    return Refusal(
        400,
        f"Missing required parameter: '{path}'.",
        param=path,
        code="missing_required_parameter",
    )


def unknown_parameter(path: str) -> Refusal:
    """A parameter that nobody knows, on a server that is strict about it."""
    return Refusal(400, f"Unknown parameter: '{path}'.", param=path, code="unknown_parameter")


def bad_json(why: str) -> Refusal:
    """A body that is not the JSON document it should be."""
    return Refusal(400, f"We could not parse the JSON body of your request: {why}")


def unknown_model(model: str) -> Refusal:
    """A model that is not on the list."""
    return Refusal(
        404,
        f"The model '{model}' does not exist or you do not have access to it.",
        code="model_not_found",
    )


def unknown_url(method: str, path: str) -> Refusal:
    """A path that is no part of the API."""
    return Refusal(404, f"Invalid URL ({method} {path})", code="unknown_url")


def wrong_method(method: str, path: str, allowed: str) -> Refusal:
    """A method that the path does not answer."""
    return Refusal(405, f"Not allowed to {method} on {path}.", headers={"allow": allowed})


def wrong_media_type(media_type: str) -> Refusal:
    """A body that is declared to be something other than JSON."""
    return Refusal(
        415,
        f"Unsupported Content-Type: '{media_type}'. This API accepts 'application/json'.",
        code="unsupported_content_type",
    )


def too_large(limit: int) -> Refusal:
    """A body beyond the server's limit."""
    return Refusal(
        413,
        f"The request body is larger than the {limit} bytes that this server accepts.",
        code="request_too_large",
    )


def no_key() -> Refusal:
    """A call without a key."""
    return Refusal(
        401,
        "You didn't provide an API key. Send it in an Authorization header with Bearer auth "
        "(Authorization: Bearer YOUR_KEY).",
        code="invalid_api_key",
        headers={"www-authenticate": "Bearer"},
    )


def wrong_key() -> Refusal:
    """A call with a key that is not the server's. The message does not repeat it."""
    return Refusal(
        401,
        "Incorrect API key provided.",
        code="invalid_api_key",
        headers={"www-authenticate": "Bearer"},
    )


def too_many(retry_after: int) -> Refusal:
    """More calls than the rate limit allows."""
    return Refusal(
        429,
        f"Rate limit reached. Please try again in {retry_after}s.",
        type="requests",
        code="rate_limit_exceeded",
        headers={"retry-after": str(retry_after)},
    )


def context_exceeded(param: str, length: int, limit: int) -> Refusal:
    """A prompt that leaves no room in the model's context."""
    return Refusal(
        400,
        f"This model's maximum context length is {limit} tokens. However, your {param} resulted "
        f"in {length} tokens. Please reduce the length of the {param}.",
        param=param,
        code="context_length_exceeded",
    )


def internal() -> Refusal:
    """Our own mistake; what exactly is in the log, not on the wire."""
    return Refusal(
        500, "The server had an error while processing your request.", type="server_error"
    )
