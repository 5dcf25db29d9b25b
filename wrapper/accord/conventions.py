"""OpenTelemetry's conventions for generative AI: the attributes of spans, of a call and its answer.

They are those of https://github.com/open-telemetry/semantic-conventions-genai for inference. What
a server or a caller left out, or gave as something else than the conventions have, is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from accord.errors import APIStatusError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord.types import ChatCompletion, Completion

__all__ = ["OPERATIONS", "Attributes", "answered", "asked", "error_type", "server"]

Attributes = dict[str, Any]

OPERATIONS: Final = {"/chat/completions": "chat", "/completions": "text_completion"}
"""The calls that there are conventions for, by their addresses."""

_PROVIDERS: Final = {
    "api.anthropic.com": "anthropic",
    "api.cohere.ai": "cohere",
    "api.deepseek.com": "deepseek",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral_ai",
    "api.moonshot.ai": "moonshot_ai",
    "api.perplexity.ai": "perplexity",
    "api.x.ai": "x_ai",
    "aiplatform.googleapis.com": "gcp.vertex_ai",
    "generativelanguage.googleapis.com": "gcp.gemini",
    ".openai.azure.com": "azure.ai.openai",
    ".services.ai.azure.com": "azure.ai.inference",
}
"""Who answers, by how the host's name ends; any other server speaks as OpenAI does."""

_PARAMETERS: Final = {
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "max_tokens": "gen_ai.request.max_tokens",
    "max_completion_tokens": "gen_ai.request.max_tokens",
    "model": "gen_ai.request.model",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "reasoning_effort": "gen_ai.request.reasoning.level",
    "seed": "gen_ai.request.seed",
    "temperature": "gen_ai.request.temperature",
    "top_k": "gen_ai.request.top_k",
    "top_p": "gen_ai.request.top_p",
}
_OUTPUTS: Final = {"text": "text", "json_object": "json", "json_schema": "json"}


def server(base_url: str) -> Attributes:
    """Say whom a client talks to."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    named = (provider for end, provider in _PROVIDERS.items() if host.endswith(end))
    port = parts.port or (443 if parts.scheme == "https" else 80)
    provider = next(named, "openai")
    return {"gen_ai.provider.name": provider, "server.address": host, "server.port": port}


def asked(body: Mapping[str, Any]) -> Attributes:
    """Give what the conventions want to know of a request."""
    found = {_PARAMETERS[name]: body[name] for name in _PARAMETERS if _is_plain(body.get(name))}
    stop, choices, output = body.get("stop"), body.get("n"), body.get("response_format")
    if isinstance(stop, (str, list, tuple)):
        found["gen_ai.request.stop_sequences"] = [stop] if isinstance(stop, str) else list(stop)
    if _is_plain(choices) and choices != 1:
        found["gen_ai.request.choice.count"] = choices
    if body.get("stream"):
        found["gen_ai.request.stream"] = True
    if isinstance(output, dict) and output.get("type") in _OUTPUTS:
        found["gen_ai.output.type"] = _OUTPUTS[output["type"]]
    return found


def answered(answer: ChatCompletion | Completion) -> Attributes:
    """Give what the conventions want to know of an answer, as far as the server said it."""
    reasons = [choice.finish_reason for choice in answer.choices]
    found = {
        "gen_ai.response.id": answer.id,
        "gen_ai.response.model": answer.model,
        "gen_ai.response.finish_reasons": [one for one in reasons if isinstance(one, str)],
        **_used(answer.usage),
    }
    return {name: value for name, value in found.items() if value not in (None, [])}


def _used(usage: Any) -> Attributes:
    """Read the tokens, of which a server may have said anything."""
    prompt = getattr(usage, "prompt_tokens_details", None)
    completion = getattr(usage, "completion_tokens_details", None)
    found = {
        "gen_ai.usage.input_tokens": getattr(usage, "prompt_tokens", None),
        "gen_ai.usage.output_tokens": getattr(usage, "completion_tokens", None),
        "gen_ai.usage.cache_read.input_tokens": getattr(prompt, "cached_tokens", None),
        "gen_ai.usage.reasoning.output_tokens": getattr(completion, "reasoning_tokens", None),
    }
    return {name: count for name, count in found.items() if isinstance(count, int)}


def _is_plain(value: Any) -> bool:
    """Whether a value can be an attribute's; None can't."""
    return isinstance(value, (str, int, float))


def error_type(error: BaseException) -> str:
    """Name a kind of error, of which there are few: a refusal by its status."""
    if isinstance(error, APIStatusError) and error.status is not None and error.status >= 400:
        return str(error.status)
    return type(error).__name__
