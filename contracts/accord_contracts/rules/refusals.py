"""Refusals: requests that are wrong in one place, and must be refused for it.

A rule is a table of cases. Each is the baseline request with one thing wrong, so a refusal counts
only where the baseline itself is answered.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from accord_contracts.ask import Ask, considered, refused, streamed, supported
from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import NotApplicable, Problem
from accord_contracts.kinds import GENERATING
from accord_contracts.requests import ABSENT, Requests
from accord_contracts.rule import MAY, MUST, SHOULD, AsyncProblems, scenario
from accord_contracts.rules.errors import MALFORMED, has_failed

PATHS: Final = {"chat": "/chat/completions", "completions": "/completions"}
CHAT: Final = "#/components/schemas/ChatCompletionRequest"


@dataclass(frozen=True)
class Case:
    """One wrong request.

    Attributes:
        what: what is wrong with it, for messages: "a top_p of 1.5".
        params: what differs from the baseline.
        body: sent in place of the baseline.
        emoji: what stands for the emoji in a text that ends with one.
        headers: sent in place of the content type.
        one_token: whether answers are cut at one token, where taking the request would be dear.
        first_byte: whether the answer is left at its first byte, where it might not end.
    """

    what: str
    params: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    emoji: bytes | None = None
    headers: tuple[tuple[str, str], ...] | None = None
    one_token: bool = False
    first_byte: bool = False

    def request(self, make: Requests, endpoint: str) -> Request:
        """The request, to `chat` or `completions`."""
        request = self._start(make, endpoint)
        headers = request.headers if self.headers is None else self.headers
        return replace(request, headers=headers, abandon_after=1 if self.first_byte else None)

    def _start(self, make: Requests, endpoint: str) -> Request:
        if self.body is not None:
            return make.raw(PATHS[endpoint], self.body)
        if self.emoji is not None:
            request = make.text(endpoint, "Hello 🌊")
            return replace(request, body=(request.body or b"").replace("🌊".encode(), self.emoji))
        params = {**self.params, **(self._caps(make) if self.one_token else {})}
        return make.chat(**params) if endpoint == "chat" else make.completion(**params)

    def _caps(self, make: Requests) -> dict[str, int]:
        caps = ("max_tokens", "max_completion_tokens")
        return {name: 1 for name in caps if name in make.target.baseline}


async def _refuse(
    ask: Ask, cases: Sequence[Case], control: dict[str, Any] | None = None
) -> AsyncProblems:
    """Yield a problem for every case that is not refused with a 4xx.

    Args:
        ask: sends.
        cases: what must be refused.
        control: parameters of the request that must be answered, in place of the baseline.

    Raises:
        Unsupported, CouldNotRun: the control was not answered.
    """
    valid, answers = await _ask_all(ask, cases, control or {})
    for case, exchange in zip(cases, answers, strict=True):
        if not refused(considered(exchange)):
            yield Problem(
                f"status 400 for {case.what}", exchange.outcome, exchange, compared=(valid,)
            )


async def _survive(ask: Ask, cases: Sequence[Case]) -> AsyncProblems:
    """Yield a problem for every case that makes the server fail; answers and refusals are fine."""
    valid, answers = await _ask_all(ask, cases, {})
    for case, exchange in zip(cases, answers, strict=True):
        if has_failed(considered(exchange)):
            yield Problem(
                f"an answer or a 4xx for {case.what}", exchange.outcome, exchange, compared=(valid,)
            )


async def _ask_all(
    ask: Ask, cases: Sequence[Case], control: dict[str, Any]
) -> tuple[Exchange, list[Exchange]]:
    make = ask.make
    requests = [case.request(make, ask.endpoint) for case in cases]
    valid, *answers = await ask.all(make.text(ask.endpoint, **control), *requests)
    take = streamed if control.get("stream") else supported
    return take(valid).exchange, answers


# ----------------------------------------------------------------------------------- the body


@scenario(
    "refusals.{endpoint}-malformed-json",
    MUST,
    endpoints=GENERATING,
    spec="#/components/responses/BadRequest",
    covers=["ERR-010"],
)
async def malformed_json(ask: Ask) -> AsyncProblems:
    """A body that is no JSON is refused with 400.

    Why: a request that was cut on its way is the client's to send again; a 500, or a connection
    that closes, looks like a server that is down.

    Seen: mlx-lm, llamafile.

    Sources: mozilla-ai/llamafile#116, ml-explore/mlx-lm#342, raullenchai/Rapid-MLX#735.

    Violation: `HTTP 500` to `{"model": "a-mod`
    """
    cases = [Case("a body that was cut", body=MALFORMED), Case("a body of words", body=b"hello")]
    async for problem in _refuse(ask, cases):
        yield problem


@scenario(
    "refusals.{endpoint}-empty-body",
    MUST,
    endpoints=GENERATING,
    spec="#/components/responses/BadRequest",
    covers=["ERR-011"],
)
async def empty_body(ask: Ask) -> AsyncProblems:
    """An empty body is refused with 400.

    Why: a client that lost its body on a redirect gets a 500, and looks for the fault elsewhere.

    Seen: llama.cpp (by way of ramalama).

    Sources: containers/ramalama#752.

    Violation: `HTTP 500` to a POST without a body.
    """
    async for problem in _refuse(ask, [Case("an empty body", body=b"")]):
        yield problem


WRONG_TYPES: Final = (
    Case('"hot" as temperature', {"temperature": "hot"}),
    Case('"two" as n', {"n": "two"}),
    Case("an array as body", body=b"[]"),
)
WRONG_TEXTS: Final = {
    "chat": Case("a string as messages", {"messages": "Hello!"}),
    "completions": Case("an object as prompt", {"prompt": {"text": "Hello!"}}),
}


@scenario(
    "refusals.{endpoint}-wrong-types",
    MUST,
    endpoints=GENERATING,
    spec="#/components/responses/BadRequest",
    covers=["ERR-012"],
)
async def wrong_types(ask: Ask) -> AsyncProblems:
    """A parameter of the wrong JSON type is refused with 400.

    Why: a client that sends "0.7" for 0.7 learns of it, instead of getting another temperature.

    Seen: vLLM (2025), vLLM-Omni, LM Studio.

    Sources: vllm-project/vllm#17664, vllm-project/vllm-omni#1952,
    lmstudio-ai/lmstudio-bug-tracker#377.

    Violation: `HTTP 500` to `{"temperature": "hot", …}`
    """
    async for problem in _refuse(ask, [*WRONG_TYPES, WRONG_TEXTS[ask.endpoint]]):
        yield problem


@scenario(
    "refusals.{endpoint}-missing-model",
    MAY,
    endpoints=GENERATING,
    spec=CHAT + "/properties/model",
    covers=["ERR-015"],
)
async def missing_model(ask: Ask) -> AsyncProblems:
    """A request without a model is refused with 400.

    A MAY: many servers have one model, and take it for granted.

    Why: with several models, which one answers is left to chance.

    Seen: llama.cpp.

    Sources: lss233/kirara-ai#800, ggml-org/llama.cpp#10056.

    Violation: `HTTP 200` to a request without `model`.
    """
    async for problem in _refuse(ask, [Case("no model", {"model": ABSENT})]):
        yield problem


ODD_BODIES: Final = (
    Case("half an emoji in UTF-8", emoji="🌊".encode()[:2]),
    Case("half an emoji as an escape", emoji=b"\\ud83c"),
    Case("a thousand opening brackets", body=b"[" * 1000),
    Case("a seed of 25 digits", {"seed": 10**24}),
    Case("a model's name of 5000 characters", {"model": "m" * 5000}),
)


@scenario(
    "refusals.{endpoint}-survives-odd-bodies",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/responses/InternalServerError",
    covers=["ERR-012"],
)
async def survives_odd_bodies(ask: Ask) -> AsyncProblems:
    """A body at the edge of JSON, or beyond, makes no server fail: it is answered or refused.

    Why: text that was cut in the middle of an emoji is an everyday mistake of clients, and a 500
    makes them send it again and again.

    Seen: no server that is known.

    Sources: vllm-project/vllm#17664.

    Violation: `HTTP 500` to a body that ends in half an emoji.
    """
    async for problem in _survive(ask, ODD_BODIES):
        yield problem


CONTENT_TYPES: Final = (
    ("no content type", ()),
    ("text/plain as content type", (("content-type", "text/plain"),)),
    ("a form's content type", (("content-type", "application/x-www-form-urlencoded"),)),
)


@scenario(
    "refusals.{endpoint}-survives-content-types",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/responses/UnsupportedMediaType",
    covers=["ERR-029"],
)
async def survives_content_types(ask: Ask) -> AsyncProblems:
    """JSON under a wrong content type, or none, is answered or refused with a 4xx, never 5xx.

    Why: `curl -d` sends JSON as a form; a 500 does not tell its user what to change.

    Seen: vLLM (2025-02).

    Sources: vllm-project/vllm#13193, diegosouzapw/OmniRoute#6414, meta-models/meta-oss-cookbook#2.

    Violation: `HTTP 500` to `content-type: text/plain`.
    """
    cases = [Case(what, headers=headers) for what, headers in CONTENT_TYPES]
    async for problem in _survive(ask, cases):
        yield problem


# ------------------------------------------------------------------------------- the messages


@scenario(
    "refusals.no-messages",
    MUST,
    endpoints=["chat"],
    spec=CHAT + "/properties/messages/minItems",
    covers=["ERR-013"],
)
async def no_messages(ask: Ask) -> AsyncProblems:
    """A chat without messages is refused with 400.

    Why: there is nothing to answer; whatever comes back is the model talking to itself.

    Seen: Letta, AnythingLLM, Dynamo.

    Sources: ai-dynamo/dynamo#2067, letta-ai/letta#3381, Mintplex-Labs/anything-llm#6430,
    CopilotKit/CopilotKit#529, ai-dynamo/dynamo#2064.

    Violation: `HTTP 200` or 500 to `{"messages": [], …}`
    """
    cases = [
        Case("an empty list of messages", {"messages": []}),
        Case("no messages", {"messages": ABSENT}),
    ]
    async for problem in _refuse(ask, cases):
        yield problem


@scenario(
    "refusals.user-without-content",
    MUST,
    endpoints=["chat"],
    spec="#/components/schemas/UserMessage/required",
    covers=["ERR-014"],
)
async def user_without_content(ask: Ask) -> AsyncProblems:
    """A user's message without `content` is refused with 400.

    Why: the client has lost what its user said, and should hear of it.

    Seen: Julep.

    Sources: julep-ai/julep#1364.

    Violation: `HTTP 500` to `{"messages": [{"role": "user"}], …}`
    """
    case = Case("a user's message without content", {"messages": [{"role": "user"}]})
    async for problem in _refuse(ask, [case]):
        yield problem


def _png(width: int = 64) -> bytes:
    """A small grey picture."""
    rows = (b"\0" + b"\x80" * width) * width
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, width, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


IMAGE: Final = "data:image/png;base64," + base64.b64encode(_png()).decode()


@scenario(
    "refusals.image-it-cannot-see",
    MUST,
    endpoints=["chat"],
    features=["images"],
    spec="#/components/schemas/ImagePart",
    covers=["ERR-018"],
)
async def image_it_cannot_see(ask: Ask) -> AsyncProblems:
    """An image for a model that reads text only is refused with 400.

    A server that answers is not judged: its model may see.

    Why: a 500 looks like a server that is down, where the client has chosen the wrong model.

    Seen: TGI, LM Studio, vLLM (2024).

    Sources: huggingface/text-generation-inference#2565, lmstudio-ai/lms#362,
    vllm-project/vllm#11629, BerriAI/litellm#14085.

    Violation: `HTTP 500` to a message with an `image_url`.
    """
    parts = [
        {"type": "text", "text": ask.target.prompt},
        {"type": "image_url", "image_url": {"url": IMAGE}},
    ]
    case = Case("an image", {"messages": [{"role": "user", "content": parts}]})
    _, (exchange,) = await _ask_all(ask, [case], {})
    if exchange.ok:
        raise NotApplicable(
            "the server takes images, and whether its model sees is unknown", exchange
        )
    if not refused(considered(exchange)):
        yield Problem(
            "status 400 for an image that the model can't see", exchange.outcome, exchange
        )


@scenario(
    "refusals.odd-tool-arguments-survived",
    SHOULD,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/FunctionCall/properties/arguments",
    covers=["ERR-017"],
)
async def odd_tool_arguments_survived(ask: Ask) -> AsyncProblems:
    r"""A past tool call whose arguments are no JSON makes no server fail.

    Why: models write broken arguments; with a 500 the conversation can never be continued.

    Seen: a fork of llama.cpp.

    Sources: am17an/llama.cpp#43.

    Violation: `HTTP 500` to `"arguments": "{\"word\": "`
    """
    call = {"name": "look_up", "arguments": '{"word": '}
    messages = [
        {"role": "user", "content": ask.target.prompt},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": call}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "The arguments are no JSON."},
    ]
    case = Case("a past tool call with broken arguments", {"messages": messages})
    async for problem in _survive(ask, [case]):
        yield problem


@scenario(
    "refusals.tool-required-of-none",
    SHOULD,
    endpoints=["chat"],
    features=["tools"],
    spec=CHAT + "/properties/tool_choice",
    covers=["ERR-016"],
)
async def tool_required_of_none(ask: Ask) -> AsyncProblems:
    """A tool call that is required where there are no tools is refused, before a stream starts.

    Why: no answer can be right; the error comes too late inside a stream that began with 200.

    Seen: vLLM.

    Sources: vllm-project/vllm#21052.

    Violation: a 200 to `{"tools": [], "tool_choice": "required", "stream": true, …}`
    """
    choice = {"tools": [], "tool_choice": "required"}
    cases = [
        Case("a required tool call without tools", choice),
        Case("a required tool call without tools in a stream", {**choice, "stream": True}),
    ]
    async for problem in _refuse(ask, cases):
        yield problem


# ------------------------------------------------------------------------------------- ranges


@scenario(
    "refusals.{endpoint}-top-p-out-of-range",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/schemas/TopP",
    covers=["ERR-019"],
)
async def top_p_out_of_range(ask: Ask) -> AsyncProblems:
    """A `top_p` below 0 or above 1 is refused with 400.

    Why: 95 for 0.95 is an easy mistake, and without a refusal it is sampled some other way.

    Seen: apfel, LM Studio.

    Sources: Arthur-Ficial/apfel#235, webai-at-home/webai-at-home#210.

    Violation: `HTTP 200` to `{"top_p": 1.5, …}`
    """
    cases = [Case("a top_p of 1.5", {"top_p": 1.5}), Case("a top_p of -0.5", {"top_p": -0.5})]
    async for problem in _refuse(ask, cases):
        yield problem


@scenario(
    "refusals.{endpoint}-temperature-out-of-range",
    MAY,
    endpoints=GENERATING,
    spec="#/components/schemas/Temperature",
)
async def temperature_out_of_range(ask: Ask) -> AsyncProblems:
    """A `temperature` below 0 or above 2 is refused with 400.

    A MAY: many engines sample at any temperature above 0.

    Why: what is sampled at a negative temperature is nothing that its user can have meant.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `temperature`.

    Violation: `HTTP 200` to `{"temperature": -1, …}`
    """
    cases = [
        Case("a temperature of 2.5", {"temperature": 2.5}),
        Case("a temperature of -1", {"temperature": -1}),
    ]
    async for problem in _refuse(ask, cases):
        yield problem


@scenario(
    "refusals.{endpoint}-n-out-of-range",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/schemas/ChoiceCount",
    covers=["ERR-020"],
)
async def n_out_of_range(ask: Ask) -> AsyncProblems:
    """An `n` of 0, below 0 or above 128 is refused with 400.

    Why: without a lower bound clients get an answer they did not ask for, without an upper one a
    single request takes the whole server.

    Seen: Rapid-MLX, OrcaRouter.

    Sources: raullenchai/Rapid-MLX#461, Continuum-AI-Corp/OrcaRouter-Lite#103.

    Violation: `HTTP 200` and one choice to `{"n": 0, …}`
    """
    cases = [Case(f"an n of {n}", {"n": n}, one_token=True) for n in (0, -1, 129)]
    async for problem in _refuse(ask, cases):
        yield problem


@scenario(
    "refusals.{endpoint}-negative-cap",
    SHOULD,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/CompletionRequest/properties/max_tokens",
    covers=["ERR-021"],
)
async def negative_cap(ask: Ask) -> AsyncProblems:
    """A negative `max_tokens` is refused with 400.

    Asked as a stream and left at its first byte, for servers that take it as "without end".

    Why: a budget that was subtracted once too often must not become an answer without end.

    Seen: OrcaRouter.

    Sources: Continuum-AI-Corp/OrcaRouter-Lite#103.

    Violation: `HTTP 200` to `{"max_tokens": -5, …}`
    """
    modern = "max_completion_tokens" in ask.target.baseline
    name = "max_completion_tokens" if modern else "max_tokens"
    case = Case(f"a {name} of -5", {name: -5, "stream": True}, first_byte=True)
    async for problem in _refuse(ask, [case], {"stream": True}):
        yield problem


@scenario(
    "refusals.{endpoint}-penalty-out-of-range",
    MAY,
    endpoints=GENERATING,
    spec="#/components/schemas/PresencePenalty",
    covers=["ERR-022"],
)
async def penalty_out_of_range(ask: Ask) -> AsyncProblems:
    """A penalty below -2 or above 2 is refused with 400.

    Why: the same request gets other texts from servers that clamp, scale or take it as it is.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `presence_penalty`.

    Violation: `HTTP 200` to `{"presence_penalty": 3, …}`
    """
    cases = [
        Case("a presence_penalty of 3", {"presence_penalty": 3}),
        Case("a frequency_penalty of -3", {"frequency_penalty": -3}),
    ]
    async for problem in _refuse(ask, cases):
        yield problem


@scenario(
    "refusals.top-logprobs-out-of-range",
    SHOULD,
    endpoints=["chat"],
    features=["logprobs"],
    spec=CHAT + "/properties/top_logprobs",
    covers=["ERR-023"],
)
async def top_logprobs_out_of_range(ask: Ask) -> AsyncProblems:
    """A `top_logprobs` below 0 or above 20 is refused with 400.

    Why: a client that asked for 50 and was given 20 reads the rest as impossible.

    Seen: no server that is known.

    Sources: scouzi1966/maclocal-api#21 (a server that does refuse it).

    Violation: `HTTP 200` with fewer entries to `{"logprobs": true, "top_logprobs": 21, …}`
    """
    cases = [
        Case(
            f"a top_logprobs of {count}", {"logprobs": True, "top_logprobs": count}, one_token=True
        )
        for count in (21, -1)
    ]
    async for problem in _refuse(ask, cases, {"logprobs": True, "top_logprobs": 2}):
        yield problem


@scenario(
    "refusals.top-logprobs-alone",
    MAY,
    endpoints=["chat"],
    features=["logprobs"],
    spec=CHAT + "/properties/top_logprobs",
    covers=["ERR-024"],
)
async def top_logprobs_alone(ask: Ask) -> AsyncProblems:
    """A `top_logprobs` without `logprobs: true` is refused with 400.

    Why: a client that forgot the switch gets no log probabilities, and no reason.

    Seen: no server that is known.

    Sources: deepseek-ai/DeepSeek-V2#9 (a server that does refuse it).

    Violation: `HTTP 200` without log probabilities to `{"top_logprobs": 2, …}`
    """
    case = Case("top_logprobs without logprobs", {"top_logprobs": 2})
    async for problem in _refuse(ask, [case], {"logprobs": True, "top_logprobs": 2}):
        yield problem


@scenario(
    "refusals.{endpoint}-stream-options-alone",
    MAY,
    endpoints=GENERATING,
    spec="#/components/schemas/NullableStreamOptions",
    covers=["STR-036"],
)
async def stream_options_alone(ask: Ask) -> AsyncProblems:
    """A `stream_options` without `stream: true` is refused with 400.

    Why: it is a sign that the client lost its `stream`, and waits for a stream that never comes.

    Seen: no server that is known.

    Sources: BerriAI/litellm#5803.

    Violation: `HTTP 200` to `{"stream_options": {"include_usage": true}, …}`
    """
    case = Case("stream_options without stream", {"stream_options": {"include_usage": True}})
    async for problem in _refuse(ask, [case]):
        yield problem
