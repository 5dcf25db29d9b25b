"""Effort: how much a run may ask for. Each rule says from which level on it is judged."""

from __future__ import annotations

from enum import StrEnum


class Effort(StrEnum):
    """A level of effort; each includes those before it."""

    QUICK = "quick"
    """Under 40 requests: the rules that most servers break, and those that come along free."""
    DEFAULT = "default"
    """Less than one request a rule."""
    THOROUGH = "thorough"
    """Everything several times, with other prompts and seeds; and what is costly."""

    @property
    def passes(self) -> int:
        """How often everything is judged, each time with another prompt and seed."""
        return 3 if self is Effort.THOROUGH else 1

    def includes(self, other: Effort) -> bool:
        """Whether what is judged at the other level is judged at this one."""
        levels = list(Effort)
        return levels.index(other) <= levels.index(self)
