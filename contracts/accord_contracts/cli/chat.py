"""`accord chat`: a conversation in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import click
from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.history import FileHistory
from rich.console import Console

import accord
from accord_contracts.cli.complaint import Complaint
from accord_contracts.cli.console import console
from accord_contracts.cli.talking import (
    connect,
    failures,
    harmless,
    model_option,
    server_options,
)

_PROMPT: Final = "> "


@click.command("chat", short_help="Talk with a model.")
@server_options
@model_option
@click.option("--system", metavar="TEXT", help="How the model is to behave.")
@click.option(
    "--load",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Go on with a conversation that /save has written.",
)
def command(
    base_url: str | None,
    api_key: str | None,
    model: str | None,
    system: str | None,
    path: Path | None,
) -> None:
    """Talk with a model. Answers appear as they are made; Ctrl-C stops one, Ctrl-D leaves.

    An answer that was stopped or that failed leaves no trace in the conversation, nor does its
    question: the up arrow brings it back. /help lists what else can be done.

    \b
    Examples:
        accord chat
        accord chat --base-url http://127.0.0.1:8000/v1 --model accord-small
        accord chat --load talk.json
    """  # noqa: D301 - click reads the \b
    with connect(base_url, api_key) as client:
        talk = accord.Conversation(client, model=model, system=system)
        chat = Chat(client, talk, console())
        if path is not None:
            chat.load(str(path))
            talk.model = model or talk.model
        chat.run(_lines())


class Chat:
    """A conversation, and the commands that change it.

    Args:
        client: who asks.
        talk: the conversation to go on with.
        out: where answers are shown.
    """

    def __init__(self, client: accord.Client, talk: accord.Conversation, out: Console) -> None:
        self.client = client
        self.talk = talk
        self.out = out

    def run(self, lines: Iterator[str]) -> None:
        """Answer lines until they end, or one of them is /exit. Errors are shown, and survived."""
        if self.out.is_terminal:
            self._note("/help lists the commands. Ctrl-C stops an answer, Ctrl-D leaves.")
        for line in lines:
            if line.strip() in ("/exit", "/quit"):
                return
            try:
                self._take(line.strip())
            except click.ClickException as error:
                error.show()

    def _take(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        if name in COMMANDS:
            COMMANDS[name](self, rest.strip())
        elif name.startswith("/"):
            raise Complaint(f"there is no command {name}", "/help lists them.")
        elif line:
            self.answer(line)

    def answer(self, question: str) -> None:
        """Ask, and show the answer as it comes."""
        try:
            with failures(), self.talk.ask(question, stream=True) as stream:
                for piece in self._awaited(stream):
                    self.out.print(harmless(piece.text), end="", soft_wrap=True)
                reply = stream.reply()
        except KeyboardInterrupt:
            self.out.print()
            self._note("stopped; this question and its answer are forgotten")
        except click.ClickException:
            self.out.print()
            raise
        else:
            self.out.print()
            self._note(_bill(reply))

    def _awaited(self, stream: accord.ReplyStream[Any]) -> Iterator[accord.Piece]:
        """Show something that moves until the first piece comes: models think before they talk."""
        if self.out.is_terminal:
            with self.out.status("…"):
                first = next(stream, None)
            if first is not None:
                yield first
        yield from stream

    # ------------------------------------------------------------------------------- the commands
    def help(self, _: str) -> None:
        """Show this list."""
        for name, act in COMMANDS.items():
            self._note(f"{name:<9}{(act.__doc__ or '').rstrip('.')}")

    def clear(self, _: str) -> None:
        """Forget all that was said, but for the system message."""
        said = zip(self.talk.messages, self._roles(), strict=True)
        self.talk.messages[:] = [message for message, role in said if role == "system"]

    def undo(self, _: str) -> None:
        """Forget the last question and its answer."""
        roles = self._roles()
        if "user" not in roles:
            raise Complaint("there is nothing to forget")
        del self.talk.messages[len(roles) - 1 - roles[::-1].index("user") :]

    def model(self, name: str) -> None:
        """NAME: let this model answer; without NAME: list the models."""
        if name:
            self.talk.model = name
            return
        with failures():
            for model in self.client.models.list():
                mark = "*" if model.id == self.talk.model else " "
                self._note(f"{mark} {harmless(str(model.id))}")

    def save(self, path: str) -> None:
        """FILE: write the conversation to it."""
        try:
            self.talk.save(_named(path))
        except OSError as error:
            raise Complaint(f"can't write {path}: {error.strerror}") from error
        self._note(f"saved to {path}")

    def load(self, path: str) -> None:
        """FILE: go on with the conversation in it."""
        try:
            loaded = accord.Conversation.load(_named(path), self.client)
        except (OSError, ValueError) as error:
            raise Complaint(f"can't read {path}: {error}") from error
        self.talk.messages, self.talk.model = loaded.messages, loaded.model
        self._note(f"{len(loaded.messages)} messages")

    def _roles(self) -> list[Any]:
        messages: list[Any] = self.talk.messages  # dicts: nothing else was put in
        return [message.get("role") for message in messages]

    def _note(self, text: str) -> None:
        self.out.print(text, style="dim", soft_wrap=True)


COMMANDS: Final[dict[str, Callable[[Chat, str], None]]] = {
    "/help": Chat.help,
    "/model": Chat.model,
    "/undo": Chat.undo,
    "/clear": Chat.clear,
    "/save": Chat.save,
    "/load": Chat.load,
}


def _named(path: str) -> Path:
    if not path:
        raise Complaint("name a file")
    return Path(path).expanduser()


def _bill(reply: accord.Reply[Any]) -> str:
    """Say what an answer took, as far as that is known."""
    words = [reply.raw.model or ""]
    usage, cost = reply.usage, _cost(reply)
    words += [f"{usage.prompt_tokens} + {usage.completion_tokens} tokens"] if usage else []
    words += [f"${cost}"] if cost is not None else []
    words += ["cut off"] if reply.finish_reason == "length" else []
    return harmless(" · ".join(word for word in words if word))


def _cost(reply: accord.Reply[Any]) -> Any:
    try:
        return reply.cost
    except ImportError:  # the extra is not installed
        return None


def _lines() -> Iterator[str]:
    """Give what is typed, with history and editing; or, from a pipe, its lines."""
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    session = _session()
    while True:
        try:
            yield session.prompt(_PROMPT)
        except KeyboardInterrupt:
            continue  # the line is given up
        except EOFError:
            return


def _session() -> PromptSession[str]:
    folder = Path(click.get_app_dir("accord"))
    folder.mkdir(parents=True, exist_ok=True)
    return PromptSession(
        history=FileHistory(folder / "chat-history"),
        auto_suggest=AutoSuggestFromHistory(),
        completer=WordCompleter([*COMMANDS, "/exit"], sentence=True),
    )
