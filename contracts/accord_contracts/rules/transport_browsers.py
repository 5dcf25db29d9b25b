"""Transport: what browsers need before a page of another origin may ask (CORS)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from accord_contracts.ask import Ask, supported
from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import Problem, need
from accord_contracts.kinds import ALL_ENDPOINTS
from accord_contracts.rule import MAY, AsyncProblems, scenario
from accord_contracts.rules.endpoints import PATHS, plain
from accord_contracts.views import Answer, show

ORIGIN: Final = "https://app.example"


def _preflight(path: str, method: str) -> Request:
    """What a browser asks before it sends a request with a key from another site."""
    headers = (
        ("origin", ORIGIN),
        ("access-control-request-method", method),
        ("access-control-request-headers", "authorization,content-type"),
    )
    return Request("OPTIONS", path, headers=headers, authorized=False)


def _allows_origin(exchange: Exchange) -> bool:
    return exchange.header("access-control-allow-origin") in {"*", ORIGIN}


def _allows_headers(exchange: Exchange) -> bool:
    allowed = (exchange.header("access-control-allow-headers") or "").lower()
    names = {name.strip() for name in allowed.split(",")}
    return "*" in names or {"authorization", "content-type"} <= names


@scenario(
    "transport.{endpoint}-preflight",
    MAY,
    endpoints=ALL_ENDPOINTS,
    spec="#/servers",
    covers=["HTP-003"],
)
async def preflight(ask: Ask) -> AsyncProblems:
    """A CORS preflight is answered with a 2xx that allows the origin, the key and JSON.

    It carries no key: browsers never send one with it.

    Why: without it no page of another origin can use the server.

    Seen: LocalAI, llama-swap, RouteLLM, GPT4All, BricksLLM, LM Studio (off by default).

    Sources: mudler/LocalAI#710, mostlygeek/llama-swap#42, lm-sys/RouteLLM#43,
    nomic-ai/gpt4all#2196, bricks-cloud/BricksLLM#45, lmstudio-ai/lmstudio-bug-tracker#443.

    Violation: `HTTP 405` to `OPTIONS /chat/completions`
    """
    method = "GET" if ask.endpoint == "models" else "POST"
    base, answer = await ask.all(plain(ask), _preflight(PATHS[ask.endpoint], method))
    supported(base)
    if not answer.ok:
        yield Problem("a 2xx for a preflight", answer.outcome, answer)
        return
    for holds, name in (
        (_allows_origin(answer), "access-control-allow-origin"),
        (_allows_headers(answer), "access-control-allow-headers"),
    ):
        if not holds:
            found = show(answer.header(name))
            yield Answer(answer).problem(f"{name} for the request", found, header=name)


@scenario(
    "transport.answers-allow-the-origin",
    MAY,
    endpoints=["models"],
    spec="#/servers",
    covers=["HTP-003"],
)
async def answers_allow_the_origin(ask: Ask) -> AsyncProblems:
    """Where a preflight is answered, the answer itself allows the origin too.

    Why: without `access-control-allow-origin` the browser keeps the answer from the page.

    Seen: LocalAI.

    Sources: mudler/LocalAI#710.

    Violation: an answer to a request with `origin` that lacks `access-control-allow-origin`.
    """
    request = replace(ask.make.models(), headers=(("origin", ORIGIN),))
    before, answer = await ask.all(_preflight(PATHS["models"], "GET"), request)
    need(before.ok and _allows_origin(before), "an answer to a preflight")
    supported(answer)
    if not _allows_origin(answer):
        name = "access-control-allow-origin"
        yield Answer(answer).problem("* or the origin", show(answer.header(name)), header=name)
