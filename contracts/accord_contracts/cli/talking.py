"""What `ask`, `chat` and `models` share: whom they talk to, and what they say when that fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

import accord
from accord_contracts.cli.complaint import Complaint
from accord_contracts.cli.grouped import grouped

# A terminal obeys control characters, and what a model says is nobody's to answer for.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_NO_MODEL: Final = "`accord models` lists those that there are."

server_options: Final = grouped(
    click.option(
        "--base-url",
        metavar="URL",
        help="Where the server is.  [default: OPENAI_BASE_URL, else OpenAI]",
    ),
    click.option("--api-key", help="The key.  [default: OPENAI_API_KEY, else none]"),
)

model_option = click.option(
    "--model",
    help="Who answers.  [default: OPENAI_MODEL, else the only model that the server has]",
)


class Failed(Complaint):
    """The server was asked, and its answer failed. Exit code 1."""

    exit_code = 1


def connect(base_url: str | None, api_key: str | None) -> accord.Client:
    """Make the client.

    Raises:
        Complaint: it can't be made.
    """
    with failures():
        return accord.Client(base_url=base_url, api_key=api_key)


@contextmanager
def failures() -> Iterator[None]:
    """Turn what a call raises into one line or two on stderr."""
    try:
        yield
    except accord.AccordError as error:
        message, _, hint = str(error).partition("\nHint: ")
        hint = _NO_MODEL if error.code == "model_not_found" else hint
        raise _kind(error)(message, hint) from error


def harmless(text: str) -> str:
    """Give what a model says without what a terminal would obey."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def _kind(error: accord.AccordError) -> type[Complaint]:
    """Tell answers that failed from requests that could not be made, or were refused."""
    cut = isinstance(error, (accord.StreamError, accord.InvalidAnswerError))
    return Failed if cut or isinstance(error, accord.InternalServerError) else Complaint
