"""HAR 1.2, the format in which browsers and proxies keep traffic: exchanges to and from it.

Our own files hold what HAR has no place for (arrival times, how an answer failed, bytes that are
no text) in members called `_accord`, which other tools skip; theirs are read as far as they go.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

from accord_contracts.captured import (
    KEY_HEADERS,
    Captured,
    Headers,
    NotJudged,
    Sight,
    locate,
    lowered,
    without_private,
)
from accord_contracts.exchange import CUT_SHORT, NOT_JSON, Exchange, Read, Request, parse
from accord_contracts.target import SHORTEST_SECRET, Target
from accord_contracts.views import is_int, is_number, items, members, text

FORMAT: Final = "accord-recording/1"
"""The version of our own members: another number where a reader of this one would break."""

ABORTED: Final = "ABORTED"
"""What browsers' words for a request that the page gave up have in common."""

JSON = dict[str, Any]


class NotHar(ValueError):  # noqa: N818 - it says what is wrong
    """The text is no HAR document."""


@dataclass(frozen=True)
class LeftOut:
    """An entry that is not judged, and why."""

    request: str
    reason: str


# ------------------------------------------------------------------------------------- writing


def render(exchanges: Iterable[Exchange], target: Target) -> str:
    """Exchanges with a target as a HAR document, ASCII alone, one line for each.

    The key is in none of it: neither the header that carried it nor an answer that repeats it.
    """
    written = datetime.now(UTC).isoformat(timespec="seconds")
    head = {
        "version": "1.2",
        "creator": {"name": "accord", "version": version("accord")},
        "_accord": {"format": FORMAT, "base_url": target.shown_url},
    }
    entries = ",\n".join(json.dumps(_entry(e, target, written)) for e in exchanges)
    document = f'{{"log": {json.dumps(head)[:-1]}, "entries": [\n{entries}\n]}}}}\n'
    key = json.dumps(target.api_key or "")[1:-1]
    return document.replace(key, "*" * len(key)) if len(key) >= SHORTEST_SECRET else document


def _entry(exchange: Exchange, target: Target, written: str) -> JSON:
    """One exchange. It is not known when it began: all have the time of writing."""
    first = exchange.reads[0].seconds if exchange.reads else exchange.seconds
    return {
        "startedDateTime": written,
        "time": exchange.seconds * 1000,
        "request": _request(exchange.request, target),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": first * 1000, "receive": (exchange.seconds - first) * 1000},
        "_accord": _beyond(exchange),
    }


def _request(request: Request, target: Target) -> JSON:
    headers = [(name, value) for name, value in request.headers if name.lower() not in KEY_HEADERS]
    made = {
        "method": request.method,
        "url": target.shown_url + request.path,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(headers),
        "queryString": [],
        "headersSize": -1,
        "bodySize": len(request.body or b""),
    }
    if request.body is not None:
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        made["postData"] = {"mimeType": kind, **_content(request.body)}
    return made


def _response(exchange: Exchange) -> JSON:
    """An answer. HAR's status for none is 0."""
    size = len(exchange.body)
    return {
        "status": exchange.status or 0,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(without_private(exchange.headers)),
        "content": {"size": size, "mimeType": exchange.media_type, **_content(exchange.body)},
        "redirectURL": exchange.header("location") or "",
        "headersSize": -1,
        "bodySize": size,
    }


def _headers(headers: Iterable[tuple[str, str]]) -> list[JSON]:
    return [{"name": name, "value": value} for name, value in headers]


def _content(body: bytes) -> JSON:
    """Bytes, as a text where they are one, so that every tool can show them."""
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), "encoding": "base64"}


def _beyond(exchange: Exchange) -> JSON:
    """What HAR has no place for."""
    request = exchange.request
    return {
        "number": exchange.number,
        "path": request.path,
        "authorized": request.authorized,
        "abandon_after": request.abandon_after,
        "hang_up": request.hang_up,
        "again": request.again,
        "reads": [[read.end, read.seconds] for read in exchange.reads],
        "seconds": exchange.seconds,
        "failure": exchange.failure,
    }


# ------------------------------------------------------------------------------------- reading


