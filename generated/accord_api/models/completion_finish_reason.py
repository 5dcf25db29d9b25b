from typing import Literal

CompletionFinishReason = Literal["content_filter", "length", "stop"] | str
"""Why a completion ended: at a natural end or a stop text (`stop`), at the most tokens
(`length`), or at a filter (`content_filter`).

Servers may know members that are not named here; they are read as they come.
"""
