"""The fixtures that users get, and that they get nothing else."""

from __future__ import annotations

import pytest

from accord_contracts.server import ReferenceServer, Settings

pytest_plugins = ["pytester"]

QUESTION = """
import httpx

def ask(server, **more):
    question = {"model": "accord-small", "messages": [{"role": "user", "content": "Hello!"}]}
    return httpx.post(f"{server.base_url}/chat/completions", json=question | more)
"""


def passes(pytester: pytest.Pytester, code: str, *options: str, tests: int) -> None:
    pytester.makepyfile(QUESTION + code)
    result = pytester.runpytest("--strict-markers", *options)
    result.assert_outcomes(passed=tests)


def fails(pytester: pytest.Pytester, code: str, *options: str, **counts: int) -> pytest.LineMatcher:
    pytester.makepyfile(QUESTION + code)
    result = pytester.runpytest(*options)
    result.assert_outcomes(**(counts or {"failed": 1}))
    return result.stdout


def test_tests_share_a_server(pytester: pytest.Pytester) -> None:
    code = """
    import pytest
    seen = set()

    @pytest.mark.parametrize("turn", [1, 2])
    def test_it_answers(accord_server, turn):
        seen.add(accord_server.base_url)
        assert ask(accord_server).json()["choices"]
        assert len(seen) == 1

    @pytest.fixture(scope="session")
    def of_the_session(accord_server):
        return accord_server.base_url

    def test_fixtures_of_the_session_can_use_it(of_the_session):
        assert of_the_session.endswith("/v1")
    """
    passes(pytester, unindented(code), tests=3)


def unindented(code: str) -> str:
    return "\n".join(line[4:] for line in code.splitlines())


def test_a_test_can_have_a_server_that_is_wrong(pytester: pytest.Pytester) -> None:
    code = """
    import pytest, accord

    @pytest.mark.accord_server(faults=["stream.no-done"])
    def test_marked(accord_server, accord_client):
        assert not ask(accord_server, stream=True).text.endswith("[DONE]\\n\\n")
        with pytest.raises(accord.StreamCutError):
            list(accord_client.ask("Hello!", model="accord-small", stream=True))

    def test_plain(accord_server):
        assert ask(accord_server, stream=True).text.endswith("[DONE]\\n\\n")

    @pytest.mark.accord_server(api_key="sk-right")
    def test_with_settings(accord_server, accord_client):
        assert ask(accord_server).status_code == 401
        assert accord_client.models.list().data

    @pytest.mark.parametrize(
        "accord_server", [{"faults": ["answer.empty-id"]}, {}], indirect=True, ids=["bad", "good"]
    )
    def test_with_each(accord_server, request):
        empty = ask(accord_server).json()["id"] == ""
        assert empty == ("bad" in request.node.name)
    """
    passes(pytester, unindented(code), tests=5)


def test_a_fault_that_is_none_is_said(pytester: pytest.Pytester) -> None:
    code = """
    import pytest

    @pytest.mark.accord_server(faults=["stream.no-doen"])
    def test_marked(accord_server):
        pass
    """
    out = fails(pytester, unindented(code), errors=1)
    out.fnmatch_lines(["*no fault is called 'stream.no-doen'*"])


def test_the_client_talks_with_the_server_that_was_named(pytester: pytest.Pytester) -> None:
    code = """
    import pytest

    def test_named(accord_client, request):
        assert str(accord_client.base_url).rstrip("/") == request.config.option.accord_url
        assert accord_client.models.list().data

    @pytest.mark.accord_server()
    def test_its_own(accord_client, accord_server):
        assert str(accord_client.base_url).rstrip("/") == accord_server.base_url
    """
    with ReferenceServer(Settings(api_key="sk-named")) as server:
        options = (f"--accord-url={server.base_url}", "--accord-key=sk-named")
        passes(pytester, unindented(code), *options, tests=2)


def test_answers_are_judged(pytester: pytest.Pytester) -> None:
    code = """
    def test_good(accord_server, accord_judge):
        report = accord_judge(ask(accord_server), ask(accord_server, stream=True))
        assert report.requests == 2
    """
    passes(pytester, unindented(code), "--accord-strict", tests=1)


def test_a_broken_must_fails_the_test_with_its_evidence(pytester: pytest.Pytester) -> None:
    code = """
    import pytest

    @pytest.mark.accord_server(faults=["answer.chat-called-text"])
    def test_bad(accord_server, accord_judge):
        accord_judge(ask(accord_server), skip="transport")
    """
    out = fails(pytester, unindented(code))
    out.fnmatch_lines(
        [
            ">*accord_judge(ask(accord_server), skip=*",
            "E*expected *chat.completion*; got *",
            "E*Sent*curl *",
            "*test_bad*",
        ]
    )
    out.no_fnmatch_line("*Alone*")


def test_a_broken_should_fails_where_it_is_asked_for(pytester: pytest.Pytester) -> None:
    code = """
    import pytest

    @pytest.mark.accord_server(faults=["transport.no-request-id"])
    @pytest.mark.parametrize("strict", [False, True])
    def test_bad(accord_server, accord_judge, strict):
        accord_judge(ask(accord_server), strict=strict)
    """
    fails(pytester, unindented(code), failed=1, passed=1)


def test_an_answer_that_no_rule_speaks_about_is_no_pass(pytester: pytest.Pytester) -> None:
    code = """
    def test_unseen(accord_server, accord_judge):
        accord_judge(ask(accord_server), only="models")

    def test_elsewhere(accord_server, accord_judge):
        accord_judge(httpx.get(accord_server.url))
    """
    out = fails(pytester, unindented(code), failed=2)
    out.fnmatch_lines(["*none of the four endpoints*"])


def test_a_project_that_does_not_use_it_does_not_pay_for_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # others may import what they like
    pytester.makepyfile(
        conformance="raise AssertionError('collected')",
        test_own="""
            import sys

            def test_nothing_was_imported():
                names = {name for name in sys.modules if name.startswith("accord")}
                assert names == {"accord_contracts", "accord_contracts.pytest_plugin"}
                assert not {"httpx", "starlette", "rich", "click"} & set(sys.modules)
        """,
    )
    result = pytester.runpytest_subprocess("-p", "accord_contracts.pytest_plugin", "-v")
    result.assert_outcomes(passed=1)


def test_its_options_are_documented(pytester: pytest.Pytester) -> None:
    out = pytester.runpytest("--help").stdout
    out.fnmatch_lines(["Accord, the contract of *", "*--accord-url=URL*", "*--accord-strict*"])
    out = pytester.runpytest("--markers").stdout
    out.fnmatch_lines(["@pytest.mark.must: *", "@pytest.mark.accord_server(faults=*"])
