"""Finish: why an answer ended, and that it says so truly."""

from __future__ import annotations

from typing import Final

from accord_contracts.ask import Ask, supported
from accord_contracts.exchange import Request
from accord_contracts.finding import NotApplicable, need
from accord_contracts.kinds import ANSWERS, CHAT_ANSWERS
from accord_contracts.requests import Requests
from accord_contracts.rule import MUST, QUICK, SHOULD, AsyncProblems, Problems, invariant, scenario
from accord_contracts.rules.parameters import CAP
from accord_contracts.rules.stops import Cut
from accord_contracts.rules.usage import count
from accord_contracts.views import MISSING, Answer, choice_text, is_int, show

CHAT_REASONS: Final = ("stop", "length", "tool_calls", "content_filter", "function_call")
COMPLETION_REASONS: Final = ("stop", "length", "content_filter")

END_TOKENS: Final = (
    *("</s>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<|end|>"),
    *(
        "<end_of_turn>",
        "<|return|>",
        "<|EOT|>",
        "<\uff5cend\u2581of\u2581sentence\uff5c>",
        "<|END_OF_TURN_TOKEN|>",
    ),
)
"""How the models of our time end a turn, where the token is written out by mistake."""

LONG_ENOUGH: Final = 160
"""Tokens after which nearly every model has answered a question with one word, and ended."""


def one_word(make: Requests) -> Request:
    """A chat whose answer should end by itself."""
    return make.capped("chat", LONG_ENOUGH, "Answer with one word: which colour is the sea?")


@invariant(
    "finish.reason-is-known",
    MUST,
    on=ANSWERS,
    spec="#/components/schemas/ChatFinishReason",
    covers=["JSN-013"],
)
def reason_is_known(answer: Answer) -> Problems:
    """Every choice of an answer has one of the finish reasons that its endpoint knows.

    Why: clients decide by it whether to go on, to call tools or to stop; typed ones refuse what
    they do not know.

    Seen: TGI, Together, watsonx, mlx-lm, LiteLLM, SGLang, OpenRouter.

    Sources: huggingface/text-generation-inference#2344, vibrantlabsai/ragas#1548,
    ml-explore/mlx-lm#782, BerriAI/litellm#12481, Ascend/sglang#39,
    damianvtran/local-operator#223.

    Violation: `"finish_reason": "eos_token"`
    """
    need(answer.choices, "an answer with choices")
    known = CHAT_REASONS if answer.endpoint == "chat" else COMPLETION_REASONS
    for pointer, choice in answer.places:
        holds = choice.get("finish_reason", MISSING) in known
        expected = "one of " + ", ".join(known)
        yield from answer.unless(holds, expected, f"{pointer}/finish_reason")


@scenario(
    "finish.{endpoint}-length-when-cut",
    MUST,
    endpoints=["chat", "completions"],
    spec="#/components/schemas/ChatFinishReason",
    covers=["JSN-014"],
    effort=QUICK,
)
async def length_when_cut(ask: Ask) -> AsyncProblems:
    """An answer that the token cap cut has the finish reason `length`.

    Why: clients take a text that ends with `stop` for complete, and never ask for the rest.

    Seen: LocalAI, llama.cpp (2024), ik_llama.cpp, transformers serve, llm-d-inference-sim.

    Sources: mudler/LocalAI#3533, ggml-org/llama.cpp#7198, ikawrakow/ik_llama.cpp#2321,
    huggingface/transformers#42157, llm-d/llm-d-inference-sim#29.

    Violation: `"finish_reason": "stop"` after the first token of a sentence.
    """
    # Only a longer answer to the same question proves that there was something to cut.
    longer = await ask.repeatable()
    shorter = supported(await ask(ask.make.capped(ask.endpoint, CAP)))
    need(_is_cut(shorter, longer), f"an answer that a cap of {CAP} tokens cuts")
    reason = shorter.at("/choices/0/finish_reason")
    if reason != "length" and await ask.holds_again(shorter.exchange):
        yield shorter.problem(
            '"length", because with a higher cap the text goes on',
            show(reason),
            "/choices/0/finish_reason",
            compared=(longer.exchange,),
        )


