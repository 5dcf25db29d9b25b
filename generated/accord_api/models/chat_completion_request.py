from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.assistant_message import AssistantMessage
from ..models.audio_options import AudioOptions
from ..models.custom_tool import CustomTool
from ..models.developer_message import DeveloperMessage
from ..models.function_call_mode import FunctionCallMode
from ..models.function_definition import FunctionDefinition
from ..models.function_message import FunctionMessage
from ..models.function_tool import FunctionTool
from ..models.logit_bias import LogitBias
from ..models.metadata import Metadata
from ..models.modality import Modality
from ..models.moderation_options import ModerationOptions
from ..models.named_tool import NamedTool
from ..models.prediction_content import PredictionContent
from ..models.reasoning_effort import ReasoningEffort
from ..models.response_format_json_object import ResponseFormatJsonObject
from ..models.response_format_json_schema import ResponseFormatJsonSchema
from ..models.response_format_text import ResponseFormatText
from ..models.service_tier import ServiceTier
from ..models.stream_options import StreamOptions
from ..models.system_message import SystemMessage
from ..models.tool_choice_allowed import ToolChoiceAllowed
from ..models.tool_choice_custom import ToolChoiceCustom
from ..models.tool_choice_function import ToolChoiceFunction
from ..models.tool_choice_mode import ToolChoiceMode
from ..models.tool_message import ToolMessage
from ..models.user_message import UserMessage
from ..models.verbosity import Verbosity
from ..models.web_search_options import WebSearchOptions
from ..types import UNSET, Unset, read_member, to_object


