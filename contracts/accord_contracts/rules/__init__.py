"""The rules, a module for each family. Importing this package registers all of them."""

from typing import Final

from accord_contracts.rule import REGISTRY, Rule
from accord_contracts.rules import (
    accepts,
    accepts_chat,
    accepts_prompts,
    agreement,
    agreement_logprobs,
    agreement_pace,
    agreement_stops,
    answers,
    chance,
    chunks,
    completion_logprobs,
    completions,
    error_keys,
    error_statuses,
    errors,
    finish,
    framing,
    logprobs,
    models,
    parameters,
    prompts,
    refusal_ranges,
    refusals,
    stops,
    stream_tools,
    stream_usage,
    streams,
    structured,
    tools,
    transport,
    transport_browsers,
    transport_connections,
    usage,
)

__all__ = [
    "ALL",
    "FAMILIES",
    "accepts",
    "accepts_chat",
    "accepts_prompts",
    "agreement",
    "agreement_logprobs",
    "agreement_pace",
    "agreement_stops",
    "answers",
    "chance",
    "chunks",
    "completion_logprobs",
    "completions",
    "error_keys",
    "error_statuses",
    "errors",
    "finish",
    "framing",
    "logprobs",
    "models",
    "parameters",
    "prompts",
    "refusal_ranges",
    "refusals",
    "stops",
    "stream_tools",
    "stream_usage",
    "streams",
    "structured",
    "tools",
    "transport",
    "transport_browsers",
    "transport_connections",
    "usage",
]

FAMILIES: Final = (
    *("models", "answer", "finish", "usage", "chance", "logprobs", "tools", "structured"),
    *("accepts", "chat", "completions"),
    *("stream", "framing", "agreement"),
    *("errors", "refusals", "transport"),
)
"""The order of judging, and of reports: what most clients meet first comes first."""

ALL: tuple[Rule, ...] = tuple(
    sorted(REGISTRY.values(), key=lambda rule: FAMILIES.index(rule.family))
)
"""Every rule, family by family."""
