"""What can be set on the reference server."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Model:
    """One model on the list. All speak the same prose, each in its own words."""

    id: str
    owned_by: str = "accord"
    created: int = 1_735_689_600
    """Unix seconds."""
    context_length: int | None = None
    """Tokens of prompt and answer together; None means the server's `Settings.context_length`."""

    @property
    def salt(self) -> int:
        """What makes this model's texts differ from another's."""
        return zlib.crc32(self.id.encode())

    def as_json(self, context_length: int) -> dict[str, Any]:
        """The model object of the API, and how long its context is, as many servers say it."""
        return {
            "id": self.id,
            "object": "model",
            "created": self.created,
            "owned_by": self.owned_by,
            "context_length": context_length,
        }


TINY_CONTEXT: Final = "accord-tiny-context"
"""The model whose context overflows after a few sentences."""

MODELS: Final = (
    Model("accord-small"),
    Model("accord-large"),
    Model("acme/accord-mini", owned_by="acme"),
    Model(TINY_CONTEXT, context_length=64),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set on the reference server."""

    api_key: str | None = None
    """The key that every call needs; None leaves the server open."""
    models: tuple[Model, ...] = MODELS
    """The models served, in the order in which they are listed."""
    any_model: bool = False
    """Answer for any model that a request names, listed or not: a program that was written for
    another server names that server's models."""
    context_length: int = 4096
    """Tokens of prompt and answer together, for models that do not say their own."""
    max_body: int = 4 * 1024 * 1024
    """Bytes of a request body; a larger one is answered 413."""
    token_delay: float = 0.0
    """Seconds that each generated token takes (one step of all choices of a request)."""
    rate_limit: int | None = None
    """API calls answered in one window before 429; None for no limit."""
    rate_window: float = 60.0
    """Seconds until the count of `rate_limit` begins anew."""
    strict_parameters: bool = False
    """Refuse unknown parameters with 400, as OpenAI does. By default they are ignored, as
    users of compatible servers expect."""

    def context_of(self, model: Model) -> int:
        """How many tokens fit into the context of a model."""
        return model.context_length or self.context_length
