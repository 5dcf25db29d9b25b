"""Options that are not empty where they are given."""

from __future__ import annotations

import click


def filled(text: str) -> str:
    """Give a text that has something in it: an empty one is most often an unset variable.

    Raises:
        click.BadParameter: it is empty. click adds the option's name.
    """
    if not text.strip():
        raise click.BadParameter("is empty (an unset variable?)")
    return text
