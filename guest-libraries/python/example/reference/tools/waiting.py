"""Tools that wait."""

from typing import Annotated

from wasi_mcp import Context, Field
from wasi_mcp import sleep as wait

from ..server import READ_ONLY, server, state


@server.tool(annotations=READ_ONLY)
async def sleep(milliseconds: Annotated[int, Field(ge=0, le=600_000)]) -> str:
    """Waits for the given time, cancelled or not."""
    await wait(milliseconds / 1000)
    return f"Slept {milliseconds} ms"


@server.tool(name="wait-until-cancelled", annotations=READ_ONLY)
async def wait_until_cancelled(context: Context) -> str:
    """Waits until the request is cancelled; `describe-instance` then shows the cancellation."""
    state.cancellations.append(await context.wait_cancelled())
    return "Cancelled"  # The host discards this: the client no longer waits for it.
