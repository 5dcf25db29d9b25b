"""What type checkers must infer of errors; checked by mypy and pyright, never run."""

from __future__ import annotations

from typing import assert_type

import accord
from accord.types import ChatCompletion, Completion


def attributes(client: accord.Client) -> None:
    try:
        client.models.list()
    except accord.StreamError as error:
        assert_type(error.partial, ChatCompletion | Completion | None)
        assert_type(error.events, int)
    except accord.APITimeoutError as error:
        assert_type(error.phase, str)
    except accord.RateLimitError as error:
        assert_type(error.retry_after, float | None)
        assert_type(error.status, int | None)
        assert_type(error.status_code, int | None)
    except accord.APIError as error:
        assert_type((error.message, error.hint), tuple[str, str | None])
        assert_type(error.tried, tuple[str, ...])
        assert_type(error.attempts, int | None)
        error.statos  # type: ignore[attr-defined]  # noqa: B018


class Stubborn(accord.RetryPolicy):
    """A policy of one's own."""

    def retries(self, failure: accord.AccordError) -> bool:
        return isinstance(failure, accord.APIConnectionError)
