"""Spans and metrics of calls, as OpenTelemetry's conventions for generative AI have them.

`accord.conventions` says what is recorded, under which names. One span stands for one call with all
its attempts, and, of a stream, until it ends, is closed or fails. What was said, by whomever, and
keys are never recorded.

Only import this where the extra `otel` is needed.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from accord.conventions import OPERATIONS, Attributes, answered, asked, error_type, server
from accord.extras import extra

with extra("otel", "spans and metrics"):
    from opentelemetry import metrics, trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord.config import Config
    from accord.operations import Operation, StreamOperation
    from accord.types import ChatCompletion, Completion

__all__ = ["Telemetry", "Watch"]

_SECONDS: Final = [0.01 * 2**power for power in range(14)]
_TOKENS: Final = [4**power for power in range(14)]
"""Where the histograms' buckets end, as the conventions want it."""

_SHARED: Final[tuple[str, ...]] = (
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "server.address",
    "server.port",
)
"""What metrics take over from the span."""


class Telemetry:
    """Where spans and metrics go.

    Args:
        tracer_provider: what the spans are made with; else OpenTelemetry's global one.
        meter_provider: what the metrics are made with; else OpenTelemetry's global one.
    """

    def __init__(
        self,
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
    ) -> None:
        self.tracer = trace.get_tracer("accord", tracer_provider=tracer_provider)
        meter = metrics.get_meter("accord", meter_provider=meter_provider)
        self.duration = meter.create_histogram(
            "gen_ai.client.operation.duration",
            unit="s",
            description="GenAI operation duration.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self.first_chunk = meter.create_histogram(
            "gen_ai.client.operation.time_to_first_chunk",
            unit="s",
            description="Time to receive the first chunk of a stream.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self.tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            unit="{token}",
            description="Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )

    def watches(self, operation: Operation[Any] | StreamOperation[Any]) -> bool:
        """Whether there are conventions for a call."""
        return operation.request["url"] in OPERATIONS

    def watch(self, config: Config, operation: Operation[Any] | StreamOperation[Any]) -> Watch:
        """Begin the span of a call that there are conventions for."""
        name, body = OPERATIONS[operation.request["url"]], operation.request["json"]
        attributes = {"gen_ai.operation.name": name, **server(config.base_url), **asked(body)}
        return Watch(self, f"{name} {body['model']}", attributes)


class Watch:
    """One call: its span, and what is measured of it. `end` ends both, the first time.

    Args:
        telemetry: where they go.
        name: the span's.
        attributes: what is known from the beginning.
    """

    def __init__(self, telemetry: Telemetry, name: str, attributes: Attributes) -> None:
        self._telemetry = telemetry
        self._attributes = attributes
        self._ended = False
        self._start = time.perf_counter()
        self._first: float | None = None
        kind = trace.SpanKind.CLIENT
        self._span = telemetry.tracer.start_span(name, kind=kind, attributes=attributes)

    @contextmanager
    def current(self) -> Iterator[None]:
        """Let spans that begin in the block be parts of this one; end it if the block fails."""
        try:
            with trace.use_span(
                self._span, record_exception=False, set_status_on_exception=False
            ):  # an error's text may repeat what was said
                yield
        except BaseException as error:
            self.end(None, error)
            raise

    def chunk(self) -> None:
        """Say that a chunk has come."""
        if self._first is None:
            self._first = time.perf_counter() - self._start

    def end(
        self, answer: ChatCompletion | Completion | None, error: BaseException | None = None
    ) -> None:
        """Say that the call is over.

        Args:
            answer: what came of it; of a stream, as far as it came.
            error: why it failed.
        """
        if self._ended:
            return
        self._ended = True
        found = answered(answer) if answer is not None else {}
        if self._first is not None:
            found["gen_ai.response.time_to_first_chunk"] = self._first
        if error is not None:
            found["error.type"] = error_type(error)
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.set_attributes(found)
        self._measure({**self._attributes, **found})
        self._span.end()

    def _measure(self, found: Attributes) -> None:
        context = trace.set_span_in_context(self._span)
        shared = {name: found[name] for name in _SHARED if name in found}
        for kind in ("input", "output"):
            count = found.get(f"gen_ai.usage.{kind}_tokens")
            if count is not None:
                labels = {**shared, "gen_ai.token.type": kind}
                self._telemetry.tokens.record(count, labels, context)
        if self._first is not None:
            self._telemetry.first_chunk.record(self._first, shared, context)
        if "error.type" in found:
            shared["error.type"] = found["error.type"]
        self._telemetry.duration.record(time.perf_counter() - self._start, shared, context)
