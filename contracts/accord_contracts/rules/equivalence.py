"""Equivalence: asking for the same in another way gets the same answer.

None of these rules knows what a model should say. They compare two answers of one server, once it
is known to repeat itself. `accord_contracts.properties` does so for texts that Hypothesis makes up.
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import takewhile
from typing import Any, Final

from accord_contracts.ask import Ask, supported
from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import need
from accord_contracts.kinds import GENERATING
from accord_contracts.requests import SEVERAL
from accord_contracts.rule import MUST, QUICK, SHOULD, AsyncProblems, scenario
from accord_contracts.rules.accepting import answer_to, answered
from accord_contracts.rules.accepts import null_optionals, null_stop, null_stream_options
from accord_contracts.rules.accepts_history import unknown_parameters
from accord_contracts.rules.accepts_prompts import OTHER_PROMPT, two_prompts
from accord_contracts.rules.agreement import BROKEN, excerpt, first_text, squeezed
from accord_contracts.rules.parameters import CAP
from accord_contracts.views import Answer, is_int

BEGINNING: Final = 3
"""Characters that two answers to one prompt share, however they were computed."""


def by_index(answer: Answer) -> list[str]:
    """The texts of an answer in the order of their choices' indexes, without white space."""
    pairs = zip(answer.choices, answer.texts, strict=True)
    indexed = [(c.get("index"), n, text) for n, (c, text) in enumerate(pairs)]
    ordered = sorted((index if is_int(index) else n, n, text) for index, n, text in indexed)
    return [squeezed(text) for _, _, text in ordered]


def shortened(expected: str, actual: str) -> bool:
    """Whether a text is the beginning of another, and ends too early."""
    return actual != expected and expected.startswith(actual)


