"""A list on its way: `await` it, or go through it with `async for`, as in the OpenAI SDK."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Self

from accord.types import ModelList

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator

    from accord.types import Model

__all__ = ["AsyncListing"]


class AsyncListing(Coroutine[Any, Any, ModelList]):
    """The call that lists the models; in every other respect the coroutine that it is made of."""

    def __init__(self, call: Coroutine[Any, Any, ModelList]) -> None:
        self._call = call

    def __await__(self) -> Generator[Any, Any, ModelList]:
        return self._call.__await__()

    def __aiter__(self) -> AsyncIterator[Model]:
        return _Models(self)

    def send(self, value: Any) -> Any:
        """Go on, as coroutines do."""
        return self._call.send(value)

    def throw(self, *error: Any) -> Any:
        """Go on with an error, as coroutines do."""
        return self._call.throw(*error)

    def close(self) -> None:
        """Give up, as coroutines do."""
        self._call.close()


class _Models:
    """One loop through the list. No generator, which would have to be closed when it is left."""

    def __init__(self, listing: AsyncListing) -> None:
        self._listing = listing
        self._models: Iterator[Model] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Model:
        if self._models is None:
            self._models = iter(await self._listing)
        for model in self._models:
            return model
        raise StopAsyncIteration
