"""Tool calls in streams: fragments that clients put together by their index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from accord_contracts.ask import Ask, considered, refused, streamed
from accord_contracts.exchange import Request
from accord_contracts.finding import need
from accord_contracts.kinds import CHAT_STREAMS
from accord_contracts.requests import Requests
from accord_contracts.rule import (
    MAY,
    MUST,
    QUICK,
    SHOULD,
    THOROUGH,
    AsyncProblems,
    Problems,
    invariant,
    scenario,
)
from accord_contracts.views import Piece, Stream, is_int, items, members, show, text

PLACE: Final = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
TOOLS: Final = [
    {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": PLACE},
    }
    for name, description in (
        ("get_weather", "The weather in a city."),
        ("get_time", "The time of day in a city."),
    )
]
ORDER: Final = "Call get_weather for Paris, and get_time for Tokyo as well."
"""Asks for two calls: servers that follow names or models that follow orders make both."""
INSIDE: Final = (3, 12)
"""Tokens after which a call is under way, and not over: by words, or by parts of words."""
QUESTION: Final = [{"role": "user", "content": ORDER}]


def chat_with_tools(make: Requests, **params: Any) -> Request:
    """A chat that has to call tools; the baseline's cap would cut their arguments short."""
    return make.capped("chat", 128, ORDER, tools=TOOLS, tool_choice="required", **params)


def tool_stream(make: Requests) -> Request:
    """The same, streamed."""
    return chat_with_tools(make, stream=True)


@dataclass(frozen=True)
class Fragment:
    """One entry of a delta's `tool_calls`."""

    piece: Piece
    position: int
    fields: dict[str, Any]

    @property
    def pointer(self) -> str:
        """Where in the chunk it stands."""
        return f"{self.piece.pointer}/delta/tool_calls/{self.position}"

    @property
    def index(self) -> Any:
        """Which call it belongs to; None where it does not say."""
        return self.fields.get("index")

    @property
    def function(self) -> dict[str, Any]:
        """What is new in the function (or the custom tool) to call."""
        return members(self.fields.get("function")) or members(self.fields.get("custom"))

    @property
    def opens(self) -> bool:
        """Whether it names both a call and a function, as the first of a call does."""
        return bool(text(self.fields.get("id")) and text(self.function.get("name")))


def fragments(pieces: list[Piece]) -> Iterator[Fragment]:
    """All entries for one choice, in order."""
    for piece in pieces:
        for position, entry in enumerate(items(piece.delta.get("tool_calls"))):
            yield Fragment(piece, position, members(entry))


def calls(pieces: list[Piece]) -> dict[int, list[Fragment]]:
    """The fragments of each call of a choice, by index; those without an index are left out."""
    found: dict[int, list[Fragment]] = {}
    for fragment in fragments(pieces):
        if is_int(fragment.index):
            found.setdefault(fragment.index, []).append(fragment)
    return found


def all_calls(stream: Stream) -> list[list[Fragment]]:
    """The fragments of each call, of all choices.

    Raises:
        NotApplicable: no tool is called.
    """
    found = [call for pieces in stream.pieces.values() for call in calls(pieces).values()]
    need(found, "a streamed tool call")
    return found


def _complain(stream: Stream, expected: str, fragment: Fragment, member: str = "") -> Problems:
    yield stream.problem(
        expected,
        show(fragment.fields),
        fragment.pointer + member,
        event=fragment.piece.event,
    )


@invariant(
    "stream.tool-call-has-an-index",
    MUST,
    on=CHAT_STREAMS,
    probes=[tool_stream],
    features=["tools"],
    spec="#/components/schemas/ToolCallDelta/properties/index",
    covers=["STR-046"],
    effort=QUICK,
)
def tool_call_has_an_index(stream: Stream) -> Problems:
    """Each entry of `delta.tool_calls` has an integer `index`.

    Why: clients put the fragments of a call together by it, and crash or drop the call without.

    Seen: Ollama (2024), mistral.rs, Gemini compat, chatanywhere.

    Sources: ollama/ollama#7881, EricLBuehler/mistral.rs#1507, openai/openai-python#2806,
    AstrBotDevs/AstrBot#6692, open-webui/open-webui#27190.

    Violation: `{"tool_calls": [{"id": "call_1", "function": {…}}]}`
    """
    found = [entry for pieces in stream.pieces.values() for entry in fragments(pieces)]
    need(found, "a streamed tool call")
    for fragment in found:
        if not is_int(fragment.index):
            yield from _complain(stream, "an integer `index`", fragment, "/index")


