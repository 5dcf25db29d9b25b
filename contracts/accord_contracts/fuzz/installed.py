"""Whether fuzzing is installed: it needs what only the extra `fuzz` brings."""

from __future__ import annotations

from importlib.util import find_spec


class NotInstalledError(ModuleNotFoundError):
    """What fuzzing needs is not installed; the message says what to do."""


def require() -> None:
    """See that fuzzing is installed.

    Raises:
        NotInstalledError: it is not.
    """
    if find_spec("schemathesis") is None:
        raise NotInstalledError('fuzzing needs schemathesis: pip install "accord[fuzz]"')