def read(document: bytes, *, after: int = 0) -> Iterator[Captured | LeftOut]:
    """Give the exchanges of a HAR document, and what can't be judged of it, in its order.

    Args:
        document: from any program.
        after: numbers of exchanges start after this one.

    Raises:
        NotHar: it is none.
    """
    har = parse(document.removeprefix(b"\xef\xbb\xbf"))  # Charles and Fiddler write the mark
    log = members(members(har).get("log"))
    if har is NOT_JSON:
        raise NotHar("it is no JSON document")
    if not isinstance(log.get("entries"), list):
        raise NotHar("it has no list of entries at /log/entries")
    ours = members(log.get("_accord"))
    for position, entry in enumerate(map(members, log["entries"]), 1):
        try:
            if "_accord" in entry:
                yield Captured(text(ours.get("base_url")), _own(entry, after))
            else:
                yield _sight(entry).captured(after + position)
        except NotJudged as why:
            yield LeftOut(_name(entry), str(why))
        except (KeyError, TypeError, ValueError):
            yield LeftOut(_name(entry), "it is not as HAR 1.2 says")


def _name(entry: JSON) -> str:
    """A request as people know it; its query may hold a key."""
    request = members(entry.get("request"))
    words = f"{text(request.get('method'))} {text(request.get('url')).partition('?')[0]}"
    return words.strip() or "an entry without a request"


def _own(entry: JSON, after: int) -> Exchange:
    """An exchange that we wrote, as it was.

    Raises:
        KeyError, TypeError, ValueError: it is not as we write it.
    """
    known, sent, got = entry["_accord"], entry["request"], entry["response"]
    request = Request(
        method=sent["method"],
        path=known["path"],
        body=_bytes(sent["postData"]) if "postData" in sent else None,
        headers=_pairs(sent),
        authorized=known["authorized"],
        abandon_after=known["abandon_after"],
        hang_up=known["hang_up"],
        again=known["again"],
    )
    return Exchange(
        request=request,
        number=after + known["number"],
        status=got["status"] or None,
        headers=_pairs(got),
        body=_bytes(got["content"]),
        reads=tuple(Read(end, seconds) for end, seconds in known["reads"]),
        seconds=known["seconds"],
        failure=known["failure"],
    )


def _sight(entry: JSON) -> Sight:
    """What another program saw.

    Raises:
        NotJudged: it did not see enough.
    """
    sent, got = members(entry.get("request")), members(entry.get("response"))
    status, time = got.get("status"), entry.get("time")
    error = text(got.get("_error"))
    locate(text(sent.get("method")), text(sent.get("url")))  # before any other reason
    if not is_int(status) or status <= 0:
        raise NotJudged("no answer was recorded")
    headers = lowered(_pairs(got))
    return Sight(
        method=text(sent.get("method")),
        url=text(sent.get("url")),
        request_headers=lowered(_pairs(sent)),
        request_body=_sent_body(sent),
        status=status,
        headers=headers,
        body=_whole_body(got, headers),
        seconds=max(time, 0) / 1000 if is_number(time) else 0.0,
        failure=CUT_SHORT if error else None,
        left=ABORTED in error,
    )


def _sent_body(sent: JSON) -> bytes | None:
    """The body of a request.

    Raises:
        NotJudged: it was not recorded; what was asked for is not known then.
    """
    data = members(sent.get("postData"))
    if sent.get("method") != "POST":
        return None
    if not isinstance(data.get("text"), str):
        raise NotJudged("the body of its request was not recorded")
    return _bytes(data)


def _whole_body(got: JSON, headers: Headers) -> bytes:
    """The body of an answer.

    Some programs note the size of the compressed body as that of the content, so sizes say
    nothing of an answer that was compressed.

    Raises:
        NotJudged: it was not recorded, or not all of it was.
    """
    content = members(got.get("content"))
    size = content.get("size")
    size = size if is_int(size) else 0
    if not isinstance(content.get("text"), str) and (size or got.get("bodySize")):
        raise NotJudged("the body of its answer was not recorded")
    body = _bytes(content)
    compressed = any(name == "content-encoding" for name, _ in headers)
    if not compressed and len(body) < size:
        raise NotJudged("the body of its answer was not recorded whole")
    return body


def _bytes(content: JSON) -> bytes:
    written = content.get("text") or ""
    if content.get("encoding") == "base64":
        return base64.b64decode(written, validate=True)
    return text(written).encode()


def _pairs(message: JSON) -> Headers:
    headers = (members(header) for header in items(message.get("headers")))
    return tuple((text(header.get("name")), text(header.get("value"))) for header in headers)
