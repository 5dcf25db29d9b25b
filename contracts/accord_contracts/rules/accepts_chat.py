"""Acceptance of conversations: roles, names, content parts, tools. See `accepts`."""

from __future__ import annotations

from typing import Any, Final

from accord_contracts.ask import Ask
from accord_contracts.exchange import Request
from accord_contracts.rule import MUST, QUICK, SHOULD
from accord_contracts.rules.accepting import accepted, brief

PARAMETERS: Final = {"type": "object", "properties": {"city": {"type": "string"}}}


def weather_tool(**function: Any) -> dict[str, Any]:
    """A function tool; `function` adds members to its definition."""
    return {"type": "function", "function": {"name": "get_weather", **function}}


def _user(text: Any, **members: Any) -> dict[str, Any]:
    return {"role": "user", "content": text, **members}


@accepted(
    "accepts.participant-name",
    MUST,
    endpoints=["chat"],
    spec="#/components/schemas/UserMessage/properties/name",
    covers=["REQ-015"],
    control=brief,
)
def participant_name(ask: Ask) -> Request:
    """A message may have a `name`.

    Why: multi-agent frameworks set it on every message.

    Seen: vLLM with Mistral's tokenizer.

    Sources: vllm-project/vllm#12864.

    Violation: 400 `extra_forbidden`.
    """
    return ask.make.brief.chat([_user(ask.target.prompt, name="Alice")])


@accepted(
    "accepts.text-parts",
    MUST,
    endpoints=["chat"],
    spec="#/components/schemas/UserMessage/properties/content",
    covers=["REQ-016"],
    effort=QUICK,
)
def text_parts(ask: Ask) -> Request:
    """A user's content may be an array of text parts.

    Why: many clients always send parts, so that images can be added.

    Seen: llama.cpp (to 2024-07), Lemonade, GenieX, qwisp, Swiftlet, Ollama (early).

    Sources: ggml-org/llama.cpp#8367, lemonade-sdk/lemonade#629, qualcomm/GenieX#683,
    penta2himajin/qwisp#83, leonickson1/Swiftlet#14.

    Violation: 422 `content must be a string`.
    """
    return ask.make.chat([_user([{"type": "text", "text": ask.target.prompt}])])


def _after_system(ask: Ask) -> Request:
    system = {"role": "system", "content": "Be brief."}
    return ask.make.brief.chat([system, _user(ask.target.prompt)])


@accepted(
    "accepts.developer-role",
    SHOULD,
    endpoints=["chat"],
    spec="#/components/schemas/DeveloperMessage",
    covers=["REQ-017"],
    control=_after_system,
)
def developer_role(ask: Ask) -> Request:
    """The role `developer` is accepted wherever `system` is.

    Why: OpenAI renamed the role, and clients follow.

    Seen: Halogen, DeepInfra, DeepSeek's API, Kilo gateway, new-api.

    Sources: peonist-ai/halogen-server#3, earendil-works/pi#1578, earendil-works/pi#1048,
    can1357/oh-my-pi#843, QuantumNous/new-api#5330.

    Violation: 400 `unknown role: developer`.
    """
    developer = {"role": "developer", "content": "Be brief."}
    return ask.make.brief.chat([developer, _user(ask.target.prompt)])


@accepted(
    "accepts.consecutive-user-messages",
    SHOULD,
    endpoints=["chat"],
    spec="#/components/schemas/ChatCompletionRequest/properties/messages",
    covers=["REQ-018"],
    control=brief,
)
def consecutive_user_messages(ask: Ask) -> Request:
    """Two user messages may follow each other.

    Why: chat interfaces and agents add context as messages of their own.

    Seen: vLLM (Mistral, Gemma 3), TGI (Gemma 3), mistral.rs, llama.cpp.

    Sources: vllm-project/vllm#6862, suitenumerique/conversations#197, dnakov/anon-kode#60,
    EricLBuehler/mistral.rs#506, anomalyco/opencode#5034.

    Violation: 500 `conversation roles must alternate user/assistant`.
    """
    return ask.make.brief.chat([_user("I am at the beach."), _user(ask.target.prompt)])


@accepted(
    "accepts.consecutive-system-messages",
    SHOULD,
    endpoints=["chat"],
    spec="#/components/schemas/ChatCompletionRequest/properties/messages",
    covers=["REQ-018"],
    control=_after_system,
)
def consecutive_system_messages(ask: Ask) -> Request:
    """Two system messages may follow each other.

    Why: agents keep instructions and context in messages of their own.

    Seen: vLLM (Mistral, Gemma 3), TGI (Gemma 3), mistral.rs, llama.cpp.

    Sources: vllm-project/vllm#6862, suitenumerique/conversations#197, dnakov/anon-kode#60,
    EricLBuehler/mistral.rs#506, anomalyco/opencode#5034.

    Violation: 400 `only one system message is allowed`.
    """
    said = [{"role": "system", "content": text} for text in ("Be brief.", "Be kind.")]
    return ask.make.brief.chat([*said, _user(ask.target.prompt)])


def _after_a_call(ask: Ask, content: str | None) -> Request:
    function = {"name": "get_weather", "arguments": '{"city": "Rome"}'}
    call = {"id": "call_accord0001", "type": "function", "function": function}
    messages = [
        _user("What is the weather in Rome?"),
        {"role": "assistant", "content": content, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_accord0001", "content": "sunny"},
    ]
    return ask.make.brief.chat(messages, tools=[weather_tool(parameters=PARAMETERS)])


@accepted(
    "accepts.tool-calls-without-content",
    MUST,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/AssistantMessage/properties/content",
    covers=["REQ-019"],
    control=lambda ask: _after_a_call(ask, ""),
    effort=QUICK,
)
def tool_calls_without_content(ask: Ask) -> Request:
    """An assistant's message in the history with `tool_calls` may have `content: null`.

    Why: it is what servers send, and what clients send back with the tool's result.

    Seen: Ollama, mistral-common, mlx-openai-server, LM Studio.

    Sources: pydantic/pydantic-ai#5206, mistralai/mistral-common#324,
    cubist38/mlx-openai-server#205, co-l/openfox#117.

    Violation: 400 `invalid message content type: <nil>`.
    """
    return _after_a_call(ask, None)


def _offering(ask: Ask, tool: dict[str, Any]) -> Request:
    return ask.make.chat(tools=[tool])


@accepted(
    "accepts.tool-without-parameters",
    MUST,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/FunctionDefinition/properties/parameters",
    covers=["REQ-020"],
    control=lambda ask: _offering(ask, weather_tool(parameters=PARAMETERS)),
)
def tool_without_parameters(ask: Ask) -> Request:
    """A function tool may leave `parameters` out: it then takes none.

    Why: tools that only fetch something have no parameters.

    Seen: llama.cpp.

    Sources: ggml-org/llama.cpp#17667.

    Violation: 500 `key 'parameters' not found`.
    """
    return _offering(ask, weather_tool())


@accepted(
    "accepts.tools-without-crashing",
    MUST,
    endpoints=["chat"],
    spec="#/components/schemas/ChatCompletionRequest/properties/tools",
    covers=["REQ-021"],
    may_refuse=True,
)
def tools(ask: Ask) -> Request:
    """`tools` work, are ignored, or are refused with a 4xx; they never crash a server.

    Why: agents probe for tool support, and take a 5xx for an outage.

    Seen: llama.cpp (2024).

    Sources: ggml-org/llama.cpp#10920.

    Violation: 500 `Unsupported param: tools`.
    """
    return _offering(ask, weather_tool(parameters=PARAMETERS))
