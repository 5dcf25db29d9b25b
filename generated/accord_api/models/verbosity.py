from typing import Literal

Verbosity = Literal["high", "low", "medium"] | str
"""How long an answer is.

Servers may know members that are not named here; they are read as they come.
"""
