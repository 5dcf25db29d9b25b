"""The rules, a module for each family. Importing this package registers all of them."""

from accord_contracts.rule import REGISTRY, Rule
from accord_contracts.rules import (  # the order of the families is the order of reports
    accepts,
    accepts_chat,
    accepts_prompts,
    completion_logprobs,
    completions,
    errors,
    models,
    parameters,
    prompts,
    refusals,
    stops,
    streams,
    transport,
)

__all__ = [
    "ALL",
    "accepts",
    "accepts_chat",
    "accepts_prompts",
    "completion_logprobs",
    "completions",
    "errors",
    "models",
    "parameters",
    "prompts",
    "refusals",
    "stops",
    "streams",
    "transport",
]

ALL: tuple[Rule, ...] = tuple(REGISTRY.values())
