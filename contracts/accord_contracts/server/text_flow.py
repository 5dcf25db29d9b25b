"""From tokens to text that may be shown: whole characters, and nothing of a stop sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_contracts.server.tokenizer import Utf8

if TYPE_CHECKING:
    from collections.abc import Sequence


class TextFlow:
    """Releases text as soon as it is certain, and not before.

    Held back are the first bytes of an unfinished character, and an end of the text that may be
    the beginning of a stop sequence. Where several stop sequences match, the one that is
    complete first counts. Bytes that can't become a character turn into U+FFFD.

    Args:
        stops: the stop sequences; empty ones match nothing.
    """

    def __init__(self, stops: Sequence[str] = ()) -> None:
        self._decoder = Utf8("replace")
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.stopped = False
        """Whether a stop sequence has come; the text is then complete."""

    def feed(self, raw: bytes) -> str:
        """Take the bytes of one token; give what may be shown now."""
        text = self._held + self._decoder.decode(raw)
        if not self._stops or not text:
            return text
        ends = [(text.find(stop) + len(stop), stop) for stop in self._stops if stop in text]
        if ends:
            self.stopped = True
            end, stop = min(ends, key=lambda found: (found[0], -len(found[1])))
            self._held = ""
            return text[: end - len(stop)]
        certain = len(text) - max(_overlap(text, stop) for stop in self._stops)
        self._held = text[certain:]
        return text[:certain]

    def rest(self) -> str:
        """What was held back as a possible stop; an unfinished character is dropped."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """How much of the end of the text is the beginning of the stop sequence."""
    sizes = range(min(len(text), len(stop) - 1), 0, -1)
    return next((size for size in sizes if text.endswith(stop[:size])), 0)