@invariant(
    "stream.tool-index-tells-calls-apart",
    MUST,
    on=CHAT_STREAMS,
    probes=[tool_stream],
    features=["tools"],
    spec="#/components/schemas/ToolCallDelta/properties/index",
    covers=["STR-047"],
    effort=QUICK,
)
def tool_index_tells_calls_apart(stream: Stream) -> Problems:
    """Each of several tool calls has an index of its own.

    Why: clients join the arguments of two calls into one text that is no JSON.

    Seen: vLLM (early 2025), SGLang (early 2025), Dynamo, Ollama via LiteLLM, plexus.

    Sources: InternLM/lmdeploy#3412, ai-dynamo/dynamo#4723, huggingface/smolagents#1958,
    mcowger/plexus#691.

    Violation: two calls with different ids and names, both with `"index": 0`.
    """
    for call in all_calls(stream):
        openings = [fragment for fragment in call if fragment.opens]
        for fragment in openings[1:]:
            if fragment.fields["id"] != openings[0].fields["id"]:
                expected = f"one call for the index {fragment.index}"
                yield from _complain(stream, expected, fragment)


@invariant(
    "stream.tool-indexes-count-from-zero",
    MUST,
    on=CHAT_STREAMS,
    probes=[tool_stream],
    features=["tools"],
    spec="#/components/schemas/ToolCallDelta/properties/index",
    covers=["STR-047"],
    effort=QUICK,
)
def tool_indexes_count_from_zero(stream: Stream) -> Problems:
    """The tool calls of a choice have the indexes 0, 1, 2 and so on: places in `tool_calls`.

    Why: openai-python takes the index for a place in its list, and raises `IndexError`.

    Seen: bedrock-access-gateway, CLIProxyAPI, Switchyard: the index counts blocks of content.

    Sources: aws-samples/bedrock-access-gateway#134, router-for-me/CLIProxyAPI#5229,
    NVIDIA-NeMo/Switchyard#712.

    Violation: `{"tool_calls": [{"index": 1, "id": "call_1", …}]}` for the first call.
    """
    all_calls(stream)
    for pieces in stream.pieces.values():
        for place, (index, call) in enumerate(calls(pieces).items()):
            if index != place:
                yield from _complain(stream, f"the index {place}", call[0], "/index")


@invariant(
    "stream.tool-call-opens-with-its-name",
    MUST,
    on=CHAT_STREAMS,
    probes=[tool_stream],
    features=["tools"],
    spec="#/components/schemas/ToolCallDelta",
    effort=QUICK,
)
def tool_call_opens_with_its_name(stream: Stream) -> Problems:
    """The first delta of a tool call has its `id` and the function's name.

    Why: clients make the call out of the first delta; strict ones fail there, and without an
    id the tool's result can't be sent back.

    Seen: no server that is known.

    Sources: the OpenAI provider of vercel/ai, which refuses a first delta without them.

    Violation: `{"index": 0, "function": {"arguments": "{"}}` as the first delta.
    """
    for call in all_calls(stream):
        if not call[0].opens:
            yield from _complain(stream, "an id and a name in a call's first delta", call[0])


