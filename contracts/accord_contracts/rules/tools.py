"""Tools: which calls an answer makes, and what they consist of."""

from __future__ import annotations

from typing import Any, Final

from accord_contracts.ask import Ask, supported
from accord_contracts.exchange import Request
from accord_contracts.finding import Problem, need
from accord_contracts.kinds import CHAT_ANSWERS
from accord_contracts.requests import Requests
from accord_contracts.rule import MUST, QUICK, SHOULD, AsyncProblems, Problems, invariant, scenario
from accord_contracts.rules.answers import several_choices
from accord_contracts.rules.stream_tools import QUESTION, TOOLS, chat_with_tools
from accord_contracts.views import Answer, at, items, members, show, text

COUPLE: Final = 2
"""Choices that are dear: an `n` that is ignored gives one."""
SECOND_TOOL: Final = "get_time"
"""The one that a server which always takes the first does not call."""


def with_named_tool(make: Requests) -> Request:
    """A chat that has to call one certain tool."""
    choice = {"type": "function", "function": {"name": SECOND_TOOL}}
    return make.chat(QUESTION, tools=TOOLS, tool_choice=choice, max_tokens=128)


def without_calls(make: Requests) -> Request:
    """A chat that has a tool and must not call it."""
    return make.chat(QUESTION, tools=TOOLS[:1], tool_choice="none")


def _calls(answer: Answer) -> list[tuple[str, dict[str, Any]]]:
    """The tool calls of an answer, with their pointers; empty where it has none."""
    return [
        (f"{pointer}/message/tool_calls/{number}", members(call))
        for pointer, choice in answer.places
        for number, call in enumerate(items(at(choice, "/message/tool_calls")))
    ]


def some_calls(answer: Answer) -> list[tuple[str, dict[str, Any]]]:
    """The tool calls of an answer, with their pointers.

    Raises:
        NotApplicable: there are none.
    """
    calls = _calls(answer)
    need(calls, "an answer with tool calls")
    return calls


# ---------------------------------------------------------------------------------- tool_choice


@scenario(
    "tools.required-makes-a-call",
    SHOULD,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/ToolChoiceMode",
    covers=["JSN-041"],
    effort=QUICK,
)
async def required_makes_a_call(ask: Ask) -> AsyncProblems:
    """With `tool_choice: "required"` an answer calls a tool, or the request is refused.

    Why: agents that rely on a call find a text, and stop or fail.

    Seen: LiteRT-LM, mlx-vlm.

    Sources: google-ai-edge/LiteRT-LM#2471, Blaizzy/mlx-vlm#1045.

    Violation: `"content": "I can look that up."`, and no `tool_calls`.
    """
    answer = supported(await ask(chat_with_tools(ask.make)))
    if not _calls(answer):
        need("length" not in answer.finish_reasons, "an answer that its cap did not cut")
        yield _no_call(answer)


@scenario(
    "tools.named-function-is-called",
    SHOULD,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/ToolChoiceFunction",
    covers=["JSN-041"],
)
async def named_function_is_called(ask: Ask) -> AsyncProblems:
    """With a function named in `tool_choice` an answer calls it and no other, or is refused.

    Why: frameworks get structured output by it, and read the arguments without looking.

    Seen: LiteRT-LM, mlx-vlm (the choice is read as `auto`).

    Sources: google-ai-edge/LiteRT-LM#2471, Blaizzy/mlx-vlm#1045.

    Violation: a call of `get_weather` where `tool_choice` names `get_time`.
    """
    answer = supported(await ask(with_named_tool(ask.make)))
    calls = _calls(answer)
    if not calls:
        need("length" not in answer.finish_reasons, "an answer that its cap did not cut")
        yield _no_call(answer)
    for pointer, call in calls:
        place = f"{pointer}/function/name"
        holds = at(call, "/function/name") == SECOND_TOOL
        for problem in answer.unless(holds, show(SECOND_TOOL), place):
            yield problem


def _no_call(answer: Answer) -> Problem:
    return answer.problem(
        "a tool call", show(answer.at("/choices/0/message")), "/choices/0/message/tool_calls"
    )


@scenario(
    "tools.none-makes-no-call",
    MUST,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/ToolChoiceMode",
    covers=["JSN-042"],
)
async def none_makes_no_call(ask: Ask) -> AsyncProblems:
    """With `tool_choice: "none"` an answer calls no tool.

    Why: it is how a client ends a chain of calls, to have the results put into words.

    Seen: LiteRT-LM, mlx-vlm, ayunis-core.

    Sources: google-ai-edge/LiteRT-LM#2471, Blaizzy/mlx-vlm#1045, ayunis-core/ayunis-core#705.

    Violation: `"tool_calls": [{"id": "call_1", …}]`
    """
    answer = supported(await ask(without_calls(ask.make)))
    for pointer, call in _calls(answer):
        yield answer.problem("no tool call", show(call), pointer)


@scenario(
    "tools.n-gives-n-choices",
    MUST,
    endpoints=["chat"],
    features=["n", "tools"],
    spec="#/components/schemas/ChoiceCount",
    covers=["JSN-007"],
)
async def n_gives_n_choices(ask: Ask) -> AsyncProblems:
    """Where `n` gives several choices, it does so too when a tool has to be called.

    Why: agents that vote among several calls get one, and never hear of it.

    Seen: no server that is known; answers with tools often have a code path of their own.

    Sources: the OpenAPI description of OpenAI, `n`: how many choices to generate.

    Violation: one choice for `{"n": 2, "tools": [{…}], "tool_choice": "required", …}`
    """
    plain, called = await ask.all(several_choices(ask.make), _several_calls(ask.make))
    need(len(supported(plain).choices) > 1, "a chat without tools whose `n` is honoured")
    answer = supported(called)
    if len(answer.choices) != COUPLE:
        yield answer.problem(f"{COUPLE} choices", str(len(answer.choices)), "/choices")


