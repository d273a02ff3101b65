"""A server with one tool on the official Python SDK: over stdio, or with a port over Streamable HTTP."""

import sys

from mcp.server.mcpserver import MCPServer

server = MCPServer("hello", log_level="WARNING")


@server.tool()
def hello(name: str) -> str:
    """Greets somebody."""
    return f"Hello, {name}!"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", port=int(sys.argv[1]))
    else:
        server.run()
