from typing import Literal

ToolChoiceMode = Literal["auto", "none", "required"] | str
"""How far the model is free to call tools.

Servers may know members that are not named here; they are read as they come.
"""
