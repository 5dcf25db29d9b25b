"""From what went wrong to the error that says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import httpx

from accord.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    Facts,
    InvalidAnswerError,
    status_error_class,
)
from accord.retries import retry_after

if TYPE_CHECKING:
    from accord.config import Config
    from accord.deadlines import Deadline

__all__ = ["Failures", "is_error", "parse_answer", "parse_json", "parse_text"]

_KEPT: Final = 32_768  # characters of a body that an error keeps
_LINE: Final = 200  # characters of a plain text that are its message
_read_value: Final = json.JSONDecoder().raw_decode
_NO_QUOTA = "The quota is used up: waiting does not help."
_OVERLOADED = frozenset({502, 503, 504})


class Failures:
    """Makes the errors of one attempt; knows whom it went to, and what was tried before."""

    __slots__ = ("config", "deadline", "tried")

    def __init__(self, config: Config, deadline: Deadline, tried: tuple[str, ...] = ()) -> None:
        self.config = config
        self.deadline = deadline
        self.tried = tried

    @property
    def attempts(self) -> int:
        """How often the request was sent."""
        return len(self.tried) + 1

    def timeout_phase(self, error: httpx.HTTPError) -> str | None:
        """Say which time was up: `connect`, `read`, `write`, `pool`, `deadline`, or none."""
        if self.deadline.passed:
            return "deadline"
        if isinstance(error, httpx.TimeoutException):
            return type(error).__name__.removesuffix("Timeout").lower()
        return None

    def unsent(self, error: httpx.HTTPError) -> APIConnectionError | InvalidAnswerError:
        """Give the error for a call that httpx could not finish."""
        where = self.config.shown_url
        text = self.config.mask(str(error)) or type(error).__name__
        facts = Facts(attempts=self.attempts, tried=self.tried)
        phase = self.timeout_phase(error)
        if phase:
            message = f"no answer from {where} in time ({phase} timeout)"
            return APITimeoutError(message, facts, phase=phase)
        if isinstance(error, httpx.TransportError):
            return APIConnectionError(f"no answer from {where}: {text}", facts)
        return InvalidAnswerError(f"the answer of {where} can't be read: {text}", facts)

    def refused(
        self, response: httpx.Response, data: Any = None, body: bytes | None = None
    ) -> APIStatusError:
        """Give the error for an answer that is one.

        Args:
            response: the answer.
            data: its body as JSON, where that is known.
            body: the body's beginning, where `response` has not kept it.
        """
        body = response.content if body is None else body
        data = parse_json(body) if data is None else data
        message, facts = self.told(data, self.facts(response, body))
        facts = facts._replace(hint=_hint(response.status_code, facts))
        error_class = _error_class(response.status_code, facts.code)
        message = message or self.config.mask(_first_line(response, body)) or _reason(response)
        return error_class(message, facts)

    def told(self, data: Any, facts: Facts) -> tuple[str, Facts]:
        """Give the server's own message ("" without one), and the facts with what it says."""
        error = _error_members(data)
        code, param, kind = (_text(error.get(name)) for name in ("code", "param", "type"))
        message = self.config.mask(_text(error.get("message")) or "")
        return message, facts._replace(code=code, param=param, type=kind)

    def invalid(
        self, response: httpx.Response, why: str, body: bytes | None = None
    ) -> InvalidAnswerError:
        """Give the error for an answer that is not the contract's; the arguments as above."""
        body = response.content if body is None else body
        message = f"{self.config.shown_url} answered with {_kind(response)}: {why}"
        return InvalidAnswerError(message, self.facts(response, body))

    def facts(self, response: httpx.Response, body: bytes) -> Facts:
        """Give what is known of an answer, beside what its body says."""
        return Facts(
            status=response.status_code,
            request_id=response.headers.get("x-request-id"),
            text=self.config.mask(body.decode(errors="replace"))[:_KEPT],
            headers=response.headers,
            attempts=self.attempts,
            tried=self.tried,
            retry_after=retry_after(response.headers),
        )


def parse_json(body: bytes | bytearray | str) -> Any:
    """Read JSON; None when it is not."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def parse_text(text: str) -> Any:
    """Do what `parse_json` does, in half its time: chunks come by the thousand."""
    try:
        value, end = _read_value(text)
    except (ValueError, RecursionError):
        return parse_json(text)  # there may be space before it
    return value if end == len(text) else parse_json(text)


def parse_answer(body: bytes) -> Any:
    """Read JSON, also where a server ends it like a stream; None when it is not."""
    data = parse_json(body)
    if data is None:
        trimmed = body.rstrip().removesuffix(b"[DONE]").rstrip().removesuffix(b"data:")
        data = parse_json(trimmed)
    return data


def is_error(data: Any) -> bool:
    """Whether a JSON value says that the call failed, whatever the status was."""
    return isinstance(data, dict) and (bool(data.get("error")) or data.get("object") == "error")


def _error_members(data: Any) -> dict[str, Any]:
    """Find message, type, param and code in the body of an error.

    OpenAI's envelope is `{"error": {…}}`. Also known: the members at the top, `{"error": "text"}`,
    a text alone, and FastAPI's `{"detail": "text"}` and `{"detail": [{"loc": […], "msg": …}]}`.
    """
    if isinstance(data, str):
        return {"message": data}
    if not isinstance(data, dict):
        return {}
    inner = data.get("error") or data.get("detail")
    if isinstance(inner, dict):
        return inner
    if isinstance(inner, list):
        inner = "; ".join(_validation_text(item) for item in inner)
    return {**data, "message": data.get("message") or inner}


def _validation_text(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    place = ".".join(str(part) for part in item.get("loc") or ())
    return f"{place}: {item.get('msg')}" if place else str(item.get("msg"))


def _text(value: Any) -> str | None:
    """Give a member as text: some servers send a number as `code`."""
    return str(value) if isinstance(value, (str, int)) and value != "" else None


def _first_line(response: httpx.Response, body: bytes) -> str:
    """Give how a plain text begins: all that some servers, and the proxies before them, say."""
    text = body.decode(errors="replace") if _kind(response) == "text/plain" else ""
    return text.strip().partition("\n")[0].strip()[:_LINE]


def _reason(response: httpx.Response) -> str:
    return f"{response.reason_phrase or 'error'} ({_kind(response)}, no error message)"


def _kind(response: httpx.Response) -> str:
    kind: str = response.headers.get("content-type", "")
    return kind.partition(";")[0] or "no content type"


def _error_class(status: int, code: str | None) -> type[APIStatusError]:
    """Choose by the status; by a numeric `code` where the status is 200."""
    if status < 400 and code is not None and code.isdecimal() and 400 <= int(code[:9]) < 600:
        status = int(code)
    return status_error_class(status)


def _hint(status: int, facts: Facts) -> str | None:
    if "insufficient_quota" in (facts.code, facts.type):
        return _NO_QUOTA
    if facts.code == "model_not_found":
        return "client.models.list() names the models of this server."
    return "The server has too much to do: try later." if status in _OVERLOADED else None
