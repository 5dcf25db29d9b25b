"""Exchanges as other programs keep them: HAR entries with what each of them does its own way."""

from __future__ import annotations

import base64
from typing import Any

import httpx

SECRET = "sk-a-secret-that-no-output-may-hold"  # noqa: S105 - it opens nothing

JSON = dict[str, Any]


def pairs(headers: httpx.Headers) -> list[JSON]:
    return [{"name": name, "value": value} for name, value in headers.multi_items()]


def plain(response: httpx.Response) -> JSON:
    """An entry as the specification of HAR 1.2 has it, and no more."""
    request = response.request
    entry: JSON = {
        "startedDateTime": "2026-01-01T00:00:00.000Z",
        "time": 12.5,
        "request": {
            "method": request.method,
            "url": str(request.url),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs(request.headers),
            "queryString": [],
            "headersSize": -1,
            "bodySize": len(request.content),
        },
        "response": {
            "status": response.status_code,
            "statusText": response.reason_phrase,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs(response.headers),
            "content": {
                "size": len(response.content),
                "mimeType": response.headers.get("content-type", ""),
                "text": response.content.decode(),
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(response.content),
        },
        "cache": {},
        "timings": {"send": 0, "wait": 10, "receive": 2.5},
    }
    if request.content:
        entry["request"]["postData"] = {
            "mimeType": "application/json",
            "text": request.content.decode(),
        }
    return entry


def browser(response: httpx.Response) -> JSON:
    """HTTP/2 with pseudo headers and names in any case, members of its own, compression."""
    entry = plain(response)
    request, answer = entry["request"], entry["response"]
    request["headers"] = [
        {"name": ":authority", "value": "127.0.0.1"},
        {"name": ":method", "value": request["method"]},
        {"name": "Cookie", "value": f"session={SECRET}"},
        *({**header, "name": header["name"].title()} for header in request["headers"]),
    ]
    answer["headers"] = [
        {"name": ":status", "value": str(answer["status"])},
        {"name": "Content-Encoding", "value": "br"},
        {"name": "Content-Length", "value": "17"},
        *(
            {**header, "name": header["name"].title()}
            for header in answer["headers"]
            if header["name"] != "content-length"
        ),
    ]
    answer |= {"bodySize": -1, "_transferSize": 400, "_error": None}
    return {
        **entry,
        "_initiator": {"type": "script"},
        "_resourceType": "fetch",
        "pageref": "page_1",
    }


def proxy(response: httpx.Response) -> JSON:
    """Bodies in base64, and the size of the compressed body as that of the content."""
    entry = plain(response)
    content = entry["response"]["content"]
    content |= {
        "text": base64.b64encode(response.content).decode(),
        "encoding": "base64",
        "size": len(response.content) * 2,
        "compression": -len(response.content),
    }
    entry["response"]["headers"].append({"name": "content-encoding", "value": "gzip"})
    return entry


def document(*entries: JSON) -> JSON:
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "a browser", "version": "1"},
            "pages": [],
            "entries": list(entries),
        }
    }
