"""What HTTP asks for: keys, methods, paths, headers, CORS, rate limits."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import httpx
import pytest

from accord_contracts.server import ReferenceServer, Settings

GETS = ("/models", "/models/accord-small")
POSTS = ("/completions", "/chat/completions")
KEY = "sk-the-right-one"


@pytest.fixture(scope="module")
def keyed() -> Iterator[httpx.Client]:
    with (
        ReferenceServer(Settings(api_key=KEY)) as server,
        httpx.Client(base_url=server.base_url) as client,
    ):
        yield client


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", f"Basic {KEY}", KEY, "Bearer sk-another", "Bearer clé"],
)
@pytest.mark.parametrize("path", [*GETS, *POSTS, "/nowhere"])
def test_without_the_key_nothing_is_served(
    keyed: httpx.Client, path: str, header: str | None
) -> None:
    headers = {} if header is None else {b"authorization": header.encode()}
    response = keyed.request("POST" if path in POSTS else "GET", path, headers=headers)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "invalid_api_key"
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert "www-authenticate" in response.headers
    assert "another" not in response.text


@pytest.mark.parametrize("header", [f"Bearer {KEY}", f"bearer {KEY}", f"Bearer  {KEY}"])
def test_with_the_key_all_is_served(keyed: httpx.Client, header: str) -> None:
    assert keyed.get("/models", headers={"authorization": header}).status_code == 200


def test_preflight_needs_no_key(keyed: httpx.Client) -> None:
    for path in (*GETS, *POSTS):
        response = keyed.options(
            path,
            headers={"origin": "https://example.com", "access-control-request-method": "POST"},
        )
        assert response.status_code == 204
        assert response.headers["access-control-allow-origin"] == "*"
        assert "POST" in response.headers["access-control-allow-methods"]
        assert "authorization" in response.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        *(("POST", path, "GET, HEAD, OPTIONS") for path in GETS),
        *(("DELETE", path, "GET, HEAD, OPTIONS") for path in GETS),
        *((method, path, "POST, OPTIONS") for path in POSTS for method in ("GET", "PUT", "HEAD")),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    http: httpx.Client, method: str, path: str, allowed: str
) -> None:
    response = http.request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == allowed
    if method != "HEAD":
        assert response.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", ["/nowhere", "/chat", "/chat/completions/x", "/../v2/models"])
def test_an_unknown_path_is_not_found(http: httpx.Client, path: str) -> None:
    for method in ("GET", "POST"):
        response = http.request(method, path)
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "unknown_url"


@pytest.mark.parametrize("path", GETS)
def test_head_is_get_without_the_body(http: httpx.Client, path: str) -> None:
    get, head = http.get(path), http.head(path)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize("path", GETS)
def test_a_trailing_slash_is_tolerated_without_redirect(http: httpx.Client, path: str) -> None:
    assert http.get(f"{path}/").json() == http.get(path).json()
    body = {"model": "accord-small", "prompt": "x"}
    assert http.post("/completions/", json=body).status_code == 200


def test_every_answer_has_its_own_id_and_says_how_long_it_took(http: httpx.Client) -> None:
    answers = [http.get("/models"), http.get("/nowhere"), http.post("/completions", json={})]
    answers += [http.put("/models"), http.options("/models")]
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)
    for answer in answers:
        assert answer.headers["openai-processing-ms"].isdecimal()
        assert answer.headers["access-control-allow-origin"] == "*"


def test_the_body_decides_about_streaming_not_the_accept_header(http: httpx.Client) -> None:
    body = {"model": "accord-small", "prompt": "x", "max_tokens": 1}
    for stream, accept, expected in (
        (False, "text/event-stream", "application/json"),
        (True, "application/json", "text/event-stream; charset=utf-8"),
    ):
        response = http.post(
            "/completions", json={**body, "stream": stream}, headers={"accept": accept}
        )
        assert response.headers["content-type"] == expected


def test_json_is_compact_utf_8(http: httpx.Client) -> None:
    body = {"model": "accord-small", "prompt": "東京", "echo": True, "max_tokens": 0}
    content = http.post("/completions", json=body).content
    assert "東京".encode() in content
    assert b'": ' not in content


def test_beyond_the_rate_limit_calls_have_to_wait() -> None:
    with ReferenceServer(Settings(rate_limit=2)) as server:
        url = f"{server.base_url}/models"
        assert [httpx.get(url).status_code for _ in range(2)] == [200, 200]
        refused = httpx.get(url)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.json()["error"]["code"] == "rate_limit_exceeded"
    with ReferenceServer(Settings(rate_limit=1, rate_window=0)) as server:
        assert all(httpx.get(f"{server.base_url}/models").is_success for _ in range(3))


@pytest.mark.parametrize("path", ["/", "/openapi.json", "/v1/openapi.json", "/-/stats"])
def test_what_helps_people_is_served_without_a_key(keyed: httpx.Client, path: str) -> None:
    response = keyed.get(keyed.base_url.copy_with(path=path))
    assert response.status_code == 200
    assert isinstance(response.json(), dict)


def test_the_contract_is_served_as_it_is_shipped(http: httpx.Client) -> None:
    served: Any = http.get("/openapi.json")
    assert served.content == (files("accord_api") / "openapi.json").read_bytes()
