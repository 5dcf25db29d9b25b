"""Traffic that browsers, proxies and HTTP clients kept is judged as if we had seen it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import foreign
import httpx
import pytest
from foreign import SECRET

from accord_contracts import har, judge
from accord_contracts.captured import Captured, NotJudged, capture, locate
from accord_contracts.exchange import Exchange
from accord_contracts.har import LeftOut
from accord_contracts.server import ReferenceServer, Settings

CHAT = {
    "model": "accord-small",
    "messages": [{"role": "user", "content": "Grüße!"}],
    "max_tokens": 9,
}
Answers = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def ask() -> Iterator[Answers]:
    """Ask a server that needs a key, as a client that sends it."""
    with (
        ReferenceServer(Settings(api_key=SECRET)) as server,
        httpx.Client(base_url=server.base_url) as client,
    ):
        yield lambda method="POST", path="/chat/completions", key=SECRET, **more: client.request(
            method, path, headers={"authorization": f"Bearer {key}"}, **more
        )


def read(*entries: foreign.JSON) -> list[Captured | LeftOut]:
    return list(har.read(json.dumps(foreign.document(*entries)).encode()))


def one(entry: foreign.JSON) -> Exchange:
    (captured,) = read(entry)
    assert isinstance(captured, Captured), captured
    return captured.exchange


@pytest.mark.parametrize("program", [foreign.plain, foreign.browser, foreign.proxy])
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_is_read_from_any_program(
    ask: Answers, program: Callable[[httpx.Response], foreign.JSON], stream: bool
) -> None:
    response = ask(json=CHAT | {"stream": stream})
    exchange = one(program(response))
    assert exchange.body == response.content
    assert exchange.request.body == response.request.content
    assert exchange.request.streams is stream
    assert exchange.header("content-encoding") is None
    assert SECRET not in repr(exchange)
    report = judge(exchange)
    assert report.exit_code(strict=True) == 0, str(report)


def test_what_a_server_breaks_is_found_in_a_recording(ask: Answers) -> None:
    entry = foreign.browser(ask(json=CHAT))
    content = entry["response"]["content"]
    content["text"] = content["text"].replace('"object":"chat.completion"', '"object":"answer"')
    broken = {finding.rule.id for finding in judge(one(entry)).failures}
    assert broken == {"answer.chat-names-its-object"}


def test_the_key_is_blotted_out_of_answers_that_repeat_it(ask: Answers) -> None:
    entry = foreign.plain(ask(json=CHAT))
    entry["response"]["content"]["text"] += SECRET
    assert SECRET.encode() not in one(entry).body


@pytest.mark.parametrize(
    ("url", "base_url", "path"),
    [
        ("https://x.example/v1/chat/completions", "https://x.example/v1", "/chat/completions"),
        ("http://h:1/a/models/m/v1/completions?key=k", "http://h:1/a/models/m/v1", "/completions"),
        ("http://me:pass@h/chat/completions", "http://h", "/chat/completions"),
    ],
)
def test_the_base_url_is_what_comes_before_the_endpoint(url: str, base_url: str, path: str) -> None:
    assert locate("POST", url) == (base_url, path)


@pytest.mark.parametrize("path", ["/models", "/models/m", "/models/org/name", "/models/org%2Fname"])
def test_a_model_is_named_with_slashes_or_without(path: str) -> None:
    assert locate("GET", f"http://h/v1{path}") == ("http://h/v1", path)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "http://h/v1/chat/completions"),
        ("OPTIONS", "http://h/v1/chat/completions"),
        ("POST", "http://h/v1/embeddings"),
        ("POST", "http://h/v1/chat/completions/"),
        ("GET", "http://h/v1/supermodels"),
        ("POST", "chrome-extension://x/chat/completions"),
        ("POST", "http://[/chat/completions"),
    ],
)
def test_what_is_none_of_the_endpoints_is_left_out(method: str, url: str) -> None:
    with pytest.raises(NotJudged):
        locate(method, url)


def changed(entry: foreign.JSON, path: str, value: Any) -> foreign.JSON:
    *parents, last = path.split(".")
    found = entry
    for name in parents:
        found = found[name]
    if value is None:
        del found[last]
    else:
        found[last] = value
    return entry


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("response.content.text", None, "the body of its answer was not recorded"),
        ("response.content.size", 10**6, "the body of its answer was not recorded whole"),
        ("request.postData", None, "the body of its request was not recorded"),
        ("response.status", 0, "no answer was recorded"),
        ("response", None, "no answer was recorded"),
        ("response.content.encoding", "base64", "it is not as HAR 1.2 says"),
        ("_accord", {}, "it is not as HAR 1.2 says"),
    ],
)
def test_what_is_not_there_is_not_judged(ask: Answers, path: str, value: Any, reason: str) -> None:
    entry = changed(foreign.plain(ask(json=CHAT)), path, value)
    (left_out,) = read(entry)
    assert isinstance(left_out, LeftOut)
    assert left_out.reason == reason
    assert left_out.request.startswith("POST http://127.0.0.1")


def test_an_answer_that_the_page_gave_up_is_not_blamed_on_the_server(ask: Answers) -> None:
    entry = foreign.plain(ask(json=CHAT | {"stream": True}))
    content = entry["response"]["content"]
    content["text"] = content["text"][:300]
    content["size"] = 300
    assert {f.rule.id for f in judge(one(entry)).failures} >= {"stream.ends-with-done"}
    entry["response"]["_error"] = "net::ERR_ABORTED"
    assert judge(one(entry)).failures == []
    entry["response"]["_error"] = "net::ERR_INCOMPLETE_CHUNKED_ENCODING"
    assert {f.rule.id for f in judge(one(entry)).failures} >= {"transport.answers-are-whole"}


def test_an_answer_of_httpx_is_judged(ask: Answers) -> None:
    response = ask(json=CHAT | {"stream": True})
    report = judge(response, ask("GET", "/models"), ask(json={}), ask(key="sk-wrong-key"))
    assert report.exit_code(strict=True) == 0, str(report)
    assert report.requests == 4
    assert report.target.base_url == str(response.url).removesuffix("/chat/completions")
    assert SECRET not in report.to_json()


def test_a_url_of_something_else_is_said_to_be_none(ask: Answers) -> None:
    with pytest.raises(NotJudged, match="none of the four endpoints"):
        capture(ask("GET", "/other"))
