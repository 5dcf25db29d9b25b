from typing import Literal

FunctionCallMode = Literal["auto", "none"] | str
"""Whether the model calls a function.

Servers may know members that are not named here; they are read as they come.
"""
