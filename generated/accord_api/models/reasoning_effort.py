from typing import Literal

ReasoningEffort = Literal["high", "low", "max", "medium", "minimal", "none", "xhigh"] | str
"""How much to think.

Servers may know members that are not named here; they are read as they come.
"""
