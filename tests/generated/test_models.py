"""The models read what servers really send, keep all of it, and can be copied."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_api import models
from accord_api.models import (
    AssistantMessage,
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionRequest,
    Completion,
    CompletionChunk,
    CompletionRequest,
    CustomTool,
    CustomToolCall,
    ErrorResponse,
    FunctionTool,
    FunctionToolCall,
    ImagePart,
    Model,
    ModelList,
    ResponseFormatJsonSchema,
    TextPart,
    ToolChoiceFunction,
    ToolMessage,
    UserMessage,
)
from accord_api.types import UNSET, Unset

DOCUMENT: dict[str, Any] = json.loads(files("accord_api").joinpath("openapi.json").read_bytes())
VALUES = {name: example["value"] for name, example in DOCUMENT["components"]["examples"].items()}
# Both the models and, among them, the names of strings with known values; only models are classes.
MODELS = [model for name in models.__all__ if inspect.isclass(model := getattr(models, name))]
KINDS = {
    "ModelsResponse": ModelList,
    "ModelsNoneResponse": ModelList,
    "ModelResponse": Model,
    "ModelDatedResponse": Model,
    "CompletionRequest": CompletionRequest,
    "CompletionRequestFull": CompletionRequest,
    "CompletionRequestPrompts": CompletionRequest,
    "CompletionRequestTokens": CompletionRequest,
    "CompletionRequestStream": CompletionRequest,
    "CompletionResponse": Completion,
    "CompletionLogprobsResponse": Completion,
    "ChatRequest": ChatCompletionRequest,
    "ChatRequestStream": ChatCompletionRequest,
    "ChatRequestParts": ChatCompletionRequest,
    "ChatRequestTools": ChatCompletionRequest,
    "ChatRequestJson": ChatCompletionRequest,
    "ChatResponse": ChatCompletion,
    "ChatToolsResponse": ChatCompletion,
    "ChatLogprobsResponse": ChatCompletion,
    **{name: ErrorResponse for name in VALUES if name.endswith("Error")},
}
CHUNKS = {
    "CompletionStream": CompletionChunk,
    "CompletionUsageStream": CompletionChunk,
    "ChatStream": ChatCompletionChunk,
    "ChatUsageStream": ChatCompletionChunk,
    "ChatToolsStream": ChatCompletionChunk,
}


def chunks(name: str) -> list[Any]:
    """The JSON objects of a stream."""
    events = (line.removeprefix("data: ") for line in VALUES[name].split("\n\n") if line)
    return [json.loads(event) for event in events if event != "[DONE]"]


DOCUMENTS = [
    *((kind, VALUES[name]) for name, kind in KINDS.items()),
    *((kind, chunk) for name, kind in CHUNKS.items() for chunk in chunks(name)),
    (ErrorResponse, chunks("FailedStream")[0]),
]


def text(value: Any) -> str:
    """JSON as text, so that 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True)


