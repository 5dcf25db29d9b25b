from typing import Literal

SearchContextSize = Literal["high", "low", "medium"] | str
"""How much of what is found is read. The default is `medium`.

Servers may know members that are not named here; they are read as they come.
"""
