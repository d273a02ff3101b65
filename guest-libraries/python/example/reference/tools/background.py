"""Work that continues after the answer, which WASI 0.3 alone supports."""

from typing import Annotated

from wasi_mcp import Field, sleep, spawn

from ..server import CHANGING, server


@server.tool(name="background-log", annotations=CHANGING)
def background_log(milliseconds: Annotated[int, Field(ge=0, le=600_000)] = 20) -> str:
    """Answers at once, and logs to the sessions some time later."""

    async def log() -> None:
        await sleep(milliseconds / 1000)
        server.log("info", "done", logger="background")

    spawn(log())
    return "Started"


@server.tool(name="log-when-stopped", annotations=CHANGING)
def log_when_stopped() -> str:
    """Answers at once, and logs to the sessions when the host begins to stop."""

    async def log() -> None:
        await server.wait_stopped()
        server.log("info", "stopping", logger="background")

    spawn(log())
    return "Started"
