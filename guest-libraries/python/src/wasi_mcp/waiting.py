"""Waiting, in both variants.

In WASI 0.3 a coroutine waits in the event loop of componentize-py, beside other calls. In WASI 0.2
an import blocks, so a coroutine never yields and one step completes it.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from . import bindings
from .errors import report_exception
from .failures import EXCEPTIONS

T = TypeVar("T")

_CANNOT_WAIT = (
    "WASI 0.2 cannot wait for this: await `wasi_mcp.sleep`, `wasi_mcp.gather` and methods of `Context` only, "
    "or build for WASI 0.3"
)
_NANOSECONDS_PER_SECOND = 1_000_000_000


async def sleep(seconds: float) -> None:
    """Waits for a time, without holding up other calls in WASI 0.3.

    A world of WASI 0.3 imports `wasi:clocks/monotonic-clock@0.3.0` for it. `asyncio.sleep` does not
    work in a component, and `time.sleep` stalls every call of the instance in WASI 0.3.
    """
    found = bindings.current()
    if found.is_async:
        clock = found.require("monotonic-clock", "wasi_clocks")
        await detached(clock.wait_for(max(0, int(seconds * _NANOSECONDS_PER_SECOND))))
    else:
        time.sleep(max(0.0, seconds))


async def gather(*awaitables: Awaitable[Any]) -> list[Any]:
    """Waits for all of them and returns their results: at the same time in WASI 0.3, else in turn."""
    if bindings.current().is_async:
        return list(await asyncio.gather(*awaitables))
    return [await awaitable for awaitable in awaitables]


def spawn(work: Coroutine[Any, Any, Any]) -> None:
    """Continues with some work after the call has been answered. Needs WASI 0.3.

    An exception ends the work and leaves its traceback on stderr.
    """
    if not bindings.current().is_async:
        work.close()
        raise RuntimeError("WASI 0.2 runs a component only while it is called: `spawn` needs WASI 0.3")
    beside(_reported(work))


async def _reported(work: Coroutine[Any, Any, Any]) -> None:
    try:
        await work
    except EXCEPTIONS as error:
        report_exception(f"background work `{getattr(work, '__qualname__', work)}`", error)


def beside(work: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine beside the call, and beyond its answer. An exception of it ends the instance."""
    importlib.import_module("componentize_py_async_support").spawn(work)


def report_lost_exceptions() -> None:
    """Writes exceptions of tasks that nobody awaits to stderr. The event loop would end the instance."""

    def report(context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            report_exception("a task that nobody awaits", error)

    importlib.import_module("componentize_py_async_support")._loop.call_exception_handler = report


async def detached(call: Coroutine[Any, Any, T]) -> T:
    """Waits for an import in such a way that the caller may give up waiting.

    componentize-py cannot cancel an import: its task must live until the import returns. So the
    import runs beside the handler, and a handler that is cancelled, or returns first, leaves it
    behind.
    """
    outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    async def run() -> None:
        try:
            result = await call
        except EXCEPTIONS as error:
            if not outcome.done():
                outcome.set_exception(error)
                outcome.exception()  # Nobody may be waiting for it any more.
        else:
            if not outcome.done():
                outcome.set_result(result)

    beside(run())
    return await outcome


async def imported(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls an import that waits, in either variant."""
    if bindings.current().is_async:
        return await detached(function(*arguments))
    return function(*arguments)


def complete(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine in WASI 0.2, where nothing that it awaits is ever pending.

    Where it awaits something else, the error is raised there, so that its traceback names the line.
    """
    try:
        coroutine.send(None)
        while True:
            coroutine.throw(RuntimeError(_CANNOT_WAIT))
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
