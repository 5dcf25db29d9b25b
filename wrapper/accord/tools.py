"""Tools made of typed Python functions, and what becomes of a model's calls of them.

Only import this where the extra `tools` is needed.
"""

from __future__ import annotations

import inspect
import logging
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, get_type_hints

import docstring_parser

from accord import shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from accord.params import JsonObject
    from accord.types import FunctionCall, ToolCall

__all__ = ["Run", "Tool", "Toolbox", "tool"]

_NAMED: Final = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)

logger = logging.getLogger(__name__)


class Tool:
    """A function that a model may call; calling it calls the function.

    The name is the function's. The docstring (Google, NumPy or reST style) describes it and its
    parameters, the annotations say what they are: everything that JSON can hold, dataclasses,
    attrs classes, pydantic models, enums and literals too. Arguments are checked before the call.

    Args:
        function: sync, or, for an `AsyncClient`, async.

    Attributes:
        name: what the model calls it by.
        description: what the model is told of it.
        parameters: the JSON schema of its arguments.

    Raises:
        TypeError: a parameter can't be given by name, or its type has no JSON form, or its
            annotation names what is not there; or two of the types have one name.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        if not inspect.isroutine(function):
            raise TypeError(f"a tool is made of a function, not of {function!r}")
        self.function = function
        self.name = function.__name__
        text = docstring_parser.parse(inspect.getdoc(function) or "")
        self.description = text.description or ""
        self._signature = _signature(function)
        self._hints = _hints(function)
        self.parameters = self._describe({p.arg_name: p.description for p in text.params})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"Tool({self.name})"

    @property
    def is_async(self) -> bool:
        """Whether the function has to be awaited."""
        return inspect.iscoroutinefunction(self.function)

    @property
    def definition(self) -> dict[str, Any]:
        """What requests say of it, among their `tools`."""
        described = {"name": self.name, "description": self.description}
        return {"type": "function", "function": {**described, "parameters": self.parameters}}

    def read(self, arguments: Any) -> dict[str, Any]:
        """Give the function's keyword arguments, from the JSON that a model wrote.

        Args:
            arguments: as text; as an object, as some servers send it; "" or None for none.

        Raises:
            ValueError: it is not JSON, or does not fit. The message says where.
        """
        if not isinstance(arguments, dict):
            arguments = shapes.read_json(arguments or "{}", dict[str, Any])
        given: dict[str, Any] = arguments
        for name in given.keys() - self._signature.keys():
            raise ValueError(f"there is no parameter {name!r}")
        for name in self.parameters["required"]:
            if name not in given:
                raise ValueError(f"the parameter {name!r} is missing")
        return {name: self._read_one(name, value) for name, value in given.items()}

    def _read_one(self, name: str, value: Any) -> Any:
        try:
            return shapes.read(value, self._hints.get(name, Any))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error

    def _describe(self, texts: Mapping[str, str | None]) -> dict[str, Any]:
        kinds = [self._hints.get(name, Any) for name in self._signature]
        found, definitions = shapes.schemas(kinds)
        described = {
            name: {**schema, **({"description": texts[name]} if texts.get(name) else {})}
            for name, schema in zip(self._signature, found, strict=True)
        }
        required = [
            name
            for name, parameter in self._signature.items()
            if parameter.default is inspect.Parameter.empty
        ]
        schema: dict[str, Any] = {"type": "object", "properties": described}
        schema |= {"required": required, "additionalProperties": False}
        return {**schema, "$defs": definitions} if definitions else schema


def tool(function: Callable[..., Any]) -> Tool:
    """Make a tool of a function; also as a decorator. See `Tool`.

    Raises:
        TypeError: see `Tool`.
    """
    return Tool(function)


class _WrongCallError(Exception):
    """The model calls what there is not, or with what does not fit."""


class Run:
    """A model's call of a tool, ready to be done.

    Doing it does not raise: the model is told what went wrong, and can do better. So it goes with
    all exceptions but those that end programs. They are also logged.

    Args:
        called: the tool; None when the model calls what there is not.
        call: what the model said.
    """

    def __init__(self, called: Tool | None, call: FunctionCall) -> None:
        self._called = called
        self._call = call

    def do(self) -> str:
        """Call the function, and give its result as text."""
        try:
            called, arguments = self._read()
            return _as_text(called(**arguments))
        except Exception as error:  # noqa: BLE001 - whatever a user's function raises
            return self._told(error)

    async def do_async(self) -> str:
        """Call the function, a sync one in a thread, and give its result as text."""
        from anyio import to_thread  # noqa: PLC0415 - httpx imports it late, too

        try:
            called, arguments = self._read()
            if called.is_async:
                return _as_text(await called(**arguments))
            return _as_text(await to_thread.run_sync(partial(called, **arguments)))
        except Exception as error:  # noqa: BLE001 - whatever a user's function raises
            return self._told(error)

    def _read(self) -> tuple[Tool, dict[str, Any]]:
        if self._called is None:
            raise _WrongCallError(f"there is no tool {self._call.name!r}")
        try:
            return self._called, self._called.read(self._call.arguments)
        except ValueError as error:
            raise _WrongCallError(str(error)) from error

    def _told(self, error: Exception) -> str:
        # The model's mistakes have no traceback that helps; those of the function do.
        trace = None if isinstance(error, _WrongCallError) else error
        logger.warning("the tool %s failed: %s", self._call.name, error, exc_info=trace)
        return shapes.to_json({"error": str(error) or type(error).__name__})


class Toolbox:
    """The tools of a question: functions that are run, and definitions that are passed on.

    Args:
        tools: functions, `Tool`s, and definitions as requests have them.
        asynchronous: whether async functions can be awaited.

    Attributes:
        definitions: what the request says of them.

    Raises:
        TypeError: one can't be made a tool.
        ValueError: two have one name.
    """

    def __init__(
        self, tools: Iterable[Callable[..., Any] | JsonObject], *, asynchronous: bool
    ) -> None:
        self.definitions: list[JsonObject] = []
        self._tools: dict[str, Tool] = {}
        self._passed_on: set[str] = set()
        for one in tools:
            if callable(one):
                self._add(one if isinstance(one, Tool) else Tool(one), asynchronous=asynchronous)
            else:
                self.definitions.append(one)
                self._passed_on.add(_name(one))

    def runs(self, calls: Sequence[ToolCall]) -> list[Run]:
        """Make calls ready to be done; none when one of them is not ours to do."""
        functions = [call.function for call in calls if call.function is not None]
        passed_on = any(function.name in self._passed_on for function in functions)
        if passed_on or len(functions) < len(calls):
            return []
        return [Run(self._tools.get(function.name), function) for function in functions]

    def _add(self, made: Tool, *, asynchronous: bool) -> None:
        if made.is_async and not asynchronous:
            raise TypeError(f"{made.name} is async: only an AsyncClient can await it")
        if made.name in self._tools:
            raise ValueError(f"there are two tools with the name {made.name!r}")
        self._tools[made.name] = made
        self.definitions.append(made.definition)


def _name(definition: Any) -> str:
    """Give the name in a definition, of whatever type it is."""
    described = definition if isinstance(definition, dict) else definition.to_dict()
    inner = described.get(described.get("type"))
    return str(inner.get("name")) if isinstance(inner, dict) else ""


def _signature(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    parameters = inspect.signature(function).parameters
    for name, parameter in parameters.items():
        if parameter.kind not in _NAMED:
            raise TypeError(f"{function.__name__}: {name!r} can't be given by name")
    return parameters


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Resolve the annotations of the parameters; what the function returns is nobody's concern."""
    given = getattr(function, "__annotations__", {})
    parameters = {name: hint for name, hint in given.items() if name != "return"}
    names = getattr(inspect.unwrap(function), "__globals__", {})
    try:
        return get_type_hints(
            SimpleNamespace(__annotations__=parameters), names, include_extras=True
        )
    except NameError as error:
        message = f"{function.__name__}: an annotation can't be resolved: {error}"
        raise TypeError(message) from error


def _as_text(result: Any) -> str:
    return result if isinstance(result, str) else shapes.to_json(result)
