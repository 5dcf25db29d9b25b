"""Printable text: what a server sent, made harmless for a terminal; and small words for it."""

from __future__ import annotations

import re
from typing import Final

# Control characters (terminal escape sequences begin with one), surrogates (no encoding has
# them), line separators, and the marks that reverse the direction of writing.
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str, longest: int | None = None) -> str:
    r"""A text on one line, with unprintable characters written as escapes (`\x1b`).

    Args:
        text: anything.
        longest: characters that are kept; what is cut off leaves an ellipsis.
    """
    shown = text if longest is None else text[: longest + 1]
    shown = _UNPRINTABLE.sub(lambda match: _escape(match.group()), shown)
    return shown if longest is None or len(shown) <= longest else shown[: longest - 1] + "…"


def counted(number: int, noun: str) -> str:
    """A number with what it counts: `1 rule`, `1,024 rules`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _escape(character: str) -> str:
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
