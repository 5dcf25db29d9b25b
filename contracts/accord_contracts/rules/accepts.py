"""Acceptance: legal requests that clients send every day, and that a server must answer.

Each function below builds the one request that its rule is about; `accepting` judges what the
server says to it. Whether a parameter has its effect is for other families: see `parameters`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from accord_contracts.ask import Ask
from accord_contracts.exchange import Request
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import MAY, MUST, QUICK, SHOULD
from accord_contracts.rules.accepting import accepted, streaming

LARGE_CAP: Final = 32_000
"""What coding agents ask for by default, and more than many servers' context."""


@accepted(
    "accepts.{endpoint}-null-sampling",
    MUST,
    endpoints=GENERATING,
    spec="#/components/schemas/Temperature",
    covers=["REQ-005"],
)
def null_sampling(ask: Ask) -> Request:
    """`temperature`, `top_p` and the penalties may be null: it stands for the default.

    Why: clients in typed languages send every optional field, null where the user set nothing.

    Seen: llama.cpp (2026-07).

    Sources: ggml-org/llama.cpp#25515.

    Violation: 400 `type must be number, but is null`.
    """
    return ask.make.text(
        ask.endpoint, temperature=None, top_p=None, frequency_penalty=None, presence_penalty=None
    )


@accepted(
    "accepts.{endpoint}-null-stop",
    MUST,
    endpoints=GENERATING,
    spec="#/components/schemas/Stop",
    covers=["REQ-006"],
)
def null_stop(ask: Ask) -> Request:
    """`stop` may be null.

    Why: it is the documented default, and typed clients send it.

    Seen: KoboldCpp (2024).

    Sources: LostRuins/koboldcpp#643.

    Violation: an exception in the server, and an empty answer.
    """
    return ask.make.text(ask.endpoint, stop=None)


@accepted(
    "accepts.{endpoint}-null-optionals",
    MUST,
    endpoints=GENERATING,
    spec="#/components/schemas/ChatCompletionRequest",
)
def null_optionals(ask: Ask) -> Request:
    """Every other nullable parameter may be null: `n`, `seed`, `stream`, `logit_bias` and so on.

    Why: clients in typed languages send every optional field, null where the user set nothing.

    Seen: no server that is known; it is what `temperature: null` shows elsewhere.

    Sources: the OpenAPI description of OpenAI, which marks them nullable.

    Violation: 422 because of `seed: null`.
    """
    more = ["top_logprobs"] if ask.endpoint == "chat" else ["best_of", "echo", "suffix"]
    names = ["n", "seed", "stream", "logit_bias", "logprobs", *more]
    nulls: dict[str, Any] = dict.fromkeys(names)
    return ask.make.text(ask.endpoint, **nulls)


@accepted(
    "accepts.{endpoint}-null-stream-options",
    MUST,
    endpoints=GENERATING,
    spec="#/components/schemas/NullableStreamOptions",
    covers=["REQ-007"],
)
def null_stream_options(ask: Ask) -> Request:
    """`stream_options` may be null without `stream`.

    Why: typed clients send the field with every request.

    Seen: TGI 3.2.1.

    Sources: huggingface/text-generation-inference#3155.

    Violation: 422 because of `stream_options: null`.
    """
    return ask.make.text(ask.endpoint, stream_options=None)


@accepted(
    "accepts.{endpoint}-null-stream-options-streamed",
    MUST,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/NullableStreamOptions",
    covers=["REQ-007"],
    control=streaming,
)
def null_stream_options_streamed(ask: Ask) -> Request:
    """`stream_options` may be null with `stream: true`.

    Why: typed clients send the field with every request.

    Seen: TGI 3.2.1.

    Sources: huggingface/text-generation-inference#3155.

    Violation: 422 because of `stream_options: null`.
    """
    return ask.make.text(ask.endpoint, stream=True, stream_options=None)


@accepted(
    "accepts.{endpoint}-default-parameters",
    MUST,
    endpoints=GENERATING,
    spec="#/components/schemas/ChatCompletionRequest",
    covers=["REQ-014"],
)
def default_parameters(ask: Ask) -> Request:
    """Parameters at their default value are accepted, also by a server that lacks the feature.

    Why: many clients send all that they know; `n: 1` and `logit_bias: {}` ask for nothing.

    Seen: Mistral's API, Mistral on Azure, vLLM (2023).

    Sources: mistralai/platform-docs-public#7, BerriAI/litellm#3899, vllm-project/vllm#1045.

    Violation: 422 because of `frequency_penalty: 0`.
    """
    own: dict[str, Any] = {
        "chat": {"logprobs": False},
        "completions": {"best_of": 1, "echo": False},
    }
    return ask.make.text(
        ask.endpoint,
        n=1,
        top_p=1,
        frequency_penalty=0,
        presence_penalty=0,
        logit_bias={},
        stream=False,
        user="accord",
        **own[ask.endpoint],
    )


@accepted(
    "accepts.text-response-format",
    MUST,
    endpoints=["chat"],
    spec="#/components/schemas/ResponseFormatText",
    covers=["REQ-014"],
)
def text_response_format(ask: Ask) -> Request:
    """`response_format: {"type": "text"}` is accepted: it is the default.

    Why: frameworks that switch between text and JSON always send the field.

    Seen: no server that is known; other defaults are refused by some.

    Sources: the OpenAPI description of OpenAI, `ResponseFormatText`.

    Violation: 400 `response_format.type must be json_object`.
    """
    return ask.make.chat(response_format={"type": "text"})


