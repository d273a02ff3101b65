"""A server made with FastMCP, `fastmcp`. Its fourth generation offers neither sampling nor roots.

    python fastmcp_server.py             over stdio
    python fastmcp_server.py HOST:PORT   over Streamable HTTP, at /mcp
"""

from __future__ import annotations

import sys
from typing import Any

import anyio
from fastmcp import Context, FastMCP
from fastmcp.exceptions import ToolError

server = FastMCP("foreign-fastmcp")


@server.tool
def add(a: int, b: int) -> dict[str, int]:
    """Adds two whole numbers."""
    return {"sum": a + b}


@server.tool
def fail() -> str:
    """Always fails."""
    raise ToolError("this tool always fails")


@server.tool
async def count(context: Context) -> str:
    """Counts to ten in one second and reports its progress."""
    for step in range(1, 11):
        await anyio.sleep(0.1)
        await context.report_progress(step, 10, f"step {step}")
    return "counted to 10"


@server.tool
async def write_log(context: Context) -> str:
    """Writes a log message of each of four levels."""
    for level in ("debug", "info", "warning", "error"):
        await context.log(f"a {level} message", level=level)
    return "logged"


@server.tool
async def greet(context: Context) -> str:
    """Asks the user for a name."""
    answer = await context.elicit("What is your name?", response_type=str)
    return f"Hello, {answer.data}!" if answer.action == "accept" else "Hello, stranger!"


@server.resource("note://counted", mime_type="text/plain")
def note() -> str:
    """A text."""
    return "counted"


@server.resource("square://{number}", mime_type="text/plain")
def square(number: str) -> str:
    """The square of a number."""
    return str(int(number) ** 2)


@server.prompt
def review(language: str, focus: str = "style") -> str:
    """Asks for a review of code."""
    return f"Review this {language} code for {focus}."


def main(arguments: list[str]) -> None:
    options: dict[str, Any] = {"show_banner": False}
    if arguments:
        host, port = arguments[0].rsplit(":", 1)
        options |= {"transport": "http", "host": host, "port": int(port)}
    server.run(**options)


if __name__ == "__main__":
    main(sys.argv[1:])
