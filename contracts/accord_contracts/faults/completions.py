"""Faults of text completions."""

from __future__ import annotations

from accord_contracts.faults.accepts import posted
from accord_contracts.faults.bank import JSON, on_answer, on_request
from accord_contracts.server.hooks import Call, Refusal


def completing(call: Call) -> JSON:
    """The body of a request for text completions; empty for any other."""
    return posted(call) if call.endpoint == "completions" else {}


# ------------------------------------------------------------------------------------- shape


@on_request("completions.no-endpoint", caught_by=["completions.endpoint-exists"])
def no_endpoint(call: Call) -> None:
    """There is no `/completions`."""
    if call.endpoint == "completions":
        raise Refusal(404, f"Invalid URL ({call.method} {call.path})", code="unknown_url")


@on_answer("completions.message-for-text", caught_by=["completions.choices-have-text"])
def message_for_text(call: Call, answer: JSON) -> None:
    """Choices have a chat's message in place of their text."""
    if call.endpoint == "completions":
        for choice in answer["choices"]:
            choice["message"] = {"role": "assistant", "content": choice.pop("text")}


@on_answer("completions.chat-id", caught_by=["completions.id-has-its-prefix"])
def chat_id(call: Call, answer: JSON) -> None:
    """The id is that of a chat completion."""
    if call.endpoint == "completions":
        answer["id"] = "chat" + answer["id"]


# ----------------------------------------------------------------------------------- prompts


@on_request(
    "completions.first-prompt-only",
    caught_by=[
        "completions.prompt-list-is-answered",
        "completions.n-counts-for-each-prompt",
        "completions.usage-counts-all-prompts",
    ],
)
def first_prompt_only(call: Call) -> None:
    """The first prompt of a list is answered."""
    prompt = completing(call).get("prompt")
    if isinstance(prompt, list) and prompt and isinstance(prompt[0], str):
        call.body["prompt"] = prompt[0]


@on_request("completions.prompts-joined", caught_by=["completions.prompt-list-is-answered"])
def prompts_joined(call: Call) -> None:
    """The prompts of a list are joined into one."""
    prompt = completing(call).get("prompt")
    if isinstance(prompt, list) and all(isinstance(entry, str) for entry in prompt):
        call.body["prompt"] = "\n".join(prompt)


@on_request("completions.token-id-prompts", caught_by=["completions.token-ids-are-one-prompt"])
def token_id_prompts(call: Call) -> None:
    """Each item of an array is taken for a prompt, also where it is a token id."""
    prompt = completing(call).get("prompt")
    if isinstance(prompt, list) and all(isinstance(entry, int) for entry in prompt):
        call.body["prompt"] = [[token] for token in prompt]


@on_request("completions.token-ids-joined", caught_by=["completions.token-id-lists-are-prompts"])
def token_ids_joined(call: Call) -> None:
    """Arrays of token ids are flattened into one prompt."""
    prompt = completing(call).get("prompt")
    if isinstance(prompt, list) and all(isinstance(entry, list) for entry in prompt):
        call.body["prompt"] = [token for entry in prompt for token in entry]


@on_request("completions.n-ignored", caught_by=["completions.honours-n"])
def n_ignored(call: Call) -> None:
    """`n` is not known, and ignored."""
    completing(call).pop("n", None)


@on_request("completions.n-once", caught_by=["completions.n-counts-for-each-prompt"])
def n_once(call: Call) -> None:
    """`n` is ignored where there are several prompts."""
    if isinstance(completing(call).get("prompt"), list):
        call.body.pop("n", None)


@on_answer("completions.choice-major", caught_by=["completions.indexes-are-prompt-major"])
def choice_major(call: Call, answer: JSON) -> None:
    """The index counts through the prompts first."""
    n, prompt = completing(call).get("n"), completing(call).get("prompt")
    if isinstance(prompt, list) and isinstance(n, int):
        for choice in answer["choices"]:
            choice["index"] = choice["index"] % n * len(prompt) + choice["index"] // n


@on_answer("completions.one-prompt-counted", caught_by=["completions.usage-counts-all-prompts"])
def one_prompt_counted(call: Call, answer: JSON) -> None:
    """Of several prompts a share is counted."""
    prompt = completing(call).get("prompt")
    if isinstance(prompt, list):
        answer["usage"]["prompt_tokens"] //= len(prompt)


@on_answer("completions.prompt-counted-twice", caught_by=["completions.usage-counts-a-prompt-once"])
def prompt_counted_twice(call: Call, answer: JSON) -> None:
    """The prompt is counted once for each choice."""
    n = completing(call).get("n")
    if isinstance(n, int):
        answer["usage"]["prompt_tokens"] *= n


