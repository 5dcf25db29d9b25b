"""Requests: the standard ones that rules share.

Rules that ask for the same thing get the same exchange, so whatever is asked twice is built
here, in one way: model and messages first, then what the rule is about, in a fixed order.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from accord_contracts.exchange import Request
from accord_contracts.target import Target

JSON_TYPE: Final = ("content-type", "application/json")

SEVERAL: Final = 3
"""The `n` of requests for several choices: two may be all that a server ever gives."""

ABSENT: Final = object()
"""As a parameter's value: leave this parameter of the baseline out."""


_READABLE: Final = json.JSONEncoder(ensure_ascii=False)
"""`json.dumps` would make one for each body, which takes as long as writing it."""


def encode(body: Any) -> bytes:
    """Encode a JSON value as requests carry it: UTF-8, readable in a shell.

    A lone surrogate (half an emoji, as some servers list it) has no UTF-8: it is escaped.
    """
    try:
        return _READABLE.encode(body).encode()
    except UnicodeEncodeError:
        return json.dumps(body).encode()


@dataclass(frozen=True)
class Requests:
    """Builds requests for one target."""

    target: Target

    @property
    def brief(self) -> Requests:
        """The same, for answers of one token: what matters is whether one comes."""
        caps = [name for name in self.target.baseline if name.startswith("max_")]
        uncapped = {k: v for k, v in self.target.baseline.items() if k not in caps}
        return Requests(self.target.having(baseline={**uncapped, **dict.fromkeys(caps, 1)}))

    def models(self) -> Request:
        """`GET /models`."""
        return Request("GET", "/models")

    def model(self, model: str, *, encoded: bool = True) -> Request:
        """`GET /models/{model}`; a slash in the id percent-encoded, as official SDKs do."""
        return Request(
            "GET", "/models/" + quote(model, safe="" if encoded else "/", errors="replace")
        )

    def chat(self, messages: Any = None, *, again: int = 0, **params: Any) -> Request:
        """`POST /chat/completions` with the baseline; messages default to the target's prompt."""
        if messages is None:
            messages = [{"role": "user", "content": self.target.prompt}]
        return self._post("/chat/completions", {"messages": messages}, params, again)

    def completion(self, prompt: Any = None, *, again: int = 0, **params: Any) -> Request:
        """`POST /completions` with the baseline; the prompt defaults to the target's."""
        prompt = self.target.prompt if prompt is None else prompt
        return self._post("/completions", {"prompt": prompt}, params, again)

    def text(self, endpoint: str, text: Any = None, *, again: int = 0, **params: Any) -> Request:
        """A text to go on from, on either generating endpoint: `chat` or `completions`."""
        if endpoint == "completions":
            return self.completion(text, again=again, **params)
        messages = None if text is None else [{"role": "user", "content": text}]
        return self.chat(messages, again=again, **params)

    def varied(self, endpoint: str, params: dict[str, Any]) -> Request:
        """The baseline with any parameters in place of its own, messages and prompt among them."""
        path, name = {
            "chat": ("/chat/completions", "messages"),
            "completions": ("/completions", "prompt"),
        }[endpoint]
        said = {"chat": [{"role": "user", "content": self.target.prompt}]}
        return self._post(path, {name: said.get(endpoint, self.target.prompt)}, params, 0)

    def capped(
        self, endpoint: str, cap: int, text: Any = None, *, again: int = 0, **params: Any
    ) -> Request:
        """As `text`, but with at most `cap` tokens, under the name that this target takes."""
        modern = endpoint == "chat" and "max_completion_tokens" in self.target.baseline
        limit = {"max_completion_tokens" if modern else "max_tokens": cap}
        return self.text(endpoint, text, again=again, **limit, **params)

    def raw(self, path: str, body: bytes, *headers: tuple[str, str]) -> Request:
        """A POST of any bytes; as JSON where no header says otherwise."""
        return Request("POST", path, body, headers or (JSON_TYPE,))

    def _post(
        self, path: str, start: dict[str, Any], params: dict[str, Any], again: int
    ) -> Request:
        baseline = {**self.target.baseline}
        if path == "/completions" and "max_completion_tokens" in baseline:
            baseline["max_tokens"] = baseline.pop("max_completion_tokens")
        if params.keys() & {"max_tokens", "max_completion_tokens"}:
            baseline.pop("max_tokens", None)
            baseline.pop("max_completion_tokens", None)
        body = {"model": self.target.model, **start, **baseline, **params}
        body = {name: value for name, value in body.items() if value is not ABSENT}
        return Request("POST", path, encode(body), (JSON_TYPE,), again=again)


Probe = Callable[[Requests], Request]
"""A standard request, to be built for whatever target is judged."""
