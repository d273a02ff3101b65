"""Log messages, in a request and outside of any."""

from typing import Annotated, get_args

from wasi_mcp import Context, Field, LogLevel

from ..server import READ_ONLY, server


def _data(level: str) -> dict[str, str]:
    return {"level": level, "message": "A message\nof two lines"}


@server.tool(name="log-all-levels", annotations=READ_ONLY)
def log_all_levels(context: Context, logger: str | None = None) -> str:
    """Logs one message at each level, from debug to emergency, tied to this request."""
    for level in get_args(LogLevel):
        context.log(level, _data(level), logger=logger)
    return "Logged 8 messages"


@server.tool(name="log-to-sessions", annotations=READ_ONLY)
def log_to_sessions(logger: str | None = None) -> str:
    """Logs one message at each level to every session of this instance."""
    for level in get_args(LogLevel):
        server.log(level, _data(level), logger=logger)
    return "Logged 8 messages"


@server.tool(name="flood-logs", annotations=READ_ONLY)
def flood_logs(context: Context, count: Annotated[int, Field(ge=0, le=1_000_000)]) -> str:
    """Logs `count` numbered messages at level info as fast as it can."""
    for number in range(count):
        context.info(number, logger="flood")
    return f"Logged {count} messages"
