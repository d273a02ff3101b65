"""Errors: those that a handler raises, those of the client, and those of a registration."""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Callable
from typing import Any

_NUMBERS = {
    -32700: "parse-error",
    -32600: "invalid-request",
    -32601: "method-not-found",
    -32602: "invalid-params",
    -32603: "internal-error",
    -32002: "resource-not-found",
}
_INTEGERS = range(-(2**31), 2**31)
_NAMES = {*_NUMBERS.values(), "cancelled", "timeout", "invalid-state"}


class McpError(Exception):
    """A JSON-RPC error as the answer to a request.

    A tool that fails raises `ToolError`, or any other exception, so that the model sees it. This
    error is for bad requests.

    Attributes:
        code: a case of `error-code` in the WIT, such as `invalid-params`, or another number.
        message: one sentence for people.
        data: details for programs, as a JSON value.
    """

    def __init__(self, code: str | int, message: str, data: Any = None) -> None:
        super().__init__(message)
        named = _NUMBERS.get(code, code) if isinstance(code, int) else code
        if isinstance(named, str) and named not in _NAMES:
            raise ValueError(f"unknown error code `{code}`: expected {', '.join(sorted(_NAMES))} or a number")
        if isinstance(named, int) and named not in _INTEGERS:
            raise ValueError(f"the error code {named} does not fit 32 bits")
        self.code: str | int = named
        self.message = message
        self.data = data


class InvalidParams(McpError):
    """-32602: a name, an argument or a cursor is wrong."""

    def __init__(self, message: str, data: Any = None) -> None:
        super().__init__("invalid-params", message, data)


class ResourceNotFound(McpError):
    """-32002: this server has no resource of this URI."""

    def __init__(self, uri: str) -> None:
        super().__init__("resource-not-found", "resource not found", {"uri": uri})


class RequestError(McpError):
    """A request to the client, or another call of the host, has failed.

    A tool that does not catch it fails, and the model sees the message.
    """


class ToolError(Exception):
    """A failure of a tool's work, for the model to see. It leaves no traceback on stderr."""


class RegistrationError(Exception):
    """A mistake in the code of a server, found when it is built.

    The message begins with the file and the line of the function to change.
    """


def location(function: Callable[..., Any]) -> str:
    """Returns the file and the line of a function, as in `app.py:12`."""
    code = getattr(function, "__code__", None)
    if code is None:
        return getattr(function, "__qualname__", repr(function))
    return f"{_relative(code.co_filename)}:{code.co_firstlineno}"


def _relative(path: str) -> str:
    """Returns a path as its author knows it: without the folder through which it was imported."""
    folders = [folder.rstrip("/") + "/" for folder in sys.path if folder]
    inside = [folder for folder in folders if path.startswith(folder)]
    return path[len(max(inside, key=len)) :] if inside else path


def keep_source(function: Callable[..., Any]) -> None:
    """Keeps the text of the file that a function is in, for tracebacks.

    A component has no files: what it needs of them is read when it is built. An entry without a
    time of change is never compared with its file.
    """
    path = getattr(getattr(function, "__code__", None), "co_filename", "")
    lines = linecache.getlines(path)
    if lines:
        linecache.cache[path] = (sum(map(len, lines)), None, lines, path)


def report_exception(what: str, error: BaseException) -> None:
    """Writes the traceback of an exception to stderr, which the host keeps for the operator."""
    print(f"{what} failed:", file=sys.stderr)
    traceback.print_exception(error, file=sys.stderr)
    sys.stderr.flush()
