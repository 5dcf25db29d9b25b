"""Parameters that go together: valid bodies that a schema alone leads to once in a thousand.

`tools` with a choice, a question that names them and room for the call; `logprobs` with
`top_logprobs`, or without, or with `echo`. They come from the strategies that Accord publishes.
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
        return strategies.chat_requests(model) | _calling(model)
    return strategies.completion_requests(model) | _scored(model)


@st.composite
def _calling(draw: DrawFn, model: str) -> JSON:
    """A chat that has to call tools: all of them, as what tells calls apart is seen with two alone.

    They take little, so that calls end before the cap: what is cut short is judged by few rules.
    """
    body = draw(strategies.chat_requests(model))
    tools = draw(strategies.tools(least=2, most=2, max_leaves=2))
    names = [tool["function"]["name"] for tool in tools]
    order = {"role": "user", "content": f"Call {' and '.join(names)}."}
    messages = [*body["messages"], order]
    return {**body, "messages": messages, "tools": tools, "tool_choice": "required"}


def _scored(model: str) -> SearchStrategy[JSON]:
    """A completion that begins with the prompt, hard characters and all, with its scores."""
    scores = st.fixed_dictionaries({"echo": st.just(True), "logprobs": st.integers(0, 5)})
    both = st.tuples(strategies.completion_requests(model), scores)
    return both.map(lambda drawn: drawn[0] | drawn[1])
