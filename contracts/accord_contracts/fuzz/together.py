"""Parameters that go together: valid bodies that a schema alone leads to once in a thousand.

`tools` with a choice, a question that names them and room for the call; `logprobs` with
`top_logprobs`, or without. They come from the strategies that Accord publishes.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from accord_contracts import strategies

JSON = dict[str, Any]


def bodies(path: str, model: str) -> SearchStrategy[JSON]:
    """Valid bodies for an endpoint.

    Args:
        path: the endpoint's.
        model: the id that they name.
    """
    if path == "/chat/completions":
        return _chats(model)
    return strategies.completion_requests(model)


@st.composite
def _chats(draw: DrawFn, model: str) -> JSON:
    body = draw(strategies.chat_requests(model))
    names = [tool["function"]["name"] for tool in body.get("tools", ())]
    if not names or draw(st.booleans()):
        return body
    # Servers that follow orders call all of them: what tells calls apart is seen with two alone.
    order = {"role": "user", "content": f"Call {' and '.join(names)}."}
    return {**body, "messages": [*body["messages"], order], "tool_choice": "required"}