@on_request("completions.templated", caught_by=["completions.prompt-is-raw"])
def templated(call: Call) -> None:
    """The prompt is put into a chat's template."""
    if isinstance(completing(call).get("prompt"), str):
        call.body["prompt"] = f"<|user|>{call.body['prompt']}<|assistant|>"


# ------------------------------------------------------------------ echo, suffix and best_of


@on_request("completions.echo-ignored", caught_by=["completions.echo-puts-the-prompt-first"])
def echo_ignored(call: Call) -> None:
    """`echo` is not known, and ignored."""
    completing(call).pop("echo", None)


@on_request("completions.suffix-ignored", caught_by=["completions.suffix-is-read"])
def suffix_ignored(call: Call) -> None:
    """`suffix` is not known, and ignored."""
    completing(call).pop("suffix", None)


@on_request(
    "completions.best-of-ignored",
    caught_by=[
        "completions.best-of-is-read",
        "completions.best-of-cannot-stream",
        "completions.best-of-is-at-least-n",
    ],
)
def best_of_ignored(call: Call) -> None:
    """`best_of` is not known, and ignored."""
    completing(call).pop("best_of", None)


@on_request("completions.best-of-coerced", caught_by=["completions.best-of-is-read"])
def best_of_coerced(call: Call) -> None:
    """A `best_of` that is no number becomes its default, in silence."""
    if not isinstance(completing(call).get("best_of"), int):
        completing(call).pop("best_of", None)


@on_request("completions.best-of-streams", caught_by=["completions.best-of-cannot-stream"])
def best_of_streams(call: Call) -> None:
    """In a stream the first candidate is taken for the best."""
    if call.streams:
        completing(call).pop("best_of", None)


@on_request("completions.best-of-raised", caught_by=["completions.best-of-is-at-least-n"])
def best_of_raised(call: Call) -> None:
    """A `best_of` smaller than `n` is raised to it."""
    n, best = completing(call).get("n"), completing(call).get("best_of")
    if isinstance(n, int) and isinstance(best, int):
        call.body["best_of"] = max(n, best)


# ------------------------------------------------------------------------- log probabilities


@on_answer("completions.chat-logprobs", caught_by=["completions.logprobs-are-four-arrays"])
def chat_logprobs(call: Call, answer: JSON) -> None:
    """Log probabilities have the shape of chat."""
    for choice in answer["choices"] if completing(call) else []:
        if found := choice["logprobs"]:
            pairs = zip(found["tokens"], found["token_logprobs"], strict=True)
            choice["logprobs"] = {"content": [{"token": t, "logprob": p} for t, p in pairs]}


@on_answer("completions.uneven-logprobs", caught_by=["completions.logprobs-are-four-arrays"])
def uneven_logprobs(call: Call, answer: JSON) -> None:
    """The alternatives of the first token are missing."""
    for choice in answer["choices"] if completing(call) else []:
        if choice["logprobs"]:
            del choice["logprobs"]["top_logprobs"][:1]


@on_request(
    "completions.logprobs-zero-ignored",
    caught_by=["completions.logprobs-zero-gives-the-drawn-token"],
)
def logprobs_zero_ignored(call: Call) -> None:
    """`logprobs: 0` is taken for not asked."""
    if completing(call).get("logprobs") == 0:
        del call.body["logprobs"]


@on_request("completions.logprobs-clamped", caught_by=["completions.logprobs-above-five"])
def logprobs_clamped(call: Call) -> None:
    """More than five alternatives are cut to four, with the drawn token five at most."""
    if isinstance(asked := completing(call).get("logprobs"), int) and asked > 5:
        call.body["logprobs"] = 4


@on_answer("completions.offsets-zero", caught_by=["completions.text-offset-counts-characters"])
def offsets_zero(call: Call, answer: JSON) -> None:
    """All offsets are zero."""
    for choice in answer["choices"] if completing(call) else []:
        if found := choice["logprobs"]:
            found["text_offset"] = [0] * len(found["tokens"])


@on_answer("completions.offsets-of-bytes", caught_by=["completions.text-offset-counts-characters"])
def offsets_of_bytes(call: Call, answer: JSON) -> None:
    """Offsets count bytes."""
    for choice in answer["choices"] if completing(call) else []:
        if found := choice["logprobs"]:
            places = found["text_offset"]
            found["text_offset"] = [len(choice["text"][:place].encode()) for place in places]


# ----------------------------------------------------------------------------------- no text


@on_request("completions.one-token-leaks", caught_by=["completions.zero-tokens-generate-nothing"])
def one_token_leaks(call: Call) -> None:
    """At least one token is always drawn."""
    if completing(call).get("max_tokens") == 0:
        call.body["max_tokens"] = 1