def _is_cut(shorter: Answer, longer: Answer) -> bool:
    """Whether one text is the beginning of the other, and not all of it."""
    if len(shorter.texts) != 1 or len(longer.texts) != 1:
        return False
    short, long = shorter.texts[0], longer.texts[0]
    return long.startswith(short) and len(long.strip()) > len(short)


@scenario(
    "finish.{endpoint}-length-only-at-the-cap",
    SHOULD,
    endpoints=["chat", "completions"],
    spec="#/components/schemas/ChatFinishReason",
    covers=["JSN-015"],
    effort=QUICK,
)
async def length_only_at_the_cap(ask: Ask) -> AsyncProblems:
    """The finish reason `length` means that the cap was reached.

    Why: clients ask for the rest of an answer that is complete, or throw it away as cut.

    Seen: mlx-serve, llama.cpp (capacity stops, filters).

    Sources: ddalcu/mlx-serve#127, ggml-org/llama.cpp#28711.

    Violation: `"finish_reason": "length"` after 8 tokens, with `"max_tokens": 16`.
    """
    # The baseline's prompt is so short that no context can be full after it.
    answer = supported(await ask.text())
    need(answer.finish_reasons == ["length"], "an answer that was cut")
    cap, spent = _cap(answer), count(answer, "completion_tokens")
    need(cap, "a request with a cap")
    if spent < cap:
        expected = f'{cap} tokens, the cap, where the finish reason is "length"'
        yield answer.problem(expected, f"{spent} tokens", "/choices/0/finish_reason")


def _cap(answer: Answer) -> int:
    """The cap that a request sets; 0 where it sets none."""
    caps = answer.params.get("max_tokens"), answer.params.get("max_completion_tokens")
    return next((cap for cap in caps if is_int(cap)), 0)


@scenario(
    "finish.{endpoint}-stop-at-a-stop-sequence",
    MUST,
    endpoints=["chat", "completions"],
    features=["stop"],
    spec="#/components/schemas/ChatFinishReason",
    covers=["JSN-016"],
    effort=QUICK,
)
async def stop_at_a_stop_sequence(ask: Ask) -> AsyncProblems:
    """An answer that a stop sequence ended has the finish reason `stop`.

    Why: clients take it for cut, and ask for what comes after the stop sequence.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `finish_reason`.

    Violation: `"finish_reason": "length"` where the text ends in front of the stop sequence.
    """
    whole = await ask.repeatable()
    cut = Cut.at_word(whole.texts[0] if whole.texts else "")
    if cut is None:
        raise NotApplicable("an answer long enough to be stopped inside")
    stopped = supported(await ask.text(stop=cut.stop))
    need(
        [text.strip() for text in stopped.texts] == [cut.before.strip()],
        "an answer that ends in front of the stop sequence",
    )
    reason = stopped.at("/choices/0/finish_reason")
    if reason != "stop" and await ask.holds_again(stopped.exchange):
        yield stopped.problem(
            f'"stop", because the text ends in front of {show(cut.stop)}',
            show(reason),
            "/choices/0/finish_reason",
            compared=(whole.exchange,),
        )


@invariant(
    "finish.no-end-token-in-text",
    MUST,
    on=CHAT_ANSWERS,
    probes=[one_word],
    spec="#/components/schemas/ChatCompletionMessage/properties/content",
    covers=["JSN-033"],
)
def no_end_token_in_text(answer: Answer) -> Problems:
    """The token that ends a turn is not written out at the end of the text.

    Why: users see it, and sent back as the next turn it ends the conversation.

    Seen: mlx-knife, mistral.rs (2024).

    Sources: mzau/mlx-knife#20, EricLBuehler/mistral.rs#79.

    Violation: `"content": "Hello!<|im_end|>"`
    """
    # A marker that the request has may be repeated, as by a server that echoes.
    asked = (answer.exchange.request.body or b"").decode(errors="replace")
    tokens = [token for token in END_TOKENS if token not in asked]
    ended = [place for place in answer.places if place[1].get("finish_reason") == "stop"]
    need(ended, "an answer that ended by itself")
    for pointer, choice in ended:
        found = [token for token in tokens if choice_text(choice).rstrip().endswith(token)]
        if found:
            place = f"{pointer}/message/content"
            yield answer.problem("a text without the end token", f"{found[0]} at its end", place)
