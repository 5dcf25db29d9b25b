from typing import Literal

Modality = Literal["audio", "text"] | str
"""A kind of answer.

Servers may know members that are not named here; they are read as they come.
"""
