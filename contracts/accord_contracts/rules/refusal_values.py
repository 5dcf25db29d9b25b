"""Refusals: parameters of the right type whose value the contract does not know. See `wrongs`."""

from __future__ import annotations

from typing import Any, Final

from accord_contracts.rule import MAY
from accord_contracts.rules.accepts_chat import PARAMETERS, weather_tool
from accord_contracts.rules.refusal_types import CHAT, SCHEMAS, STREAMED, TEXT, WITH_TOOL
from accord_contracts.rules.wrongs import Wrong, register

LONGEST_NAME: Final = 64
"""Characters that the name of a function, or of a schema, may have."""

MOST_PAIRS: Final = 16
"""Pairs that `metadata` may have."""


def _schema_format(name: str = "answer") -> dict[str, Any]:
    """A response format whose schema has a name."""
    return {"type": "json_schema", "json_schema": {"name": name, "schema": {"type": "object"}}}


def _choosing(name: str) -> dict[str, Any]:
    """A choice of one function."""
    return {"tool_choice": {"type": "function", "function": {"name": name}}}


def tool_called(name: str) -> dict[str, Any]:
    """Tools with one function of a name in them."""
    tool = weather_tool(parameters=PARAMETERS)
    return {"tools": [{**tool, "function": {**tool["function"], "name": name}}]}


