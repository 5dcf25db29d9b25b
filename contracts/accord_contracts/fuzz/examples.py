"""The example database: requests that broke a rule, one file each, tried first the next time.

A file is JSON that a person can read. Its name is the id that reports show and `--replay` takes.
The key is in none of them: requests are kept without it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from platformdirs import user_cache_path

from accord_contracts.exchange import Request

FORMAT: Final = "accord-example/1"

SUFFIX: Final = ".json"

NOWHERE: Final = "none"
"""What `--database` takes for: keep nothing."""


class ExampleError(Exception):
    """An example that can't be read.

    Attributes:
        hint: what to do about it; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Example:
    """A request that broke a rule."""

    rule: str
    cause: str
    request: Request

    @property
    def id(self) -> str:
        """A short name: the same for the same rule, broken by the same request."""
        request = self.request
        told = (self.rule, request.method, request.path, request.body, request.headers)
        return hashlib.sha256(repr((*told, request.authorized)).encode()).hexdigest()[:10]

    def to_json(self) -> str:
        """As files hold it."""
        request = self.request
        body = None if request.body is None else request.body.decode("utf-8", "surrogateescape")
        document = {
            "format": FORMAT,
            "rule": self.rule,
            "cause": self.cause,
            "method": request.method,
            "path": request.path,
            "headers": [list(header) for header in request.headers],
            "authorized": request.authorized,
            "body": body,
        }
        return json.dumps(document, indent=1) + "\n"

    @classmethod
    def from_json(cls, source: str) -> Example:
        """Read an example.

        Raises:
            ExampleError: it is none.
        """
        try:
            document: dict[str, Any] = json.loads(source)
            if document["format"] != FORMAT:
                raise ExampleError(f"its format is {document['format']!r}, and not {FORMAT!r}")
            body = document["body"]
            request = Request(
                method=document["method"],
                path=document["path"],
                body=None if body is None else body.encode("utf-8", "surrogateescape"),
                headers=tuple((name, value) for name, value in document["headers"]),
                authorized=document["authorized"],
            )
            return cls(document["rule"], document["cause"], request)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ExampleError(f"it is no example: {error}") from error


@dataclass(frozen=True)
class Examples:
    """The examples of one server."""

    folder: Path | None
    """Where they are; None keeps none."""

    @classmethod
    def of(cls, base_url: str, database: str | None = None) -> Examples:
        """The examples of a server.

        Args:
            base_url: tells servers apart.
            database: a folder; `none` for no examples; None for one in the user's cache.
        """
        if database == NOWHERE:
            return cls(None)
        parent = Path(database) if database else user_cache_path("accord") / "examples"
        name = "".join(c if c.isalnum() or c in ".-" else "_" for c in base_url.partition("//")[2])
        return cls(parent / name)

    def all(self) -> list[Example]:
        """All that can be read, by id: what another version has written is passed over."""
        found = []
        for path in sorted(self.folder.glob(f"*{SUFFIX}")) if self.folder else ():
            try:
                found.append(self._read(path))
            except ExampleError:
                continue
        return found

    def find(self, name: str) -> Example:
        """The example with an id, or in a file.

        Raises:
            ExampleError: there is none.
        """
        path = Path(name)
        if not path.is_file() and self.folder:
            path = self.folder / f"{name}{SUFFIX}"
        if not path.is_file():
            known = ", ".join(example.id for example in self.all()[:8])
            raise ExampleError(
                f"there is no example {name!r}",
                f"of this server there are {known}" if known else "`accord fuzz` shows the ids",
            )
        return self._read(path)

    def keep(self, example: Example) -> None:
        """Write an example down.

        Raises:
            ExampleError: it can't be written.
        """
        if self.folder is None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{example.id}{SUFFIX}").write_text(example.to_json(), "utf-8")
        except OSError as error:
            raise ExampleError(
                f"the example database can't be written: {error.strerror or error}",
                "name another folder with --database, or none",
            ) from error

    def forget(self, example: Example) -> None:
        """Remove an example that breaks nothing any more."""
        if self.folder is not None:
            (self.folder / f"{example.id}{SUFFIX}").unlink(missing_ok=True)

    @staticmethod
    def _read(path: Path) -> Example:
        try:
            return Example.from_json(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ExampleError(f"{path.name} can't be read: {error}") from error
