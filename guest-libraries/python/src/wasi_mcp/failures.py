"""Errors on their way through the interface: generated ones, and the exceptions for them."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import Any

from . import bindings, records
from .errors import McpError, RequestError, report_exception

#: Exceptions of a handler that do not end the instance. `sys.exit` would end it for every call.
EXCEPTIONS = (Exception, asyncio.CancelledError, SystemExit)


class answered:  # noqa: N801 - used as a statement.
    """Raises `RequestError` for an error that the host returns inside the block."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, bindings.current().Err):
            raise _request_error(error.value) from None  # type: ignore[attr-defined]


def _request_error(error: Any) -> RequestError:
    data = None if error.data is None else json.loads(error.data)
    return RequestError(_code_name(error.code), error.message, data)


def _code_name(code: Any) -> str | int:
    """Returns `invalid-params` for the class `ErrorCode_InvalidParams`."""
    case = type(code).__name__.removeprefix("ErrorCode_")
    if case == "Other":
        return code.value  # type: ignore[no-any-return]
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in case)[1:]


def is_answer(error: BaseException) -> bool:
    """Returns whether an exception is meant as the answer to a request."""
    return isinstance(error, (McpError, bindings.current().Err))


def to_err(error: BaseException) -> Exception:
    """Returns what an export raises, so that the host answers with a JSON-RPC error."""
    found = bindings.current()
    if type(error) is found.Err:
        return error
    if not isinstance(error, McpError):
        error = McpError("internal-error", described(error))
    if isinstance(error.code, int):
        code = found.require("types").ErrorCode_Other(error.code)
    else:
        camel = "".join(part.capitalize() for part in error.code.split("-"))
        code = getattr(found.require("types"), f"ErrorCode_{camel}")()
    return found.Err(
        found.record("types", "Error", code=code, message=speakable(error.message), data=_data(error))
    )


def _data(error: McpError) -> str | None:
    try:
        return None if error.data is None else speakable(records.dump(error.data))
    except (TypeError, ValueError) as unwritable:
        report_exception("the data of an error", unwritable)
        return None


def speakable(message: object) -> str:
    """Returns a message as Unicode, whatever an exception holds."""
    return str(message).encode("utf-8", "replace").decode()


def described(error: BaseException) -> str:
    """Returns the type and the message of an exception."""
    if _is_of_event_loop(error):
        return (
            "asyncio has no clock, sockets or threads in a component: "
            "await `wasi_mcp.sleep`, not `asyncio.sleep`"
        )
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _is_of_event_loop(error: BaseException) -> bool:
    """Returns whether asyncio lacks what was asked of it: a function, or in WASI 0.2 its event loop."""
    if type(error) is RuntimeError:
        return error.args == ("no running event loop",)
    trace = error.__traceback__ if isinstance(error, NotImplementedError) else None
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__") == "componentize_py_async_support"
