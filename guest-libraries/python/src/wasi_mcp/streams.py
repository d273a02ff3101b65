"""Resources that are streamed: those whose function is a generator of bytes.

A world of WASI 0.3 that exports `resource-streams` passes the pieces on as they come. In any other
world the pieces are joined, so that the function serves both variants.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from typing import Any, cast

from . import bindings, records
from .content import BlobResourceContents
from .errors import report_exception
from .failures import EXCEPTIONS, is_answer, to_err
from .waiting import beside


def pieces(value: Any) -> AsyncIterator[bytes] | None:
    """Returns the pieces of a generator, or `None` for a value that is none."""
    if inspect.isasyncgen(value):
        return cast(AsyncIterator[bytes], value)
    return _asynchronous(value) if inspect.isgenerator(value) else None


async def _asynchronous(generator: Any) -> AsyncIterator[bytes]:
    for piece in generator:
        yield piece


async def streamed(source: AsyncIterator[bytes], uri: str, mime_type: str | None) -> Any:
    """Begins a stream: makes the result of `read-resource-stream`.

    The first piece comes with the result, so that an exception before it is an error of the request.
    """
    first = await anext(source, b"")
    blob = records.case("ResourceContents", BlobResourceContents(first, uri, mime_type))
    result = bindings.current().record("content", "ReadResourceResult", contents=[blob])
    writer, reader = bindings.current().byte_stream()
    resolver, outcome = bindings.current().outcome_future(
        lambda: to_err(RuntimeError("the stream was dropped"))
    )
    beside(_write(source, writer, resolver, uri))
    return result, reader, outcome


async def _write(source: AsyncIterator[bytes], writer: Any, resolver: Any, uri: str) -> None:
    """Writes the other pieces, and resolves the future that says how the stream ended."""
    try:
        with writer:
            async for piece in source:
                if not isinstance(piece, (bytes, bytearray)):
                    raise TypeError(f"a piece of a stream is `bytes`, found `{type(piece).__name__}`")
                await writer.write_all(bytes(piece))
                if writer.reader_dropped:
                    break
        outcome = bindings.current().Ok(None)
    except EXCEPTIONS as error:
        if not is_answer(error):
            report_exception(f"the stream of `{uri}`", error)
        outcome = to_err(error)
    await resolver.write(outcome)
