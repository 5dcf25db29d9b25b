"""The JUnit report: one test case for each rule, as CI systems read it.

A rule is a failure if it counts for the exit code, be it broken or stale; a broken rule that does
not (a SHOULD without `--strict`, a known failure) is skipped, with what is wrong. A rule that
could not run is an error.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from accord_contracts.finding import INCOMPLETE, Finding, Verdict
from accord_contracts.report import Report
from accord_contracts.reports.evidence import evidence
from accord_contracts.reports.printable import printable
from accord_contracts.reports.shown import NAMES, STALE, reason


def render(report: Report, *, strict: bool = False) -> str:
    """The document as text, with a line end; the key is not in it."""
    suite = ET.Element("testsuite", name="accord", time=f"{report.seconds:.3f}")
    for name, value in _settled(report):
        ET.SubElement(_properties(suite), "property", name=name, value=printable(value))
    counting = {finding.rule.id for finding in report.broken(strict=strict)}.union(report.stale)
    for finding in report.findings:
        suite.append(_case(finding, report, counts=finding.rule.id in counting))
    for tag in ("failure", "error", "skipped"):
        plural = tag if tag == "skipped" else f"{tag}s"
        suite.set(plural, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(report.findings)))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode", xml_declaration=True)
    return report.target.without_key(text) + "\n"


def _settled(report: Report) -> list[tuple[str, str]]:
    target = report.target
    settled = [("base_url", target.shown_url)]
    if target.model:  # of a recording, nothing else was settled
        settled += [("model", target.model), ("seed", str(report.seed))]
    return settled


def _properties(suite: ET.Element) -> ET.Element:
    found = suite.find("properties")
    return ET.SubElement(suite, "properties") if found is None else found


def _case(finding: Finding, report: Report, *, counts: bool) -> ET.Element:
    rule = finding.rule
    case = ET.Element("testcase", classname=f"accord.{rule.family}", name=rule.id, time="0")
    if finding.verdict is Verdict.PASS:
        if counts:
            ET.SubElement(case, "failure", message=STALE, type="stale")
        return case
    message = f"{rule.level} {NAMES[finding.verdict]}: {reason(finding)}"
    tag = "error" if finding.verdict in INCOMPLETE else "skipped"
    tag = "failure" if counts else tag
    outcome = ET.SubElement(case, tag, message=message)
    if tag != "skipped":
        outcome.set("type", str(finding.verdict))
    if finding.failed:
        outcome.text = evidence(finding, report, alone="")
    return case
