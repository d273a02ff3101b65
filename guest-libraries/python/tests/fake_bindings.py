"""Bindings as componentize-py generates them, made of the WIT itself, with a host that records calls.

Records, enumerations and variants are read from the files of the interface, so that a field which
the library does not know, or no longer exists, fails the tests.
"""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import functools
import importlib.machinery
import re
import sys
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType
from typing import Any, Optional

_WIT = Path(__file__).parents[3] / "wit"
_INTERFACE = re.compile(r"^interface ([\w-]+) \{$(.*?)^\}$", re.MULTILINE | re.DOTALL)
_TYPE = re.compile(r"^  (record|variant|enum) %?([\w-]+) \{$(.*?)^  \}$", re.MULTILINE | re.DOTALL)
_MEMBER = re.compile(r"^    %?([\w-]+)(?:: (.*)|(\().*)?,$", re.MULTILINE)
_SCALARS = {"bool": bool, "u32": int, "f64": float, "list<u8>": bytes}
_SCALARS |= dict.fromkeys(["string", "json", "meta", "extra", "cursor", "request-id", "progress-token"], str)


@dataclasses.dataclass(frozen=True)
class Err(Exception):
    """An error of the interface."""

    value: Any


@dataclasses.dataclass(frozen=True)
class Ok:
    """A success of the interface."""

    value: Any


class Stream:
    """Both ends of a stream of bytes. A reader that takes no more has a limit."""

    limit = 1 << 30

    def __init__(self) -> None:
        self.written = b""
        self.reader_dropped = False
        self.is_closed = False

    @classmethod
    def pair(cls) -> tuple[Stream, Stream]:
        """Makes a stream."""
        stream = cls()
        return stream, stream

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        self.is_closed = True

    async def write_all(self, data: bytes) -> int:
        """Takes bytes up to the limit."""
        self.written += data
        self.reader_dropped = len(self.written) > self.limit
        return len(data)


class Outcome:
    """Both ends of a future."""

    def __init__(self) -> None:
        self.value: Any = None

    @classmethod
    def pair(cls, default: Any) -> tuple[Outcome, Outcome]:
        """Makes a future."""
        outcome = cls()
        return outcome, outcome

    async def write(self, value: Any) -> bool:
        """Resolves the future."""
        self.value = value
        return True


def camel(name: str) -> str:
    """Returns `CallTool` for `call-tool`."""
    return "".join(part.capitalize() for part in name.split("-"))


def _types(interface: str) -> dict[str, Any]:
    types: dict[str, Any] = {}
    for kind, name, body in _TYPE.findall(interface):
        members = _MEMBER.findall(re.sub(r"^ *///.*$", "", body, flags=re.MULTILINE))
        if kind == "record":
            fields = [(it.replace("-", "_"), _hint(hint, types)) for it, hint, _ in members]
            types[camel(name)] = dataclasses.make_dataclass(camel(name), fields)
        elif kind == "enum":
            constants = [(it.replace("-", "_").upper(), number) for number, (it, *_) in enumerate(members)]
            types[camel(name)] = enum.Enum(camel(name), constants)
        else:
            for it, _, opening in members:
                case = f"{camel(name)}_{camel(it)}"
                types[case] = dataclasses.make_dataclass(case, [("value", object)] if opening else [])
    return types


def _hint(wit: str, types: dict[str, Any]) -> Any:
    """Returns the type hint of a field; `object` for variants, and for types of other interfaces."""
    if wit in _SCALARS:
        return _SCALARS[wit]
    if wit.startswith("option<"):
        return Optional[_hint(wit[7:-1], types)]
    if wit.startswith("list<"):
        return list[_hint(wit[5:-1], types)]  # type: ignore[misc]
    return types.get(camel(wit), object)


@functools.cache
def interfaces() -> dict[str, dict[str, Any]]:
    """Returns the types of each interface of the WIT."""
    text = "\n".join(path.read_text() for path in sorted(_WIT.glob("*.wit")))
    return {name: _types(body) for name, body in _INTERFACE.findall(text)}


