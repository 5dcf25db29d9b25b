"""What the two clients have in common, and what they share with the spec."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from importlib.resources import files
from types import NoneType
from typing import Any, get_args, get_type_hints

import attrs
import httpx
import pytest
from loopback import Caller, Wire, ask, jsonic

import accord
import accord_api.models
from accord import params, types
from accord.answer import Answer

SPEC = json.loads(files("accord_api").joinpath("openapi.json").read_text(encoding="utf-8"))
LIST = "types.ModelList"
SCHEMAS = SPEC["components"]["schemas"]


def members(thing: object) -> dict[str, Any]:
    """Give what a thing has, its own and inherited, but for what is private."""
    return {name: getattr(thing, name) for name in dir(thing) if not name.startswith("_")}


def surface(thing: Any) -> dict[str, Any]:
    """Describe methods and parts, with `Async` taken away, and a list on its way as a list."""
    return {
        name: (
            str(inspect.signature(value)).replace("AsyncListing", LIST).replace("Async", "")
            if callable(value)
            else value
            if isinstance(value, str)
            else surface(value)
        )
        for name, value in members(thing).items()
    }


def functions(thing: Any) -> dict[str, Any]:
    """Give the methods, those of its parts too."""
    found: dict[str, Any] = {}
    for name, value in members(thing).items():
        if isinstance(value, str):
            continue
        inner = {name: value} if callable(value) else functions(value)
        found |= {f"{name}.{key}": one for key, one in inner.items()}
    return found


def test_sync_and_async_have_one_surface() -> None:
    sync, async_ = accord.Client(), accord.AsyncClient()
    assert surface(sync) == surface(async_)
    assert {"models", "chat", "close", "is_closed", "with_options", "copy"} <= surface(sync).keys()
    signatures = [str(inspect.signature(kind)) for kind in (accord.Client, accord.AsyncClient)]
    assert signatures[0] == signatures[1].replace("Async", "")
    streams = [members(kind).keys() for kind in (accord.Stream, accord.AsyncStream)]
    assert streams[0] == streams[1]
    sync.close()


def test_what_waits_is_awaited() -> None:
    for name, method in functions(accord.AsyncClient()).items():
        makes_no_call = name.startswith(("with_options", "copy", "is_closed"))
        makes_no_call |= ".stream." in name or ".with_streaming_response." in name
        makes_no_call |= name == "models.list.list"  # which may also be looped over
        assert inspect.iscoroutinefunction(method) is not makes_no_call, name


def nullable(schema: dict[str, Any]) -> bool:
    if "$ref" in schema:
        return nullable(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    kinds = schema.get("type", [])
    return "null" in kinds or any(nullable(one) for one in schema.get("oneOf", []))


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("CompletionRequest", params.CompletionParams),
        ("ChatCompletionRequest", params.ChatParams),
    ],
)
def test_arguments_are_those_of_the_spec(name: str, declared: Any) -> None:
    wanted = {key: schema for key, schema in SCHEMAS[name]["properties"].items() if key != "stream"}
    hints = get_type_hints(declared)
    assert hints.keys() == wanted.keys()
    assert declared.__required_keys__ == set(SCHEMAS[name]["required"])
    for key, schema in wanted.items():
        assert (NoneType in get_args(hints[key])) == nullable(schema), key


ANSWERS = [getattr(types, name) for name in types.__all__ if name != "ToolCall"]


@pytest.mark.parametrize("answer", ANSWERS)
def test_results_have_the_members_of_the_generated_models(answer: type[Answer]) -> None:
    generated = getattr(accord_api.models, answer.__name__)
    wanted = {
        field.name.removesuffix("_"): "Unset" in str(field.type)
        for field in attrs.fields(generated)
        if field.name != "additional_properties"
    }
    declared = inspect.get_annotations(answer, eval_str=True)
    assert declared.keys() == wanted.keys()
    for name, optional in wanted.items():
        assert (NoneType in get_args(declared[name])) == optional, name


def test_a_tool_call_has_the_members_of_both_kinds() -> None:
    calls = [accord_api.models.FunctionToolCall, accord_api.models.CustomToolCall]
    names = {field.name.removesuffix("_") for call in calls for field in attrs.fields(call)}
    assert inspect.get_annotations(types.ToolCall).keys() == names - {"additional_properties"}


@pytest.mark.parametrize("name", SPEC["components"]["examples"])
def test_every_example_answer_comes_through_whole(name: str) -> None:
    value = SPEC["components"]["examples"][name]["value"]
    kinds = {
        "list": types.ModelList,
        "model": types.Model,
        "text_completion": types.Completion,
        "chat.completion": types.ChatCompletion,
    }
    kind = kinds.get(str(value.get("object"))) if isinstance(value, dict) else None
    if kind is not None:
        answer = kind.from_dict(value)
        assert answer.to_dict() == answer.model_dump() == value
        assert json.loads(answer.to_json()) == json.loads(answer.model_dump_json()) == value


def test_answers_leave_out_what_is_none_when_asked() -> None:
    message = {"content": None, "tool_calls": [{"id": "c", "custom": None}], "role": "assistant"}
    answer = types.ChatCompletionMessage.from_dict(message)
    wanted = {"tool_calls": [{"id": "c"}], "role": "assistant"}
    assert answer.model_dump(exclude_none=True) == wanted
    assert json.loads(answer.model_dump_json(indent=2, exclude_none=True)) == wanted
    assert answer.model_dump(mode="json", exclude_unset=True) == message
    assert answer.to_json(indent=2).startswith('{\n  "content": null')


def test_answers_tolerate_what_servers_send() -> None:
    answer: Any = types.ChatCompletion.from_dict(
        {"choices": [{"message": None, "finish_reason": ""}, 7], "usage": "?", "created": 1.5}
    )
    (choice,) = answer.choices
    assert (choice.message.content, choice.index, choice.finish_reason) == (None, None, "")
    assert (answer.usage, answer.created, answer.model) == ("?", 1.5, None)
    chunk = types.ChatCompletionChunk.from_dict({"choices": None})
    assert (chunk.choices, chunk.usage) == ([], None)
    delta = types.ChatCompletionDelta.from_dict({"reasoning_content": "hm", "__getattr__": 1})
    assert delta.reasoning_content == "hm"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="no attribute 'contnet'"):
        _ = delta.contnet  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        hash(delta)


def test_settings_come_from_the_environment(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{wire.base_url}/?api-version=1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    wire.replies = [[jsonic({"choices": []})]]
    with accord.Client(default_headers={"X-Mine": "1"}) as client:
        ask(client)
        assert "api-version" not in repr(client)
    (request,) = wire.requests
    assert (request.method, request.target) == ("POST", "/v1/chat/completions?api-version=1")
    assert (request.headers["authorization"], request.headers["x-mine"]) == ("Bearer sk-env", "1")
    assert json.loads(request.body) == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "Hello!"}],
    }


def test_without_a_key_none_is_sent(caller: Caller, wire: Wire) -> None:
    wire.replies = [[jsonic({"choices": []})]]
    caller.call(ask, base_url=wire.base_url)
    assert "authorization" not in wire.requests[0].headers


def test_an_httpx_client_of_ones_own_is_used_and_left_open(wire: Wire) -> None:
    wire.replies = [[jsonic({"choices": []})]]
    with httpx.Client(headers={"X-Own": "1"}, timeout=7) as http:
        with accord.Client(base_url=wire.base_url, http_client=http) as client:
            ask(client)
        assert not http.is_closed
    assert wire.requests[0].headers["x-own"] == "1"


def test_the_package_names_its_public_face() -> None:
    public = {name for name, value in members(accord).items() if not inspect.ismodule(value)} - {
        "Any",
        "TYPE_CHECKING",
    }
    assert public <= set(accord.__all__)
    assert all(hasattr(accord, name) for name in accord.__all__)
    own = {name for name, value in members(types).items() if value in Answer.__subclasses__()}
    assert set(types.__all__) == own


def test_names_can_be_completed_before_they_are_imported() -> None:
    program = "import accord; print(sorted(set(accord.__all__) - set(dir(accord))))"
    missing = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert missing.stdout.strip() == b"[]"
