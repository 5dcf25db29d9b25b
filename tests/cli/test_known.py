"""`--known`: known failures do not count, news and stale entries do."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from commandline import Accord, broken

import accord_contracts

FAULT = "models.entry-object-wrong"
RULE = "models.entries-are-models"
SCOPE = ("--only", "models")


def check(run_accord: Accord, tmp_path: Path, known: str, *faults: str) -> tuple[int, str]:
    """The exit code, and all that is printed."""
    file = tmp_path / "known.txt"
    file.write_text(known, encoding="utf-8")
    with broken(*faults) as url:
        result = run_accord("check", url, *SCOPE, "--known", str(file))
    return result.exit_code, " ".join(result.output.split())


def test_a_known_failure_does_not_count(run_accord: Accord, tmp_path: Path) -> None:
    code, out = check(run_accord, tmp_path, f"# of this server\n{RULE}  # issue 7\n", FAULT)
    assert (code, f"MUST {RULE} (known)" in out) == (0, True)
    assert "exit 0: no MUST is broken, but for those that are known" in out


def test_a_new_failure_counts(run_accord: Accord, tmp_path: Path) -> None:
    code, out = check(run_accord, tmp_path, "? models.list-exists\n", FAULT)
    assert code == 1
    assert "at least one MUST is broken, and not known to be" in out


def test_a_stale_entry_counts_and_is_named(run_accord: Accord, tmp_path: Path) -> None:
    code, out = check(run_accord, tmp_path, f"{RULE}\n")
    assert code == 1
    assert f"stale: {RULE} known as broken, and not broken any more" in out


def test_what_fails_sometimes_is_never_stale(run_accord: Accord, tmp_path: Path) -> None:
    assert check(run_accord, tmp_path, f"? {RULE}\n")[0] == 0
    assert check(run_accord, tmp_path, f"? {RULE}\n", FAULT)[0] == 0


def test_a_rule_out_of_scope_is_not_stale(run_accord: Accord, tmp_path: Path) -> None:
    assert check(run_accord, tmp_path, "stream.ends-with-done\n")[0] == 0


def test_an_entry_that_names_no_rule_is_a_mistake(run_accord: Accord, tmp_path: Path) -> None:
    code, out = check(run_accord, tmp_path, "models.list-exits\n")
    assert code == 2
    assert "did you mean models.list-exists" in out


def test_a_pattern_is_a_mistake(run_accord: Accord, tmp_path: Path) -> None:
    code, out = check(run_accord, tmp_path, "models\n", FAULT)
    assert code == 2
    assert "no rule is called 'models', and patterns are not taken here" in out


def test_junit_fails_what_is_stale_too(run_accord: Accord, tmp_path: Path) -> None:
    known, made = tmp_path / "known.txt", tmp_path / "report.xml"
    known.write_text(f"{RULE}\nmodels.list-exists\n")
    with broken(FAULT) as url:
        run_accord("check", url, *SCOPE, "--known", str(known), "--junit", str(made))
    suite = ET.parse(made).getroot()[0]
    failed = [
        case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None
    ]
    assert failed == ["models.list-exists"]
    assert suite.get("failures") == "1"


def test_the_library_takes_a_list_too() -> None:
    with broken(FAULT) as url:
        found = accord_contracts.check(url, only=RULE, known=[f"{RULE}  # issue 7"])
        judged = accord_contracts.judge(*found.exchanges, only=RULE, known=f"? {RULE}\n")
    assert [finding.rule.id for finding in found.failures] == [RULE]
    assert found.exit_code() == judged.exit_code() == 0
    assert accord_contracts.check(only=RULE, known=RULE).stale == [RULE]
    with pytest.raises(accord_contracts.ScopeError):
        accord_contracts.check(only=RULE, known=["models"])


def test_the_document_says_what_is_known_and_what_is_stale(
    run_accord: Accord, tmp_path: Path
) -> None:
    known, made = tmp_path / "known.txt", tmp_path / "report.json"
    known.write_text(f"{RULE}\nmodels.list-exists\n")
    with broken(FAULT) as url:
        run_accord("check", url, *SCOPE, "--known", str(known), "--json", str(made))
    report = json.loads(made.read_text())
    assert report["stale"] == ["models.list-exists"]
    assert {f["rule"] for f in report["findings"] if f["known"]} == {RULE, "models.list-exists"}
    assert report["exit_code"] == 1
