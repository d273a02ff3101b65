"""The bindings that componentize-py generates from the world of the component.

They are found by their names when a server is created, so that one application serves both
variants. Under plain CPython, as in an author's own tests, there are none.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import re
import types
import typing
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .errors import RegistrationError

_PACKAGE = "wasi_mcp"
#: The interfaces with which a service answers the list methods, by those of the handlers.
_CATALOGS = {"tools": "tool-catalog", "resources": "resource-catalog", "prompts": "prompt-catalog"}


class Bindings:
    """The generated package, seen through the names of the interfaces of `wasi:mcp`."""

    def __init__(self, name: str = "wit_world") -> None:
        self._name = name
        self._imports = importlib.import_module(f"{name}.imports")
        self._exports = importlib.import_module(f"{name}.exports")
        self._import_names = [module.name for module in pkgutil.iter_modules(self._imports.__path__)]
        self._modules: dict[str, ModuleType | None] = {}
        self._world = importlib.import_module(name)
        outcomes = importlib.import_module("componentize_py_types")
        self.Ok: type[Any] = outcomes.Ok
        self.Err: type[Exception] = outcomes.Err
        # What handlers use must be imported now: a component has no files when it runs.
        for interface in self._import_names:
            importlib.import_module(f"{self._imports.__name__}.{interface}")
        start, server_catalog = self.export_name("start"), self.export_name("server-catalog")
        described_by = start or server_catalog
        if described_by is None:
            raise RegistrationError(
                "the world exports neither `start` nor `server-catalog` of wasi:mcp: write "
                "`include wasi:mcp/backend@...;` or `include wasi:mcp/service@...;` in it, "
                "or build with the world that does"
            )
        if start and server_catalog:
            raise RegistrationError(
                "the world exports both `start` and `server-catalog` of wasi:mcp: include "
                "`wasi:mcp/backend@...` or `wasi:mcp/service@...` in it, not both"
            )
        #: True for a world that answers the list methods itself; the host answers those of a backend.
        self.is_service = start is None
        function = "get_server" if self.is_service else "start"
        #: True for a world of WASI 0.3, whose functions are async.
        self.is_async = inspect.iscoroutinefunction(getattr(self.export_class(described_by), function))

    def find(self, interface: str, package: str = _PACKAGE) -> ModuleType | None:
        """Returns the module of an imported interface, or `None` if the world does not import it."""
        if interface not in self._modules:
            name = _named(self._import_names, interface.replace("-", "_"), f"{package}_")
            module = name and importlib.import_module(f"{self._imports.__name__}.{name}")
            self._modules[interface] = module or None
        return self._modules[interface]

    def require(self, interface: str, package: str = _PACKAGE) -> ModuleType:
        """Returns the module of an imported interface, or says which line the world lacks."""
        found = self.find(interface, package)
        if found is None:
            raise RuntimeError(
                f"the world does not import `{interface}`: "
                f"add `import {package.replace('_', ':')}/{interface}@...;` to it"
            )
        return found

    def export_name(self, interface: str) -> str | None:
        """Returns the name of the class that componentize-py expects for an exported interface."""
        camel = "".join(part.capitalize() for part in interface.split("-"))
        classes = [name for name in vars(self._exports) if name[:1].isupper()]
        return _named(classes, camel, "WasiMcp")

    def missing_export(self, interface: str) -> str | None:
        """Returns an interface that a feature needs and the world does not export, if there is one."""
        needed = [interface]
        if self.is_service and interface in _CATALOGS:
            needed.append(_CATALOGS[interface])
        return next((it for it in needed if self.export_name(it) is None), None)

    def export_class(self, name: str) -> Any:
        """Returns the generated base class of an export."""
        return getattr(self._exports, name)

    def is_generated(self, kind: type) -> bool:
        """Returns whether a class is one of these bindings."""
        return kind.__module__.startswith(f"{self._name}.")

    def byte_stream(self) -> tuple[Any, Any]:
        """Makes a stream of bytes: the ends to write and to read."""
        return self._world.byte_stream()  # type: ignore[no-any-return]

    def outcome_future(self, default: Callable[[], Exception]) -> tuple[Any, Any]:
        """Makes a future for the outcome of a stream: the ends to write and to read."""
        # Named after the types inside, of which the interface may have its package and its version.
        pattern = re.compile(r"result_unit_(wasi_mcp_)?types_(\d\w*_)?error_future")
        names = [name for name in vars(self._world) if pattern.fullmatch(name)]
        return getattr(self._world, names[0])(default)  # type: ignore[no-any-return]

    def record(self, interface: str, name: str, /, **fields: Any) -> Any:
        """Creates a generated record. Fields that are not given are `None`."""
        return record(getattr(self.require(interface), name), **fields)


def record(kind: Any, /, **fields: Any) -> Any:
    """Creates a generated record. Fields that are not given are `None`.

    The generated classes have no defaults; with this function, code that uses them names only what
    it sets. Raises `TypeError` for a field of another type: componentize-py ends the instance for it.
    """
    for name, (classes, items) in _field_classes(kind).items():
        value = fields.get(name)
        path = f"{kind.__name__}.{name}"
        if value is not None:
            _check(value, classes, path)
        if items and isinstance(value, list):
            for index, item in enumerate(value):
                _check(item, items, f"{path}[{index}]")
    unset: dict[str, Any] = dict.fromkeys(kind.__dataclass_fields__)
    return kind(**(unset | fields))


#: The integers of the interface have 32 bits and no sign.
_INTEGERS = range(2**32)
_UNIONS = (typing.Union, types.UnionType)


def _check(value: Any, classes: tuple[type, ...], path: str) -> None:
    if classes and not isinstance(value, classes):
        names = " or ".join(f"`{it.__name__}`" for it in classes if it is not type(None))
        raise TypeError(f"`{path}`: {names} is expected, found `{type(value).__name__}`")
    if isinstance(value, int) and int in classes and float not in classes and value not in _INTEGERS:
        raise ValueError(f"`{path}`: {value} is not in the range from 0 to {_INTEGERS[-1]}")
    if isinstance(value, str) and not value.isascii():
        value.encode()  # Half of a surrogate pair is no Unicode.


@functools.cache
def _field_classes(kind: Any) -> dict[str, tuple[tuple[type, ...], tuple[type, ...]]]:
    """Returns the classes that each field of a record takes, and those of the items of a list."""
    hints = typing.get_type_hints(kind)
    return {name: (_classes(hint), _item_classes(hint)) for name, hint in hints.items()}


def _classes(hint: Any) -> tuple[type, ...]:
    """Returns the classes of a generated type hint; none where it is not known."""
    origin = typing.get_origin(hint)
    if origin in _UNIONS:
        members = [_classes(member) for member in typing.get_args(hint)]
        return tuple(it for member in members for it in member) if all(members) else ()
    if hint is float:
        return (float, int)
    found = origin or hint
    return (found,) if isinstance(found, type) else ()


def _item_classes(hint: Any) -> tuple[type, ...]:
    if typing.get_origin(hint) in _UNIONS:
        return next((found for member in typing.get_args(hint) if (found := _item_classes(member))), ())
    return _classes(typing.get_args(hint)[0]) if typing.get_origin(hint) is list else ()


def _named(names: list[str], name: str, prefix: str) -> str | None:
    """Returns the generated name of an interface: of its newest version where there are several.

    componentize-py puts the package before the name where two packages have it, and the version
    behind it where two versions are used or `--full-names` is given.
    """
    full = prefix + name
    for candidate in sorted(names, reverse=True):
        version = candidate.removeprefix(full).lstrip("_")
        if candidate.startswith(full) and (not version or version[0].isdigit()):
            return candidate
    return name if name in names else None


_current: Bindings | None = None


def load(name: str) -> Bindings | None:
    """Finds the bindings of the component that is being built, if there is one."""
    global _current
    try:
        _current = Bindings(name)
    except ModuleNotFoundError as error:
        # Bindings that were generated for an editor may be there, but their runtime is not.
        if error.name not in (name, "componentize_py_runtime"):
            raise
        _current = None
    return _current


def is_generated(kind: type) -> bool:
    """Returns whether a class is one of the bindings of this component, if it is one."""
    return _current is not None and _current.is_generated(kind)


def is_service() -> bool:
    """Returns whether this is a component that answers the list methods itself."""
    return _current is not None and _current.is_service


def current() -> Bindings:
    """Returns the bindings of this component."""
    if _current is None:
        raise RuntimeError(
            "there are no bindings here: this works in a component only, built by componentize-py"
        )
    return _current
