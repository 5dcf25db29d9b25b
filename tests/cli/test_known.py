"""`--known`: known failures do not count, news and stale entries do."""

from __future__ import annotations

import json
from pathlib import Path

from commandline import Accord, broken

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
