"""`accord ask`: one question, one answer."""

from __future__ import annotations

import sys
import threading
from typing import Any, Final, TextIO

import click

import accord
from accord_contracts.cli.complaint import Complaint
from accord_contracts.cli.talking import (
    connect,
    failures,
    harmless,
    model_option,
    server_options,
)

_SILENCE: Final = 2.0
_WAITING: Final = "Waiting for the end of standard input; for none: < /dev/null"


@click.command("ask", short_help="Ask a model a question.")
@click.argument("question", nargs=-1)
@server_options
@model_option
@click.option("--system", metavar="TEXT", help="How the model is to behave.")
@click.option("--temperature", type=float, help="How much chance; 0 for none.")
@click.option("--max-tokens", type=click.IntRange(min=1), help="Where the answer is cut off.")
def command(
    question: tuple[str, ...],
    base_url: str | None,
    api_key: str | None,
    model: str | None,
    system: str | None,
    temperature: float | None,
    max_tokens: int | None,
) -> None:
    """Ask a model a question; its answer is written to standard output as it comes.

    What comes from standard input follows the question, or is the question. It is read to its
    end; where nothing is to come, as in a script that keeps it open, give it /dev/null. Exit codes:
    0 for a whole answer, 1 for one that broke off, 2 when the model could not be asked.

    \b
    Examples:
        accord ask "Why is the sky blue?"
        git diff | accord ask "Write a commit message."
        accord ask --model tiny --max-tokens 20 < question.txt
        accord ask "Why is the sky blue?" < /dev/null
    """  # noqa: D301 - click reads the \b
    messages = [{"role": "user", "content": _question(question)}]
    if system is not None:
        messages.insert(0, {"role": "system", "content": system})
    params = {"temperature": temperature, "max_tokens": max_tokens}
    given: Any = {name: value for name, value in params.items() if value is not None}
    with (
        connect(base_url, api_key) as client,
        failures(),
        client.ask(messages, model=model, stream=True, **given) as stream,
    ):
        _write(stream)


def _question(words: tuple[str, ...]) -> str:
    piped = "" if sys.stdin is None or sys.stdin.isatty() else _piped(sys.stdin)
    question = "\n\n".join(part for part in (" ".join(words), piped.strip()) if part)
    if not question:
        raise Complaint("there is no question", 'accord ask "Why is the sky blue?"')
    return question


def _piped(source: TextIO) -> str:
    """Read to the end; say so where that takes long: it may have been left open by mistake."""
    waiting = threading.Timer(_SILENCE, click.echo, [_WAITING], {"err": True})
    waiting.daemon = True
    waiting.start()
    try:
        return source.read()
    finally:
        waiting.cancel()


def _write(stream: accord.ReplyStream[Any]) -> None:
    """Write the pieces, and see to it that the last line ends, even where the answer broke off."""
    piped = not sys.stdout.isatty()
    text = ""
    try:
        for piece in stream:
            text = piece.text if piped else harmless(piece.text)
            click.echo(text, nl=False)
        refusal = stream.reply().refusal
        if refusal:
            raise Complaint(f"the model refuses: {refusal}")
    finally:
        if text and not text.endswith("\n"):
            click.echo()
