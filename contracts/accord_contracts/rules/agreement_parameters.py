"""Agreement on parameters: what changes the JSON answer changes the stream as well."""

from __future__ import annotations

from accord_contracts.ask import Ask, streamed, supported
from accord_contracts.finding import need
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import SHOULD, THOROUGH, AsyncProblems, scenario
from accord_contracts.rules.agreement import agreeing_pair, first_text
from accord_contracts.rules.parameters import BIASED_TOKENS, FORCED
from accord_contracts.views import show


@scenario(
    "agreement.{endpoint}-reads-logit-bias",
    SHOULD,
    endpoints=GENERATING,
    features=["logit_bias", "stream"],
    spec="#/components/schemas/LogitBias",
    effort=THOROUGH,
)
async def reads_logit_bias(ask: Ask) -> AsyncProblems:
    """Where `logit_bias` changes the text of the JSON answer, it changes the stream's too.

    Why: a token is banned or forced, and in the stream it is not.

    Seen: no server that is known; streams have a code path of their own, which lacks some
    parameters.

    Sources: the OpenAPI description of OpenAI, `logit_bias`.

    Violation: the stream has the text without bias.
    """
    plain, _ = await agreeing_pair(ask)
    request = ask.make.text(ask.endpoint, logit_bias={str(BIASED_TOKENS[0]): FORCED})
    biased = supported(await ask(request))
    need(biased.texts != plain.texts, "a JSON answer that the bias has changed")
    stream = streamed(await ask.text(stream=True, logit_bias={str(BIASED_TOKENS[0]): FORCED}))
    if stream.texts == plain.texts:
        expected = f"the text with logit_bias, {show(first_text(biased))}"
        others = (biased.exchange, plain.exchange)
        yield stream.problem(expected, show(first_text(stream)), compared=others)
