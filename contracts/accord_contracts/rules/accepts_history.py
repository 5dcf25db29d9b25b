"""Acceptance of conversations that have gone on for a while, and of what clients send back."""

from __future__ import annotations

from typing import Any, Final

from accord_contracts.ask import Ask, supported
from accord_contracts.exchange import Request
from accord_contracts.finding import need
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import MAY, MUST, SHOULD, AsyncProblems, scenario
from accord_contracts.rules.accepting import accepted, answer_to, brief
from accord_contracts.rules.accepts_chat import PARAMETERS, weather_tool
from accord_contracts.rules.refusal_messages import CALL, RESULT
from accord_contracts.rules.refusal_types import WITH_TOOL

JSON = dict[str, Any]

SAID: Final = "It is wide and blue."
"""What an assistant has said before."""


def _turn(role: str, content: Any) -> JSON:
    return {"role": role, "content": content}


def _part(text: str) -> list[JSON]:
    return [{"type": "text", "text": text}]


def _conversation(ask: Ask, answer: Any) -> Request:
    """A question, an answer, and another question."""
    turn = answer if isinstance(answer, dict) else _turn("assistant", answer)
    prompt = ask.target.prompt
    return ask.make.brief.chat([_turn("user", prompt), turn, _turn("user", prompt)])


def _of_texts(ask: Ask) -> Request:
    return _conversation(ask, SAID)


def _after_calls(ask: Ask, *results: JSON) -> Request:
    """A question, a call for each result, and the results."""
    calls = [{**CALL, "id": result["tool_call_id"]} for result in results]
    calling = {"role": "assistant", "content": "", "tool_calls": calls}
    messages = [_turn("user", ask.target.prompt), calling, *results]
    return ask.make.brief.chat(messages, **WITH_TOOL)


def _after_a_call(ask: Ask) -> Request:
    return _after_calls(ask, RESULT)


@accepted(
    "accepts.system-messages",
    MUST,
    endpoints=["chat"],
    spec="#/components/schemas/SystemMessage",
    may_refuse=True,
)
def system_messages(ask: Ask) -> Request:
    """A `system` message is answered, or refused with a clear 4xx by a model that has no such role.

    Why: it is how every application says what its assistant is for.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `ChatCompletionRequestSystemMessage`.

    Violation: 500 `system role not supported`.
    """
    return ask.make.brief.chat([_turn("system", "Be brief."), _turn("user", ask.target.prompt)])


@accepted(
    "accepts.past-answers",
    MUST,
    endpoints=["chat"],
    spec="#/components/schemas/AssistantMessage",
    control=brief,
)
def past_answers(ask: Ask) -> Request:
    """A conversation may hold what the assistant has said before.

    Why: it is what makes a chat of one question.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `ChatCompletionRequestAssistantMessage`.

    Violation: 500 to the second question of a conversation.
    """
    return _of_texts(ask)


@scenario(
    "accepts.own-answers-back",
    MUST,
    endpoints=["chat"],
    spec="#/components/schemas/AssistantMessage",
)
async def own_answers_back(ask: Ask) -> AsyncProblems:
    """The message of an answer can be sent back as it came, as part of the conversation.

    Why: programs append `choices[0].message` to their list, with all its nulls and extras.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI: `refusal` of a past message may be null.

    Violation: 400 `extra inputs are not permitted: refusal`.
    """
    message = supported(await ask.chat()).at("/choices/0/message")
    need(isinstance(message, dict) and message.get("content"), "an answer with text")
    async for problem in answer_to(ask, _conversation(ask, message), _of_texts):
        yield problem


@accepted(
    "accepts.parts-in-system-messages",
    SHOULD,
    endpoints=["chat"],
    spec="#/components/schemas/SystemMessage/properties/content",
    covers=["REQ-016"],
    control=system_messages,
)
def parts_in_system_messages(ask: Ask) -> Request:
    """The content of a `system` message may be an array of text parts.

    Why: frameworks that write parts write them for every role.

    Seen: no server that is known; several refuse parts of the user.

    Sources: ggml-org/llama.cpp#8367 (the user's parts).

    Violation: 422 `content must be a string`.
    """
    return ask.make.brief.chat(
        [_turn("system", _part("Be brief.")), _turn("user", ask.target.prompt)]
    )


