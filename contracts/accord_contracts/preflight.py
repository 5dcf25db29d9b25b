"""Preflight: settle who is judged before anything is, or say what to do about it.

It finds the model, and the *baseline*: the parameters that keep answers short and repeatable,
as far as this server accepts them. Everything it sends is shared with the rules.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import CouldNotRun
from accord_contracts.requests import Requests
from accord_contracts.session import Session
from accord_contracts.target import Target
from accord_contracts.views import Answer, items, members, text

CAP: Final = 16
"""Tokens that a baseline answer may have: enough for a text, cheap enough to ask often."""

EXAMPLE: Final = "http://127.0.0.1:8000/v1"


class TargetError(Exception):
    """The target can't be judged. The message says what was tried and what to do.

    Attributes:
        hint: what to do next; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


ENDPOINT_PATHS: Final = ("/chat/completions", "/completions", "/models")


def check_url(url: str) -> str:
    """Give a base URL in its normal form, without a slash at the end.

    Raises:
        TargetError: it is none. What may be a password in it is not repeated.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        _ = parts.port  # is read out of the URL here, and raises where it is none
    except ValueError as error:
        raise TargetError(f"the base URL is none: {error}", f"try {EXAMPLE}") from error
    if parts.scheme not in {"http", "https"}:
        bare = url.rpartition("@")[2]
        guess = f"http://{bare}" if "://" not in url else EXAMPLE
        raise TargetError(
            f"the base URL {bare!r} does not start with http:// or https://", f"try {guess}"
        )
    if not parts.hostname:
        raise TargetError(f"the base URL {url!r} names no host", f"try {EXAMPLE}")
    if "@" in parts.netloc:
        raise TargetError(
            "the base URL holds a user name, and servers of this kind take a key",
            "leave out what stands before the @; the key goes into --api-key or OPENAI_API_KEY",
        )
    if parts.query or parts.fragment:
        raise TargetError(
            "the base URL has a query or a fragment, and paths are added at its end",
            "leave out what follows the ? or #",
        )
    return _without_endpoint(url.rstrip("/"))


def _without_endpoint(url: str) -> str:
    """See that a base URL is no endpoint's."""
    for path in ENDPOINT_PATHS:
        if url.endswith(path):
            shown = Target(url.removesuffix(path)).shown_url
            raise TargetError(
                f"the base URL ends in {path}, which is an endpoint's path", f"use {shown}"
            )
    return url


def check_key(key: str | None) -> None:
    """See that a key is one that can be sent.

    Raises:
        TargetError: it is not. The key is not repeated.
    """
    if key is not None and not (key.isascii() and key.isprintable()):
        raise TargetError(
            "the key has characters that no header can carry",
            "look for a line end or a typographic quote in --api-key or OPENAI_API_KEY",
        )
    if key is not None and key.lower().startswith("bearer "):
        raise TargetError(
            "the key begins with the word Bearer", "leave the word out; it is sent with every key"
        )


def baselines(seed: int) -> Iterator[dict[str, Any]]:
    """The parameters to try, the best first."""
    quiet = {"temperature": 0}
    yield {"max_tokens": CAP, **quiet, "seed": seed}
    yield {"max_tokens": CAP, **quiet}
    yield {"max_completion_tokens": CAP, **quiet, "seed": seed}
    yield {"max_tokens": CAP}
    yield {"max_completion_tokens": CAP}
    yield {}


async def prepare(
    target: Target, session: Session, *, seed: int, endpoints: frozenset[str]
) -> Target:
    """Give the target with its model and its baseline.

    Raises:
        TargetError: it can't be reached, refuses the key, or has no such model; or the budget is
            too small to find out.
    """
    check_key(target.api_key)
    try:
        return await _prepare(target, session, seed, endpoints)
    except CouldNotRun as error:
        raise TargetError(
            f"no request could be sent to find out about the server: {error}",
            "raise --max-tokens-total",
        ) from error


async def _prepare(
    target: Target, session: Session, seed: int, endpoints: frozenset[str]
) -> Target:
    listing = await session.ask(Requests(target).models())
    _require_reached(target, listing)
    lists = listing.ok and _is_data(listing)
    if not (lists or target.model):
        await _look_below(target, session, listing)
    listed = _listed(listing)
    model = target.model or _first(target, listing, listed)
    settled = await _settle(target.having(model=model), session, seed, endpoints)
    if not lists and not (settled and settled[1].ok):
        await _look_below(target, session, listing)
    if settled is None:
        return target.having(model=model, baseline=next(baselines(seed)))
    accepted, answer = settled
    _require_model(accepted, answer, listed)
    return accepted


