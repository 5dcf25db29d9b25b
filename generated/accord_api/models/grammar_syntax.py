from typing import Literal

GrammarSyntax = Literal["lark", "regex"] | str
"""What a grammar is written in.

Servers may know members that are not named here; they are read as they come.
"""
