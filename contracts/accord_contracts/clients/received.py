"""What the server received: one request, as it crossed the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from accord_contracts.exchange import NOT_JSON, Request, parse

BASE: Final = "/v1"
"""The path of the base URL that clients of the reference server are given."""

_KEY_HEADERS: Final = ("authorization", "api-key", "x-api-key")


@dataclass(frozen=True)
class Received:
    """One request, frozen. What can be read out of its bytes is derived.

    Attributes:
        method: as sent, `POST`.
        target: path and query as sent, percent-encoding and all.
        headers: in the order received, names in lower case.
        body: the bytes; empty where there is none.
        whole: whether `body` is all of it: it was read to its end, and was not too much to keep.
        redirected: whether the server itself sent the client to this target.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    whole: bool = True
    redirected: bool = False

    @property
    def path(self) -> str:
        """The path as sent, without the query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What stands behind the question mark; empty where there is none."""
        return self.target.partition("?")[2]

    def header(self, name: str) -> str | None:
        """The value of a header, or None. `name` in lower case; repeated ones are joined."""
        values = [value for key, value in self.headers if key == name]
        return ", ".join(values) if values else None

    @cached_property
    def endpoint(self) -> str | None:
        """`models`, `model`, `completions` or `chat`; None for any other path or method."""
        if not self.path.startswith(BASE + "/"):
            return None
        return Request(self.method, self.path.removeprefix(BASE)).endpoint

    @property
    def generates(self) -> bool:
        """Whether it is one of the two operations that take a body."""
        return self.endpoint in {"completions", "chat"}

    @cached_property
    def json(self) -> Any:
        """The body as a JSON value, or `NOT_JSON`: UTF-8, no NaN, no half surrogate pairs."""
        try:
            value = parse(self.body.decode())
            if b"\\u" in self.body and value is not NOT_JSON:
                json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return NOT_JSON
        return value

    @cached_property
    def params(self) -> dict[str, Any]:
        """The body's members; empty where the body is no JSON object."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def model(self) -> str | None:
        """The model that it names in its body, where it names one."""
        model = self.params.get("model")
        return model if isinstance(model, str) else None

    @property
    def streams(self) -> bool:
        """Whether an event stream is asked for."""
        return self.params.get("stream") is True

    @property
    def user_agent(self) -> str:
        """What the client calls itself; empty where it does not."""
        return self.header("user-agent") or ""

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """The keys in its headers, which are for nobody's eyes."""
        values = [value for name, value in self.headers if name in _KEY_HEADERS]
        words = [value.strip().rpartition(" ")[2] for value in values]
        return tuple(word for word in words if len(word) >= 4)

    def without_secrets(self, text: str) -> str:
        """A text of this request with the keys blotted out."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text
