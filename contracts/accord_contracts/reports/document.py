"""The JSON report: a versioned document, described by `report.schema.json` beside this file.

Everything in it is bounded: long bodies and streams are excerpts around the place that matters.
The key is in none of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any, Final

from accord_contracts import causes
from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import Finding, Place, Verdict
from accord_contracts.report import Report
from accord_contracts.reports.excerpt import is_stream
from accord_contracts.rule import Level
from accord_contracts.target import SHORTEST_SECRET, Target

FORMAT: Final = "accord-report/1"
"""The version of the document: another number where a reader of this one would break."""

LONGEST_BODY: Final = 4096
"""Bytes of a body that are kept."""

LONGEST_EVENT: Final = 2048
"""Characters of an event's data that are kept."""

LONGEST_VALUE: Final = 1024
"""Characters of a header's value, and of other texts that a server chose."""

MOST_EVENTS: Final = 9
"""Events that are kept: those around the place, else the last ones."""

MOST_HEADERS: Final = 50
MOST_COMPARED: Final = 4

JSON = dict[str, Any]


def schema() -> Any:
    """The JSON Schema (2020-12) of the document."""
    return json.loads(files(__package__).joinpath("report.schema.json").read_bytes())


def render(report: Report, *, strict: bool = False) -> str:
    """The document as text, ASCII alone, with a line end.

    Answers had the key blotted out on their way in. It is blotted out once more here, so that
    no other way leads it into a file.
    """
    text = json.dumps(document(report, strict=strict), indent=1) + "\n"
    key = json.dumps(report.target.api_key or "")[1:-1]
    return text.replace(key, "*" * len(key)) if len(key) >= SHORTEST_SECRET else text


def document(report: Report, *, strict: bool = False) -> JSON:
    """The document as JSON values.

    Args:
        report: what a run found.
        strict: whether a broken SHOULD counts for `exit_code`.
    """
    return {
        "format": FORMAT,
        "tool": {"name": "accord", "version": report.version},
        "target": {
            "base_url": report.target.shown_url,
            "model": report.target.model,
            "baseline": report.target.baseline,
        },
        "seed": report.seed,
        "effort": str(report.effort),
        "strict": strict,
        "exit_code": report.exit_code(strict=strict),
        "duration_seconds": round(report.seconds, 3),
        "spent": {"requests": report.requests, "tokens": report.tokens},
        "stale": report.stale,
        "totals": _totals(report.rules),
        "findings": _findings(report),
    }


def _totals(rules: Sequence[Finding]) -> JSON:
    return {
        "rules": len(rules),
        "verdicts": _verdicts(rules),
        "flaky": sum(finding.flaky for finding in rules),
        "levels": {
            str(level): _verdicts(f for f in rules if f.rule.level is level) for level in Level
        },
    }


def _verdicts(findings: Iterable[Finding]) -> JSON:
    """How many rules have each verdict; all verdicts are named, also those of none."""
    names = [finding.verdict for finding in findings]
    return {str(verdict): names.count(verdict) for verdict in Verdict}


def _findings(report: Report) -> list[JSON]:
    shared = causes.named(report.failures)
    return [_finding(f, report, shared.get(id(f))) for f in report.findings]


def _finding(finding: Finding, report: Report, cause: str | None) -> JSON:
    rule = finding.rule
    return {
        "rule": rule.id,
        "level": str(rule.level),
        "verdict": str(finding.verdict),
        "message": finding.message,
        "summary": rule.document.obligation,
        "why": rule.document.why,
        "spec": rule.spec,
        "judged": finding.judged,
        "broken": finding.broken,
        "cause": cause,
        "known": finding.rule.id in report.known,
        "repeats": _repeats(finding, report.target),
        "evidence": _evidence(finding, report.target),
    }


