"""Hypothesis strategies for what travels between clients and servers: requests and their parts.

    from hypothesis import given
    from accord_contracts import strategies

    @given(strategies.chat_requests("my-model"))
    def test_my_client(body): ...

All that they give is valid by the contract, and small: a few messages, a few tokens. Needs the
extra `properties`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

JSON = dict[str, Any]
Parameters = dict[str, SearchStrategy[Any]]

INT64: Final = 2**63

_WHITE_SPACE: Final = st.text(" \n\r\t", max_size=3)

_HARD: Final = (
    "Grüße",
    "e\u0301 is é",  # a letter and its accent, apart and together
    "你好東京",
    "👩\u200d👩\u200d👧\u200d👦 and 🏳\ufe0f\u200d🌈",  # one sign of many code points
    "שלום \u202eright to left",
    "line\u2028paragraph\u2029next\u0085",  # they end lines in some languages, not in JSON
    "tab\there\r\nand \x00 and \x7f",
    '{"quotes": "\\"}',
    "data: [DONE]\n\n",
    "<|endoftext|><|im_end|>",
    "\ufeffmarked",
    " spaces around ",
)


def texts(max_size: int = 40) -> SearchStrategy[str]:
    """Texts as people and programs write them: any characters, hard ones often, never empty."""
    plain = st.sampled_from(["Hello!", "Why is the sky blue?", "Tell me about the sea."])
    any_text = st.text(st.characters(codec="utf-8"), min_size=1, max_size=max_size)
    return plain | st.sampled_from(_HARD) | any_text


def prompts() -> SearchStrategy[str | list[str]]:
    """What `/completions` goes on from: a text, or several."""
    return texts() | st.lists(texts(), min_size=1, max_size=3)


def names() -> SearchStrategy[str]:
    """Names of functions, tools and schemas."""
    return st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)


# ---------------------------------------------------------------------------------- schemas, tools


def schemas(max_leaves: int = 6) -> SearchStrategy[JSON]:
    """JSON Schemas of objects, in the part of the language that servers know how to generate."""
    leaf = _one_of(
        {"type": "string"},
        {"type": "integer"},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "string", "enum": ["red", "green"]},
        {"type": ["string", "null"]},
    )
    nested = st.recursive(
        leaf, lambda inner: _objects(inner) | _arrays(inner), max_leaves=max_leaves
    )
    return _objects(nested)


def _objects(values: SearchStrategy[JSON]) -> SearchStrategy[JSON]:
    members = st.dictionaries(st.sampled_from(["place", "day", "größe", "a b"]), values, max_size=3)
    return members.map(
        lambda properties: {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    )


def _arrays(values: SearchStrategy[JSON]) -> SearchStrategy[JSON]:
    return values.map(lambda items: {"type": "array", "items": items, "maxItems": 2})


def tools(least: int = 1, most: int = 3, max_leaves: int = 6) -> SearchStrategy[list[JSON]]:
    """A few functions that a model may call, each with a name of its own.

    Args:
        least: how many there are at least.
        most: how many there are at most.
        max_leaves: of the schema of each, as of `schemas`.
    """
    named: Parameters = {"name": names()}
    function = st.fixed_dictionaries(
        named, optional={"description": texts(), "parameters": schemas(max_leaves)}
    )
    functions = st.lists(
        function, min_size=least, max_size=most, unique_by=lambda one: str(one["name"])
    )
    return functions.map(lambda found: [{"type": "function", "function": one} for one in found])


# ---------------------------------------------------------------------------------------- messages


def contents() -> SearchStrategy[str | list[JSON]]:
    """A text, whole or in parts."""
    parts = st.lists(
        texts().map(lambda text: {"type": "text", "text": text}), min_size=1, max_size=2
    )
    return texts() | parts


def messages(*roles: str) -> SearchStrategy[JSON]:
    """Messages that can stand alone, of these roles; by default of any that has some."""
    chosen = st.sampled_from(roles or ("developer", "system", "user", "assistant"))
    return st.fixed_dictionaries(
        {"role": chosen, "content": contents()}, optional={"name": st.just("someone")}
    )


@st.composite
def tool_turns(draw: DrawFn) -> list[JSON]:
    """A call of one or more tools, and a result for each, in any order."""
    ids = draw(st.lists(st.integers(1, 99), min_size=1, max_size=3, unique=True))
    calls = [_call(f"call_{number}", draw(names()), draw(texts())) for number in ids]
    said = draw(_one_of({}, {"content": None}, {"content": "One moment."}))
    results = [
        {"role": "tool", "tool_call_id": f"call_{number}", "content": draw(contents())}
        for number in draw(st.permutations(ids))
    ]
    return [{"role": "assistant", "tool_calls": calls, **said}, *results]


def _call(id: str, name: str, arguments: str) -> JSON:  # noqa: A002 - the API's name
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def conversations() -> SearchStrategy[list[JSON]]:
    """Messages that follow each other as they may, the user's last."""
    alone = messages().map(lambda message: [message])
    turns = st.lists(alone | tool_turns(), max_size=3).map(lambda found: [*chain(*found)])
    return st.tuples(turns, messages("user")).map(lambda found: [*found[0], found[1]])


# ---------------------------------------------------------------------------------------- requests


def _one_of(*members: JSON) -> SearchStrategy[JSON]:
    """One of some sets of members that go together."""
    return st.sampled_from(members)