def unlike(expected: str, actual: str) -> bool:
    """Whether two texts can't be one answer, not even of a server that rounds now this way.

    What is computed several at a time is rounded otherwise than what is computed alone. So two
    answers to one prompt may part in the middle; but they begin alike, and neither ends early.
    """
    pairs = zip(expected, actual, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    shorter = min(len(expected), len(actual))
    return expected != actual and (shared == shorter or shared < BEGINNING)


async def differing(
    ask: Ask,
    exchanges: tuple[Exchange, ...],
    expected: str,
    texts: tuple[str, str],
    pointer: str = "/choices",
) -> AsyncProblems:
    """Yield a problem where a difference that was seen between answers holds again.

    Args:
        ask: asks again.
        exchanges: what was compared; the last one is to blame.
        expected: what it should say, in words.
        texts: what it should say, and says.
        pointer: where in its answer.
    """
    if await ask.holds_again(*exchanges):
        wanted, actual = texts
        yield Answer(exchanges[-1]).problem(
            f"{expected}: {excerpt(wanted, actual)}",
            excerpt(actual, wanted),
            pointer,
            compared=exchanges[:-1],
        )


async def same_texts(ask: Ask, plain: Answer, answer: Answer, expected: str) -> AsyncProblems:
    """Yield a problem where two answers that should have the same texts have others."""
    if answer.texts != plain.texts:
        exchanges, texts = (
            (plain.exchange, answer.exchange),
            (first_text(plain), first_text(answer)),
        )
        async for problem in differing(ask, exchanges, expected, texts):
            yield problem


@scenario(
    "equivalence.{endpoint}-larger-cap-extends",
    MUST,
    endpoints=GENERATING,
    spec="#/components/schemas/ChatCompletionRequest/properties/max_tokens",
    covers=["REQ-002"],
    effort=QUICK,
)
async def larger_cap_extends(ask: Ask) -> AsyncProblems:
    """At temperature 0 a text under a small cap is the beginning of the text under a larger one.

    White space, and a character that the cap has cut in two, are not judged.

    Why: a cap says where to stop, not what to say; clients that go on after `length` join the two.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `max_tokens`: an upper bound for what is generated.

    Violation: `The sky` with a cap of 16 tokens, and `Blue` with a cap of 3.
    """
    plain = await ask.repeatable()
    short = await ask(ask.make.capped(ask.endpoint, CAP))
    whole, start = squeezed(first_text(plain)), squeezed(first_text(supported(short)))
    start = start.rstrip(BROKEN)
    need(start and len(start) <= len(whole), f"a text that a cap of {CAP} tokens makes shorter")
    if not whole.startswith(start):
        texts = first_text(plain), first_text(Answer(short))
        expected = "the beginning of the longer text"
        async for problem in differing(ask, (plain.exchange, short), expected, texts):
            yield problem


@scenario(
    "equivalence.text-part-is-text",
    SHOULD,
    endpoints=["chat"],
    features=["parts"],
    spec="#/components/schemas/TextPart",
    covers=["JSN-039"],
    effort=QUICK,
)
async def text_part_is_text(ask: Ask) -> AsyncProblems:
    """A message whose content is one text part gets the answer that the text itself gets.

    Why: frameworks write a content in either way, and their users wonder why answers differ.

    Seen: templates of models in vLLM, MLX and llama.cpp.

    Sources: penta2himajin/qwisp#83, openclaw/openclaw#64543.

    Violation: an answer about braces and quotes, because the part came into the prompt as JSON.
    """
    plain = await ask.repeatable()
    part = {"type": "text", "text": ask.target.prompt}
    parted = await ask.chat([{"role": "user", "content": [part]}])
    need(first_text(plain), "a text")
    async for problem in same_texts(ask, plain, supported(parted), "the text as for the string"):
        yield problem


@scenario(
    "equivalence.{endpoint}-null-is-absent",
    MUST,
    endpoints=GENERATING,
    spec="#/components/schemas/ChatCompletionRequest",
    covers=["REQ-006"],
)
async def null_is_absent(ask: Ask) -> AsyncProblems:
    """An optional parameter that is null changes no text: it says what leaving it out says.

    Whether nulls are accepted is for other rules; those that are refused are not judged here.

    Why: clients in typed languages send null for whatever the user has not set.

    Seen: no server that is known; some refuse a null.

    Sources: the OpenAPI description of OpenAI, which gives nullable parameters their defaults;
    LostRuins/koboldcpp#643.

    Violation: a text that ends at the word `None`, because `stop` was null.
    """
    plain = await ask.repeatable()
    builders = (null_stop, null_stream_options, null_optionals)
    asked = await ask.all(*(build(ask) for build in builders))
    nulled = [exchange for exchange in asked if answered(exchange)]
    need(first_text(plain) and nulled, "texts with nulls among the parameters, and without")
    for exchange in nulled:
        answer = Answer(exchange)
        async for problem in same_texts(ask, plain, answer, "the text as without the null"):
            yield problem


@scenario(
    "equivalence.{endpoint}-unknown-parameters-change-nothing",
    SHOULD,
    endpoints=GENERATING,
    spec="#/components/schemas/ChatCompletionRequest",
)
async def unknown_parameters_change_nothing(ask: Ask) -> AsyncProblems:
    """A parameter that the server does not know is refused, or it changes no text.

    Why: clients send what other servers take; it must not cost them what this one takes.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI; vllm-project/vllm#10463.

    Violation: with `accord_unknown: true` the temperature is what the server likes.
    """
    plain = await ask.repeatable()
    exchange = await ask(unknown_parameters(ask))
    need(first_text(plain), "a text")
    answer = supported(exchange)
    async for problem in same_texts(ask, plain, answer, "the text as without the parameter"):
        yield problem


@scenario(
    "equivalence.{endpoint}-spelling-changes-nothing",
    MUST,
    endpoints=GENERATING,
    spec="#/components/schemas/ChatCompletionRequest",
)
async def spelling_changes_nothing(ask: Ask) -> AsyncProblems:
    r"""The order of members, white space and `\u` escapes in a body change nothing.

    Why: every language writes JSON in its own way, and not all can choose.

    Seen: no server that is known.

    Sources: RFC 8259, sections 2, 4 and 7.

    Violation: a 422 where `model` is the last member.
    """
    request = respelled(ask.make.text(ask.endpoint))
    async for problem in answer_to(ask, request):
        yield problem
    exchange = await ask(request)
    if not answered(exchange):
        return
    plain = await ask.repeatable()
    need(first_text(plain), "a text")
    answer = Answer(exchange)
    async for problem in same_texts(ask, plain, answer, "the text as for the usual spelling"):
        yield problem


def respelled(request: Request) -> Request:
    """The same JSON in other bytes."""
    return replace(request, body=spelled(request.json).encode())


def spelled(value: Any) -> str:
    r"""Write a JSON value as few do: the last member first, much white space, texts in escapes."""
    if isinstance(value, dict):
        members = (f"{json.dumps(name)} :\t{spelled(value[name])}" for name in reversed(value))
        return "{\r\n " + "\r\n, ".join(members) + "\n}"
    if isinstance(value, list):
        return "[ " + " , ".join(map(spelled, value)) + " ]"
    if isinstance(value, str) and value:
        units = value.encode("utf-16-be", "surrogatepass").hex("-", 2)
        return '"\\u' + units.replace("-", "\\u") + '"'
    return json.dumps(value)


@scenario(
    "equivalence.prompt-list-is-each-alone",
    MUST,
    endpoints=["completions"],
    spec="#/components/schemas/Prompt",
    covers=["REQ-024"],
)
async def prompt_list_is_each_alone(ask: Ask) -> AsyncProblems:
    """Each prompt of a list gets the answer that it gets alone, under its own index.

    Answers may part in the middle: several at a time are rounded otherwise than one alone.

    Why: evaluation harnesses score each answer against its prompt, and find nonsense.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `prompt` and `index`.

    Violation: for two prompts, the second one's answer comes first.
    """
    plain = await ask.repeatable()
    both, other = await ask.all(
        ask.make.completion(two_prompts(ask)), ask.make.completion(OTHER_PROMPT)
    )
    alone = [squeezed(first_text(plain)), squeezed(first_text(supported(other)))]
    listed = by_index(supported(both))
    need(all(alone) and len(listed) == len(alone), "a text for each prompt, alone and in a list")
    wrong = [n for n, (a, b) in enumerate(zip(alone, listed, strict=True)) if unlike(a, b)]
    for n in wrong[:1]:
        exchanges, texts = (plain.exchange, other, both), (alone[n], listed[n])
        async for problem in differing(ask, exchanges, f"what prompt {n} gets alone", texts):
            yield problem


@scenario(
    "equivalence.{endpoint}-each-of-n-is-whole",
    SHOULD,
    endpoints=GENERATING,
    features=["n"],
    spec="#/components/schemas/ChoiceCount",
    covers=["JSN-007", "TXT-007"],
    effort=QUICK,
)
async def each_of_n_is_whole(ask: Ask) -> AsyncProblems:
    """With `n`, at temperature 0, the first choice is the one that comes alone, and none is cut.

    Answers may part in the middle: several at a time are rounded otherwise than one alone.

    Why: a client that takes one choice of several must not get less than if it asked for one.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `n` and `max_tokens`.

    Violation: three choices of five tokens each, where the one alone has sixteen.
    """
    plain = await ask.repeatable()
    several = await ask.text(n=SEVERAL)
    alone, texts = squeezed(first_text(plain)), by_index(supported(several))
    need(alone and len(texts) > 1, "texts with n and without")
    wrong = [n for n, text in enumerate(texts) if shortened(alone, text)]
    wrong = [0] if unlike(alone, texts[0]) else wrong
    for n in wrong[:1]:
        exchanges, expected = (plain.exchange, several), f"a choice {n} as whole as the one alone"
        pair, pointer = (alone, texts[n]), f"/choices/{n}"
        async for problem in differing(ask, exchanges, expected, pair, pointer):
            yield problem


@scenario(
    "equivalence.echo-adds-the-prompt",
    SHOULD,
    endpoints=["completions"],
    features=["echo"],
    spec="#/components/schemas/CompletionRequest/properties/echo",
    covers=["TXT-011"],
)
async def echo_adds_the_prompt(ask: Ask) -> AsyncProblems:
    """With `echo`, the text is the prompt and then the text that comes without it.

    White space is not judged.

    Why: clients cut the prompt off and take the rest for the answer.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `echo`: the prompt in addition to the completion.

    Violation: the prompt, and one token less than without `echo`.
    """
    plain = await ask.repeatable()
    echoed = await ask.completion(echo=True)
    prompt, text = squeezed(ask.target.prompt), squeezed(first_text(supported(echoed)))
    need(first_text(plain) and text.startswith(prompt), "a text that begins with the prompt")
    wanted = prompt + squeezed(first_text(plain))
    if text != wanted:
        exchanges, expected = (plain.exchange, echoed), "the prompt and the text as without echo"
        pointer = "/choices/0/text"
        async for problem in differing(ask, exchanges, expected, (wanted, text), pointer):
            yield problem
