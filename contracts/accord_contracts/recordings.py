"""Recordings: files with exchanges, ours and other programs', and what can be judged of them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from accord_contracts import har
from accord_contracts.captured import Captured
from accord_contracts.exchange import Exchange
from accord_contracts.har import LeftOut
from accord_contracts.report import Report
from accord_contracts.target import Target

SUFFIX: Final = ".har"

CHECKED: Final = f"accord-check{SUFFIX}"
"""What `accord check --record` calls its file."""


class RecordingError(Exception):
    """A file that can't be judged.

    Attributes:
        hint: what to do next; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Recording:
    """What files hold: exchanges with one server, and what was left out."""

    base_url: str
    exchanges: tuple[Exchange, ...]
    left_out: tuple[LeftOut, ...]


def save(report: Report, folder: str | os.PathLike[str], name: str = CHECKED) -> Path:
    """Write all exchanges of a run to a file: see `save_exchanges`."""
    return save_exchanges(report.exchanges, report.target, folder, name)


def save_exchanges(
    exchanges: Iterable[Exchange],
    target: Target,
    folder: str | os.PathLike[str],
    name: str = CHECKED,
) -> Path:
    """Write exchanges to a file, in the order of sending and without the key; gives its path.

    Args:
        exchanges: with the target.
        target: its address is written down, its key is left out.
        folder: made where it is missing; an earlier file of the same name is replaced.
        name: of the file.

    Raises:
        OSError: it can't be written.
    """
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    sent = sorted(exchanges, key=lambda exchange: exchange.number)
    path.write_text(har.render(sent, target), encoding="ascii")
    return path


def load(paths: Iterable[str | os.PathLike[str]], base_url: str = "") -> Recording:
    """Read recordings: HAR files of any program, or folders that hold such files.

    Args:
        paths: of files and folders.
        base_url: judge what went to this server; "" where all went to one.

    Raises:
        RecordingError: a file can't be read or is no HAR document, or it is not clear which of
            several servers is meant.
    """
    captured: list[Captured] = []
    left_out: list[LeftOut] = []
    for path in files(paths):
        last = max((c.exchange.number for c in captured), default=0)
        for entry in _entries(path, last):
            if isinstance(entry, LeftOut):
                left_out.append(entry)
            else:
                captured.append(entry)
    wanted = base_url.rstrip("/") or _only_server(captured)
    chosen = [entry for entry in captured if entry.base_url == wanted]
    left_out += [_elsewhere(entry) for entry in captured if entry.base_url != wanted]
    return Recording(wanted, tuple(entry.exchange for entry in chosen), tuple(left_out))


def files(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """The files that paths name: themselves, or the recordings in a folder, by name.

    Raises:
        RecordingError: a folder has none.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        inside = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not inside:
            raise RecordingError(
                f"{path} holds no {SUFFIX} file", "`accord check --record` writes one"
            )
        found += inside
    return found


def _entries(path: Path, after: int) -> list[Captured | LeftOut]:
    try:
        return list(har.read(path.read_bytes(), after=after))
    except OSError as error:
        raise RecordingError(f"{path} can't be read: {error.strerror or error}") from error
    except har.NotHar as error:
        raise RecordingError(
            f"{path} is no recording: {error}",
            "export the traffic as HAR 1.2; browsers and proxies do, and `accord check --record`",
        ) from error


def _only_server(captured: Iterable[Captured]) -> str:
    """The base URL that all exchanges went to; "" where there is none."""
    counts = Counter(entry.base_url for entry in captured)
    if len(counts) > 1:
        shown = ", ".join(f"{url} ({count})" for url, count in counts.most_common(5))
        raise RecordingError(
            f"there is traffic with {len(counts)} servers: {shown}",
            "choose one with --base-url",
        )
    return next(iter(counts), "")


def _elsewhere(entry: Captured) -> LeftOut:
    request = entry.exchange.request
    return LeftOut(f"{request.method} {entry.base_url}{request.path}", "it went to another server")
