"""MCP errors as the answer to a call."""

from typing import Annotated, Any

from wasi_mcp import Field, McpError

from ..server import READ_ONLY, server


@server.tool(name="answer-error", annotations=READ_ONLY)
def answer_error(
    code: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)], message: str, data: Any = None
) -> None:
    """Answers with an MCP error of the given code, message and data."""
    raise McpError(code, message, data)
