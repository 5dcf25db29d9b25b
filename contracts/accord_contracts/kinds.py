"""Kinds of exchange: what an invariant is judged on, and which requests bring one about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from accord_contracts.exchange import Exchange
from accord_contracts.requests import Probe, Requests
from accord_contracts.views import Answer, Stream, View

V_co = TypeVar("V_co", covariant=True)

GENERATING: Final = ("chat", "completions")
ALL_ENDPOINTS: Final = ("models", *GENERATING)


@dataclass(frozen=True, eq=False)  # each is one of its own, and rules are looked up by it
class Kind(Generic[V_co]):
    """One kind of exchange.

    Attributes:
        name: in words, for `not-applicable`: "no streamed chat answer was seen".
        view: how rules read it.
        holds: whether an exchange is of this kind.
        probes: requests that should bring one about.
    """

    name: str
    view: Callable[[Exchange], V_co]
    holds: Callable[[Exchange], bool]
    probes: tuple[Probe, ...]
    endpoints: tuple[str, ...]
    features: tuple[str, ...] = ()

    def see(self, exchange: Exchange) -> V_co | None:
        """The view of an exchange of this kind; None for any other."""
        return exchange.read(self.view) if exchange.read(self.holds) else None


def _answers(*endpoints: str) -> Callable[[Exchange], bool]:
    def holds(exchange: Exchange) -> bool:
        request = exchange.request
        asked = request.endpoint in endpoints and not request.params.get("stream")
        return exchange.ok and asked and not request.abandons

    return holds


def _streams(*endpoints: str) -> Callable[[Exchange], bool]:
    def holds(exchange: Exchange) -> bool:
        asked = exchange.ok and exchange.request.endpoint in endpoints and exchange.request.streams
        return asked and (exchange.media_type == "text/event-stream" or _looks_streamed(exchange))

    return holds


def _looks_streamed(exchange: Exchange) -> bool:
    """Whether the body is an event stream, whatever its content type says."""
    return exchange.body.lstrip()[:5] in {b"data:", b"event", b"id: ", b": pin"}


def _stream_asked(exchange: Exchange) -> bool:
    return exchange.ok and exchange.request.streams and exchange.request.endpoint in GENERATING


def _is_error(exchange: Exchange) -> bool:
    request = exchange.request
    whole = exchange.failure is None and not request.abandons
    return whole and request.endpoint is not None and (exchange.status or 0) >= 400


def _chat(make: Requests) -> Any:
    return make.chat()


def _completion(make: Requests) -> Any:
    return make.completion()


def _chat_stream(make: Requests) -> Any:
    return make.chat(stream=True)


def _completion_stream(make: Requests) -> Any:
    return make.completion(stream=True)


def _models(make: Requests) -> Any:
    return make.models()


def _listed_model(make: Requests) -> Any:
    return make.model(make.target.model)


def _unknown_model(make: Requests) -> Any:
    return make.chat(model="accord-no-such-model")


MODEL_LISTS: Final = Kind("model list", Answer, _answers("models"), (_models,), ("models",))
MODELS: Final = Kind("retrieved model", Answer, _answers("model"), (_listed_model,), ("models",))
CHAT_ANSWERS: Final = Kind("chat answer", Answer, _answers("chat"), (_chat,), ("chat",))
COMPLETIONS: Final = Kind(
    "completions answer", Answer, _answers("completions"), (_completion,), ("completions",)
)
ANSWERS: Final = Kind(
    "chat or completions answer", Answer, _answers(*GENERATING), (_chat, _completion), GENERATING
)
JSON_ANSWERS: Final = Kind(
    "JSON answer",
    Answer,
    _answers("models", "model", *GENERATING),
    (_models, _listed_model, _chat, _completion),
    ALL_ENDPOINTS,
)
CHAT_STREAMS: Final = Kind(
    "streamed chat answer", Stream, _streams("chat"), (_chat_stream,), ("chat",), ("stream",)
)
COMPLETION_STREAMS: Final = Kind(
    "streamed completions answer",
    Stream,
    _streams("completions"),
    (_completion_stream,),
    ("completions",),
    ("stream",),
)
STREAMS: Final = Kind(
    "streamed answer",
    Stream,
    _streams(*GENERATING),
    (_chat_stream, _completion_stream),
    GENERATING,
    ("stream",),
)
STREAM_REQUESTS: Final = Kind(
    "request for a stream, accepted",
    Stream,
    _stream_asked,
    (_chat_stream, _completion_stream),
    GENERATING,
    ("stream",),
)
ERRORS: Final = Kind("error answer", Answer, _is_error, (_unknown_model,), ALL_ENDPOINTS)
EVERYTHING: Final = Kind(
    "answer",
    View,
    lambda exchange: exchange.status is not None,
    (_models, _chat, _completion, _chat_stream, _completion_stream),
    ALL_ENDPOINTS,
)
