"""Tool calls: what they name, that their arguments can be read, and how many there are."""

from __future__ import annotations

from typing import Any, Final

import jsonschema_rs

from accord_contracts.ask import Ask, supported
from accord_contracts.exchange import NOT_JSON, parse
from accord_contracts.finding import need
from accord_contracts.kinds import CHAT_ANSWERS
from accord_contracts.rule import MAY, SHOULD, AsyncProblems, Problems, invariant, scenario
from accord_contracts.rules.stream_tools import ORDER, PLACE, TOOLS, chat_with_tools
from accord_contracts.rules.tools import some_calls
from accord_contracts.views import Answer, at, is_int, items, members, show, text

ONE_AT_A_TIME: Final[dict[str, Any]] = {
    "tools": TOOLS,
    "tool_choice": "required",
    "parallel_tool_calls": False,
}


def _whole_calls(answer: Answer) -> list[tuple[str, str]]:
    """The arguments of function calls that no cap cut, with their pointers.

    Raises:
        NotApplicable: there are none.
    """
    need(not _was_cut(answer), "an answer that its cap did not cut")
    found = [
        (f"{p}/function/arguments", text(at(c, "/function/arguments")))
        for p, c in some_calls(answer)
    ]
    given = [(pointer, arguments) for pointer, arguments in found if arguments]
    need(given, "a call with arguments")
    return given


def _was_cut(answer: Answer) -> bool:
    """Whether a cap ended an answer; some servers say `tool_calls` even so."""
    caps = (answer.params.get("max_tokens"), answer.params.get("max_completion_tokens"))
    cap = min((cap for cap in caps if is_int(cap)), default=None)
    spent = answer.usage.get("completion_tokens")
    reached = cap is not None and is_int(spent) and spent >= cap
    return "length" in answer.finish_reasons or reached


@invariant(
    "tools.arguments-are-json",
    SHOULD,
    on=CHAT_ANSWERS,
    features=["tools"],
    probes=[chat_with_tools],
    spec="#/components/schemas/FunctionCall/properties/arguments",
    covers=["JSN-024"],
)
def arguments_are_json(answer: Answer) -> Problems:
    """The `arguments` of a call that came to its end are JSON.

    Models may write what is none, says OpenAI; a server that constrains them never does.

    Why: clients parse them, and most fail where they can't.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `ChatCompletionMessageToolCall`.

    Violation: `"arguments": "{city: Paris}"`
    """
    for pointer, arguments in _whole_calls(answer):
        yield from answer.unless(parse(arguments) is not NOT_JSON, "JSON", pointer)


@invariant(
    "tools.arguments-fit-the-schema",
    MAY,
    on=CHAT_ANSWERS,
    features=["tools"],
    probes=[chat_with_tools],
    spec="#/components/schemas/FunctionDefinition/properties/parameters",
)
def arguments_fit_the_schema(answer: Answer) -> Problems:
    """The `arguments` of a call satisfy the schema of the function's parameters.

    Why: functions are called with them, and fail inside.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `FunctionParameters`.

    Violation: `"arguments": "{}"` where `city` is required.
    """
    need(answer.params.get("tools") == TOOLS, "the suite's own tools, whose schema is known")
    for pointer, arguments in _whole_calls(answer):
        value = parse(arguments)
        if value is not NOT_JSON:
            yield from answer.unless(_fits(value), f"what {show(PLACE)} allows", pointer)


def _fits(value: Any) -> bool:
    try:
        return jsonschema_rs.is_valid(PLACE, value)
    except ValueError:  # nested too deeply, or half of a surrogate pair
        return False


@invariant(
    "tools.names-are-offered",
    SHOULD,
    on=CHAT_ANSWERS,
    features=["tools"],
    probes=[chat_with_tools],
    spec="#/components/schemas/FunctionCall/properties/name",
    covers=["JSN-027"],
)
def names_are_offered(answer: Answer) -> Problems:
    """A call names one of the functions that the request offers.

    Why: clients look the name up, and find nothing to run.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `ChatCompletionMessageToolCall`.

    Violation: a call of `functions.get_weather` where `get_weather` is offered.
    """
    tools = [members(tool) for tool in items(answer.params.get("tools"))]
    offered = {text(at(tool, f"/{kind}/name")) for tool in tools for kind in ("function", "custom")}
    need(offered - {""}, "a request that offers tools")
    for pointer, call in some_calls(answer):
        name = text(at(call, "/function/name"))
        if name and name not in offered:
            expected = f"one of {show(sorted(offered - {''}))}"
            yield answer.problem(expected, show(name), f"{pointer}/function/name")


@scenario(
    "tools.parallel-off-makes-one-call",
    SHOULD,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/ChatCompletionRequest/properties/parallel_tool_calls",
)
async def parallel_off_makes_one_call(ask: Ask) -> AsyncProblems:
    """With `parallel_tool_calls: false` an answer makes one tool call at most.

    Why: it is asked for by clients that can run one call at a time, and read the first.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `parallel_tool_calls`.

    Violation: two entries in `tool_calls`.
    """
    answer = supported(await ask(ask.make.capped("chat", 128, ORDER, **ONE_AT_A_TIME)))
    calls = some_calls(answer)
    if len(calls) > len(answer.choices):
        pointer, call = calls[len(answer.choices)]
        yield answer.problem("one tool call", show(call), pointer)
