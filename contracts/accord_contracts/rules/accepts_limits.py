"""Acceptance of limits: the outermost values that the contract allows are answered.

A table, as in `wrongs`: what lies on the far side of a limit is for the refusals; what lies on the
near side is here. The control has an ordinary value of the same parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from accord_contracts.ask import Ask
from accord_contracts.exchange import Request
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import MAY, SHOULD, AsyncProblems, Level, scenario
from accord_contracts.rules.accepting import answer_to
from accord_contracts.rules.refusal_values import LONGEST_NAME, MOST_PAIRS, tool_called
from accord_contracts.rules.stops import NEVER
from accord_contracts.rules.wrongs import SCHEMA, UNKNOWN

SCHEMAS: Final = "#/components/schemas/"


@dataclass(frozen=True)
class Limit:
    """The limits of one parameter.

    Attributes:
        name: the rule's, after `accepts.{endpoint}-limits-of-`.
        obligation: one sentence.
        why: which client suffers, and how.
        spec: a JSON pointer into the spec.
        cases: requests at a limit.
        control: the request with an ordinary value.
        fault: what a server does that refuses a limit, as one sentence.
    """

    name: str
    obligation: str
    why: str
    spec: str
    cases: tuple[dict[str, Any], ...]
    control: dict[str, Any]
    fault: str
    level: Level = SHOULD
    endpoints: tuple[str, ...] = GENERATING
    features: tuple[str, ...] = ()
    seen: str = UNKNOWN

    @property
    def id(self) -> str:
        """The rule's id, with `{endpoint}` in it."""
        return f"accepts.{{endpoint}}-limits-of-{self.name}"

    @property
    def docstring(self) -> str:
        """The documentation of the rule, as a function would have it."""
        parts = (f"Why: {self.why}", f"Seen: {self.seen}", f"Sources: {SCHEMA}its ranges.")
        violation = f"Violation: `HTTP 400` to `{self.cases[0]}`"
        return "\n\n".join((self.obligation, *parts, violation.replace("'", '"')))


LIMITS: Final = (
    Limit(
        "temperature",
        "A `temperature` of 0 and one of 2 are answered, where others are.",
        "0 is what every test and every extraction asks for.",
        SCHEMAS + "Temperature",
        ({"temperature": 0}, {"temperature": 2}),
        {"temperature": 0.7},
        "A temperature must be above 0 and below 2.",
    ),
    Limit(
        "top-p",
        "A `top_p` of 0 and one of 1 are answered, where others are.",
        "1 is the default, which many clients send with every request.",
        SCHEMAS + "TopP",
        ({"top_p": 0}, {"top_p": 1}),
        {"top_p": 0.5},
        "A `top_p` must be above 0 and below 1.",
    ),
    Limit(
        "penalties",
        "Penalties of -2 and of 2 are answered, where others are.",
        "sliders end there.",
        SCHEMAS + "PresencePenalty",
        (
            {"presence_penalty": 2, "frequency_penalty": 2},
            {"presence_penalty": -2, "frequency_penalty": -2},
        ),
        {"presence_penalty": 0.5, "frequency_penalty": 0.5},
        "Penalties must lie between the limits, and not on them.",
    ),
    Limit(
        "stop",
        "A `stop` list of one string and one of four are answered, where a string is.",
        "frameworks always send the list; agents fill it.",
        SCHEMAS + "Stop",
        ({"stop": [NEVER[0]]}, {"stop": list(NEVER)}),
        {"stop": NEVER[0]},
        "There may be two or three stop sequences in a list.",
        features=("stop",),
    ),
    Limit(
        "seed",
        "A `seed` may be any 64-bit integer, negative ones too, where small ones are taken.",
        "programs draw it from all 64 bits.",
        SCHEMAS + "Seed",
        ({"seed": 2**63 - 1}, {"seed": -(2**63)}),
        {"seed": 1},
        "A seed must fit into 32 bits.",
        features=("seed",),
    ),
    Limit(
        "logit-bias",
        "Biases of -100 and of 100 are answered, where others are.",
        "they ban a token and force one, which is what the parameter is used for.",
        SCHEMAS + "LogitBias",
        ({"logit_bias": {"5": -100}}, {"logit_bias": {"5": 100}}),
        {"logit_bias": {"5": 1}},
        "Biases must lie between the limits, and not on them.",
        features=("logit_bias",),
    ),
    Limit(
        "max-tokens",
        "A `max_tokens` of 1 is answered, where others are.",
        "classifiers read one token, and no more.",
        SCHEMAS + "CompletionRequest/properties/max_tokens",
        ({"max_tokens": 1},),
        {"max_tokens": 3},
        "A cap must leave room for two tokens.",
    ),
    Limit(
        "max-completion-tokens",
        "A `max_completion_tokens` of 1 is answered, where others are.",
        "classifiers read one token, and no more.",
        SCHEMAS + "ChatCompletionRequest/properties/max_completion_tokens",
        ({"max_completion_tokens": 1},),
        {"max_completion_tokens": 3},
        "A `max_completion_tokens` must leave room for two tokens.",
        endpoints=("chat",),
    ),
    Limit(
        "top-logprobs",
        "A `top_logprobs` of 0 and one of 20 are answered, where others are.",
        "whoever wants to see all that there is asks for 20.",
        SCHEMAS + "ChatCompletionRequest/properties/top_logprobs",
        ({"logprobs": True, "top_logprobs": 0}, {"logprobs": True, "top_logprobs": 20}),
        {"logprobs": True, "top_logprobs": 2},
        "A `top_logprobs` must lie between the limits, and not on them.",
        level=MAY,
        endpoints=("chat",),
        features=("logprobs",),
    ),
    Limit(
        "logprobs",
        "A `logprobs` of 5 is answered, where a smaller one is.",
        "whoever wants to see all that there is asks for 5.",
        SCHEMAS + "CompletionRequest/properties/logprobs",
        ({"logprobs": 5},),
        {"logprobs": 2},
        "A `logprobs` must be below 5.",
        level=MAY,
        endpoints=("completions",),
        features=("logprobs",),
    ),
    Limit(
        "tool-names",
        f"A function's name may have {LONGEST_NAME} characters: letters, digits, `_` and `-`.",
        "frameworks put the server's name, the module's and the function's into it.",
        SCHEMAS + "FunctionName",
        (tool_called("get-Weather_" + "2" * (LONGEST_NAME - 12)),),
        tool_called("get_weather"),
        "A function's name has letters and underscores alone.",
        endpoints=("chat",),
        features=("tools",),
    ),
    Limit(
        "metadata",
        f"A `metadata` of {MOST_PAIRS} pairs is answered, where one pair is.",
        "programs fill it with all that they know of a request.",
        SCHEMAS + "Metadata",
        ({"metadata": {f"key{n}": "value" for n in range(MOST_PAIRS)}},),
        {"metadata": {"purpose": "conformance"}},
        "There may be fifteen pairs.",
        level=MAY,
        endpoints=("chat",),
    ),
)


def _request(ask: Ask, params: dict[str, Any]) -> Request:
    return ask.make.brief.varied(ask.endpoint, params)


def _make_rules(limit: Limit) -> None:
    async def check(ask: Ask) -> AsyncProblems:
        for params in limit.cases:
            request = _request(ask, params)
            async for problem in answer_to(ask, request, lambda ask: _request(ask, limit.control)):
                yield problem

    check.__doc__ = limit.docstring
    scenario(
        limit.id,
        limit.level,
        endpoints=limit.endpoints,
        spec=limit.spec,
        features=limit.features,
    )(check)


for _limit in LIMITS:
    _make_rules(_limit)