def _several_calls(make: Requests) -> Request:
    return make.chat(QUESTION, n=COUPLE, tools=TOOLS[:1], tool_choice="required")


@invariant(
    "tools.finish-reason-is-tool-calls",
    SHOULD,
    on=CHAT_ANSWERS,
    features=["tools"],
    probes=[chat_with_tools],
    spec="#/components/schemas/ChatFinishReason",
    covers=["JSN-017"],
    effort=QUICK,
)
def finish_reason_is_tool_calls(answer: Answer) -> Problems:
    """An answer that was free to call tools, and does, has the finish reason `tool_calls`.

    Why: agents look at the finish reason to see whether it is their turn. Where the request
    names the function, OpenAI itself says `stop`.

    Seen: vLLM (required), mlx-vlm.

    Sources: vllm-project/vllm#25054, Blaizzy/mlx-vlm#1014.

    Violation: `"finish_reason": "stop"` beside `tool_calls`.
    """
    free = answer.params.get("tool_choice") in (None, "auto", "required")
    calling = [place for place in answer.places if items(at(place[1], "/message/tool_calls"))]
    need(free and calling, "an answer that calls tools of its own choice")
    for pointer, choice in calling:
        holds = choice.get("finish_reason") in ("tool_calls", "length")
        yield from answer.unless(holds, '"tool_calls"', f"{pointer}/finish_reason")


# ------------------------------------------------------------------------------------ the calls


@invariant(
    "tools.arguments-are-a-string",
    MUST,
    on=CHAT_ANSWERS,
    features=["tools"],
    probes=[chat_with_tools],
    spec="#/components/schemas/FunctionCall/properties/arguments",
    covers=["JSN-024"],
    effort=QUICK,
)
def arguments_are_a_string(answer: Answer) -> Problems:
    """The `arguments` of a call are a string that holds JSON, not JSON itself.

    Why: clients parse them; typed ones refuse an object where a string should be.

    Seen: llama.cpp (2026-03), TGI.

    Sources: ggml-org/llama.cpp#20198, ggml-org/llama.cpp#20202,
    huggingface/text-generation-inference#2136, sipeed/picoclaw#1292.

    Violation: `"arguments": {"city": "Paris"}`
    """
    functions = [pointer for pointer, call in some_calls(answer) if "function" in call]
    need(functions, "a call of a function")
    for pointer in functions:
        place = f"{pointer}/function/arguments"
        yield from answer.unless(isinstance(answer.at(place), str), "a string", place)


@invariant(
    "tools.calls-have-ids",
    MUST,
    on=CHAT_ANSWERS,
    features=["tools"],
    probes=[chat_with_tools],
    spec="#/components/schemas/FunctionToolCall/properties/id",
    covers=["JSN-025"],
    effort=QUICK,
)
def calls_have_ids(answer: Answer) -> Problems:
    """Every tool call has a string as its `id`, and not an empty one.

    Why: the tool's result refers to the call by it.

    Seen: Ollama by way of LiteLLM, SGLang.

    Sources: BerriAI/litellm#11528, yigit353/langchain-qwq#12.

    Violation: `{"id": "", "type": "function", "function": {…}}`
    """
    for pointer, call in some_calls(answer):
        yield from answer.unless(
            text(call.get("id")), "a text that names the call", f"{pointer}/id"
        )


@invariant(
    "tools.calls-are-typed",
    MUST,
    on=CHAT_ANSWERS,
    features=["tools"],
    probes=[chat_with_tools],
    spec="#/components/schemas/FunctionToolCall/properties/type",
    covers=["JSN-027"],
    effort=QUICK,
)
def calls_are_typed(answer: Answer) -> Problems:
    """Every tool call has the type `function` (or `custom`), and under it the tool's name.

    Why: the type says where to look for the name.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, schema `ChatCompletionMessageToolCall`.

    Violation: `{"id": "call_1", "function": {"name": "get_weather", "arguments": "{}"}}`
    """
    for pointer, call in some_calls(answer):
        kind = call.get("type")
        holds = kind in ("function", "custom")
        yield from answer.unless(holds, '"function"', f"{pointer}/type")
        if holds:
            place = f"{pointer}/{kind}/name"
            yield from answer.unless(text(answer.at(place)), "the tool's name", place)


@scenario(
    "tools.ids-are-unique",
    SHOULD,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/FunctionToolCall/properties/id",
    covers=["JSN-026"],
)
async def ids_are_unique(ask: Ask) -> AsyncProblems:
    """No two tool calls have the same id, within an answer and from answer to answer.

    Why: a conversation holds many calls, and each result must find its own.

    Seen: SGLang, OpenRouter, Azure OpenAI.

    Sources: InternLM/lmdeploy#3412, vercel/ai#6342, vercel/ai#4936.

    Violation: the first call of every answer is `"id": "call_0"`.
    """
    free, named = await ask.all(chat_with_tools(ask.make), with_named_tool(ask.make))
    answers = [supported(free), *([Answer(named)] if named.ok else [])]
    seen: dict[str, Answer] = {}
    found = [(answer, p, text(c.get("id"))) for answer in answers for p, c in _calls(answer)]
    need(sum(1 for *_, name in found if name) > 1, "two tool calls with ids")
    for answer, pointer, name in found:
        if name and name in seen:
            compared = (seen[name].exchange,)
            actual = f"{show(name)} again"
            yield answer.problem("an id of its own", actual, f"{pointer}/id", compared=compared)
        seen.setdefault(name, answer)