@invariant(
    "stream.tool-call-is-named-once",
    SHOULD,
    on=CHAT_STREAMS,
    probes=[tool_stream],
    features=["tools"],
    spec="#/components/schemas/ToolCallDelta",
    covers=["STR-048"],
    effort=QUICK,
)
def tool_call_is_named_once(stream: Stream) -> Problems:
    """`id`, `type` and the function's name come in a call's first delta; later ones leave them out.

    Why: accumulators append or overwrite: the name comes out doubled, or as a null.

    Seen: SGLang, 1Cat-vLLM, LM Studio, vLLM.

    Sources: sgl-project/sglang#35542, 1CatAI/1Cat-vLLM#240, lmstudio-ai/lmstudio-bug-tracker#649,
    NousResearch/hermes-agent#106943, vllm-project/vllm#42696 (one client family wants them
    repeated).

    Violation: `{"index": 0, "id": null, "function": {"name": null, "arguments": "}"}}`
    """
    for call in all_calls(stream):
        for fragment in call[1:]:
            another = fragment.opens and fragment.fields["id"] != call[0].fields.get("id")
            named = {"id", "type"} & fragment.fields.keys() or "name" in fragment.function
            if named and not another:  # a call of its own is another rule's
                yield from _complain(stream, "`index` and arguments alone", fragment)


@invariant(
    "stream.tool-arguments-are-text",
    MUST,
    on=CHAT_STREAMS,
    probes=[tool_stream],
    features=["tools"],
    spec="#/components/schemas/FunctionCallDelta/properties/arguments",
    effort=QUICK,
)
def tool_arguments_are_text(stream: Stream) -> Problems:
    """The arguments of a streamed call are a string or left out, never an object.

    Why: clients append them to a string.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, schema
    `ChatCompletionMessageToolCallChunk`.

    Violation: `{"function": {"name": "get_time", "arguments": {"city": "Tokyo"}}}`
    """
    for call in all_calls(stream):
        for fragment in call:
            if not isinstance(fragment.function.get("arguments"), str | None):
                yield from _complain(stream, "arguments as a string", fragment)


@invariant(
    "stream.one-entry-for-each-tool-index",
    SHOULD,
    on=CHAT_STREAMS,
    probes=[tool_stream],
    features=["tools"],
    spec="#/components/schemas/ChatCompletionDelta/properties/tool_calls",
    covers=["STR-049"],
    effort=QUICK,
)
def one_entry_for_each_tool_index(stream: Stream) -> Problems:
    """One chunk holds at most one entry for each tool call.

    Why: clients that look an entry up by its index see the first of them and lose the other.

    Seen: vLLM (speculative decoding).

    Sources: openai/openai-python#3201.

    Violation: `{"tool_calls": [{"index": 0, …}, {"index": 0, …}]}`
    """
    for call in all_calls(stream):
        for before, fragment in pairwise(call):
            if before.piece is fragment.piece:
                expected = f"one entry with index {fragment.index} in a chunk"
                yield from _complain(stream, expected, fragment)


@invariant(
    "stream.no-empty-tool-calls",
    SHOULD,
    on=CHAT_STREAMS,
    spec="#/components/schemas/ChatCompletionDelta/properties/tool_calls",
    covers=["STR-056"],
)
def no_empty_tool_calls(stream: Stream) -> Problems:
    """A delta without tool calls leaves `tool_calls` out; it is neither null nor `[]`.

    Why: clients take the key for the beginning of a call, or iterate over a null.

    Seen: Together, Foundry Local, SGLang.

    Sources: vercel/ai#1865, microsoft/foundry-local#144, sgl-project/sglang#3912.

    Violation: `{"delta": {"content": "a", "tool_calls": null}}`
    """
    need(stream.pieces, "a chunk with a choice")
    for pieces in stream.pieces.values():
        for piece in pieces:
            if not piece.delta.get("tool_calls", ["absent"]):
                yield stream.problem(
                    "calls, or no key",
                    show(piece.delta["tool_calls"]),
                    f"{piece.pointer}/delta/tool_calls",
                    event=piece.event,
                )


