"""Refusals: messages, parts and tools that lack a member, or are of no known kind. See `wrongs`."""

from __future__ import annotations

from typing import Any, Final

from accord_contracts.rule import MAY, MUST
from accord_contracts.rules.accepts_chat import PARAMETERS, weather_tool
from accord_contracts.rules.refusal_types import CHAT, SCHEMAS, WITH_TOOL
from accord_contracts.rules.wrongs import Wrong, register

TEXT_PART: Final = {"type": "text", "text": "Hello!"}
CALL: Final = {
    "id": "call_accord0001",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'},
}
RESULT: Final = {"role": "tool", "tool_call_id": "call_accord0001", "content": "sunny"}


def _saying(*parts: Any) -> dict[str, Any]:
    """A conversation of one message, made of parts."""
    return {"messages": [{"role": "user", "content": list(parts)}]}


def _called(call: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """A conversation with a tool call in it."""
    asked = {"role": "user", "content": "What is the weather in Rome?"}
    calling = {"role": "assistant", "content": "", "tool_calls": [call]}
    return {"messages": [asked, calling, result]}


def _without(whole: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in whole.items() if key != name}


AFTER_A_CALL: Final = {**_called(CALL, RESULT), "tools": [weather_tool(parameters=PARAMETERS)]}

register(
    (
        Wrong(
            name="null-messages",
            param="messages",
            obligation="A chat whose `messages` is null is refused with 400.",
            why="the client lost the conversation, and the answer comes from nowhere.",
            spec=CHAT + "messages",
            cases=({"messages": None},),
            level=MUST,
            endpoints=("chat",),
            covers=("ERR-013",),
            seen="Letta, AnythingLLM, Dynamo (`[]`).",
            sources="ai-dynamo/dynamo#2067, letta-ai/letta#3381, Mintplex-Labs/anything-llm#6430.",
            fault="A conversation that is null is an empty one, and answered.",
        ),
        Wrong(
            name="message-without-role",
            param="messages",
            obligation="A message without a `role` is refused with 400.",
            why="who has said it is guessed, and instructions become questions.",
            spec=CHAT + "messages",
            cases=({"messages": [{"content": "Hello!"}]},),
            endpoints=("chat",),
            fault="A message without a role is the user's.",
        ),
        Wrong(
            name="unknown-role",
            param="messages",
            obligation="A message whose `role` the contract does not know is refused with 400.",
            why="a template drops it, or takes it for the user's, and nobody is told.",
            spec=CHAT + "messages",
            cases=({"messages": [{"role": "accord", "content": "Hello!"}]},),
            endpoints=("chat",),
            fault="A message of an unknown role is the user's.",
        ),
        Wrong(
            name="null-user-content",
            param="messages",
            obligation="A user's message whose `content` is null is refused with 400.",
            why="the client has lost what its user said, and should hear of it.",
            spec=SCHEMAS + "UserMessage/properties/content",
            cases=({"messages": [{"role": "user", "content": None}]},),
            endpoints=("chat",),
            covers=("ERR-014",),
            seen="Julep (no content at all).",
            sources="julep-ai/julep#1364.",
            fault="A user's content that is null is an empty text.",
        ),
        Wrong(
            name="unknown-content-part",
            param="messages",
            obligation="A content part whose `type` the server does not know is refused with 400.",
            why="what the user has attached is dropped, and the answer is about something else.",
            spec=SCHEMAS + "UserPart",
            cases=(_saying(TEXT_PART, {"type": "accord", "accord": "Hello!"}),),
            control=_saying(TEXT_PART),
            endpoints=("chat",),
            features=("parts",),
            covers=("ERR-018",),
            fault="Parts that are not known are left out of the message.",
        ),
        Wrong(
            name="text-part-without-text",
            param="messages",
            obligation="A text part without `text` is refused with 400.",
            why="the client has lost what its user said, and should hear of it.",
            spec=SCHEMAS + "TextPart/properties/text",
            cases=(_saying({"type": "text"}),),
            control=_saying(TEXT_PART),
            endpoints=("chat",),
            features=("parts",),
            fault="A text part without text is an empty one.",
        ),
        Wrong(
            name="tool-result-without-call",
            param="messages",
            obligation="A tool's message without `tool_call_id` is refused with 400.",
            why="of several results nobody can say which call they belong to.",
            spec=SCHEMAS + "ToolMessage/properties/tool_call_id",
            cases=(_called(CALL, _without(RESULT, "tool_call_id")),),
            control=AFTER_A_CALL,
            level=MAY,
            endpoints=("chat",),
            features=("tools",),
            fault="A tool's result belongs to the last call.",
        ),
        Wrong(
            name="past-call-without-id",
            param="messages",
            obligation="A past tool call without an `id` is refused with 400.",
            why="the tool's result refers to it, and to nothing.",
            spec=SCHEMAS + "FunctionToolCall/properties/id",
            cases=(_called(_without(CALL, "id"), RESULT),),
            control=AFTER_A_CALL,
            level=MAY,
            endpoints=("chat",),
            features=("tools",),
            fault="Past tool calls need no id.",
        ),
        Wrong(
            name="past-call-without-function",
            param="messages",
            obligation="A past tool call without a `function` is refused with 400.",
            why="a template that looks for the name fails, or writes nonsense.",
            spec=SCHEMAS + "FunctionToolCall/properties/function",
            cases=(_called(_without(CALL, "function"), RESULT),),
            control=AFTER_A_CALL,
            endpoints=("chat",),
            features=("tools",),
            fault="A past tool call that names no function is left out.",
        ),
        Wrong(
            name="tool-without-function",
            param="tools",
            obligation="A function tool without a `function` is refused with 400.",
            why="an agent waits for calls of a tool that the model has never heard of.",
            spec=SCHEMAS + "FunctionTool/properties/function",
            cases=({"tools": [{"type": "function"}]},),
            control=WITH_TOOL,
            shared=True,
            endpoints=("chat",),
            features=("tools",),
            fault="A tool that is not described is left out.",
        ),
        Wrong(
            name="tool-without-name",
            param="tools",
            obligation="A function tool without a `name` is refused with 400.",
            why="the model can't call it, and the client can't tell which call is meant.",
            spec=SCHEMAS + "FunctionDefinition/properties/name",
            cases=({"tools": [{"type": "function", "function": {"parameters": PARAMETERS}}]},),
            control=WITH_TOOL,
            shared=True,
            endpoints=("chat",),
            features=("tools",),
            fault="A tool without a name is left out.",
        ),
        Wrong(
            name="unknown-tool-type",
            param="tools",
            obligation="A tool whose `type` the server does not know is refused with 400.",
            why="an agent that relies on a search, or on a shell, waits for calls in vain.",
            spec=SCHEMAS + "Tool",
            cases=({"tools": [{"type": "accord", "accord": {"name": "accord"}}]},),
            control=WITH_TOOL,
            shared=True,
            endpoints=("chat",),
            features=("tools",),
            fault="Tools of an unknown type are left out.",
        ),
        Wrong(
            name="format-without-schema",
            param="response_format",
            obligation="A `json_schema` format without its schema is refused with 400.",
            why="the text is decoded into a type that nobody has told the model.",
            spec=SCHEMAS + "ResponseFormatJsonSchema/properties/json_schema",
            cases=({"response_format": {"type": "json_schema"}},),
            control={
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "schema": {"type": "object"}},
                }
            },
            endpoints=("chat",),
            features=("json-schema",),
            fault="A format without its schema is dropped without a word.",
        ),
        Wrong(
            name="format-without-type",
            param="response_format",
            obligation="A `response_format` without a `type` is refused with 400.",
            why="a client that asked for JSON in its own words parses whatever comes.",
            spec=SCHEMAS + "ResponseFormat",
            cases=({"response_format": {}},),
            control={"response_format": {"type": "text"}},
            shared=True,
            endpoints=("chat",),
            fault="A format without a type is plain text.",
        ),
    )
)
