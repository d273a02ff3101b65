"""The functions that an author registers."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable
from typing import Any

from .context import Context
from .docstrings import Docstring
from .errors import RegistrationError, keep_source, location
from .schema import ObjectOf, UnusableType, kind_of, member_of


class Handler:
    """A registered function: its arguments, its description, and the way to call it."""

    def __init__(self, role: str, function: Callable[..., Any], name: str | None = None) -> None:
        if not callable(function):
            raise RegistrationError(f"{role}: a function is expected, found {function!r}")
        self._role = role
        self.function = function
        self.location = location(inspect.unwrap(function))
        keep_source(inspect.unwrap(function))
        self.name: str = getattr(function, "__name__", "") if name is None else name
        if not self.name or self.name == "<lambda>":
            raise self.error('it has no name: write `name="..."`')
        docstring = Docstring(inspect.getdoc(function) if inspect.isroutine(function) else None)
        self.description = docstring.description
        self._context_parameter: str | None = None
        #: The arguments, as one object.
        self.arguments = ObjectOf(self.name, closed=True)
        self._inspect(docstring)

    def __str__(self) -> str:
        return f"{self._role} `{self.name}`"

    def error(self, problem: str) -> RegistrationError:
        """Says what is wrong with this function."""
        return RegistrationError(f"{self.location}: {self}: {problem}")

    def _inspect(self, docstring: Docstring) -> None:
        try:
            hints = typing.get_type_hints(_annotated(self.function), include_extras=True)
        except NameError as error:
            raise self.error(f"the annotation uses an unknown name: {error}") from error
        except (SyntaxError, TypeError) as error:
            raise self.error(f"the annotation is no type: {error}") from error
        #: The type hint of what it returns; `inspect.Parameter.empty` without one.
        self.returns: Any = hints.get("return", inspect.Parameter.empty)
        further = None
        for parameter in inspect.signature(self.function).parameters.values():
            hint = hints.get(parameter.name, Any)
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
                raise self.error(f"`{parameter}`: arguments have names in MCP, so `/` and `*` cannot be used")
            if _is_context(hint):
                self._context_parameter = parameter.name
                continue
            try:
                if parameter.kind is parameter.VAR_KEYWORD:
                    further = kind_of(hint)
                    continue
                has_default = parameter.default is not parameter.empty
                default = (parameter.default,) if has_default else ()
                documented = docstring.arguments.get(parameter.name)
                member = member_of(parameter.name, hint, documented, not has_default, *default)
            except UnusableType as problem:
                raise self.error(f"argument `{parameter.name}`: {problem}") from None
            self.arguments.members.append(member)
        if further is not None:
            self.arguments.open(further)

    def argument_names(self) -> list[str]:
        """Returns the names of the arguments, without that of the context."""
        return [member.name for member in self.arguments.members]

    async def call(self, context: Context, arguments: dict[str, Any]) -> Any:
        """Calls the function, and waits for what it returns if it is asynchronous."""
        if self._context_parameter:
            arguments = {**arguments, self._context_parameter: context}
        result = self.function(**arguments)
        return await result if inspect.isawaitable(result) else result


def _annotated(function: Callable[..., Any]) -> Any:
    """Returns what has the annotations: of `functools.partial` its function, of an object its call."""
    if isinstance(function, functools.partial):
        return _annotated(function.func)
    return function if inspect.isroutine(function) else type(function).__call__


def _is_context(hint: Any) -> bool:
    if isinstance(hint, type):
        return issubclass(hint, Context)
    return any(_is_context(member) for member in typing.get_args(hint) if member is not type(None))