@accepted(
    "accepts.parts-in-past-answers",
    SHOULD,
    endpoints=["chat"],
    spec="#/components/schemas/AssistantMessage/properties/content",
    covers=["REQ-016"],
    control=_of_texts,
)
def parts_in_past_answers(ask: Ask) -> Request:
    """The content of an assistant's message may be an array of text parts.

    Why: frameworks that write parts write them for every role.

    Seen: no server that is known; several refuse parts of the user.

    Sources: ggml-org/llama.cpp#8367 (the user's parts).

    Violation: 422 `content must be a string`.
    """
    return _conversation(ask, _part(SAID))


@accepted(
    "accepts.parts-in-tool-results",
    SHOULD,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/ToolMessage/properties/content",
    covers=["REQ-016"],
    control=_after_a_call,
)
def parts_in_tool_results(ask: Ask) -> Request:
    """The content of a `tool` message may be an array of text parts.

    Why: tools of the Model Context Protocol answer in parts, and clients hand them on.

    Seen: no server that is known; several refuse parts of the user.

    Sources: ggml-org/llama.cpp#8367 (the user's parts).

    Violation: 422 `content must be a string`.
    """
    return _after_calls(ask, {**RESULT, "content": _part("sunny")})


@accepted(
    "accepts.tool-results",
    MUST,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/ToolMessage",
    control=lambda ask: ask.make.brief.chat(**WITH_TOOL),
)
def tool_results(ask: Ask) -> Request:
    """A tool's result in the conversation, after the call that it belongs to, is accepted.

    Why: it is the second half of every tool call.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `ChatCompletionRequestToolMessage`.

    Violation: 400 `unknown role: tool`.
    """
    return _after_a_call(ask)


@accepted(
    "accepts.several-tool-results",
    SHOULD,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/ToolMessage/properties/tool_call_id",
    control=_after_a_call,
)
def several_tool_results(ask: Ask) -> Request:
    """Two results may follow two calls of one message.

    Why: parallel calls are the default, and all their results go back at once.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `parallel_tool_calls`.

    Violation: 400 `roles must alternate`.
    """
    return _after_calls(ask, RESULT, {**RESULT, "tool_call_id": "call_accord0002"})


@accepted(
    "accepts.functions-without-crashing",
    MAY,
    endpoints=["chat"],
    spec="#/components/schemas/ChatCompletionRequest/properties/functions",
    covers=["REQ-021"],
    may_refuse=True,
)
def functions(ask: Ask) -> Request:
    """The former `functions` work, are ignored, or are refused with a 4xx.

    Why: old programs still send them, and take a 5xx for an outage.

    Seen: llama.cpp (2024, with `tools`).

    Sources: ggml-org/llama.cpp#10920.

    Violation: 500 `Unsupported param: functions`.
    """
    return ask.make.brief.chat(functions=[weather_tool(parameters=PARAMETERS)["function"]])


@accepted(
    "accepts.function-results-without-crashing",
    MAY,
    endpoints=["chat"],
    spec="#/components/schemas/FunctionMessage",
    may_refuse=True,
)
def function_results(ask: Ask) -> Request:
    """A message of the former role `function` works, or is refused with a 4xx.

    Why: conversations that were stored years ago are still opened.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `ChatCompletionRequestFunctionMessage`.

    Violation: 500 `KeyError: function`.
    """
    result = {"role": "function", "name": "get_weather", "content": "sunny"}
    return ask.make.brief.chat([_turn("user", ask.target.prompt), result])


@accepted(
    "accepts.custom-tools-without-crashing",
    MAY,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/CustomTool",
    may_refuse=True,
)
def custom_tools(ask: Ask) -> Request:
    """Tools of the type `custom` work, or are refused with a 4xx.

    Why: clients probe for them, and take a 5xx for an outage.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `CustomToolChatCompletions`.

    Violation: 500 `KeyError: function`.
    """
    return ask.make.brief.chat(tools=[{"type": "custom", "custom": {"name": "run"}}])


@accepted(
    "accepts.{endpoint}-unknown-parameters",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/responses/BadRequest",
    may_refuse=True,
)
def unknown_parameters(ask: Ask) -> Request:
    """A parameter that the server does not know is ignored, or refused with a 4xx.

    OpenAI refuses it; most other servers ignore it, as their users want.

    Why: clients send what was invented after the server was written.

    Seen: no server that is known to fail.

    Sources: xlinx/sd-webui-decadetw-auto-prompt-llm#29, teabranch/open-responses-server#41,
    vllm-project/vllm#10463.

    Violation: 500 because of `accord_unknown`.
    """
    return ask.make.text(ask.endpoint, accord_unknown=True)
