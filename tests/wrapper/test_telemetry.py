"""Spans and metrics of calls, as OpenTelemetry's SDK receives them."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio
import pytest
from loopback import (
    DONE,
    END,
    FOREVER,
    Caller,
    Endless,
    Wire,
    ask,
    delta,
    jsonic,
    part,
    stream_head,
    until,
)
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import accord
from accord.telemetry import Telemetry

DURATION = "gen_ai.client.operation.duration"
FIRST_CHUNK = "gen_ai.client.operation.time_to_first_chunk"
TOKENS = "gen_ai.client.token.usage"

QUESTION = "What is the secret of the sk-very-secret island?"
MESSAGES = [{"role": "user", "content": QUESTION}]


@dataclass
class Seen:
    """What was exported."""

    spans: InMemorySpanExporter
    metrics: InMemoryMetricReader
    telemetry: Telemetry
    tracer: Any

    def span(self) -> ReadableSpan:
        (span,) = self.spans.get_finished_spans()
        return span

    def attributes(self) -> dict[str, Any]:
        return dict(self.span().attributes or {})

    def points(self, name: str) -> list[Any]:
        data = self.metrics.get_metrics_data()
        scopes = [
            scope
            for resource in (data.resource_metrics if data else [])
            for scope in resource.scope_metrics
        ]
        found = [metric for scope in scopes for metric in scope.metrics if metric.name == name]
        return [point for metric in found for point in metric.data.data_points]


@pytest.fixture
def seen() -> Seen:
    spans, metrics = InMemorySpanExporter(), InMemoryMetricReader()
    tracers, meters = TracerProvider(), MeterProvider(metric_readers=[metrics])
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    return Seen(spans, metrics, Telemetry(tracers, meters), tracers.get_tracer("test"))


def test_a_call_is_a_span_with_what_was_asked_and_answered(
    caller: Caller, reference: str, seen: Seen
) -> None:
    answer = caller.call(
        lambda client: client.chat.completions.create(
            model="accord-small",
            messages=MESSAGES,
            max_completion_tokens=7,
            temperature=0.5,
            top_p=0.9,
            stop="zebra",
            seed=3,
            n=2,
            frequency_penalty=0.1,
            presence_penalty=None,
            response_format={"type": "text"},
        ),
        base_url=reference,
        telemetry=seen.telemetry,
    )
    span = seen.span()
    assert (span.name, span.kind) == ("chat accord-small", SpanKind.CLIENT)
    assert span.status.status_code is StatusCode.UNSET
    host, port = reference.removeprefix("http://").removesuffix("/v1").split(":")
    assert seen.attributes() == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.output.type": "text",
        "gen_ai.request.choice.count": 2,
        "gen_ai.request.frequency_penalty": 0.1,
        "gen_ai.request.max_tokens": 7,
        "gen_ai.request.model": "accord-small",
        "gen_ai.request.seed": 3,
        "gen_ai.request.stop_sequences": ("zebra",),
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.top_p": 0.9,
        "gen_ai.response.finish_reasons": ("length", "length"),
        "gen_ai.response.id": answer.id,
        "gen_ai.response.model": "accord-small",
        "gen_ai.usage.cache_read.input_tokens": 0,
        "gen_ai.usage.input_tokens": answer.usage.prompt_tokens,
        "gen_ai.usage.output_tokens": answer.usage.completion_tokens,
        "gen_ai.usage.reasoning.output_tokens": 0,
        "server.address": host,
        "server.port": int(port),
    }


def test_a_text_completion_has_its_own_name(reference: str, seen: Seen) -> None:
    with accord.Client(base_url=reference, telemetry=seen.telemetry) as client:
        client.completions.create(model="accord-small", prompt=QUESTION, stop=["a", "b"])
    assert seen.span().name == "text_completion accord-small"
    found = seen.attributes()
    assert found["gen_ai.operation.name"] == "text_completion"
    assert found["gen_ai.request.stop_sequences"] == ("a", "b")


def test_calls_are_measured(reference: str, seen: Seen) -> None:
    with accord.Client(base_url=reference, telemetry=seen.telemetry) as client:
        answers = [ask(client, model="accord-small", max_tokens=4) for _ in range(3)]
        client.models.list()  # there are no conventions for this
    (duration,) = seen.points(DURATION)
    assert duration.count == 3
    assert duration.explicit_bounds[:3] == (0.01, 0.02, 0.04)
    assert duration.explicit_bounds[-1] == 81.92
    shared = {
        name: value
        for name, value in (seen.spans.get_finished_spans()[0].attributes or {}).items()
        if name.startswith(("server", "gen_ai.operation", "gen_ai.provider"))
        or name in ("gen_ai.request.model", "gen_ai.response.model")
    }
    assert dict(duration.attributes) == shared
    tokens = {point.attributes["gen_ai.token.type"]: point for point in seen.points(TOKENS)}
    assert tokens["input"].sum == sum(answer.usage.prompt_tokens for answer in answers)
    assert tokens["output"].sum == sum(answer.usage.completion_tokens for answer in answers)
    assert tokens["input"].explicit_bounds[:3] == (1, 4, 16)
    assert tokens["input"].explicit_bounds[-1] == 67_108_864
    assert dict(tokens["input"].attributes) == {**shared, "gen_ai.token.type": "input"}
    assert not seen.points(FIRST_CHUNK)


def test_a_stream_is_one_span_to_its_end(caller: Caller, reference: str, seen: Seen) -> None:
    (chunks,) = caller.streams(
        lambda client: client.chat.completions.create(
            model="accord-small",
            messages=MESSAGES,
            stream=True,
            stream_options={"include_usage": True},
        ),
        base_url=reference,
        telemetry=seen.telemetry,
    )
    found = seen.attributes()
    assert found["gen_ai.request.stream"] is True
    assert found["gen_ai.response.id"] == chunks[0].id
    assert found["gen_ai.response.finish_reasons"] == ("stop",)
    assert found["gen_ai.usage.output_tokens"] == chunks[-1].usage.completion_tokens
    (first,) = seen.points(FIRST_CHUNK)
    assert first.sum == found["gen_ai.response.time_to_first_chunk"] > 0
    (duration,) = seen.points(DURATION)
    assert duration.sum > first.sum


def test_the_whole_of_a_stream_is_a_call_too(caller: Caller, reference: str, seen: Seen) -> None:
    answer = caller.final(
        lambda client: ask(client, "accord-small", stream=True),
        base_url=reference,
        telemetry=seen.telemetry,
    )
    assert seen.attributes()["gen_ai.response.id"] == answer.id
    assert not seen.points(TOKENS)  # the server was not asked to count them


def test_a_stream_that_is_left_ends_its_span(caller: Caller, wire: Wire, seen: Seen) -> None:
    wire.replies = [Endless()]
    caller.streams(
        lambda client: ask(client, stream=True),
        take=2,
        base_url=wire.base_url,
        telemetry=seen.telemetry,
    )
    assert "error.type" not in seen.attributes()
    assert seen.span().status.status_code is StatusCode.UNSET


def test_a_stream_whose_loop_is_left_ends_its_span(wire: Wire, seen: Seen) -> None:
    wire.replies = [Endless()]
    with accord.Client(base_url=wire.base_url, telemetry=seen.telemetry) as client:
        for _chunk in ask(client, stream=True):
            break
        gc.collect()
        assert seen.span().name == "chat tiny"


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_async_stream_whose_loop_is_left_ends_its_span(
    wire: Wire, seen: Seen, backend: str
) -> None:
    async def main() -> None:
        telemetry = seen.telemetry
        async with accord.AsyncClient(base_url=wire.base_url, telemetry=telemetry) as client:
            async for _chunk in await ask(client, stream=True):
                break
            gc.collect()
            assert seen.span().name == "chat tiny"

    wire.replies = [Endless()]
    anyio.run(main, backend=backend)


Failure = tuple[list[Any], str]
FAILURES: dict[str, Failure] = {
    "refused": ([jsonic({"error": {"message": QUESTION}}, 400)], "400"),
    "of-no-shape": ([jsonic([1])], "InvalidAnswerError"),
    "an-error-with-200": ([jsonic({"error": {"message": QUESTION}})], "APIStatusError"),
    "hung-up": ([None], "APIConnectionError"),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("stream", [False, True])
def test_a_failed_call_says_how(
    caller: Caller, wire: Wire, seen: Seen, failure: Failure, *, stream: bool
) -> None:
    reply, kind = failure
    wire.replies = [reply]
    call = caller.streams if stream else caller.call
    with pytest.raises(accord.AccordError):
        call(
            lambda client: ask(client, stream=stream),
            base_url=wire.base_url,
            telemetry=seen.telemetry,
            max_retries=0,
        )
    assert seen.attributes()["error.type"] == kind
    assert seen.span().status.status_code is StatusCode.ERROR
    (duration,) = seen.points(DURATION)
    assert duration.attributes["error.type"] == kind


def test_a_stream_that_fails_says_how(caller: Caller, wire: Wire, seen: Seen) -> None:
    wire.replies = [[stream_head(), part(delta("a")), END]]
    with pytest.raises(accord.StreamCutError):
        caller.streams(
            lambda client: ask(client, stream=True),
            base_url=wire.base_url,
            telemetry=seen.telemetry,
        )
    found = seen.attributes()
    assert found["error.type"] == "StreamCutError"
    assert found["gen_ai.response.time_to_first_chunk"] > 0


def test_all_attempts_are_one_span(caller: Caller, wire: Wire, seen: Seen) -> None:
    wire.replies = [*2 * [[jsonic({}, 503, retry_after_ms="1")]], [jsonic({"choices": []})]]
    caller.call(ask, base_url=wire.base_url, telemetry=seen.telemetry)
    assert len(wire.requests) == 3
    assert "error.type" not in seen.attributes()
    (duration,) = seen.points(DURATION)
    assert duration.count == 1


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_cancelled_call_ends_its_span(
    wire: Wire, seen: Seen, backend: str, *, stream: bool
) -> None:
    async def main() -> None:
        telemetry = seen.telemetry
        async with (
            accord.AsyncClient(base_url=wire.base_url, telemetry=telemetry) as client,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(read, client)
            await until(begun.is_set if stream else lambda: wire.requests)
            tasks.cancel_scope.cancel()

    async def read(client: Any) -> None:
        async for _chunk in await ask(client, stream=stream):
            begun.set()

    begun = threading.Event()
    wire.replies = [[stream_head(), part(delta("a")), FOREVER] if stream else [FOREVER]]
    anyio.run(main, backend=backend)
    assert seen.attributes()["error.type"] in ("CancelledError", "Cancelled")


def test_what_a_call_does_is_part_of_its_span(wire: Wire, seen: Seen) -> None:
    def key() -> str:
        with seen.tracer.start_as_current_span("key"):
            return "sk-asked-for"

    wire.replies = [[jsonic({"choices": []})]]
    with (
        seen.tracer.start_as_current_span("program"),
        accord.Client(base_url=wire.base_url, telemetry=seen.telemetry, api_key=key) as client,
    ):
        ask(client)
    spans = {span.name: span for span in seen.spans.get_finished_spans()}
    assert spans["key"].parent == spans["chat tiny"].context
    assert spans["chat tiny"].parent == spans["program"].context


Say = Callable[[Any], Any]


def test_neither_contents_nor_keys_are_recorded(caller: Caller, wire: Wire, seen: Seen) -> None:
    refusal = jsonic({"error": {"message": f"{QUESTION}?"}}, 400)
    answer = jsonic({"choices": [{"message": {"content": QUESTION}}]})
    wire.replies = [[answer], [stream_head(), part(delta(QUESTION)), part(DONE), END], [refusal]]
    base_url = wire.base_url.replace("//", "//sk-user:sk-very-secret@") + "?key=sk-very-secret"
    options: dict[str, Any] = {"base_url": base_url, "telemetry": seen.telemetry}
    params = {"model": "m", "messages": MESSAGES, "user": "sk-very-secret"}

    def create(**more: Any) -> Say:
        return lambda client: client.chat.completions.create(**params, **more)

    caller.call(create(extra_headers={"x": "sk-very-secret"}), **options)
    caller.streams(create(stream=True), **options)
    with pytest.raises(accord.BadRequestError):
        caller.call(create(), api_key="sk-very-secret", **options)
    for span in seen.spans.get_finished_spans():
        assert "sk-" not in span.to_json()
    assert len(seen.spans.get_finished_spans()) == 3


def test_servers_may_say_anything(wire: Wire, seen: Seen) -> None:
    usage = {"prompt_tokens": "7", "completion_tokens": 2, "prompt_tokens_details": "none"}
    wire.replies = [[jsonic({"choices": [{"finish_reason": 7}, 1], "id": None, "usage": usage})]]
    wire.replies += [[jsonic({"choices": None, "usage": "?"})]]
    with accord.Client(base_url=wire.base_url, telemetry=seen.telemetry) as client:
        ask(client)
        ask(client)
    first, second = (dict(span.attributes or {}) for span in seen.spans.get_finished_spans())
    assert first.pop("gen_ai.usage.output_tokens") == 2
    assert not [name for name in {**first, **second} if "usage" in name or "response" in name]


@pytest.mark.parametrize(
    ("base_url", "provider", "port"),
    [
        ("https://api.openai.com/v1", "openai", 443),
        ("https://mine.openai.azure.com/openai/v1", "azure.ai.openai", 443),
        ("https://api.groq.com/openai/v1", "groq", 443),
        ("http://inside.example/v1", "openai", 80),
        ("http://[::1]:8000/v1", "openai", 8000),
    ],
)
def test_known_providers_have_their_names(base_url: str, provider: str, port: int) -> None:
    from accord.conventions import server  # noqa: PLC0415 - what no loopback can show

    found = server(base_url)
    assert (found["gen_ai.provider.name"], found["server.port"]) == (provider, port)


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_nothing_of_it_is_imported_unasked(reference: str) -> None:
    done = run(
        f"""
import sys
sys.modules["opentelemetry"] = None
import accord
with accord.Client(base_url={reference!r}) as client:
    client.chat.completions.create(model="accord-small", messages=[])
    print("accord.conventions" in sys.modules)
""".replace("messages=[]", 'messages=[{"role": "user", "content": "?"}]')
    )
    assert (done.stdout, done.stderr) == ("False\n", "")


@pytest.mark.parametrize("kind", ["Client", "AsyncClient"])
def test_without_the_extra_it_is_named(kind: str) -> None:
    missing = 'import sys; sys.modules["opentelemetry"] = None'
    done = run(f"{missing}\nimport accord\naccord.{kind}(telemetry=True)")
    assert 'pip install "accord[otel]"' in done.stderr.splitlines()[-1]
