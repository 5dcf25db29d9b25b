"""What the rules on errors and transport take for right, and what for wrong, at the border."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from accord_contracts import rules
from accord_contracts.engine import judge_exchange
from accord_contracts.exchange import CUT_SHORT, HUNG_UP, Exchange, Request
from accord_contracts.finding import Verdict
from accord_contracts.requests import JSON_TYPE, encode
from accord_contracts.rule import REGISTRY
from accord_contracts.run import Plan, check
from accord_contracts.server import ReferenceServer, Settings
from accord_contracts.target import Target

PASS, FAIL, UNSEEN = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE
CHAT = Request("POST", "/chat/completions", encode({"model": "a-model"}), (JSON_TYPE,))
TRACED = (JSON_TYPE, ("traceparent", "00-1-2-01"))
ERROR = {"message": "No.", "type": "invalid_request_error", "param": None, "code": None}


def exchange(body: Any, status: int = 400, request: Request = CHAT, **headers: str) -> Exchange:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(request, 1, status, named or (("content-type", "application/json"),), data)


def error(**changes: Any) -> Exchange:
    return exchange({"error": {**ERROR, **changes}})


def verdict(rule: str, judged: Exchange) -> Verdict:
    return judge_exchange([REGISTRY[rule]], judged)[0].verdict


@pytest.mark.parametrize(
    ("rule", "judged", "expected"),
    [
        # The envelope.
        ("errors.body-is-json", exchange({}), PASS),
        ("errors.body-is-json", exchange(b""), FAIL),
        ("errors.body-is-json", exchange(b'{"error": NaN}'), FAIL),
        ("errors.content-type-is-json", exchange({}, content_type="application/json;x=y"), PASS),
        ("errors.content-type-is-json", exchange({}, content_type="application/e+json"), PASS),
        ("errors.content-type-is-json", exchange({}, content_type="text/html"), FAIL),
        ("errors.content-type-is-json", exchange(b"Oh no", content_type="text/plain"), UNSEEN),
        ("errors.no-framework-default", exchange({"detail": "Not Found"}), FAIL),
        ("errors.no-framework-default", exchange({"detail": "x", "error": ERROR}), PASS),
        ("errors.no-framework-default", exchange({"message": "x"}), PASS),
        ("errors.wrapped-in-error", exchange({"message": "x"}), FAIL),
        ("errors.wrapped-in-error", exchange([{"error": ERROR}]), FAIL),
        ("errors.wrapped-in-error", exchange({"detail": "x"}), UNSEEN),
        ("errors.wrapped-in-error", exchange({"error": "x"}), PASS),
        ("errors.error-is-an-object", exchange({"error": "x"}), FAIL),
        ("errors.error-is-an-object", exchange({"error": None}), FAIL),
        ("errors.has-all-members", error(), PASS),
        ("errors.has-all-members", exchange({"error": {"message": "x"}}), FAIL),
        ("errors.message-is-text", error(message=" "), FAIL),
        ("errors.type-is-text", error(type=None), FAIL),
        ("errors.param-is-text-or-null", error(param=["a"]), FAIL),
        ("errors.code-is-text-or-null", error(code=404), FAIL),
        ("errors.code-is-text-or-null", error(code="404"), PASS),
        # What an error shows.
        ("errors.shows-no-internals", error(message="Line 3 of your text is too long."), PASS),
        ("errors.shows-no-internals", error(message="No model /srv/models/a.gguf."), PASS),
        ("errors.shows-no-internals", error(message="See https://a.example/docs/x.py."), PASS),
        ("errors.shows-no-internals", error(message="KeyError in /app/serve/main.py"), FAIL),
        ("errors.shows-no-internals", error(message="at Chat.run (/app/x.js:3:14)"), FAIL),
        ("errors.shows-no-internals", error(message="<Task object at 0x7f00dead>"), FAIL),
        # Statuses.
        ("errors.not-with-a-success-status", exchange({"error": ERROR}, 200), FAIL),
        ("errors.not-with-a-success-status", exchange({"object": "error"}, 200), FAIL),
        ("errors.not-with-a-success-status", exchange({"error": None, "id": "x"}, 200), PASS),
        ("errors.no-server-error", exchange({}, 500), FAIL),
        ("errors.no-server-error", exchange({}, 503), PASS),
        ("errors.no-server-error", exchange({}, 500, replace(CHAT, headers=TRACED)), FAIL),
        ("errors.no-server-error", exchange({}, 500, Request("GET", "/models")), FAIL),
        ("errors.mistakes-are-400", exchange({}, 422), FAIL),
        ("errors.mistakes-are-400", exchange({}, 413), UNSEEN),
        ("errors.retry-after-is-a-time", exchange({}, 429, retry_after="20"), PASS),
        (
            "errors.retry-after-is-a-time",
            exchange({}, 503, retry_after="Wed, 21 Oct 2026 07:28:00 GMT"),
            PASS,
        ),
        ("errors.retry-after-is-a-time", exchange({}, 429, retry_after="-1"), FAIL),
        ("errors.too-many-says-which", exchange({"error": ERROR}, 429), FAIL),
        ("errors.mistakes-are-invalid-requests", error(), PASS),
        ("errors.mistakes-are-invalid-requests", error(type="invalid_request"), FAIL),
        ("errors.mistakes-are-invalid-requests", error(type=None), UNSEEN),
        ("errors.mistakes-are-invalid-requests", exchange({"error": {"type": "x"}}, 404), FAIL),
        ("errors.mistakes-are-invalid-requests", exchange({"error": {"type": "x"}}, 401), UNSEEN),
        # Headers.
        ("transport.request-id", exchange({}, 200, x_request_id="a"), PASS),
        ("transport.request-id", exchange({}, 200, x_request_id=" "), FAIL),
        ("transport.no-redirects", exchange({}, 304), FAIL),
        ("transport.no-redirects", exchange({}, 300), FAIL),
        ("transport.no-redirects", exchange({}, 399), FAIL),
        ("transport.no-redirects", exchange({}, 400), PASS),
        ("transport.no-redirects", exchange({}, 299), PASS),
        ("transport.no-unasked-encoding", exchange({}, 200, content_encoding="identity"), PASS),
        ("transport.no-unasked-encoding", exchange({}, 200, content_encoding="br"), FAIL),
    ],
)
def test_the_border(rule: str, judged: Exchange, expected: Verdict) -> None:
    assert verdict(rule, judged) is expected


@pytest.mark.parametrize(
    "request_",
    [
        Request("POST", "/chat/completions", b"[[[", (JSON_TYPE,)),
        Request("POST", "/chat/completions", CHAT.body, (("content-type", "text/plain"),)),
        Request("PUT", "/chat/completions", CHAT.body, (JSON_TYPE,)),
        Request("GET", "/elsewhere"),
    ],
)
def test_a_500_is_not_held_against_the_server_where_the_request_is_none(request_: Request) -> None:
    assert verdict("errors.no-server-error", exchange({}, 500, request_)) is UNSEEN


@pytest.mark.parametrize(
    ("request_", "failure"),
    [
        (replace(CHAT, abandon_after=1), None),
        (replace(CHAT, hang_up=0.1), HUNG_UP),
        (CHAT, CUT_SHORT),
    ],
)
def test_what_was_not_read_to_its_end_is_not_judged_as_an_error(
    request_: Request, failure: str | None
) -> None:
    cut = Exchange(request_, 1, 400, (), b'{"err', failure=failure)
    assert verdict("errors.body-is-json", cut) is UNSEEN


def test_an_answer_is_cut_by_the_server_or_by_us() -> None:
    def ended(failure: str | None, **request: Any) -> Verdict:
        asked = Request("GET", "/models", **request)
        return verdict("transport.answers-are-whole", Exchange(asked, 1, 200, failure=failure))

    assert ended(None) is PASS
    assert ended("no end within 30 s") is PASS  # slow, or endless: not cut
    assert ended(CUT_SHORT) is FAIL
    assert ended(CUT_SHORT, abandon_after=1) is UNSEEN
    assert ended(HUNG_UP, hang_up=0.1) is UNSEEN


def test_the_correct_server_with_a_key_has_no_finding() -> None:
    chosen = [rule for rule in rules.ALL if rule.id.startswith("errors.key-")]
    with ReferenceServer(Settings(api_key="accord-test-key")) as server:
        report = check(Target(server.base_url, "accord-test-key"), Plan(chosen))
    assert {finding.verdict for finding in report.findings} == {PASS}


@pytest.mark.parametrize("name", ["errors.key-guards-every-path", "errors.key-refusal-is-401"])
def test_a_server_without_a_key_is_not_blamed_when_one_is_given(name: str) -> None:
    with ReferenceServer() as server:
        report = check(Target(server.base_url, "accord-test-key"), Plan([REGISTRY[name]]))
    assert [finding.verdict for finding in report.findings] == [UNSEEN]


def test_a_request_that_hangs_up_can_be_pasted() -> None:
    line = Request("POST", "/chat/completions", b"{}", hang_up=0.1).curl("http://127.0.0.1:1/v1")
    assert " --max-time 0.1 " in line


def test_a_path_with_a_slash_at_its_end_is_none_of_the_endpoints() -> None:
    paths = ("/models/", "/models", "/models/a", "/models/a/")
    assert [Request("GET", path).endpoint for path in paths] == [None, "models", "model", "model"]
