"""Reading: what a conversation holds comes into the prompt; nothing of it is dropped in silence.

Judged by `prompt_tokens` alone: a long text in a place costs more than a short one in that place,
whatever the tokenizer and the template are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from accord_contracts.ask import Ask
from accord_contracts.exchange import Request
from accord_contracts.finding import need
from accord_contracts.rule import SHOULD, AsyncProblems, scenario
from accord_contracts.rules.prompts import prompt_tokens
from accord_contracts.rules.refusal_messages import AFTER_A_CALL
from accord_contracts.views import Answer

JSON = dict[str, Any]
Params = Callable[[str], JSON]
"""Parameters of a chat that has a given text in the place in question."""

SHORT: Final = "Yes."
LONG: Final = "The sea is wide and blue."
QUESTION: Final[JSON] = {"role": "user", "content": "Go on."}


def _turns(*messages: JSON) -> JSON:
    return {"messages": [*messages, QUESTION]}


async def _read(ask: Ask, params: Params) -> AsyncProblems:
    """Yield a problem where a long text costs no more than a short one.

    Raises:
        NotApplicable: the server does not count, or counts any prompt alike.
        Unsupported, CouldNotRun: the conversation is refused.
    """
    letter, sentence = await ask.all(ask.make.text("chat", "a"), ask.make.chat())
    grows = prompt_tokens(letter) < prompt_tokens(sentence)
    need(grows, "prompt_tokens that grow with the prompt")
    short, long = await ask.all(*(_request(ask, params(text)) for text in (SHORT, LONG)))
    least, most = prompt_tokens(short), prompt_tokens(long)
    if most <= least:
        yield Answer(long).problem(
            f"more prompt tokens than {least}, which a shorter text in its place costs",
            str(most),
            "/usage/prompt_tokens",
            compared=(short,),
        )


def _request(ask: Ask, params: JSON) -> Request:
    return ask.make.brief.varied("chat", params)


@scenario(
    "chat.instructions-are-read",
    SHOULD,
    endpoints=["chat"],
    spec="#/components/schemas/SystemMessage",
)
async def instructions_are_read(ask: Ask) -> AsyncProblems:
    """A `system` message comes into the prompt, or is refused: a longer one costs more.

    Why: it says what the assistant may do; without it the model does anything, and nobody sees
    why.

    Seen: no server that is known; templates of models without that role leave it out.

    Sources: the OpenAPI description of OpenAI, `ChatCompletionRequestSystemMessage`.

    Violation: 12 `prompt_tokens` for one word of instructions, and 12 for a page.
    """
    async for problem in _read(ask, lambda text: _turns({"role": "system", "content": text})):
        yield problem


@scenario(
    "chat.past-turns-are-read",
    SHOULD,
    endpoints=["chat"],
    spec="#/components/schemas/ChatCompletionRequest/properties/messages",
)
async def past_turns_are_read(ask: Ask) -> AsyncProblems:
    """What was said before the last question comes into the prompt.

    Why: the model is asked to go on, and does not know with what.

    Seen: no server that is known; adapters that hand the last message on, as a prompt.

    Sources: the OpenAPI description of OpenAI, `messages`: the conversation so far.

    Violation: 12 `prompt_tokens` for `Go on.` after a word, and 12 for it after a page.
    """
    answered = {"role": "assistant", "content": SHORT}
    async for problem in _read(
        ask, lambda text: _turns({"role": "user", "content": text}, answered)
    ):
        yield problem


@scenario(
    "chat.every-part-is-read",
    SHOULD,
    endpoints=["chat"],
    features=["parts"],
    spec="#/components/schemas/TextPart",
)
async def every_part_is_read(ask: Ask) -> AsyncProblems:
    """Of several text parts the last one comes into the prompt as well as the first.

    Why: frameworks send a document as one part, and the question about it as another.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `ChatCompletionRequestUserMessage`: an array.

    Violation: 12 `prompt_tokens` for two parts, however long one of them is.
    """
    async for problem in _read(ask, lambda text: _parts(SHORT, text)):
        yield problem


def _parts(*texts: str) -> JSON:
    content = [{"type": "text", "text": text} for text in texts]
    return {"messages": [{"role": "user", "content": content}]}


@scenario(
    "chat.tool-results-are-read",
    SHOULD,
    endpoints=["chat"],
    features=["tools"],
    spec="#/components/schemas/ToolMessage",
)
async def tool_results_are_read(ask: Ask) -> AsyncProblems:
    """What a tool has found comes into the prompt, or is refused.

    Why: the agent calls the tool again, or makes the result up.

    Seen: no server that is known; templates that do not know the role leave it out.

    Sources: the OpenAPI description of OpenAI, `ChatCompletionRequestToolMessage`.

    Violation: 40 `prompt_tokens` for the result `Yes.`, and 40 for a page.
    """
    *before, result = AFTER_A_CALL["messages"]

    def found(text: str) -> JSON:
        # Without `tools`: they cost more than all the rest.
        return {"messages": [*before, {**result, "content": text}]}

    async for problem in _read(ask, found):
        yield problem