@define
class ChatCompletionRequest:
    """What to answer, with which model, and how.

    Attributes:
        messages: The conversation so far.
        model: The model's id.
        audio: What the sound is like. Needed when `modalities` has `audio`.
        frequency_penalty: Above 0, the more often a token has come, the less likely it is to
            come again. The default is 0.
        function_call: The former form of `tool_choice`.
        functions: The former form of `tools`.
        logit_bias: What to add to the logits of some tokens, from -100 (never) to 100 (always);
            the keys are token ids. The default is null.
        logprobs: Whether to give log probabilities. The default is false.
        max_completion_tokens: The most tokens to make, thought and text together.
        max_tokens: The former name of `max_completion_tokens`.
        metadata: Kept with the answer, where the server keeps answers.
        modalities: What to answer with. The default is text alone.
        moderation: How to moderate the question and the answer.
        n: How many choices to make (for each prompt). The default is 1.
        parallel_tool_calls: Whether one answer may make several calls. The default is true.
        prediction: What the answer will probably be; makes it faster.
        presence_penalty: Above 0, a token that has come is less likely to come again. The
            default is 0.
        prompt_cache_key: Requests with one key share a cache.
        reasoning_effort: How much to think.
        response_format: What the answer's text is, by its `type`. The default is text.
        safety_identifier: Who asks, as a hash; helps to find abuse.
        seed: Equal requests with an equal seed get equal answers, as far as the server can.
        service_tier: How the request is served and charged. The default is `auto`.
        stop: Up to four texts that end the output. They are not in the output. The default is
            null.
        store: Whether the server keeps the answer. The default is false.
        stream: Whether to answer with server-sent events, one chunk each, ended by `data:
            [DONE]`. The default is false.
        stream_options: How to stream. Only together with `stream`. The default is null.
        temperature: At 0 always the likeliest token; the higher, the more varied. The default
            is 1.
        tool_choice: Whether and what the model calls: nothing (`none`), what it likes (`auto`),
            at least one tool (`required`), or what is named. The default is `none` without tools
            and `auto` with some.
        tools: What the model may call.
        top_logprobs: How many of the likeliest tokens to give in each place. Only together with
            `logprobs`.
        top_p: Sample only from the likeliest tokens that together have this probability. The
            default is 1.
        user: The former name of `safety_identifier`.
        verbosity: How long the answer is. The default is `medium`.
        web_search_options: How to search the web for the answer.
    """

    messages: list[
        AssistantMessage
        | DeveloperMessage
        | FunctionMessage
        | SystemMessage
        | ToolMessage
        | UserMessage
    ]
    model: str
    audio: AudioOptions | Unset | None = UNSET
    frequency_penalty: float | Unset | None = UNSET
    function_call: FunctionCallMode | NamedTool | Unset = UNSET
    functions: list[FunctionDefinition] | Unset = UNSET
    logit_bias: LogitBias | Unset | None = UNSET
    logprobs: bool | Unset | None = UNSET
    max_completion_tokens: int | Unset | None = UNSET
    max_tokens: int | Unset | None = UNSET
    metadata: Metadata | Unset | None = UNSET
    modalities: list[Modality] | Unset | None = UNSET
    moderation: ModerationOptions | Unset | None = UNSET
    n: int | Unset | None = UNSET
    parallel_tool_calls: bool | Unset = UNSET
    prediction: PredictionContent | Unset | None = UNSET
    presence_penalty: float | Unset | None = UNSET
    prompt_cache_key: str | Unset | None = UNSET
    reasoning_effort: ReasoningEffort | Unset | None = UNSET
    response_format: (
        ResponseFormatJsonObject | ResponseFormatJsonSchema | ResponseFormatText | Unset
    ) = UNSET
    safety_identifier: str | Unset | None = UNSET
    seed: int | Unset | None = UNSET
    service_tier: ServiceTier | Unset | None = UNSET
    stop: list[str] | str | Unset | None = UNSET
    store: bool | Unset | None = UNSET
    stream: bool | Unset | None = UNSET
    stream_options: StreamOptions | Unset | None = UNSET
    temperature: float | Unset | None = UNSET
    tool_choice: (
        ToolChoiceAllowed | ToolChoiceCustom | ToolChoiceFunction | ToolChoiceMode | Unset
    ) = UNSET
    tools: list[CustomTool | FunctionTool] | Unset = UNSET
    top_logprobs: int | Unset | None = UNSET
    top_p: float | Unset | None = UNSET
    user: str | Unset = UNSET
    verbosity: Unset | Verbosity | None = UNSET
    web_search_options: WebSearchOptions | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "messages": self.messages,
                "model": self.model,
                "audio": self.audio,
                "frequency_penalty": self.frequency_penalty,
                "function_call": self.function_call,
                "functions": self.functions,
                "logit_bias": self.logit_bias,
                "logprobs": self.logprobs,
                "max_completion_tokens": self.max_completion_tokens,
                "max_tokens": self.max_tokens,
                "metadata": self.metadata,
                "modalities": self.modalities,
                "moderation": self.moderation,
                "n": self.n,
                "parallel_tool_calls": self.parallel_tool_calls,
                "prediction": self.prediction,
                "presence_penalty": self.presence_penalty,
                "prompt_cache_key": self.prompt_cache_key,
                "reasoning_effort": self.reasoning_effort,
                "response_format": self.response_format,
                "safety_identifier": self.safety_identifier,
                "seed": self.seed,
                "service_tier": self.service_tier,
                "stop": self.stop,
                "store": self.store,
                "stream": self.stream,
                "stream_options": self.stream_options,
                "temperature": self.temperature,
                "tool_choice": self.tool_choice,
                "tools": self.tools,
                "top_logprobs": self.top_logprobs,
                "top_p": self.top_p,
                "user": self.user,
                "verbosity": self.verbosity,
                "web_search_options": self.web_search_options,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        messages = members.pop("messages", UNSET)
        messages = (
            [
                read_member(
                    item,
                    "role",
                    {
                        "developer": DeveloperMessage,
                        "system": SystemMessage,
                        "user": UserMessage,
                        "assistant": AssistantMessage,
                        "tool": ToolMessage,
                        "function": FunctionMessage,
                    },
                    DeveloperMessage,
                )
                for item in messages
            ]
            if isinstance(messages, list)
            else messages
        )
        model = members.pop("model", UNSET)
        audio = members.pop("audio", UNSET)
        audio = AudioOptions.from_dict(audio) if isinstance(audio, dict) else audio
        frequency_penalty = members.pop("frequency_penalty", UNSET)
        function_call = members.pop("function_call", UNSET)
        function_call = (
            NamedTool.from_dict(function_call) if isinstance(function_call, dict) else function_call
        )
        functions = members.pop("functions", UNSET)
        functions = (
            [
                FunctionDefinition.from_dict(item) if isinstance(item, dict) else item
                for item in functions
            ]
            if isinstance(functions, list)
            else functions
        )
        logit_bias = members.pop("logit_bias", UNSET)
        logit_bias = LogitBias.from_dict(logit_bias) if isinstance(logit_bias, dict) else logit_bias
        logprobs = members.pop("logprobs", UNSET)
        max_completion_tokens = members.pop("max_completion_tokens", UNSET)
        max_tokens = members.pop("max_tokens", UNSET)
        metadata = members.pop("metadata", UNSET)
        metadata = Metadata.from_dict(metadata) if isinstance(metadata, dict) else metadata
        modalities = members.pop("modalities", UNSET)
        moderation = members.pop("moderation", UNSET)
        moderation = (
            ModerationOptions.from_dict(moderation) if isinstance(moderation, dict) else moderation
        )
        n = members.pop("n", UNSET)
        parallel_tool_calls = members.pop("parallel_tool_calls", UNSET)
        prediction = members.pop("prediction", UNSET)
        prediction = (
            PredictionContent.from_dict(prediction) if isinstance(prediction, dict) else prediction
        )
        presence_penalty = members.pop("presence_penalty", UNSET)
        prompt_cache_key = members.pop("prompt_cache_key", UNSET)
        reasoning_effort = members.pop("reasoning_effort", UNSET)
        response_format = members.pop("response_format", UNSET)
        response_format = read_member(
            response_format,
            "type",
            {
                "text": ResponseFormatText,
                "json_object": ResponseFormatJsonObject,
                "json_schema": ResponseFormatJsonSchema,
            },
            ResponseFormatText,
        )
        safety_identifier = members.pop("safety_identifier", UNSET)
        seed = members.pop("seed", UNSET)
        service_tier = members.pop("service_tier", UNSET)
        stop = members.pop("stop", UNSET)
        store = members.pop("store", UNSET)
        stream = members.pop("stream", UNSET)
        stream_options = members.pop("stream_options", UNSET)
        stream_options = (
            StreamOptions.from_dict(stream_options)
            if isinstance(stream_options, dict)
            else stream_options
        )
        temperature = members.pop("temperature", UNSET)
        tool_choice = members.pop("tool_choice", UNSET)
        tool_choice = read_member(
            tool_choice,
            "type",
            {
                "function": ToolChoiceFunction,
                "custom": ToolChoiceCustom,
                "allowed_tools": ToolChoiceAllowed,
            },
            ToolChoiceFunction,
        )
        tools = members.pop("tools", UNSET)
        tools = (
            [
                read_member(
                    item, "type", {"function": FunctionTool, "custom": CustomTool}, FunctionTool
                )
                for item in tools
            ]
            if isinstance(tools, list)
            else tools
        )
        top_logprobs = members.pop("top_logprobs", UNSET)
        top_p = members.pop("top_p", UNSET)
        user = members.pop("user", UNSET)
        verbosity = members.pop("verbosity", UNSET)
        web_search_options = members.pop("web_search_options", UNSET)
        web_search_options = (
            WebSearchOptions.from_dict(web_search_options)
            if isinstance(web_search_options, dict)
            else web_search_options
        )
        return cls(
            messages=messages,
            model=model,
            audio=audio,
            frequency_penalty=frequency_penalty,
            function_call=function_call,
            functions=functions,
            logit_bias=logit_bias,
            logprobs=logprobs,
            max_completion_tokens=max_completion_tokens,
            max_tokens=max_tokens,
            metadata=metadata,
            modalities=modalities,
            moderation=moderation,
            n=n,
            parallel_tool_calls=parallel_tool_calls,
            prediction=prediction,
            presence_penalty=presence_penalty,
            prompt_cache_key=prompt_cache_key,
            reasoning_effort=reasoning_effort,
            response_format=response_format,
            safety_identifier=safety_identifier,
            seed=seed,
            service_tier=service_tier,
            stop=stop,
            store=store,
            stream=stream,
            stream_options=stream_options,
            temperature=temperature,
            tool_choice=tool_choice,
            tools=tools,
            top_logprobs=top_logprobs,
            top_p=top_p,
            user=user,
            verbosity=verbosity,
            web_search_options=web_search_options,
            additional_properties=members,
        )

    @property
    def additional_keys(self) -> list[str]:
        """The names of the members that the contract does not know."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
