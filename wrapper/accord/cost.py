"""What answers cost, by the price lists of genai-prices, which come with it: no network.

Only import this where the extra `cost` is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import genai_prices

from accord.types import Usage

if TYPE_CHECKING:
    from decimal import Decimal

    from accord.types import ChatCompletion, Completion

__all__ = ["price"]


def price(answer: ChatCompletion | Completion, base_url: str) -> Decimal | None:
    """Give what an answer cost, in US dollars, at today's prices.

    Args:
        answer: its model and its usage count.
        base_url: whom it came from. A model has no price of its own: the same one costs nothing
            on your machine, and differs between those who sell it.

    Returns:
        None when the seller or the model is not on the price list, or the usage is incomplete.
    """
    model, usage = answer.model, answer.usage
    if not model or not isinstance(usage, Usage):
        return None
    try:
        found = genai_prices.calc_price(_counted(usage), model, provider_api_url=base_url)
    except (LookupError, ValueError, TypeError):
        return None
    return found.total_price


def _counted(usage: Usage) -> genai_prices.Usage:
    asked, answered = usage.prompt_tokens_details, usage.completion_tokens_details
    return genai_prices.Usage(
        input_tokens=_required(usage.prompt_tokens),
        output_tokens=_required(usage.completion_tokens),
        cache_read_tokens=getattr(asked, "cached_tokens", None),
        cache_write_tokens=getattr(asked, "cache_write_tokens", None),
        input_audio_tokens=getattr(asked, "audio_tokens", None),
        output_audio_tokens=getattr(answered, "audio_tokens", None),
    )


def _required(tokens: Any) -> int:
    """Refuse what a server left out: it would count as nothing."""
    if not isinstance(tokens, int):
        raise TypeError("the usage is incomplete")
    return tokens
