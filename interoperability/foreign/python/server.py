"""A server made with the official Python SDK, `mcp`: FastMCP in its first generation (1.x),
MCPServer in its second (2.x).

    python server.py                    over stdio
    python server.py http://HOST:PORT   over Streamable HTTP, at /mcp
"""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import urlsplit

import anyio
import mcp.types as types
from pydantic import BaseModel

try:
    from mcp.server.mcpserver import Context, MCPServer

    GENERATION = 2
    server = MCPServer("foreign-python")
except ImportError:
    from mcp.server.fastmcp import Context, FastMCP

    GENERATION = 1
    server = FastMCP("foreign-python")

NOTE = "note://counted"
counted = 0


class Sum(BaseModel):
    """What `add` gives: it becomes the tool's output schema."""

    sum: int


class Name(BaseModel):
    """What `greet` asks the user for."""

    name: str


@server.tool()
def add(a: int, b: int) -> Sum:
    """Adds two numbers."""
    return Sum(sum=a + b)


@server.tool()
def fail() -> str:
    """Fails always."""
    raise ValueError("this tool fails always")


@server.tool()
async def count(ctx: Context) -> str:
    """Counts to ten in a second, with progress, and changes a resource."""
    global counted
    for step in range(10):
        await anyio.sleep(0.1)
        await ctx.report_progress(step + 1, 10, f"step {step + 1}")
    counted += 1
    return f"counted {counted} times"


@server.tool()
async def write_log(ctx: Context) -> str:
    """Logs at three levels."""
    await ctx.debug("a message for developers")
    await ctx.info("a message")
    await ctx.error("a message that something failed")
    return "logged"


@server.tool()
async def sample(ctx: Context) -> str:
    """Asks the client's model."""
    question = types.TextContent(type="text", text="What is the time?")
    answer = await ctx.session.create_message(
        [types.SamplingMessage(role="user", content=question)], max_tokens=100
    )
    return str(answer.model)


@server.tool()
async def greet(ctx: Context) -> str:
    """Asks the user for a name."""
    answer = await ctx.elicit("What is your name?", Name)
    return f"Hello, {answer.data.name}" if answer.action == "accept" else "Hello"


@server.tool()
async def list_roots(ctx: Context) -> int:
    """Counts the client's roots."""
    return len((await ctx.session.list_roots()).roots)


@server.resource(NOTE, mime_type="text/plain")
def note() -> str:
    """How often `count` was called."""
    return f"counted {counted} times"


@server.resource("note://bytes", mime_type="application/octet-stream")
def some_bytes() -> bytes:
    """Four bytes."""
    return b"\x00\x01\xfe\xff"


@server.resource("greeting://{name}", mime_type="text/plain")
def greeting(name: str) -> str:
    """A greeting for a name."""
    return f"Hello, {name}"


@server.prompt()
def review(code: str, language: str = "python") -> str:
    """Asks to review code."""
    return f"Review this {language}: {code}"


@server.completion()
async def complete(ref: Any, argument: Any, context: Any) -> types.Completion | None:
    """Completes the language of the prompt."""
    languages = ["python", "rust", "typescript"]
    values = [language for language in languages if language.startswith(argument.value)]
    return types.Completion(values=values) if argument.name == "language" else None


def main() -> None:
    if len(sys.argv) < 2:
        server.run("stdio")
        return
    address = urlsplit(sys.argv[1])
    assert address.hostname and address.port, "an address such as http://127.0.0.1:8000"
    if GENERATION == 2:
        server.run("streamable-http", host=address.hostname, port=address.port)
    else:
        server.settings.host = address.hostname
        server.settings.port = address.port
        server.run("streamable-http")


if __name__ == "__main__":
    main()
