from typing import Literal

DeltaRole = Literal["assistant", "developer", "system", "tool", "user"] | str
"""Who speaks; in an answer always the assistant.

Servers may know members that are not named here; they are read as they come.
"""
