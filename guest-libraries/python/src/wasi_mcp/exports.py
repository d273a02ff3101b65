"""The classes that componentize-py looks for in the application: one for each exported interface.

componentize-py imports one module, the application, and takes from it a class for each export of
the world. This module makes these classes and puts them there, so that authors need not write them.
A class of the same name that the author writes takes precedence.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from typing import Any

from . import waiting
from .bindings import Bindings
from .errors import RegistrationError, report_exception
from .failures import EXCEPTIONS, is_answer, to_err

#: The work of an export: an asynchronous function of the parameters.
Operation = Callable[..., Coroutine[Any, Any, Any]]


def install(found: Bindings, operations: dict[str, dict[str, Operation]], check: Callable[[], None]) -> None:
    """Puts a class into the application for each interface that the world exports.

    `check` runs when componentize-py creates the instances: the application is complete then, and
    nothing has run yet.
    """
    if found.is_async:
        waiting.report_lost_exceptions()
    application = _application()
    offered = {name: functions for it, functions in operations.items() if (name := found.export_name(it))}

    def check_all() -> None:
        _check_names(application, offered)
        check()

    if any(getattr(application.get(name), "__module__", None) == __name__ for name in offered):
        raise RegistrationError("the application has a `Server` already: register everything with one")
    for name, functions in offered.items():
        application.setdefault(name, _class(found.export_class(name), functions, found.is_async, check_all))
    _check_names(application, offered)


def _check_names(application: dict[str, Any], offered: dict[str, dict[str, Operation]]) -> None:
    """Refuses another thing of the application that has the name of an export."""
    for name, functions in offered.items():
        if not all(hasattr(application[name], function) for function in functions):
            raise RegistrationError(
                f"`{name}` of the module `{application.get('__name__')}` has the name of an export: rename it"
            )


def _application() -> dict[str, Any]:
    """Returns the namespace of the module that componentize-py imports: the outermost one."""
    frame = sys._getframe()
    outermost = frame.f_globals
    while frame := frame.f_back:  # type: ignore[assignment]
        if frame.f_code.co_name == "<module>":
            outermost = frame.f_globals
    return outermost


def _class(base: type, functions: dict[str, Operation], is_async: bool, check: Callable[[], None]) -> type:
    def __init__(self: object) -> None:
        check()

    members: dict[str, Any] = {"__init__": __init__, "__module__": __name__}
    for function, operation in functions.items():
        members[function] = _asynchronous(operation) if is_async else _blocking(operation)
    return type(base.__name__, (base,), members)


def _asynchronous(operation: Operation) -> Callable[..., Any]:
    async def function(self: object, *parameters: Any) -> Any:
        return await _guarded(operation, parameters)

    return function


def _blocking(operation: Operation) -> Callable[..., Any]:
    def function(self: object, *parameters: Any) -> Any:
        return waiting.complete(_guarded(operation, parameters))

    return function


async def _guarded(operation: Operation, parameters: tuple[Any, ...]) -> Any:
    """Turns every exception into an error of the interface: any other would end the instance."""
    try:
        return await operation(*parameters)
    except EXCEPTIONS as error:
        if not is_answer(error):
            report_exception(operation.__name__.strip("_").replace("_", "-"), error)
        raise to_err(error) from None
