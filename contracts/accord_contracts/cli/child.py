"""A program that is run for somebody: its streams are theirs, and so are its signals."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Final

from accord_contracts.cli.complaint import Complaint

_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
_FROM_TERMINAL: Final = ("SIGINT", "SIGQUIT")
"""What a terminal sends to all programs in its foreground, and so to the child as well."""


def run(words: Sequence[str], env: Mapping[str, str]) -> int:
    """Run a program to its end, and give its exit code as a shell would.

    Signals that come meanwhile are its: it is for the program to end.

    Args:
        words: the program and its arguments.
        env: its environment.

    Raises:
        Complaint: it can't be started.
    """
    with _signals() as signals:
        try:
            process = subprocess.Popen(words, env=env)  # noqa: S603 - what the user asked for
        except OSError as error:
            raise Complaint(f"{words[0]} can't be run: {error.strerror or error}") from error
        signals.pass_to(process)
        code = process.wait()
    return code if code >= 0 else 128 - code


class _Signals:
    """Signals that come while a program is started, and while it runs."""

    def __init__(self) -> None:
        self._early: list[int] = []
        self._process: subprocess.Popen[bytes] | None = None

    def come(self, number: int, frame: FrameType | None) -> None:
        """Pass one on, as soon as there is a program."""
        if self._process is None:
            self._early.append(number)
        elif signal.Signals(number).name not in _FROM_TERMINAL or not _in_foreground():
            self._process.send_signal(number)

    def pass_to(self, process: subprocess.Popen[bytes]) -> None:
        """Send a program all signals, those that came already as well."""
        self._process = process
        for number in self._early:
            process.send_signal(number)


@contextmanager
def _signals() -> Iterator[_Signals]:
    """Catch signals for as long as it takes."""
    signals = _Signals()
    known = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    # What is ignored here, as in the background, the program inherits ignored.
    caught = [number for number in known if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, signals.come) for number in caught}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_foreground() -> bool:
    """Whether a terminal's Ctrl-C reaches this program, and its children with it."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
