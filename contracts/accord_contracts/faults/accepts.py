"""Faults of acceptance: legal requests that are refused, or that crash the server."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from accord_contracts.faults.bank import on_request
from accord_contracts.server.hooks import Call, Refusal

NULLS = ("temperature", "top_p", "frequency_penalty", "presence_penalty")


def posted(call: Call) -> dict[str, Any]:
    """The body of a request to a generating endpoint; empty for any other."""
    generating = call.endpoint in {"chat", "completions"}
    return call.body if generating and isinstance(call.body, dict) else {}


def messages(call: Call) -> list[dict[str, Any]]:
    """The messages of a chat request."""
    found = posted(call).get("messages")
    return [m for m in found if isinstance(m, dict)] if isinstance(found, list) else []


def functions(call: Call) -> list[dict[str, Any]]:
    """The definitions of the function tools that a request offers."""
    tools = posted(call).get("tools")
    offered = [tool for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    return [f for tool in offered if isinstance(f := tool.get("function"), dict)]


def refuse(why: str) -> None:
    """Refuse the request as a validation error."""
    raise Refusal(422, why)


def crash(why: str) -> None:
    """Fail while serving the request."""
    raise Refusal(500, why, type="server_error")


@on_request(
    "accepts.null-sampling-refused",
    caught_by=["accepts.{endpoint}-null-sampling"],
)
def null_sampling_refused(call: Call) -> None:
    """Sampling parameters must be numbers."""
    if any(posted(call).get(name, 0) is None for name in NULLS):
        refuse("type must be number, but is null")


@on_request(
    "accepts.null-stop-crashes",
    caught_by=["accepts.{endpoint}-null-stop"],
)
def null_stop_crashes(call: Call) -> None:
    """The length of `stop` is taken before it is looked at."""
    if posted(call).get("stop", "") is None:
        crash("object of type 'NoneType' has no len()")


@on_request(
    "accepts.null-seed-refused",
    caught_by=["accepts.{endpoint}-null-optionals"],
)
def null_seed_refused(call: Call) -> None:
    """`seed` must be an integer."""
    if posted(call).get("seed", 0) is None:
        refuse("invalid type: null, expected i64")


@on_request(
    "accepts.null-stream-options-refused",
    caught_by=["accepts.{endpoint}-null-stream-options"],
)
def null_stream_options_refused(call: Call) -> None:
    """`stream_options`, even null, are refused where nothing streams."""
    if posted(call).get("stream_options", {}) is None and not call.streams:
        refuse("Stream options can only be defined when `stream=True`.")


@on_request(
    "accepts.null-stream-options-crash-streams",
    caught_by=["accepts.{endpoint}-null-stream-options-streamed"],
)
def null_stream_options_crash_streams(call: Call) -> None:
    """A stream looks its options up, and null has none."""
    if posted(call).get("stream_options", {}) is None and call.streams:
        crash("'NoneType' object has no attribute 'include_usage'")


@on_request(
    "accepts.logit-bias-refused",
    caught_by=["accepts.{endpoint}-default-parameters"],
)
def logit_bias_refused(call: Call) -> None:
    """`logit_bias` is refused, also when it is empty."""
    if posted(call).get("logit_bias") is not None:
        refuse("extra inputs are not permitted: logit_bias")


@on_request("accepts.text-format-refused", caught_by=["accepts.text-response-format"])
def text_format_refused(call: Call) -> None:
    """The only response format that is known is JSON."""
    if posted(call).get("response_format") == {"type": "text"}:
        refuse("response_format.type must be json_object")


@on_request("accepts.service-tier-crashes", caught_by=["accepts.bookkeeping-parameters"])
def service_tier_crashes(call: Call) -> None:
    """A parameter that is not known makes the server crash."""
    if "service_tier" in posted(call):
        crash("generate() got an unexpected keyword argument 'service_tier'")


@on_request(
    "accepts.penalty-crashes",
    caught_by=["accepts.{endpoint}-sampling"],
)
def penalty_crashes(call: Call) -> None:
    """A penalty that is set makes the sampler crash."""
    if posted(call).get("frequency_penalty"):
        crash("penalties are not implemented")


@on_request(
    "accepts.empty-stop-crashes",
    caught_by=["accepts.{endpoint}-empty-stop"],
)
def empty_stop_crashes(call: Call) -> None:
    """An empty stop string makes the server crash."""
    if posted(call).get("stop") == "":
        crash("list index out of range")


@on_request(
    "accepts.stream-options-refused",
    caught_by=["accepts.{endpoint}-include-usage"],
)
def stream_options_refused(call: Call) -> None:
    """`stream_options` are not known."""
    if posted(call).get("stream_options"):
        refuse("Unrecognized request argument supplied: stream_options")


@on_request("accepts.max-completion-tokens-refused", caught_by=["accepts.max-completion-tokens"])
def max_completion_tokens_refused(call: Call) -> None:
    """`max_completion_tokens` is not known."""
    if "max_completion_tokens" in posted(call):
        refuse("extra inputs are not permitted: max_completion_tokens")


@on_request("accepts.large-cap-crashes", caught_by=["accepts.large-cap"])
def large_cap_crashes(call: Call) -> None:
    """A cap beyond the context makes the server crash."""
    cap = posted(call).get("max_tokens")
    if isinstance(cap, int) and cap > 4096:
        crash("prompt and max_tokens exceed the context")


@on_request(
    "accepts.charset-refused",
    caught_by=["accepts.{endpoint}-content-type-with-charset"],
)
def charset_refused(call: Call) -> None:
    """The content type is compared as a whole."""
    if call.method == "POST" and ";" in call.headers.get("content-type", ""):
        raise Refusal(415, "Unsupported content type", code="unsupported_content_type")


@on_request("accepts.name-refused", caught_by=["accepts.participant-name"])
def name_refused(call: Call) -> None:
    """Messages have no `name`."""
    if any("name" in message for message in messages(call)):
        refuse("extra_forbidden")


@on_request("accepts.parts-refused", caught_by=["accepts.text-parts"])
def parts_refused(call: Call) -> None:
    """The content of a message must be a string."""
    if any(isinstance(message.get("content"), list) for message in messages(call)):
        refuse("content must be a string")


@on_request("accepts.developer-refused", caught_by=["accepts.developer-role"])
def developer_refused(call: Call) -> None:
    """The role `developer` is not known."""
    if any(message.get("role") == "developer" for message in messages(call)):
        refuse("unknown role: developer")


@on_request("accepts.roles-must-alternate", caught_by=["accepts.consecutive-user-messages"])
def roles_must_alternate(call: Call) -> None:
    """The chat template raises when a user speaks twice."""
    roles = [message.get("role") for message in messages(call)]
    if ("user", "user") in pairwise(roles):
        crash("conversation roles must alternate user/assistant")


@on_request("accepts.system-comes-once", caught_by=["accepts.consecutive-system-messages"])
def system_comes_once(call: Call) -> None:
    """The chat template knows one system message, at the beginning."""
    if any(message.get("role") == "system" for message in messages(call)[1:]):
        refuse("System message must be at the beginning.")


@on_request("accepts.null-content-refused", caught_by=["accepts.tool-calls-without-content"])
def null_content_refused(call: Call) -> None:
    """The content of a message must not be null, whatever else there is."""
    if any(message.get("content", "") is None for message in messages(call)):
        refuse("invalid message content type: <nil>")


@on_request("accepts.parameters-required", caught_by=["accepts.tool-without-parameters"])
def parameters_required(call: Call) -> None:
    """A function tool must have `parameters`."""
    if any("parameters" not in function for function in functions(call)):
        crash("key 'parameters' not found")


@on_request("accepts.tools-crash", caught_by=["accepts.tools-without-crashing"])
def tools_crash(call: Call) -> None:
    """A server without tools crashes when it is offered some."""
    if functions(call):
        crash("Unsupported param: tools")


@on_request("accepts.prompt-must-be-text", caught_by=["accepts.prompt-list"])
def prompt_must_be_text(call: Call) -> None:
    """`prompt` must be one string."""
    if isinstance(posted(call).get("prompt"), list):
        refuse("prompt must be a string")


def _prompts(call: Call, kind: type) -> bool:
    """Whether the prompt is an array with entries of a kind."""
    prompt = posted(call).get("prompt")
    return isinstance(prompt, list) and any(isinstance(entry, kind) for entry in prompt)


@on_request("accepts.token-ids-crash", caught_by=["accepts.token-ids"])
def token_ids_crash(call: Call) -> None:
    """The tokenizer is given token ids."""
    if _prompts(call, int):
        crash("expected string or bytes-like object")


@on_request("accepts.token-id-lists-crash", caught_by=["accepts.token-id-lists"])
def token_id_lists_crash(call: Call) -> None:
    """A batch of prompts must be texts; each is stripped before it is looked at."""
    if _prompts(call, list):
        crash("'list' object has no attribute 'strip'")


@on_request("accepts.no-prompt-crashes", caught_by=["accepts.missing-prompt"])
def no_prompt_crashes(call: Call) -> None:
    """A request without prompt makes the server crash."""
    if call.endpoint == "completions" and "prompt" not in posted(call):
        crash("KeyError: 'prompt'")


@on_request("accepts.suffix-crashes", caught_by=["accepts.suffix-without-crashing"])
def suffix_crashes(call: Call) -> None:
    """A suffix makes a model without insertion crash."""
    if posted(call).get("suffix") is not None:
        crash("the model has no insertion tokens")


@on_request("accepts.zero-cap-refused", caught_by=["accepts.zero-max-tokens"])
def zero_cap_refused(call: Call) -> None:
    """`max_tokens` must be at least 1."""
    if posted(call).get("max_tokens") == 0:
        raise Refusal(400, "max_tokens must be at least 1", param="max_tokens")
