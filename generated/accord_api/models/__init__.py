"""The models: every JSON object of the API as a class."""

from .allowed_tool import AllowedTool
from .allowed_tools import AllowedTools
from .allowed_tools_mode import AllowedToolsMode
from .annotation import Annotation
from .assistant_message import AssistantMessage
from .audio_answer import AudioAnswer
from .audio_options import AudioOptions
from .audio_part import AudioPart
from .audio_reference import AudioReference
from .chat_completion import ChatCompletion
from .chat_completion_choice import ChatCompletionChoice
from .chat_completion_chunk import ChatCompletionChunk
from .chat_completion_chunk_choice import ChatCompletionChunkChoice
from .chat_completion_delta import ChatCompletionDelta
from .chat_completion_message import ChatCompletionMessage
from .chat_completion_request import ChatCompletionRequest
from .chat_finish_reason import ChatFinishReason
from .chat_logprobs import ChatLogprobs
from .completion import Completion
from .completion_choice import CompletionChoice
from .completion_chunk import CompletionChunk
from .completion_chunk_choice import CompletionChunkChoice
from .completion_finish_reason import CompletionFinishReason
from .completion_logprobs import CompletionLogprobs
from .completion_request import CompletionRequest
from .completion_tokens_details import CompletionTokensDetails
from .custom_call import CustomCall
from .custom_tool import CustomTool
from .custom_tool_call import CustomToolCall
from .custom_tool_definition import CustomToolDefinition
from .custom_tool_grammar_format import CustomToolGrammarFormat
from .custom_tool_text_format import CustomToolTextFormat
from .delta_role import DeltaRole
from .developer_message import DeveloperMessage
from .error_object import ErrorObject
from .error_response import ErrorResponse
from .file_part import FilePart
from .function_call import FunctionCall
from .function_call_delta import FunctionCallDelta
from .function_call_mode import FunctionCallMode
from .function_definition import FunctionDefinition
from .function_message import FunctionMessage
from .function_tool import FunctionTool
from .function_tool_call import FunctionToolCall
from .grammar import Grammar
from .grammar_syntax import GrammarSyntax
from .image_detail import ImageDetail
from .image_part import ImagePart
from .image_url import ImageUrl
from .input_audio import InputAudio
from .input_audio_format import InputAudioFormat
from .input_file import InputFile
from .json_schema import JsonSchema
from .json_schema_format import JsonSchemaFormat
from .logit_bias import LogitBias
from .logprob_by_token import LogprobByToken
from .metadata import Metadata
from .modality import Modality
from .model import Model
from .model_list import ModelList
from .moderation_options import ModerationOptions
from .moderation_result import ModerationResult
from .named_tool import NamedTool
from .prediction_content import PredictionContent
from .prompt_tokens_details import PromptTokensDetails
from .reasoning_effort import ReasoningEffort
from .refusal_part import RefusalPart
from .response_format_json_object import ResponseFormatJsonObject
from .response_format_json_schema import ResponseFormatJsonSchema
from .response_format_text import ResponseFormatText
from .search_context_size import SearchContextSize
from .service_tier import ServiceTier
from .stream_options import StreamOptions
from .system_message import SystemMessage
from .text_part import TextPart
from .token_logprob import TokenLogprob
from .tool_call_delta import ToolCallDelta
from .tool_choice_allowed import ToolChoiceAllowed
from .tool_choice_custom import ToolChoiceCustom
from .tool_choice_function import ToolChoiceFunction
from .tool_choice_mode import ToolChoiceMode
from .tool_message import ToolMessage
from .top_logprob import TopLogprob
from .url_citation import UrlCitation
from .usage import Usage
from .user_location import UserLocation
from .user_message import UserMessage
from .verbosity import Verbosity
from .web_search_options import WebSearchOptions

__all__ = (
    "AllowedTool",
    "AllowedTools",
    "AllowedToolsMode",
    "Annotation",
    "AssistantMessage",
    "AudioAnswer",
    "AudioOptions",
    "AudioPart",
    "AudioReference",
    "ChatCompletion",
    "ChatCompletionChoice",
    "ChatCompletionChunk",
    "ChatCompletionChunkChoice",
    "ChatCompletionDelta",
    "ChatCompletionMessage",
    "ChatCompletionRequest",
    "ChatFinishReason",
    "ChatLogprobs",
    "Completion",
    "CompletionChoice",
    "CompletionChunk",
    "CompletionChunkChoice",
    "CompletionFinishReason",
    "CompletionLogprobs",
    "CompletionRequest",
    "CompletionTokensDetails",
    "CustomCall",
    "CustomTool",
    "CustomToolCall",
    "CustomToolDefinition",
    "CustomToolGrammarFormat",
    "CustomToolTextFormat",
    "DeltaRole",
    "DeveloperMessage",
    "ErrorObject",
    "ErrorResponse",
    "FilePart",
    "FunctionCall",
    "FunctionCallDelta",
    "FunctionCallMode",
    "FunctionDefinition",
    "FunctionMessage",
    "FunctionTool",
    "FunctionToolCall",
    "Grammar",
    "GrammarSyntax",
    "ImageDetail",
    "ImagePart",
    "ImageUrl",
    "InputAudio",
    "InputAudioFormat",
    "InputFile",
    "JsonSchema",
    "JsonSchemaFormat",
    "LogitBias",
    "LogprobByToken",
    "Metadata",
    "Modality",
    "Model",
    "ModelList",
    "ModerationOptions",
    "ModerationResult",
    "NamedTool",
    "PredictionContent",
    "PromptTokensDetails",
    "ReasoningEffort",
    "RefusalPart",
    "ResponseFormatJsonObject",
    "ResponseFormatJsonSchema",
    "ResponseFormatText",
    "SearchContextSize",
    "ServiceTier",
    "StreamOptions",
    "SystemMessage",
    "TextPart",
    "TokenLogprob",
    "ToolCallDelta",
    "ToolChoiceAllowed",
    "ToolChoiceCustom",
    "ToolChoiceFunction",
    "ToolChoiceMode",
    "ToolMessage",
    "TopLogprob",
    "UrlCitation",
    "Usage",
    "UserLocation",
    "UserMessage",
    "Verbosity",
    "WebSearchOptions",
)
