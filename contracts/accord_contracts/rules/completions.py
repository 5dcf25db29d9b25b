"""Text completions: what the older of the two generating endpoints has of its own."""

from __future__ import annotations

from typing import Any

from accord_contracts.ask import Ask, supported
from accord_contracts.exchange import Exchange
from accord_contracts.finding import CouldNotRun, need
from accord_contracts.kinds import COMPLETION_STREAMS, COMPLETIONS
from accord_contracts.rule import MAY, MUST, SHOULD, AsyncProblems, Problems, invariant, scenario
from accord_contracts.rules.accepting import refusal_of
from accord_contracts.rules.accepts_prompts import suffix
from accord_contracts.rules.prompts import prompt_tokens
from accord_contracts.views import Answer, Stream, View, at, show, text


@scenario(
    "completions.endpoint-exists",
    SHOULD,
    endpoints=["completions"],
    spec="#/paths/~1completions/post",
    covers=["TXT-001"],
)
async def endpoint_exists(ask: Ask) -> AsyncProblems:
    """`POST /completions` exists: it does not answer as a path that nobody serves.

    Why: code completion and evaluation harnesses need raw prompts.

    Seen: Ollama (early 2024).

    Sources: ollama/ollama#3027.

    Violation: 404 `page not found`.
    """
    request = ask.make.completion()
    there, nowhere = await ask.all(
        request, ask.make.raw("/accord-no-such-path", request.body or b"")
    )
    if there.status is None:
        raise CouldNotRun(f"no answer to judge: {there.outcome}", there)
    if there.status in {404, 405, 501}:
        # A model that only chats gets a 404 as well, with another error than an unknown path.
        need(_kind_of_error(there) == _kind_of_error(nowhere), "an answer for the endpoint itself")
        answer = Answer(there)
        yield answer.problem("an answer", there.outcome, compared=(nowhere,))


def _kind_of_error(exchange: Exchange) -> tuple[Any, ...]:
    error = Answer(exchange).error
    return exchange.status, repr(error.get("type")), repr(error.get("code"))


@invariant(
    "completions.choices-have-text",
    MUST,
    on=COMPLETIONS,
    spec="#/components/schemas/CompletionChoice/properties/text",
    covers=["TXT-002"],
)
def choices_have_text(answer: Answer) -> Problems:
    """Every choice has a string `text`, and no `message`.

    Why: clients of this endpoint read `text`, and find nothing in a chat's message.

    Seen: modelz-llm.

    Sources: tensorchord/modelz-llm#83.

    Violation: `{"index": 0, "message": {"role": "assistant", "content": "Hi"}}`
    """
    need(answer.choices, "an answer with choices")
    for number, choice in enumerate(answer.choices):
        pointer = f"/choices/{number}"
        yield from answer.unless(isinstance(choice.get("text"), str), "a string", f"{pointer}/text")
        yield from answer.unless(
            choice.get("message") is None, "no chat message", f"{pointer}/message"
        )


@invariant(
    "completions.id-has-its-prefix",
    MAY,
    on=[COMPLETIONS, COMPLETION_STREAMS],
    spec="#/components/schemas/Completion/properties/id",
    covers=["TXT-003"],
)
def id_has_its_prefix(view: View) -> Problems:
    """The `id` begins with `cmpl-`.

    Why: logs and dashboards tell the endpoints apart by it.

    Seen: llama.cpp.

    Sources: ggml-org/llama.cpp#11346.

    Violation: `"id": "chatcmpl-123"`
    """
    chunks = view.chunks if isinstance(view, Stream) else ()
    chunk = next((chunk for chunk in chunks if text(chunk.at("/id"))), None)
    found = text(chunk.at("/id") if chunk else at(view.exchange.json, "/id"))
    need(found, "an answer with an id")
    if not found.startswith("cmpl-"):
        event = chunk.event if chunk else None
        yield view.problem("an id that begins with cmpl-", show(found), "/id", event=event)


@scenario(
    "completions.echo-puts-the-prompt-first",
    MUST,
    endpoints=["completions"],
    features=["echo"],
    spec="#/components/schemas/CompletionRequest/properties/echo",
    covers=["TXT-011"],
)
async def echo_puts_the_prompt_first(ask: Ask) -> AsyncProblems:
    """With `echo` the text begins with the prompt, or `echo` is refused.

    Why: harnesses that score a text find its tokens behind the prompt.

    Seen: Rapid-MLX, llama.cpp.

    Sources: raullenchai/Rapid-MLX#461, ggml-org/llama.cpp#8942.

    Violation: the same text as without `echo`.
    """
    answer = supported(await ask.completion(echo=True))
    found = answer.texts[0] if answer.texts else ""
    if not found.lstrip().startswith(ask.target.prompt.strip()):
        yield answer.problem(
            f"a text that begins with {show(ask.target.prompt)}", show(found), "/choices/0/text"
        )