def _optional(values: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """A parameter that may be null, which says the same as leaving it out."""
    return st.none() | values


def stops() -> SearchStrategy[str | list[str]]:
    """Texts to stop at: one, or up to four."""
    return texts(8) | st.lists(texts(8), min_size=1, max_size=4)


_SAMPLING: Final[Parameters] = {
    "frequency_penalty": _optional(st.floats(-2, 2)),
    "presence_penalty": _optional(st.floats(-2, 2)),
    "temperature": _optional(st.floats(0, 2)),
    "top_p": _optional(st.floats(0, 1)),
    "n": _optional(st.integers(1, 3)),
    "seed": _optional(st.integers(-INT64, INT64 - 1)),
    "stop": _optional(stops()),
    "logit_bias": _optional(
        st.dictionaries(st.integers(0, 250).map(str), st.integers(-100, 100), max_size=2)
    ),
    "user": texts(),
}

_CHAT: Final[Parameters] = {
    **_SAMPLING,
    "max_tokens": st.integers(1, 6),
    "metadata": _optional(st.dictionaries(texts(10), texts(), max_size=2)),
    "parallel_tool_calls": st.booleans(),
    "prompt_cache_key": _optional(texts()),
    "reasoning_effort": _optional(st.sampled_from(["none", "low", "high"])),
    "safety_identifier": _optional(texts()),
    "service_tier": _optional(st.sampled_from(["auto", "default"])),
    "store": _optional(st.booleans()),
    "verbosity": _optional(st.sampled_from(["low", "medium", "high"])),
}

_COMPLETION: Final[Parameters] = {
    **_SAMPLING,
    "echo": _optional(st.booleans()),
    "logprobs": _optional(st.integers(0, 5)),
    "suffix": _optional(texts()),
}


@st.composite
def chat_requests(draw: DrawFn, model: str) -> JSON:
    """Bodies of `POST /chat/completions` without `stream`, that cost a few tokens each.

    Args:
        draw: Hypothesis gives it.
        model: the id that they name.
    """
    required: Parameters = {
        "model": st.just(model),
        "messages": conversations(),
        "max_completion_tokens": st.integers(1, 6),
    }
    body = draw(st.fixed_dictionaries(required, optional=_CHAT))
    together = _one_of({}, {"logprobs": True}, {"logprobs": True, "top_logprobs": 2})
    return {**body, **draw(together), **draw(_tool_parameters()), **draw(_formats())}


@st.composite
def _tool_parameters(draw: DrawFn) -> JSON:
    if not draw(st.booleans()):
        return {}
    offered = draw(tools())
    named = {"type": "function", "function": {"name": offered[0]["function"]["name"]}}
    choice = draw(st.sampled_from(["none", "auto", "required", named]))
    return {"tools": offered, **({"tool_choice": choice} if draw(st.booleans()) else {})}


def _formats() -> SearchStrategy[JSON]:
    """What the answer is to be; most often nothing is said of it."""
    named = st.fixed_dictionaries({"name": names(), "schema": schemas()})
    schema = named.map(lambda found: {"type": "json_schema", "json_schema": found})
    plain = _one_of({"type": "text"}, {"type": "json_object"})
    chosen = (plain | schema).map(lambda found: {"response_format": found})
    return st.just({}) | st.just({}) | chosen


@st.composite
def completion_requests(draw: DrawFn, model: str) -> JSON:
    """Bodies of `POST /completions` without `stream`, that cost a few tokens each.

    Args:
        draw: Hypothesis gives it.
        model: the id that they name.
    """
    required: Parameters = {
        "model": st.just(model),
        "prompt": prompts(),
        "max_tokens": st.integers(0, 6),
    }
    body = draw(st.fixed_dictionaries(required, optional=_COMPLETION))
    n = body.get("n") or 1
    best = draw(_one_of({}, {"best_of": None}, {"best_of": n}))
    return {**body, **best}


# ------------------------------------------------------------------------------------ derived ones


def stops_of(answer: str) -> SearchStrategy[str]:
    """Texts that occur in an answer, to stop it there.

    Args:
        answer: not empty.
    """
    begins = st.integers(0, len(answer) - 1)
    return begins.flatmap(
        lambda begin: st.integers(begin + 1, min(len(answer), begin + 12)).map(
            lambda end: answer[begin:end]
        )
    )


def unknown_members() -> SearchStrategy[JSON]:
    """Members that no contract has, for objects that may have any."""
    values = st.none() | st.booleans() | st.integers() | texts() | st.just({"deep": [1]})
    named = st.just("accord_unknown") | st.from_regex(r"x_accord_[a-z]{1,8}", fullmatch=True)
    return st.dictionaries(named, values, min_size=1, max_size=2)


@st.composite
def encodings(draw: DrawFn, value: Any) -> bytes:
    """One JSON value, written in another way: members in any order, white space, escapes.

    Args:
        draw: Hypothesis gives it.
        value: to be written.
    """
    plain = draw(st.booleans())
    space = draw(_WHITE_SPACE)

    def write(value: Any) -> str:
        if isinstance(value, dict):
            order: Sequence[str] = draw(st.permutations(list(value)))
            return _within(
                "{}", (f"{write(k)}{space}:{space}{write(value[k])}" for k in order), space
            )
        if isinstance(value, list):
            return _within("[]", map(write, value), space)
        return json.dumps(value, ensure_ascii=plain)

    return f"{space}{write(value)}{space}".encode()


def _within(brackets: str, parts: Iterable[str], space: str) -> str:
    inner = f"{space},{space}".join(parts)
    return f"{brackets[0]}{space}{inner}{space}{brackets[1]}"
