from typing import Literal

ServiceTier = Literal["auto", "default", "fast", "flex", "priority", "scale"] | str
"""How a request is served and charged.

Servers may know members that are not named here; they are read as they come.
"""
