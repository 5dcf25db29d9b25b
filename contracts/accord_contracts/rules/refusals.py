"""Refusals: bodies and messages that are wrong, and must be refused for it."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Final

from accord_contracts.ask import Ask, considered, refused
from accord_contracts.finding import NotApplicable, Problem
from accord_contracts.kinds import GENERATING
from accord_contracts.requests import ABSENT
from accord_contracts.rule import MAY, MUST, QUICK, SHOULD, AsyncProblems, scenario
from accord_contracts.rules.mistakes import MALFORMED
from accord_contracts.rules.refusing import Case, beside_control, refuse, survive

CHAT: Final = "#/components/schemas/ChatCompletionRequest"


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
    async for problem in refuse(ask, cases):
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
    async for problem in refuse(ask, [Case("an empty body", body=b"")]):
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
    async for problem in refuse(ask, [*WRONG_TYPES, WRONG_TEXTS[ask.endpoint]]):
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
    async for problem in refuse(ask, [Case("no model", {"model": ABSENT})]):
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
    async for problem in survive(ask, ODD_BODIES):
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
    async for problem in survive(ask, cases):
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
    async for problem in refuse(ask, cases):
        yield problem


@scenario(
    "refusals.user-without-content",
    MUST,
    endpoints=["chat"],
    spec="#/components/schemas/UserMessage/required",
    covers=["ERR-014"],
    effort=QUICK,
)
async def user_without_content(ask: Ask) -> AsyncProblems:
    """A user's message without `content` is refused with 400.

    Why: the client has lost what its user said, and should hear of it.

    Seen: Julep.

    Sources: julep-ai/julep#1364.

    Violation: `HTTP 500` to `{"messages": [{"role": "user"}], …}`
    """
    case = Case("a user's message without content", {"messages": [{"role": "user"}]})
    async for problem in refuse(ask, [case]):
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
    _, (exchange,) = await beside_control(ask, [case])
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
    async for problem in survive(ask, [case]):
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
    async for problem in refuse(ask, cases):
        yield problem
