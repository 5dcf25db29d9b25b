from typing import Literal

AllowedToolsMode = Literal["auto", "required"] | str
"""Whether one of the tools may (`auto`) or must (`required`) be called.

Servers may know members that are not named here; they are read as they come.
"""
