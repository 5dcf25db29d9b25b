"""Libraries that the bare install comes without."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["extra"]


@contextmanager
def extra(name: str, purpose: str) -> Iterator[None]:
    """Say what to install when an import in the block fails.

    Args:
        name: the extra of this distribution that brings the library.
        purpose: what needs it, to begin the message with.

    Raises:
        ImportError: the library is missing.
    """
    try:
        yield
    except ImportError as error:
        advice = f'pip install "accord[{name}]"'
        raise ImportError(
            f"{purpose} need more than the client: {advice}", name=error.name
        ) from error