@scenario(
    "completions.suffix-is-read",
    SHOULD,
    endpoints=["completions"],
    features=["suffix"],
    spec="#/components/schemas/CompletionRequest/properties/suffix",
    covers=["TXT-018"],
)
async def suffix_is_read(ask: Ask) -> AsyncProblems:
    """`suffix` is honoured or refused: it changes the text, or what the prompt costs.

    Why: an editor that inserts text which ignores what follows breaks the user's code.

    Seen: osaurus (before 2026-06).

    Sources: osaurus-ai/osaurus#1569, vllm-project/vllm#9976,
    arbs-io/github-copilot-llm-gateway#51.

    Violation: the same text and the same `prompt_tokens` with a suffix and without.
    """
    plain = await ask.repeatable()
    need(any(plain.texts), "a text without suffix")
    exchange = await ask(suffix(ask))
    answer = supported(exchange)
    same_cost = prompt_tokens(exchange) == prompt_tokens(plain.exchange)
    if answer.texts == plain.texts and same_cost:
        yield answer.problem(
            "another text or more prompt_tokens than without suffix",
            show(answer.texts),
            "/choices",
            compared=(plain.exchange,),
        )


@scenario(
    "completions.best-of-is-read",
    SHOULD,
    endpoints=["completions"],
    features=["best_of"],
    spec="#/components/schemas/CompletionRequest/properties/best_of",
    covers=["TXT-008"],
)
async def best_of_is_read(ask: Ask) -> AsyncProblems:
    """`best_of` is honoured or refused, never ignored.

    Nothing in an answer tells that the best was chosen. But a server that takes `best_of: 2`,
    and a word in its place just as well, does not read the parameter.

    Why: the client pays the wait for a quality that it does not get.

    Seen: Rapid-MLX.

    Sources: raullenchai/Rapid-MLX#733.

    Violation: 200 for `best_of: "many"`.
    """
    supported(await ask.completion(best_of=2))
    exchange = await ask.completion(best_of="many")
    # A crash is no clear refusal, but it shows that the parameter is read.
    if exchange.ok:
        yield Answer(exchange).problem("a 400, because best_of is a word", exchange.outcome)


@scenario(
    "completions.best-of-cannot-stream",
    SHOULD,
    endpoints=["completions"],
    features=["best_of", "stream"],
    spec="#/components/schemas/CompletionRequest/properties/best_of",
    covers=["TXT-009"],
)
async def best_of_cannot_stream(ask: Ask) -> AsyncProblems:
    """`best_of` above 1 with `stream` gets a 400.

    Why: the best is known at the end alone; what streams is not the best.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `best_of`.

    Violation: a stream in answer to `best_of: 2`.
    """
    request = ask.make.completion(best_of=2, stream=True)
    async for problem in refusal_of(ask, request, "the best of two can't be streamed"):
        yield problem


@scenario(
    "completions.best-of-is-at-least-n",
    SHOULD,
    endpoints=["completions"],
    features=["best_of", "n"],
    spec="#/components/schemas/CompletionRequest/properties/best_of",
    covers=["TXT-010"],
)
async def best_of_is_at_least_n(ask: Ask) -> AsyncProblems:
    """`best_of` smaller than `n` gets a 400.

    Why: nobody can give the best three of two; a client that gets fewer crashes.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `best_of`.

    Violation: 200 for `best_of: 2` with `n: 3`.
    """
    request = ask.make.completion(n=3, best_of=2)
    async for problem in refusal_of(ask, request, "best_of is smaller than n"):
        yield problem


@scenario(
    "completions.echo-of-zero-tokens",
    SHOULD,
    endpoints=["completions"],
    features=["echo"],
    spec="#/components/schemas/CompletionRequest/properties/echo",
    covers=["TXT-011"],
)
async def echo_of_zero_tokens(ask: Ask) -> AsyncProblems:
    """With `echo` and `max_tokens: 0` the text is the prompt, and nothing else.

    Why: harnesses score a text that they have by these two.

    Seen: no server that is known.

    Sources: EleutherAI/lm-evaluation-harness#1903.

    Violation: `"text": ""`
    """
    answer = supported(await ask.completion(max_tokens=0, echo=True))
    found = answer.at("/choices/0/text")
    whole = isinstance(found, str) and found.strip() == ask.target.prompt.strip()
    for problem in answer.unless(whole, show(ask.target.prompt), "/choices/0/text"):
        yield problem


@scenario(
    "completions.zero-tokens-generate-nothing",
    SHOULD,
    endpoints=["completions"],
    spec="#/components/schemas/CompletionRequest/properties/max_tokens",
    covers=["TXT-017"],
)
async def zero_tokens_generate_nothing(ask: Ask) -> AsyncProblems:
    """`max_tokens: 0` generates nothing, and finishes with `length`.

    Why: harnesses score a prompt with it; one token more shifts every score.

    Seen: Atlas.

    Sources: Avarok-Cybersecurity/atlas#291, EleutherAI/lm-evaluation-harness#1903.

    Violation: one token of text.
    """
    plain, none = await ask.all(ask.make.completion(), ask.make.completion(max_tokens=0))
    answer = supported(none)
    need(any(supported(plain).texts), "a text without the cap")
    choice = answer.at("/choices/0")
    need(isinstance(choice, dict), "an answer with a choice")
    for name, expected in (("text", ""), ("finish_reason", "length")):
        found = answer.at(f"/choices/0/{name}")
        for problem in answer.unless(found == expected, show(expected), f"/choices/0/{name}"):
            yield problem
