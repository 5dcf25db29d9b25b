from typing import Literal

InputAudioFormat = Literal["mp3", "wav"] | str
"""The recording's format.

Servers may know members that are not named here; they are read as they come.
"""