def paths(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every member of a JSON value, at any depth."""
    if isinstance(value, dict):
        inner = [paths(item, (*here, key)) for key, item in value.items()]
    elif isinstance(value, list):
        inner = [paths(item, (*here, number)) for number, item in enumerate(value)]
    else:
        inner = []
    return [*([here] if here else []), *(path for found in inner for path in found)]


NAMES = sorted({str(key) for _, value in DOCUMENTS for path in paths(value) for key in path})
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=5)
    ),
    max_leaves=20,
)
json_objects = st.dictionaries(st.sampled_from(NAMES) | st.text(), json_values, max_size=8)


def test_every_example_is_read_by_a_model() -> None:
    assert {*KINDS, *CHUNKS, "FailedStream"} == VALUES.keys()


@pytest.mark.parametrize(("kind", "document"), DOCUMENTS)
def test_a_document_is_read_and_given_back_whole(kind: type[Any], document: Any) -> None:
    before = text(document)
    assert text(kind.from_dict(document).to_dict()) == before
    assert text(document) == before


@given(st.sampled_from(MODELS), json_objects)
def test_whatever_the_object_nothing_of_it_is_lost(kind: type[Any], document: Any) -> None:
    assert text(kind.from_dict(document).to_dict()) == text(document)


@given(st.data())
def test_a_document_with_something_else_in_one_place_is_kept(data: st.DataObject) -> None:
    kind, original = data.draw(st.sampled_from(DOCUMENTS))
    document = copy.deepcopy(original)
    *way, last = data.draw(st.sampled_from(paths(document)))
    place: Any = document
    for step in way:
        place = place[step]
    place[last] = data.draw(json_values)
    assert text(kind.from_dict(document).to_dict()) == text(document)


@given(st.data())
def test_a_document_that_lacks_something_is_kept(data: st.DataObject) -> None:
    kind, original = data.draw(st.sampled_from(DOCUMENTS))
    document = copy.deepcopy(original)
    *way, last = data.draw(st.sampled_from(paths(document)))
    place: Any = document
    for step in way:
        place = place[step]
    del place[last]
    assert text(kind.from_dict(document).to_dict()) == text(document)


@pytest.mark.parametrize("kind", MODELS)
def test_what_is_missing_is_unset_and_what_is_null_is_none(kind: type[Any]) -> None:
    schema = DOCUMENT["components"]["schemas"][kind.__name__]
    nulls = dict.fromkeys(schema.get("properties", {}))
    names = set(kind.__slots__) - {"additional_properties", "__weakref__"}
    assert len(names) == len(nulls)
    for document, value in (({}, UNSET), (nulls, None)):
        model = kind.from_dict(document)
        assert all(getattr(model, name) is value for name in names)
        assert model.to_dict() == document


def test_members_that_are_not_known_are_kept() -> None:
    document = copy.deepcopy(VALUES["ChatResponse"])
    document["choices"][0]["message"]["reasoning_content"] = "Hm."
    answer = ChatCompletion.from_dict(document)
    assert answer.choices[0].message["reasoning_content"] == "Hm."
    assert answer.choices[0].message.additional_keys == ["reasoning_content"]
    assert answer.to_dict() == document


@pytest.mark.parametrize("reason", ["eos", "", "max_tokens", 7])
def test_a_finish_reason_that_is_not_known_is_kept(reason: Any) -> None:
    document = copy.deepcopy(VALUES["ChatResponse"])
    document["choices"][0]["finish_reason"] = reason
    assert ChatCompletion.from_dict(document).choices[0].finish_reason == reason


def test_another_object_const_is_kept() -> None:
    answer = Completion.from_dict({**VALUES["CompletionResponse"], "object": "text.completion"})
    assert answer.to_dict()["object"] == "text.completion"
    assert answer.choices[0].index == 0


def test_members_of_unions_are_told_apart_by_their_tag() -> None:
    request = ChatCompletionRequest.from_dict(
        {
            **VALUES["ChatRequestParts"],
            "tools": [
                {"type": "custom", "custom": {"name": "c"}},
                {"type": "function", "function": {"name": "f"}},
            ],
            "tool_choice": VALUES["ChatRequestTools"]["tool_choice"],
            "response_format": VALUES["ChatRequestJson"]["response_format"],
        }
    )
    kinds = [type(message).__name__ for message in request.messages]
    assert kinds[1:5] == ["DeveloperMessage", "UserMessage", "AssistantMessage", "ToolMessage"]
    assert isinstance(request.messages[4], ToolMessage)
    assert isinstance(request.messages[2], UserMessage)
    assert [type(part) for part in request.messages[2].content] == [TextPart, ImagePart]
    assert isinstance(request.tools, list)
    assert [type(tool) for tool in request.tools] == [CustomTool, FunctionTool]
    assert isinstance(request.tool_choice, ToolChoiceFunction)
    assert request.tool_choice.function.name == "weather"
    assert isinstance(request.response_format, ResponseFormatJsonSchema)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ({"type": "function", "function": {"name": "f", "arguments": "{}"}}, FunctionToolCall),
        ({"type": "custom", "custom": {"name": "c", "input": ""}}, CustomToolCall),
        ({"function": {"name": "f", "arguments": "{}"}}, FunctionToolCall),
        ({"type": "novel", "novel": {}}, FunctionToolCall),
        ({"type": ["function"]}, FunctionToolCall),
    ],
)
def test_a_tool_call_is_read_whatever_its_type(call: dict[str, Any], kind: type[Any]) -> None:
    message = AssistantMessage.from_dict({"role": "assistant", "tool_calls": [call]})
    assert isinstance(message.tool_calls, list)
    assert [type(item) for item in message.tool_calls] == [kind]
    assert message.to_dict()["tool_calls"] == [call]


@pytest.mark.parametrize("calls", [None, [], [None], "none", [[]]])
def test_tool_calls_of_another_shape_stay_as_they_are(calls: Any) -> None:
    message = AssistantMessage.from_dict({"role": "assistant", "tool_calls": calls})
    assert message.tool_calls == calls


def test_dicts_and_models_mix_in_a_request() -> None:
    request = ChatCompletionRequest(
        model="m",
        messages=[
            {"role": "system", "content": [TextPart(text="Be brief.")]},  # type: ignore[list-item]
            UserMessage(content="Hello."),
        ],
        stream_options={"include_usage": True},  # type: ignore[arg-type]
        additional_properties={"top_k": 5},
    )
    assert request.to_dict() == {
        "model": "m",
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
            {"role": "user", "content": "Hello."},
        ],
        "stream_options": {"include_usage": True},
        "top_k": 5,
    }


@pytest.mark.parametrize(("kind", "document"), DOCUMENTS)
def test_models_survive_deepcopy_and_pickle(kind: type[Any], document: Any) -> None:
    model = kind.from_dict(document)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301
        assert other == model
        assert other is not model
        assert text(other.to_dict()) == text(document)


def test_there_is_one_unset() -> None:
    assert copy.copy(UNSET) is UNSET
    assert copy.deepcopy([UNSET]) == [UNSET]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(UNSET, protocol)) is UNSET  # noqa: S301
    assert isinstance(UNSET, Unset)
    assert not UNSET
    assert repr(UNSET) == "UNSET"
