"""Where requests go: the path, the method, the query."""

from __future__ import annotations

from typing import Final

from accord_contracts.clients.obligation import Breach, Breaches, on_request
from accord_contracts.clients.received import BASE, Received
from accord_contracts.rule import MAY, MUST, SHOULD

_LISTS: Final = "/models"
_METHODS: Final = {
    f"{BASE}/completions": "POST",
    f"{BASE}/chat/completions": "POST",
    f"{BASE}{_LISTS}": "GET",
}
_ENDINGS: Final = ("/chat/completions", "/completions", _LISTS)
"""How the paths of endpoints end, wherever they begin."""

_ASKING: Final = ("OPTIONS", "HEAD")
"""Methods that ask about an address, as browsers do before they use it."""


def _plain(path: str) -> str:
    """A path as it was probably meant: single slashes, none at the end, small letters."""
    words = [word for word in path.lower().split("/") if word]
    return "/" + "/".join(words)


def _method_of(path: str) -> str | None:
    """The method of the operation at a path; None where there is none."""
    model = path.removeprefix(f"{BASE}{_LISTS}/")
    return "GET" if model not in {path, ""} else _METHODS.get(path)


def _own_choice(request: Received) -> bool:
    """About requests whose address the client chose, and not the server by a redirect."""
    return not request.redirected


@on_request("request.goes-below-the-base-url", MUST, about=_own_choice, spec="#/servers")
def goes_below_the_base_url(request: Received) -> Breaches:
    """A request goes to the base URL followed by the path of an endpoint, and nothing between.

    Why: a client that drops the path of the base URL, or adds a `/v1` of its own, can't be
    pointed at any server but its favourite.

    Violation: `POST /chat/completions`, or `/v1/v1/chat/completions`, when the base URL ends in
    `/v1`.
    """
    path = _plain(request.path)
    if path.startswith(f"{BASE}{_LISTS}/"):
        return  # a model may be called models
    endpoint = next((ending for ending in _ENDINGS if path.endswith(ending)), None)
    if endpoint and path != BASE + endpoint:
        yield Breach(f"it went to another path than {BASE}{endpoint}, which the base URL gives")


@on_request("request.path-is-spelled-exactly", MUST, about=_own_choice, spec="#/paths")
def path_is_spelled_exactly(request: Received) -> Breaches:
    """A path is spelled as in the contract: no doubled slash, none at its end, no capitals.

    Why: many servers answer 404 to a doubled slash, or redirect a trailing one, and a redirected
    POST loses its body in many clients.

    Violation: `POST /v1//chat/completions`, from a base URL that ends in a slash.
    """
    plain = _plain(request.path)
    if plain in _METHODS and request.path != plain:
        yield Breach(f"the path is not spelled {plain}")


@on_request(
    "request.model-is-encoded-in-the-path",
    MUST,
    about=_own_choice,
    spec="#/components/parameters/ModelId",
)
def model_is_encoded_in_the_path(request: Received) -> Breaches:
    """A slash in a model's id is sent percent-encoded in `/models/{model}`.

    Why: servers that match one path segment answer 404 to `/models/org/name`.

    Violation: `GET /v1/models/org/name` instead of `/v1/models/org%2Fname`.
    """
    model = request.path.removeprefix(f"{BASE}{_LISTS}/")
    if model != request.path and "/" in model.strip("/"):
        yield Breach("the model's id has a slash that is not percent-encoded")


@on_request("request.method-is-the-endpoint's", MUST, about=_own_choice, spec="#/paths")
def method_is_the_endpoints(request: Received) -> Breaches:
    """An endpoint is called with its method: GET for models, POST for completions and chats.

    Why: servers answer 405 to any other.

    Violation: `GET /v1/chat/completions`.
    """
    method = _method_of(request.path)
    if method and request.method not in {method, *_ASKING}:
        yield Breach(f"it is a {request.method}, where the contract has {method}")


@on_request("request.is-in-the-contract", MAY, about=_own_choice, spec="#/paths")
def is_in_the_contract(request: Received) -> Breaches:
    """A request goes to one of the four endpoints.

    Why: others are no part of this contract; nothing is said about them here, and not every
    compatible server has them.

    Violation: `POST /v1/embeddings`.
    """
    path = _plain(request.path)
    if _method_of(path) is None and not path.endswith(_ENDINGS):
        yield Breach("it goes to none of the four endpoints, so it was not judged further")


@on_request("request.has-no-query", SHOULD, about=_own_choice, spec="#/paths")
def has_no_query(request: Received) -> Breaches:
    """A request has no query: no endpoint takes one.

    Why: a server may refuse what it does not know, and a key in a query ends up in logs.

    Violation: `POST /v1/chat/completions?api-version=2`.
    """
    if request.query:
        yield Breach("there is a query, and no endpoint takes one")
