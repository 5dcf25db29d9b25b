"""The rules, a module for each family. Importing this package registers all of them."""

from accord_contracts.rule import REGISTRY, Rule
from accord_contracts.rules import (  # the order of the families is the order of reports
    errors,
    models,
    refusals,
    streams,
    transport,
)

__all__ = ["ALL", "errors", "models", "refusals", "streams", "transport"]

ALL: tuple[Rule, ...] = tuple(REGISTRY.values())
