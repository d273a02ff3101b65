"""A server with one tool on FastMCP: over stdio, or with a port over Streamable HTTP."""

import sys

from fastmcp import FastMCP

server = FastMCP("hello")


@server.tool
def hello(name: str) -> str:
    """Greets somebody."""
    return f"Hello, {name}!"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run(transport="http", port=int(sys.argv[1]))
    else:
        server.run()
