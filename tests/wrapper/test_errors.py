"""What goes wrong, and what the user is told; retries on a real socket."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import re
import socket
from typing import Any

import httpx
import pytest
from loopback import FOREVER, HANG_UP, Caller, Wire, ask, http, httpx_on_trio, jsonic

import accord
from accord import errors

KEY = "sk-secret-0123456789"
ENVELOPE = {"error": {"message": "no such thing", "type": "t", "param": "p", "code": "c"}}


def tree(cls: type[accord.AccordError]) -> list[type[accord.AccordError]]:
    return [cls, *[leaf for sub in cls.__subclasses__() for leaf in tree(sub)]]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequestError),
        (401, errors.AuthenticationError),
        (403, errors.PermissionDeniedError),
        (404, errors.NotFoundError),
        (405, errors.APIStatusError),
        (409, errors.ConflictError),
        (422, errors.UnprocessableEntityError),
        (429, errors.RateLimitError),
        (500, errors.InternalServerError),
        (529, errors.InternalServerError),
        (200, errors.APIStatusError),
    ],
)
def test_a_refusal_says_everything(
    caller: Caller, wire: Wire, status: int, kind: type[accord.AccordError]
) -> None:
    wire.replies = [[jsonic(ENVELOPE, status)]]
    with pytest.raises(kind) as caught:
        caller.call(ask, base_url=wire.base_url, max_retries=0)
    error = caught.value
    assert type(error) is kind
    assert (error.message, error.type, error.param, error.code) == ("no such thing", "t", "p", "c")
    assert (error.status, error.request_id, error.attempts) == (status, "req-7", 1)
    assert json.loads(error.body or "") == ENVELOPE
    assert (error.headers or {})["X-Request-Id"] == "req-7"
    assert f"{status}: no such thing [c] (request req-7)" in str(error)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "flat"}, "flat"),
        ({"object": "error", "message": "flat", "code": 40301}, "flat"),
        ({"detail": "flat"}, "flat"),
        (
            {"detail": [{"loc": ["body", "n"], "msg": "bad"}, {"msg": "worse"}]},
            "body.n: bad; worse",
        ),
        ({"error": {"message": None}}, "Whatever (application/json, no error message)"),
        ({"error": []}, "Whatever (application/json, no error message)"),
        ([], "Whatever (application/json, no error message)"),
        (b"<html>Bad gateway</html>", "Whatever (text/html, no error message)"),
        (b"", "Whatever (text/html, no error message)"),
        (b"\xff\xfe", "Whatever (text/html, no error message)"),
    ],
)
def test_error_bodies_of_other_shapes(wire: Wire, body: Any, message: str) -> None:
    wire.replies = [
        [http(body, 400, "text/html") if isinstance(body, bytes) else jsonic(body, 400)]
    ]
    with (
        accord.Client(base_url=wire.base_url) as client,
        pytest.raises(errors.BadRequestError) as caught,
    ):
        ask(client)
    assert caught.value.message == message
    assert len(caught.value.body or "") <= 1000


@pytest.mark.parametrize(
    "reply",
    [
        http(b"<html>a proxy</html>", kind="text/html"),
        http(b"{", kind="application/json"),
        http(b"", 204),
        jsonic([1]),
        jsonic({"status": "ok"}),
        http(b"[" * 100_000),
        pytest.param(http(b"not gzip", content_encoding="gzip"), marks=httpx_on_trio),
    ],
)
def test_an_answer_that_is_not_the_contracts(caller: Caller, wire: Wire, reply: bytes) -> None:
    wire.replies = [[reply]]
    with pytest.raises(accord.InvalidAnswerError, match=re.escape(wire.base_url)) as caught:
        caller.call(ask, base_url=wire.base_url)
    assert "/v1" in (caught.value.hint or "")
    assert len(wire.requests) == 1


def test_a_server_that_is_not_there(caller: Caller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(accord.APIConnectionError, match=re.escape(url)) as caught:
        caller.call(ask, base_url=url, max_retries=1)
    assert caught.value.attempts == 2
    assert isinstance(caught.value.__cause__, httpx.ConnectError)


def test_a_server_that_is_silent(caller: Caller, wire: Wire) -> None:
    wire.replies = [[FOREVER]]
    timeout = httpx.Timeout(120, read=0.1)
    with pytest.raises(accord.APITimeoutError) as caught:
        caller.call(ask, base_url=wire.base_url, timeout=timeout, max_retries=0)
    assert caught.value.phase == "read"


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 529])
def test_what_may_pass_is_tried_again(caller: Caller, wire: Wire, status: int) -> None:
    refusal = jsonic(ENVELOPE, status, retry_after="0")
    wire.replies = [[refusal], [refusal], [jsonic({"choices": []})]]
    assert caller.call(ask, base_url=wire.base_url).choices == []
    assert len({request.body for request in wire.requests}) == 1
    assert len(wire.requests) == 3


def test_a_lost_connection_is_tried_again(caller: Caller, wire: Wire) -> None:
    wire.replies = [
        [HANG_UP],
        [b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", HANG_UP],
        [jsonic({"choices": []})],
    ]
    assert caller.call(ask, base_url=wire.base_url).choices == []
    assert len(wire.requests) == 3


def test_tries_are_counted_and_end(caller: Caller, wire: Wire) -> None:
    wire.replies = [[jsonic(ENVELOPE, 429, retry_after="0")]]
    with pytest.raises(accord.RateLimitError) as caught:
        caller.call(ask, base_url=wire.base_url)
    assert (caught.value.attempts, len(wire.requests)) == (3, 3)
    assert caught.value.retry_after == 0


def test_a_wait_that_is_too_long_is_left_to_the_user(caller: Caller, wire: Wire) -> None:
    wire.replies = [[jsonic(ENVELOPE, 429, retry_after="3600")]]
    with pytest.raises(accord.RateLimitError) as caught:
        caller.call(ask, base_url=wire.base_url)
    assert (caught.value.attempts, caught.value.retry_after) == (1, 3600)


@pytest.mark.parametrize("status", [400, 401, 404, 422])
def test_what_will_not_pass_is_not_tried_again(caller: Caller, wire: Wire, status: int) -> None:
    wire.replies = [[jsonic(ENVELOPE, status)]]
    with pytest.raises(accord.APIStatusError):
        caller.call(ask, base_url=wire.base_url)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("kind", tree(errors.AccordError))
def test_every_error_can_be_pickled_and_copied(kind: type[accord.AccordError]) -> None:
    facts = errors.Facts(
        404, "req-7", "c", "p", "t", "{}", {"a": "b"}, 2, ("503: x",), 1.5, "try this"
    )
    error = kind("went wrong", facts)
    for twin in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):  # noqa: S301 - our own
        assert (type(twin), vars(twin), str(twin)) == (kind, vars(error), str(error))


def test_the_tree_is_drawn_in_full() -> None:
    drawn = inspect.getdoc(errors) or ""
    for kind in tree(errors.AccordError):
        assert re.search(rf"\b{kind.__name__}\b", drawn)
        assert getattr(accord, kind.__name__) is kind


@pytest.mark.parametrize("key", ["api_key", "header", "environment"])
def test_keys_are_sent_and_never_shown(
    caller: Caller, wire: Wire, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {"base_url": wire.base_url.replace("//", f"//user:{KEY}@")}
    if key == "environment":
        monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    else:
        options |= {"api_key": KEY} if key == "api_key" else {"default_headers": {"Api-Key": KEY}}
    wire.replies = [[jsonic({"error": {"message": f"wrong key {KEY}", "code": "c"}}, 401)]]
    with pytest.raises(accord.AuthenticationError) as caught:
        caller.call(ask, **options)
    sent = wire.requests[0].headers
    assert sent["api-key" if key == "header" else "authorization"].endswith(KEY)
    shown = [
        str(caught.value),
        repr(caught.value),
        repr(vars(caught.value)),
        repr(accord.Client(**options)),
    ]
    assert KEY not in " ".join(shown)
    assert KEY.encode() not in pickle.dumps(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": "127.0.0.1:8000/v1"},
        {"base_url": "ftp://127.0.0.1/v1"},
        {"base_url": "http://"},
        {"base_url": f"http://127.0.0.1:{KEY}/v1"},
        {"api_key": f"{KEY}\nx"},
        {"api_key": f"{KEY}\u2019"},
        {"default_headers": {"Api-Key": f"{KEY}\r\n"}},
        {"max_retries": -1},
    ],
)
@pytest.mark.parametrize("kind", [accord.Client, accord.AsyncClient])
def test_what_can_not_be_used_is_refused_at_once(kind: Any, options: dict[str, Any]) -> None:
    with pytest.raises(accord.ConfigurationError) as caught:
        kind(**options)
    assert KEY not in repr(caught.value) + str(caught.value.__cause__)
