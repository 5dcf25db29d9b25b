"""What the calls return, with OpenAI's names. `accord.answer` says how they are read.

The members and their types are those of the generated client's models (a test holds them equal),
made pleasant: None for what is missing, `object` and `type` by their own names, unknown members
as attributes. What is sent is given as dicts, or as the models of `accord_api.models`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from accord.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "Annotation",
    "AudioAnswer",
    "ChatCompletion",
    "ChatCompletionChoice",
    "ChatCompletionChunk",
    "ChatCompletionChunkChoice",
    "ChatCompletionDelta",
    "ChatCompletionMessage",
    "ChatLogprobs",
    "Completion",
    "CompletionChoice",
    "CompletionChunk",
    "CompletionChunkChoice",
    "CompletionLogprobs",
    "CompletionTokensDetails",
    "CustomCall",
    "FunctionCall",
    "FunctionCallDelta",
    "Model",
    "ModelList",
    "PromptTokensDetails",
    "TokenLogprob",
    "ToolCall",
    "ToolCallDelta",
    "TopLogprob",
    "UrlCitation",
    "Usage",
]


# ------------------------------------------------------------------------------------------ models
class Model(Answer):
    """A model that the server can run; `id` is what requests name."""

    id: str
    object: str
    owned_by: str
    created: int | None
    permission: list[Any] | None
    shutdown_date: str | None


class ModelList(Answer):
    """The models that the server can run. Iterate over it, or over its `data`."""

    object: str
    data: list[Model]

    def __iter__(self) -> Iterator[Model]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


# ------------------------------------------------------------------------------------------- usage
class PromptTokensDetails(Answer):
    """What the tokens of a question were."""

    cached_tokens: int | None
    cache_write_tokens: int | None
    text_tokens: int | None
    audio_tokens: int | None
    image_tokens: int | None


class CompletionTokensDetails(Answer):
    """What the tokens of an answer were."""

    reasoning_tokens: int | None
    text_tokens: int | None
    audio_tokens: int | None
    accepted_prediction_tokens: int | None
    rejected_prediction_tokens: int | None


class Usage(Answer):
    """What a request cost, in tokens, over all its choices."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokensDetails | None
    completion_tokens_details: CompletionTokensDetails | None


# -------------------------------------------------------------------------------- text completions
class CompletionLogprobs(Answer):
    """How likely each token was: four lists of one length, one place for each token."""

    tokens: list[str] | None
    token_logprobs: list[float | None] | None
    top_logprobs: list[dict[str, float] | None] | None
    text_offset: list[int] | None


class CompletionChoice(Answer):
    """One completion of one prompt."""

    text: str
    index: int
    logprobs: CompletionLogprobs | None
    finish_reason: str | None


class Completion(Answer):
    """The completions of one request."""

    id: str
    object: str
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: Usage | None
    system_fingerprint: str | None


class CompletionChunkChoice(Answer):
    """What is new in one completion; `finish_reason` is None until its end."""

    text: str
    index: int
    logprobs: CompletionLogprobs | None
    finish_reason: str | None


class CompletionChunk(Answer):
    """A piece of a stream of completions."""

    id: str
    object: str
    created: int
    model: str
    choices: list[CompletionChunkChoice]
    usage: Usage | None
    system_fingerprint: str | None
    obfuscation: str | None


# -------------------------------------------------------------------------------------------- chat
class FunctionCall(Answer):
    """Which function, with what; `arguments` is JSON text by the model, which may be invalid."""

    name: str
    arguments: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read a JSON object. Some servers give the arguments as an object: it becomes text."""
        call = super().from_dict(data)
        if isinstance(data.get("arguments"), dict):
            call.arguments = json.dumps(data["arguments"])
        return call


class CustomCall(Answer):
    """Which custom tool, with which text."""

    name: str
    input: str


class ToolCall(Answer):
    """A call that the model makes: of a function, or of a custom tool, as `type` says."""

    id: str
    type: str
    function: FunctionCall | None
    custom: CustomCall | None


class UrlCitation(Answer):
    """A page on the web that the text refers to, and where in the text."""

    start_index: int | None
    end_index: int | None
    url: str | None
    title: str | None


class Annotation(Answer):
    """What a piece of the text refers to."""

    type: str | None
    url_citation: UrlCitation | None


class AudioAnswer(Answer):
    """An answer as sound, in base64."""

    id: str
    data: str | None
    expires_at: int | None
    transcript: str | None


class ChatCompletionMessage(Answer):
    """What the model says. It may be given back as one of the next request's messages."""

    role: str
    content: str | None
    refusal: str | None
    tool_calls: list[ToolCall] | None
    annotations: list[Annotation] | None
    audio: AudioAnswer | None
    function_call: FunctionCall | None


class TopLogprob(Answer):
    """A token that was likely in a place, and how likely."""

    token: str
    logprob: float
    bytes: list[int] | None


class TokenLogprob(Answer):
    """How likely a token was, and which others were."""

    token: str
    logprob: float
    bytes: list[int] | None
    top_logprobs: list[TopLogprob] | None


class ChatLogprobs(Answer):
    """How likely each token of the text, and of the refusal, was."""

    content: list[TokenLogprob] | None
    refusal: list[TokenLogprob] | None


class ChatCompletionChoice(Answer):
    """One answer."""

    index: int
    message: ChatCompletionMessage
    logprobs: ChatLogprobs | None
    finish_reason: str | None


class ChatCompletion(Answer):
    """The answer to a conversation."""

    id: str
    object: str
    created: int
    model: str
    choices: list[ChatCompletionChoice]
    usage: Usage | None
    service_tier: str | None
    system_fingerprint: str | None
    metadata: dict[str, str] | None
    moderation: dict[str, Any] | None


class FunctionCallDelta(Answer):
    """What is to be added to a call of a function."""

    name: str | None
    arguments: str | None


class ToolCallDelta(Answer):
    """What is to be added to the call with this `index`."""

    index: int
    id: str | None
    type: str | None
    function: FunctionCallDelta | None


class ChatCompletionDelta(Answer):
    """What is to be added to a message."""

    role: str | None
    content: str | None
    refusal: str | None
    tool_calls: list[ToolCallDelta] | None
    function_call: FunctionCallDelta | None


class ChatCompletionChunkChoice(Answer):
    """What is new in one answer; `finish_reason` is None until its end."""

    index: int
    delta: ChatCompletionDelta
    logprobs: ChatLogprobs | None
    finish_reason: str | None


class ChatCompletionChunk(Answer):
    """A piece of a streamed answer."""

    id: str
    object: str
    created: int
    model: str
    choices: list[ChatCompletionChunkChoice]
    usage: Usage | None
    service_tier: str | None
    system_fingerprint: str | None
    obfuscation: str | None
    moderation: dict[str, Any] | None
