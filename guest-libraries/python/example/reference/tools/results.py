"""The shapes of a result: each kind of content, a tool's own failure, a large one."""

from typing import Annotated

from wasi_mcp import CallToolResult, Field, ToolAnnotations, ToolError

from ..samples import EVERY_KIND, EXTRA, META
from ..server import READ_ONLY, server


@server.tool(
    title="Echo",
    annotations=ToolAnnotations(
        title="Echo", read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
    meta=META,
    extra=EXTRA,
)
def echo(text: Annotated[str, "What to hear again"]) -> str:
    """Answers with the text it is given."""
    return text


@server.tool(name="every-content-kind", annotations=READ_ONLY)
def every_content_kind() -> CallToolResult:
    """Answers with one content block of each kind, every member filled."""
    return CallToolResult(content=[*EVERY_KIND], meta=META, extra=EXTRA)


@server.tool(name="no-content", annotations=READ_ONLY)
def no_content() -> None:
    """Answers with an empty list of content."""


@server.tool(annotations=READ_ONLY)
def fail(message: str = "This tool always fails.") -> None:
    """Answers with a failure of the tool, which is a result and no error."""
    raise ToolError(message)


@server.tool(name="raise-exception", annotations=READ_ONLY)
def raise_exception() -> None:
    """Raises an exception, whose traceback the operator sees."""
    raise ValueError("The reference guest was asked for an exception")


@server.tool(name="large-text", annotations=READ_ONLY)
def large_text(bytes: Annotated[int, Field(ge=0, le=268_435_456)] = 0) -> str:
    """Answers with a text of the given size."""
    return "x" * bytes