def _require_reached(target: Target, listing: Exchange) -> None:
    """See that something answers at the base URL, and takes the key."""
    if listing.status is None and (listing.unreached or not target.model):
        raise _not_reached(target, listing)
    if listing.status == 401 or (listing.status == 403 and not target.model):
        raise TargetError(
            f"GET {target.shown_url}/models answered {listing.status}: "
            + ("the key was refused" if target.api_key else "a key is needed"),
            "give the right key with --api-key or OPENAI_API_KEY",
        )


def _not_reached(target: Target, listing: Exchange) -> TargetError:
    if listing.silent and not listing.unreached:
        rest = "" if target.model else "; if the rest answers, name a model with --model"
        return TargetError(
            f"GET {target.shown_url}/models gave no answer: {listing.failure}",
            f"is the server busy? --timeout waits longer{rest}",
        )
    return TargetError(
        f"{target.shown_url} can't be reached: {listing.failure}", _reach_hint(target, listing)
    )


def _is_data(exchange: Exchange) -> bool:
    """Whether the body is JSON, as an API's is: an object or an array."""
    return isinstance(exchange.json, dict | list)


async def _look_below(target: Target, session: Session, listing: Exchange) -> None:
    """Where the base URL lists no models, look whether the API is one step further."""
    if listing.status is None:
        raise _not_reached(target, listing)
    below = await session.ask(Request("GET", "/v1/models"))
    if below.ok and _is_data(below):
        raise TargetError(
            f"GET {target.shown_url}/models answered {listing.status}, "
            f"but {target.shown_url}/v1/models answers as the API does",
            f"use the base URL {target.shown_url}/v1",
        )
    redirected = listing.header("location") if 300 <= (listing.status or 0) < 400 else None
    if _is_data(listing) or (redirected and target.model):
        return
    if redirected:
        raise TargetError(
            f"GET {target.shown_url}/models answered {listing.status}, "
            f"which leads to {redirected[:200]}; clients of this API follow no redirects",
            "use the base URL that it leads to, or name a model with --model",
        )
    what = "HTML" if "html" in listing.media_type or b"<html" in listing.body[:500] else "no JSON"
    raise TargetError(
        f"GET {target.shown_url}/models answered {listing.status} with {what}; "
        f"{target.shown_url}/v1/models was tried too, and is no better",
        f"the base URL is what comes before /models, as in {EXAMPLE}",
    )


def _reach_hint(target: Target, listing: Exchange) -> str:
    why = (listing.failure or "").lower()
    if "wrong_version" in why or "record layer" in why or "unknown_protocol" in why:
        return "what answers there speaks no TLS: use http:// in place of https://"
    if "certificate" in why or "ssl" in why:
        return "TLS failed: name the authority that signed the certificate in SSL_CERT_FILE"
    parts = urlsplit(target.base_url)
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.hostname or ""):
        variable = f"{parts.scheme.upper()}_PROXY"
        return f"{variable} sends this through a proxy; NO_PROXY={parts.hostname} goes around it"
    return "is the server running, and are host and port right?"


def _listed(listing: Exchange) -> list[str]:
    entries = items(Answer(listing).fields.get("data")) or items(listing.json)
    return [name for entry in entries if (name := text(members(entry).get("id")))]


def _first(target: Target, listing: Exchange, listed: Sequence[str]) -> str:
    if listed:
        return listed[0]
    raise TargetError(
        f"no model to ask: GET {target.shown_url}/models lists none ({listing.outcome})",
        "name one with --model" + _unless_v1(target),
    )


def _unless_v1(target: Target) -> str:
    """What else may be wrong where a base URL does not end as most do."""
    url = target.shown_url
    return "" if url.endswith("/v1") else f"; or is the base URL {url}/v1?"


async def _settle(
    target: Target, session: Session, seed: int, endpoints: frozenset[str]
) -> tuple[Target, Exchange] | None:
    """Find the first baseline that the server accepts; None where no endpoint generates."""
    generating = [name for name in ("chat", "completions") if name in endpoints]
    refusals: list[tuple[Target, Exchange]] = []
    for endpoint in generating:
        for baseline in baselines(seed):
            candidate = target.having(baseline=baseline)
            answer = await session.ask(Requests(candidate).text(endpoint))
            if answer.ok:
                return candidate, answer
            if answer.status in {401, 403}:
                raise TargetError(
                    f"POST {target.shown_url}{answer.request.path} answered {answer.status}",
                    "give the right key with --api-key or OPENAI_API_KEY",
                )
            refusals.append((candidate, answer))
            if answer.status not in {400, 422}:
                break
    return refusals[0] if refusals else None


def _require_model(target: Target, answer: Exchange, listed: Sequence[str]) -> None:
    """A model that is not listed, and that is refused, is not there."""
    if answer.ok or target.model in listed or answer.status not in {400, 404, 422}:
        return
    near = difflib.get_close_matches(target.model, listed, 3, 0.4) or listed[:5]
    raise TargetError(
        f"the server has no model {target.model!r}: {answer.outcome}",
        f"it lists {', '.join(near)}" if near else "",
    )