def _repeats(finding: Finding, target: Target) -> JSON | None:
    """What came of judging again; None where it was not."""
    repeats = finding.repeats
    if repeats is None:
        return None
    place = finding.problem.place if finding.problem else Place()
    return {
        "times": repeats.times,
        "failed": repeats.failed,
        "flaky": repeats.flaky,
        "other": repeats.other and _exchange(repeats.other, place, target),
    }


def _evidence(finding: Finding, target: Target) -> JSON | None:
    """What a verdict rests on; None where no one exchange can be named."""
    if finding.exchange is None:
        return None
    problem = finding.problem
    place = problem.place if problem else Place()
    compared = problem.compared[:MOST_COMPARED] if problem else ()
    return {
        "expected": problem.expected if problem else None,
        "actual": problem.actual if problem else None,
        "place": _place(place, finding.exchange) if problem else None,
        **_exchange(finding.exchange, place, target),
        "compared": [_exchange(exchange, Place(), target) for exchange in compared],
    }


def _place(place: Place, exchange: Exchange) -> JSON:
    """A place; for one in an event, also where the event's bytes are."""
    span = None
    if place.event is not None and place.event <= len(exchange.events):
        event = exchange.events[place.event - 1]
        span = {"start": event.start, "end": event.end}
    return {
        "pointer": place.pointer,
        "event": place.event,
        "offset": place.offset,
        "header": place.header,
        "event_bytes": span,
    }


def _exchange(exchange: Exchange, place: Place, target: Target) -> JSON:
    return {
        "number": exchange.number,
        "request": _request(exchange.request, target),
        "response": _response(exchange, place),
    }


def _request(request: Request, target: Target) -> JSON:
    """A request without the key. `curl` is None where the body is too long to be kept whole."""
    kept = request.body is None or len(request.body) <= LONGEST_BODY
    return {
        "method": request.method,
        "url": target.shown_url + request.path,
        "headers": _headers(request.headers),
        "body": None if request.body is None else _text(request.body, 0),
        "curl": target.curl(request) if kept else None,
    }


def _response(exchange: Exchange, place: Place) -> JSON:
    """An answer: its body where it is one, its events where it is a stream."""
    streamed = is_stream(exchange)
    return {
        "status": exchange.status,
        "headers": _headers(exchange.headers),
        "failure": exchange.failure,
        "seconds": round(exchange.seconds, 6),
        "body": None if streamed else _text(exchange.body, place.offset or 0),
        "events": _events(exchange, place) if streamed else None,
    }


def _events(exchange: Exchange, place: Place) -> JSON:
    """The events around a place, each with its span in the body and when it had arrived."""
    events = exchange.events
    middle = place.event or len(events)
    first = max(1, min(middle - MOST_EVENTS // 2, len(events) - MOST_EVENTS + 1))
    return {
        "total": len(events),
        "bytes": len(exchange.body),
        "error": exchange.event_error,
        "shown": [
            {
                "number": number,
                "start": event.start,
                "end": event.end,
                "seconds": round(exchange.arrival(event.end), 6),
                "data": event.data[:LONGEST_EVENT],
                "truncated": len(event.data) > LONGEST_EVENT,
            }
            for number, event in enumerate(events[first - 1 :][:MOST_EVENTS], first)
        ],
    }


def _headers(headers: Iterable[tuple[str, str]]) -> list[JSON]:
    """Headers in order. A list, because names repeat."""
    pairs = list(headers)[:MOST_HEADERS]
    return [{"name": name[:LONGEST_VALUE], "value": value[:LONGEST_VALUE]} for name, value in pairs]


def _text(body: bytes, offset: int) -> JSON:
    r"""A body, or the part of it around a byte; what is not UTF-8 is written as `\\xff`."""
    start = max(0, min(offset - LONGEST_BODY // 2, len(body) - LONGEST_BODY))
    part = body[start : start + LONGEST_BODY]
    return {
        "text": part.decode(errors="backslashreplace"),
        "start": start,
        "bytes": len(body),
        "truncated": len(part) < len(body),
    }
