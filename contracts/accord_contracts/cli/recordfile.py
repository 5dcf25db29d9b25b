"""The folder that a run is recorded to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from accord_contracts.cli import reportfile
from accord_contracts.cli.complaint import Complaint
from accord_contracts.exchange import Exchange
from accord_contracts.recordings import CHECKED, save, save_exchanges
from accord_contracts.report import Report
from accord_contracts.target import Target


def require_writable(folder: str) -> None:
    """See that a recording can be written, before anything is run for it. Makes the folder.

    Raises:
        Complaint: it can't.
    """
    with _complaining(folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
    reportfile.require_writable(str(Path(folder) / CHECKED))


def write(folder: str, report: Report) -> None:
    """Write all exchanges of a run.

    Raises:
        Complaint: it can't be written after all, say because the disk is full.
    """
    with _complaining(folder):
        save(report, folder)


@contextmanager
def on_interrupt(folder: str | None, target: Target, seen: Sequence[Exchange]) -> Iterator[None]:
    """Write what was seen by then, where Ctrl-C ends a run before its time.

    Args:
        folder: where to; None writes nothing.
        target: of the run.
        seen: grows while the run goes on.
    """
    try:
        yield
    except KeyboardInterrupt:
        if folder and seen:
            with _complaining(folder):
                save_exchanges(seen, target, folder)
        raise


@contextmanager
def _complaining(folder: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Complaint(
            f"the recording can't be written to {folder}: {error.strerror or error}"
        ) from error
