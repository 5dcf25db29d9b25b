"""JUnit, HTML, Markdown, badge: each through the command, as those read it who get it."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import click.testing
import pytest

from accord_contracts.cli.app import accord
from accord_contracts.rule import Level
from accord_contracts.server import Call, Hook, ReferenceServer, Reply, Settings

KEY: Final = "sk-a-very-secret-key-0123456789"
NASTY: Final = "<script>alert(1)</script>\x1b[2J|`*\u202e]]>"
SCOPE: Final = ("--only", "models,answer,errors,accepts")


class Nasty(Hook):
    """Repeats the key, in words that are markup everywhere; and fails over some requests."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        sent = call.headers.get("authorization", "")
        if isinstance(reply.body, dict) and call.endpoint in {"models", "model"}:
            reply.body["object"] = f"{NASTY} {sent}"
        if isinstance(call.body, dict) and None in call.body.values():
            reply.status, reply.events = 500, None
            reply.body = {"error": {"message": f"{NASTY} validation failed", "type": "server"}}
        return reply


def run(*args: str, key: str | None = None) -> click.testing.Result:
    """Run the command, in an environment that names no server."""
    env = {"OPENAI_BASE_URL": None, "OPENAI_API_KEY": key}
    return click.testing.CliRunner().invoke(accord, args, env=env)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What one run against a nasty server writes, by the ending of the file."""
    folder = tmp_path_factory.mktemp("views")
    options = {"json": "json", "junit": "xml", "html": "html", "markdown": "md", "badge": "svg"}
    files = {ending: folder / f"report.{ending}" for ending in options.values()}
    args = [word for o, ending in options.items() for word in (f"--{o}", str(files[ending]))]
    with ReferenceServer(Settings(api_key=KEY), [Nasty()]) as server:
        done = run("check", server.base_url, *SCOPE, *args, "--quiet", key=KEY)
    assert done.exit_code == 1, done.output
    return {ending: path.read_text(encoding="utf-8") for ending, path in files.items()}


def failures(written: dict[str, str]) -> list[dict[str, str]]:
    findings = json.loads(written["json"])["findings"]
    return [finding for finding in findings if finding["verdict"] == "fail"]


def test_the_key_is_in_none_of_them(written: dict[str, str]) -> None:
    assert [ending for ending, text in written.items() if KEY in text] == []


def test_none_holds_what_drives_a_terminal(written: dict[str, str]) -> None:
    for text in written.values():
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)


@pytest.mark.parametrize("ending", ["html", "md"])
def test_every_failure_is_in_those_for_people(written: dict[str, str], ending: str) -> None:
    assert len(failures(written)) > 5
    for finding in failures(written):
        assert finding["rule"] in written[ending]


def test_junit_has_a_case_for_each_rule_and_fails_what_counts(written: dict[str, str]) -> None:
    (suite,) = ET.fromstring(written["xml"])
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == [
        finding["rule"] for finding in json.loads(written["json"])["findings"]
    ]
    failed = {case.get("name") for case in cases if case.find("failure") is not None}
    assert failed == {f["rule"] for f in failures(written) if f["level"] == Level.MUST}
    for tag in ("failure", "error", "skipped"):
        plural = tag if tag == "skipped" else f"{tag}s"
        assert suite.get(plural) == str(len(suite.findall(f"testcase/{tag}")))
    assert suite.get("tests") == str(len(cases))


class Tags(HTMLParser):
    """Which tags a page has, and whether each that is opened is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.links: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.links += [value for name, value in attrs if name in {"src", "href"}]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else(written: dict[str, str]) -> None:
    tags = Tags(written["html"])
    assert tags.open == []
    assert "script" not in tags.seen
    assert tags.links == []
    assert "&lt;script&gt;" in written["html"]


def test_nothing_that_a_server_says_is_markdown(written: dict[str, str]) -> None:
    assert "<script>" not in written["md"]
    rows = [line for line in written["md"].splitlines() if line.startswith(("| MUST", "| SHOULD"))]
    assert rows
    assert {row.count("|") for row in rows} == {4}


def test_people_see_of_what_level_the_failures_are(written: dict[str, str]) -> None:
    counts = Counter(finding["level"] for finding in failures(written))
    divided = ", ".join(f"{counts[level]} {level}" for level in Level if counts[level])
    assert len(counts) > 1
    assert divided in written["html"]
    assert f"({divided})" in written["md"]


def test_failures_of_one_cause_stand_together(written: dict[str, str]) -> None:
    assert any(finding["cause"] for finding in failures(written))
    assert "Likely one cause: " in written["md"]
    assert "Likely one cause: " in written["html"]


def test_the_badge_is_a_picture_with_the_counts(written: dict[str, str]) -> None:
    svg = ET.fromstring(written["svg"])
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    passed = json.loads(written["json"])["totals"]["verdicts"]["pass"]
    assert f"{passed} of {passed + len(failures(written))} rules hold" in written["svg"]


def test_shields_draws_the_badge_from_json(tmp_path: Path) -> None:
    file = tmp_path / "badge.json"
    assert run("check", "--only", "models", "--badge", str(file)).exit_code == 0
    made = json.loads(file.read_text())
    assert (made["schemaVersion"], made["label"]) == (1, "accord")
    assert re.fullmatch(r"(\d+) of \1 rules hold", made["message"])


def test_stdout_has_room_for_one_report() -> None:
    done = run("check", "--only", "models", "--json", "-", "--html", "-")
    assert done.exit_code == 2
    assert "stdout has room for one report" in done.output


def test_a_view_on_stdout_leaves_it_to_the_view() -> None:
    done = run("check", "--only", "models", "--junit", "-")
    assert ET.fromstring(done.stdout).tag == "testsuites"
    assert "exit 0" in done.stderr
