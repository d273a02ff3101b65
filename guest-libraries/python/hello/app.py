"""An MCP server with one tool, for WASI 0.2 and 0.3."""

from wasi_mcp import Server

server = Server("hello")


@server.tool
def hello(name: str) -> str:
    """Greets somebody."""
    return f"Hello, {name}!"