register(
    (
        Wrong(
            name="negative-max-completion-tokens",
            param="max_completion_tokens",
            obligation="A negative `max_completion_tokens` is refused with 400.",
            why="a budget that was subtracted once too often becomes an answer without end.",
            spec=CHAT + "max_completion_tokens",
            cases=({"max_completion_tokens": -5},),
            control={**STREAMED, "max_completion_tokens": 3},
            endpoints=("chat",),
            first_byte=True,
            covers=("ERR-021",),
            seen="OrcaRouter (with `max_tokens`).",
            sources="Continuum-AI-Corp/OrcaRouter-Lite#103.",
            fault="A negative `max_completion_tokens` means that there is no cap.",
        ),
        Wrong(
            name="negative-logprobs",
            param="logprobs",
            obligation="A negative `logprobs` is refused with 400.",
            why="the client has a mistake in its arithmetic, and never hears of it.",
            spec=TEXT + "logprobs",
            cases=({"logprobs": -1},),
            control={"logprobs": 2},
            shared=True,
            endpoints=("completions",),
            features=("logprobs",),
            fault="A negative `logprobs` is taken for 0.",
        ),
        Wrong(
            name="best-of-out-of-range",
            param="best_of",
            obligation="A `best_of` below 0 or above 20 is refused with 400.",
            why="a single request takes the whole server.",
            spec=TEXT + "best_of",
            cases=({"best_of": -1}, {"best_of": 21}),
            control={"best_of": 1},
            level=MAY,
            endpoints=("completions",),
            features=("best_of",),
            fault="A `best_of` out of range is moved into it.",
        ),
        Wrong(
            name="logit-bias-out-of-range",
            param="logit_bias",
            obligation="A bias below -100 or above 100 is refused with 400.",
            why="what one server clamps the next one takes as it is, and the texts differ.",
            spec=SCHEMAS + "LogitBias",
            cases=({"logit_bias": {"5": 101}}, {"logit_bias": {"5": -101}}),
            control={"logit_bias": {"5": 1}},
            level=MAY,
            features=("logit_bias",),
            fault="Biases out of range are moved into it.",
        ),
        Wrong(
            name="worded-logit-bias",
            param="logit_bias",
            obligation="A `logit_bias` by words instead of token ids is refused with 400.",
            why="the client bans a word that is not banned at all.",
            spec=SCHEMAS + "LogitBias",
            cases=({"logit_bias": {"sea": -100}},),
            control={"logit_bias": {"5": 1}},
            features=("logit_bias",),
            fault="Biases for what is no token id are left out.",
        ),
        Wrong(
            name="empty-model",
            obligation="An empty `model` is refused with a 4xx.",
            why="a setting that was never filled in is answered by whatever model comes first.",
            spec=CHAT + "model",
            cases=({"model": ""},),
            level=MAY,
            covers=("ERR-005", "ERR-015"),
            seen="llama.cpp (no model at all).",
            sources="ggml-org/llama.cpp#10056.",
            fault="An empty `model` stands for the first one.",
        ),
        Wrong(
            name="empty-stop-list",
            param="stop",
            obligation="A `stop` list without a string in it is refused with 400.",
            why="the contract allows one to four; an empty list is a client's lost setting.",
            spec=SCHEMAS + "Stop",
            cases=({"stop": []},),
            control={"stop": ["@@accord-0@@"]},
            level=MAY,
            features=("stop",),
            fault="An empty `stop` list stands for none.",
        ),
        Wrong(
            name="empty-prompts",
            param="prompt",
            obligation="A `prompt` list without a prompt in it is refused with 400.",
            why="a client that lost its prompts reads `choices[0]`, and crashes or gets nonsense.",
            spec=SCHEMAS + "Prompt",
            cases=({"prompt": []}, {"prompt": [[]]}),
            endpoints=("completions",),
            fault="An empty list stands for an empty prompt.",
        ),
        Wrong(
            name="empty-content-parts",
            param="messages",
            obligation="A message's `content` that is an array without parts is refused with 400.",
            why="the client lost what its user said, and the model answers to nothing.",
            spec=SCHEMAS + "UserMessage/properties/content",
            cases=({"messages": [{"role": "user", "content": []}]},),
            level=MAY,
            endpoints=("chat",),
            covers=("ERR-014",),
            fault="A `content` without parts stands for an empty text.",
        ),
        Wrong(
            name="unknown-tool-choice",
            param="tool_choice",
            obligation="A `tool_choice` that is no word of the contract is refused with 400.",
            why="`any` of another API is read as `auto`, and the call that must come does not.",
            spec=SCHEMAS + "ToolChoiceMode",
            cases=({"tool_choice": "any"}, {"tool_choice": {"type": "accord"}}),
            control={**WITH_TOOL, "tool_choice": "auto"},
            endpoints=("chat",),
            features=("tools",),
            covers=("ERR-016",),
            fault="A `tool_choice` that is not known is taken for `auto`.",
        ),
        Wrong(
            name="choice-of-missing-tool",
            obligation="A `tool_choice` of a function that is not among `tools` gets a 400.",
            why="no answer can be right, and the client waits for a call that nobody can make.",
            spec=SCHEMAS + "ToolChoiceFunction",
            cases=({**_choosing("get_time")},),
            control={**WITH_TOOL, **_choosing("get_weather")},
            endpoints=("chat",),
            features=("tools",),
            covers=("ERR-016",),
            fault="A choice of a function that is not there is taken for `auto`.",
        ),
        Wrong(
            name="bad-tool-name",
            param="tools",
            obligation=(
                f"A function's name that is empty, has over {LONGEST_NAME} characters, or others "
                "than letters, digits, `_` and `-`, is refused with 400."
            ),
            why="models and grammars choke on it later, where nobody sees why.",
            spec=SCHEMAS + "FunctionName",
            cases=(tool_called(""), tool_called("g" * 65), tool_called("get weather")),
            control=tool_called("get_weather"),
            level=MAY,
            endpoints=("chat",),
            features=("tools",),
            fault="A tool may have any name.",
        ),
        Wrong(
            name="bad-schema-name",
            param="response_format",
            obligation=(
                f"A schema's name that has over {LONGEST_NAME} characters, or others than "
                "letters, digits, `_` and `-`, is refused with 400."
            ),
            why="requests that one server takes are refused by the next.",
            spec=SCHEMAS + "JsonSchemaFormat/properties/name",
            cases=(
                {"response_format": _schema_format("a" * 65)},
                {"response_format": _schema_format("an answer")},
            ),
            control={"response_format": _schema_format()},
            level=MAY,
            endpoints=("chat",),
            features=("json-schema",),
            fault="A schema may have any name.",
        ),
        Wrong(
            name="unknown-reasoning-effort",
            param="reasoning_effort",
            obligation="A `reasoning_effort` that is no word of the contract gets a 400.",
            why="a misspelt effort costs what the default costs, and nobody is told.",
            spec=SCHEMAS + "ReasoningEffort",
            cases=({"reasoning_effort": "accord"}, {"reasoning_effort": 5}),
            control={"reasoning_effort": "low"},
            level=MAY,
            endpoints=("chat",),
            features=("reasoning",),
            fault="A `reasoning_effort` that is not known is dropped without a word.",
        ),
        Wrong(
            name="unknown-service-tier",
            param="service_tier",
            obligation="A `service_tier` that is no word of the contract gets a 400.",
            why="what was to be cheap, or fast, is neither, and nobody is told.",
            spec=SCHEMAS + "ServiceTier",
            cases=({"service_tier": "accord"}, {"service_tier": 5}),
            control={"service_tier": "auto"},
            level=MAY,
            endpoints=("chat",),
            fault="A `service_tier` that is not known is dropped without a word.",
        ),
        Wrong(
            name="too-much-metadata",
            param="metadata",
            obligation=f"A `metadata` of more than {MOST_PAIRS} pairs is refused with 400.",
            why="the pairs that are dropped are those that are searched for later.",
            spec=SCHEMAS + "Metadata",
            cases=({"metadata": {f"key{n}": "value" for n in range(MOST_PAIRS + 1)}},),
            control={"metadata": {"purpose": "conformance"}},
            level=MAY,
            endpoints=("chat",),
            fault="Of many pairs of `metadata` the first ones are kept.",
        ),
        Wrong(
            name="long-safety-identifier",
            param="safety_identifier",
            obligation="A `safety_identifier` of more than 64 characters is refused with 400.",
            why="identifiers that are cut to one length may become equal.",
            spec=CHAT + "safety_identifier",
            cases=({"safety_identifier": "a" * 65},),
            control={"safety_identifier": "accord"},
            level=MAY,
            endpoints=("chat",),
            fault="A `safety_identifier` is cut to its length.",
        ),
    )
)