@invariant(
    "stream.tool-calls-end-as-such",
    SHOULD,
    on=CHAT_STREAMS,
    probes=[tool_stream],
    features=["tools"],
    spec="#/components/schemas/ChatFinishReason",
    covers=["STR-028"],
    effort=QUICK,
)
def tool_calls_end_as_such(stream: Stream) -> Problems:
    """A choice that calls tools of its own accord, or because it must, ends with `tool_calls`.

    Why: agents run the tools at that reason, and take `stop` for the final answer. (A function
    that the request names ends with `stop` at OpenAI too.)

    Seen: Ollama (2024), Gemini compat, LiteLLM.

    Sources: ollama/ollama#7963, googleapis/python-genai#2868, BerriAI/litellm#12862.

    Violation: chunks with `tool_calls`, and `finish_reason: "stop"`.
    """
    need(stream.params.get("tool_choice", "auto") in ("auto", "required"), "a free choice of tools")
    all_calls(stream)
    for pieces in stream.pieces.values():
        finish = next((piece for piece in pieces if piece.finish_reason), None)
        if finish and calls(pieces) and finish.finish_reason == "stop":
            place = f"{finish.pointer}/finish_reason"
            yield stream.problem('"tool_calls"', '"stop"', place, event=finish.event)


@scenario(
    "stream.parallel-off-makes-one-call",
    SHOULD,
    endpoints=["chat"],
    features=["stream", "tools"],
    spec="#/components/schemas/ChatCompletionRequest/properties/parallel_tool_calls",
    effort=THOROUGH,
)
async def parallel_off_makes_one_call(ask: Ask) -> AsyncProblems:
    """With `parallel_tool_calls: false` a stream makes one tool call at most.

    Why: it is asked for by clients that can run one call at a time, and read the first.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `parallel_tool_calls`.

    Violation: fragments with the index 1.
    """
    request = chat_with_tools(ask.make, stream=True, parallel_tool_calls=False)
    stream = streamed(await ask(request))
    all_calls(stream)
    for pieces in stream.pieces.values():
        for call in list(calls(pieces).values())[1:]:
            for problem in _complain(stream, "one tool call", call[0]):
                yield problem


@scenario(
    "stream.cap-inside-a-tool-call",
    MUST,
    endpoints=["chat"],
    features=["stream", "tools"],
    spec="#/components/schemas/ChatFinishReason",
    covers=["STR-040"],
)
async def cap_inside_a_tool_call(ask: Ask) -> AsyncProblems:
    """A token cap inside a streamed tool call ends the stream as usual, with a finish reason.

    Why: the client gets a failure for what is no more than a short cap.

    Seen: vLLM.

    Sources: vllm-project/vllm#37937.

    Violation: `data: {"error": {"message": "Internal server error", …}}`
    """
    tools: dict[str, Any] = {"tools": TOOLS, "tool_choice": "required", "stream": True}
    cut = False
    for exchange in await ask.all(*(ask.make.capped("chat", n, ORDER, **tools) for n in INSIDE)):
        considered(exchange)
        errors = any(chunk.is_error for chunk in Stream(exchange).chunks)
        if errors or await ask.crashes(exchange):
            yield Stream(exchange).problem("a stream that ends with `length`", exchange.outcome)
            return
        stream = streamed(exchange)
        need(stream.ended and stream.pieces, "a whole stream with a choice")
        if not any(stream.finish_reasons):
            yield stream.problem("a finish reason", "none")
            return
        cut = cut or "length" in stream.finish_reasons
    need(cut, "a call that the cap cut")


@scenario(
    "stream.logprobs-beside-tools",
    MAY,
    endpoints=["chat"],
    features=["stream", "tools", "logprobs"],
    spec="#/components/schemas/ChatCompletionRequest/properties/logprobs",
    covers=["STR-054"],
)
async def logprobs_beside_tools(ask: Ask) -> AsyncProblems:
    """A server that streams logprobs, and tool calls, takes a request for both.

    Why: clients that always ask for logprobs can't use tools.

    Seen: a fork of llama.cpp.

    Sources: am17an/llama.cpp#35.

    Violation: `400` for `{"stream": true, "logprobs": true, "tools": […]}`
    """
    make = ask.make
    tools, logprobs, both = await ask.all(
        tool_stream(make),
        make.chat(stream=True, logprobs=True, top_logprobs=2),
        chat_with_tools(make, stream=True, logprobs=True),
    )
    streamed(tools)
    streamed(logprobs)
    if refused(both):
        yield Stream(both).problem("a stream", both.outcome, compared=(tools, logprobs))
