"""The list of models, and each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_contracts.server.answering import answered, find_model

if TYPE_CHECKING:
    from accord_contracts.server.hooks import Reply
    from accord_contracts.server.settings import Settings


def answer_models(settings: Settings) -> Reply:
    """All models, in the order of the settings."""
    data = [model.as_json(settings.context_of(model)) for model in settings.models]
    return answered({"object": "list", "data": data})


def answer_model(name: str, settings: Settings) -> Reply:
    """One model; its name may contain slashes.

    Raises:
        Refusal: 404, there is none of that name.
    """
    model = find_model(name, settings)
    return answered(model.as_json(settings.context_of(model)))