@accepted(
    "accepts.bookkeeping-parameters",
    SHOULD,
    endpoints=["chat"],
    spec="#/components/schemas/ChatCompletionRequest/properties/metadata",
    may_refuse=True,
)
def bookkeeping_parameters(ask: Ask) -> Request:
    """Parameters about accounts and storage never crash a server that has neither.

    Why: applications written for OpenAI send them; a 5xx looks like an outage, and is retried.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI: `store`, `metadata`, `service_tier` and so on.

    Violation: 500 because of `service_tier`.
    """
    return ask.make.chat(
        store=False,
        metadata={"purpose": "conformance"},
        service_tier="auto",
        safety_identifier="accord",
        prompt_cache_key="accord",
    )


@accepted(
    "accepts.{endpoint}-sampling",
    MUST,
    endpoints=GENERATING,
    spec="#/components/schemas/TopP",
    may_refuse=True,
)
def sampling(ask: Ask) -> Request:
    """Legal sampling parameters are accepted, or refused with a clear 4xx.

    Why: they are what users change first; a crash looks like an outage.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `temperature` and `top_p`.

    Violation: 500 because of `frequency_penalty: 0.5`.
    """
    return ask.make.text(
        ask.endpoint, temperature=0.7, top_p=0.9, frequency_penalty=0.5, presence_penalty=0.5
    )


@accepted(
    "accepts.{endpoint}-empty-stop",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/schemas/Stop",
    covers=["REQ-013"],
    may_refuse=True,
)
def empty_stop(ask: Ask) -> Request:
    """An empty `stop` string never crashes the server.

    Why: user interfaces send the content of an empty input field.

    Seen: MLC-LLM.

    Sources: mlc-ai/mlc-llm#2070.

    Violation: 500 because of `stop: ""`.
    """
    return ask.make.text(ask.endpoint, stop="")


@accepted(
    "accepts.{endpoint}-include-usage",
    MUST,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/StreamOptions/properties/include_usage",
    covers=["REQ-023"],
    control=streaming,
    effort=QUICK,
)
def include_usage(ask: Ask) -> Request:
    """`stream_options: {"include_usage": true}` is accepted with a stream.

    Why: SDKs and agents send it by default, to know what a stream costs.

    Seen: Azure OpenAI (2024), Azure AI Foundry, Z.AI.

    Sources: Pythagora-io/gpt-pilot#1022, NousResearch/hermes-agent#109143,
    openclaw/openclaw#31336, RooCodeInc/Roo-Code#83.

    Violation: 400 `Unrecognized request argument supplied: stream_options`.
    """
    return ask.make.text(ask.endpoint, stream=True, stream_options={"include_usage": True})


@accepted(
    "accepts.max-completion-tokens",
    MUST,
    endpoints=["chat"],
    spec="#/components/schemas/ChatCompletionRequest/properties/max_completion_tokens",
    covers=["REQ-001"],
    effort=QUICK,
)
def max_completion_tokens(ask: Ask) -> Request:
    """Chat accepts `max_completion_tokens`.

    Why: it replaced `max_tokens`, and current SDKs send nothing else.

    Seen: Mistral's API, OrcaRouter-Lite.

    Sources: vectorize-io/hindsight#852, Continuum-AI-Corp/OrcaRouter-Lite#123.

    Violation: 422 `extra inputs are not permitted`.
    """
    return ask.make.chat(max_completion_tokens=3)


@accepted(
    "accepts.large-cap",
    MAY,
    endpoints=["chat"],
    features=["stream"],
    spec="#/components/schemas/ChatCompletionRequest/properties/max_tokens",
    covers=["REQ-004"],
    control=streaming,
    may_refuse=True,
)
def large_cap(ask: Ask) -> Request:
    """A cap above the server's limit is clamped, or refused with a clear 4xx.

    Why: agents ask for 32,000 tokens with every request; one that fails can't say hello.

    Seen: colibri, vLLM.

    Sources: JustVugg/colibri#260, vllm-project/vllm#19861.

    Violation: 500 `prompt and max_tokens exceed the context`.
    """
    return with_large_cap(ask)


def with_large_cap(ask: Ask) -> Request:
    """A request for as many tokens as coding agents ask for.

    As a stream that is left at its first bytes: whole, it may cost as much as it asks for.
    """
    named = [name for name in ask.target.baseline if name.startswith("max_")]
    cap = named[0] if named and ask.endpoint == "chat" else "max_tokens"
    request = ask.make.text(ask.endpoint, stream=True, **{cap: LARGE_CAP})
    return replace(request, abandon_after=1)


@accepted(
    "accepts.{endpoint}-content-type-with-charset",
    MAY,
    endpoints=GENERATING,
    spec="#/paths/~1completions/post/requestBody",
    covers=["HTP-008"],
)
def content_type_with_charset(ask: Ask) -> Request:
    """A body declared as `application/json; charset=utf-8` is accepted.

    Why: several HTTP libraries always send the charset.

    Seen: OpenAI (2024-02).

    Sources: httpie/cli#1559.

    Violation: 415 `unsupported_content_type`.
    """
    header = ("content-type", "application/json; charset=utf-8")
    return replace(ask.make.text(ask.endpoint), headers=(header,))
