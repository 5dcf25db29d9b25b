from typing import Literal

ChatFinishReason = Literal["content_filter", "function_call", "length", "stop", "tool_calls"] | str
"""Why an answer ended: at a natural end or a stop text (`stop`), at the most tokens (`length`),
to have tools called (`tool_calls`, formerly `function_call`), or at a filter
(`content_filter`).

Servers may know members that are not named here; they are read as they come.
"""