class Host:
    """The calls of the component, and their answers."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.answers: dict[str, Any] = {}

    def function(self, name: str, is_async: bool) -> Any:
        """Makes an import that records its calls. An exception as the answer is raised."""

        def called(*arguments: Any) -> Any:
            self.calls.append((name, arguments))
            answer = self.answers.get(name)
            if isinstance(answer, Exception):
                raise answer
            return answer

        async def awaited(*arguments: Any) -> Any:
            return called(*arguments)

        return awaited if is_async else called

    def named(self, name: str) -> list[tuple[Any, ...]]:
        """Returns the arguments of each call of a function."""
        return [arguments for called, arguments in self.calls if called == name]


class Request:
    """A request context of the host."""

    def __init__(self, host: Host, **answers: Any) -> None:
        self._host = host
        self._answers = {
            "get_id": "7",
            "get_meta": None,
            "get_progress_token": None,
            "is_cancelled": False,
            **answers,
        }

    def clone(self) -> Request:
        """Returns another handle."""
        self._host.calls.append(("clone", ()))
        return Request(self._host, **self._answers)

    def __getattr__(self, name: str) -> Any:
        if name in self._answers:
            return lambda: self._answers[name]
        return self._host.function(name, False)


_FUNCTIONS = {
    "runtime": [
        "register_server",
        "register_tools",
        "register_resources",
        "register_resource_templates",
        "register_prompts",
        "unregister_tools",
        "unregister_resources",
        "unregister_resource_templates",
        "unregister_prompts",
        "serve",
    ],
    "notifications": ["tools_changed", "resources_changed", "prompts_changed", "resource_updated"],
    "logging": ["log"],
    "identity": ["get_principal"],
    "shutdown": ["is_stopped"],
}
_WAITING = {
    "sampling": ["create_message"],
    "elicitation": ["elicit"],
    "roots": ["list_roots"],
    "context": ["wait_cancelled"],
    "shutdown": ["wait_stopped"],
    "monotonic_clock": ["wait_for"],
}
_BACKEND = {"start": ["start"]}
_SERVICE = {
    "server-catalog": ["get_server"],
    "tool-catalog": ["list_tools"],
    "resource-catalog": ["list_resources", "list_resource_templates"],
    "prompt-catalog": ["list_prompts"],
}
_HANDLERS = {
    "tools": ["call_tool"],
    "resources": ["read_resource"],
    "resource-streams": ["read_resource_stream"],
    "resource-subscriptions": ["subscribe", "unsubscribe"],
    "prompts": ["get_prompt"],
    "completion": ["complete"],
    "client-events": ["initialized", "roots_changed"],
}
_EXPORTS = _BACKEND | _SERVICE | _HANDLERS


def _base(name: str, functions: list[str], is_async: bool) -> type:
    async def asynchronous(self: object, *parameters: Any) -> Any:
        raise NotImplementedError

    def blocking(self: object, *parameters: Any) -> Any:
        raise NotImplementedError

    return type(name, (), dict.fromkeys(functions, asynchronous if is_async else blocking))


def _module(name: str, members: dict[str, Any], names: list[str] | None = None) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(members)
    if names is not None:
        module.__path__ = [name]
        _Finder.names[name] = names
    sys.modules[name] = module
    return module


class _Finder:
    """Lists the modules of the fake packages, as the package folder of a component does."""

    names: dict[str, list[str]] = {}

    def __init__(self, path: str) -> None:
        if path not in self.names:
            raise ImportError
        self._path = path

    def iter_modules(self, prefix: str = "") -> list[tuple[str, bool]]:
        """Returns the names of a package's modules."""
        return [(prefix + name, False) for name in self.names[self._path]]

    def find_spec(self, name: str, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """Finds nothing: the modules are loaded already."""
        return None


def install(
    is_async: bool,
    *,
    is_service: bool = False,
    exports: list[str] | None = None,
    without: tuple[str, ...] = (),
    names: dict[str, str] | None = None,
    package: str = "wit_world",
) -> Host:
    """Puts bindings of one variant in place, and returns their host.

    `exports` are the interfaces that the world exports, by default all those of a backend, or with
    `is_service` of a service, which has no import `runtime`; `without` names imports that it lacks;
    `names` renames imported interfaces and exported classes, as `--full-names` does.
    """
    remove()
    host = Host()
    renamed = names or {}
    modules = dict.fromkeys([*interfaces(), *_WAITING], None)
    found = {name.replace("-", "_"): dict(types) for name, types in interfaces().items()}
    for module in modules:
        members = found.setdefault(module.replace("-", "_"), {})
        members.update({it: host.function(it, False) for it in _FUNCTIONS.get(module, [])})
        members.update({it: host.function(it, is_async) for it in _WAITING.get(module, [])})
    lacking = (*without, "runtime") if is_service else without
    kept = [name for name in found if name not in lacking]
    future = f"result_unit_{renamed.get('types', 'types')}_error_future"
    world = {"byte_stream": Stream.pair, future: Outcome.pair}
    _module(package, world, [])
    _module(f"{package}.imports", {}, [renamed.get(name, name) for name in kept])
    for name in kept:
        module = f"{package}.imports.{renamed.get(name, name)}"
        _module(module, found[name])
        for member in found[name].values():
            if isinstance(member, type):
                member.__module__ = module
    offered = _HANDLERS | (_SERVICE if is_service else _BACKEND) if exports is None else exports
    classes = [_base(renamed.get(camel(name), camel(name)), _EXPORTS[name], is_async) for name in offered]
    _module(f"{package}.exports", {it.__name__: it for it in classes}, [])
    _module("componentize_py_types", {"Ok": Ok, "Err": Err})
    _module("componentize_py_async_support", {"spawn": spawn, "_loop": ModuleType("_loop")})
    sys.path_hooks.insert(0, _Finder)
    return host


def exported() -> list[str]:
    """Returns the names of the exported classes."""
    (module,) = [module for name, module in sys.modules.items() if name.endswith("_world.exports")]
    return [name for name in vars(module) if name[:1].isupper()]


def remove() -> None:
    """Removes the bindings."""
    for name in [*sys.modules]:
        if name.split(".")[0] in (
            "app",
            "wit_world",
            "my_world",
            "componentize_py_types",
            "componentize_py_async_support",
        ):
            del sys.modules[name]
    sys.path_hooks[:] = [hook for hook in sys.path_hooks if hook is not _Finder]
    sys.path_importer_cache.clear()
    _Finder.names.clear()


_tasks: ContextVar[list[asyncio.Task[None]]] = ContextVar("tasks")


def spawn(work: Any) -> None:
    """Runs a coroutine beside the call, as componentize-py does."""
    _tasks.get().append(asyncio.get_running_loop().create_task(work))


def run(call: Any) -> Any:
    """Runs an export of WASI 0.3 to the end of its background work, as a host does."""

    async def all_of_it() -> Any:
        tasks: list[asyncio.Task[None]] = []
        _tasks.set(tasks)
        result = await call
        while tasks:
            await tasks.pop()
        return result

    return asyncio.run(all_of_it())
