"""Progress of a request."""

from typing import Annotated, Any

from wasi_mcp import Context, Field, RequestError, sleep

from ..server import READ_ONLY, server


@server.tool(name="report-progress", annotations=READ_ONLY)
async def report_progress(
    context: Context,
    steps: Annotated[int, Field(ge=0, le=100_000)] = 3,
    milliseconds: Annotated[int, "Between two steps", Field(ge=0, le=60_000)] = 0,
    total: Annotated[bool, "Whether to tell the total; it does by default"] = True,
) -> str:
    """Reports progress step by step: 0 of `steps`, 1 of `steps`, and so on."""
    for step in range(steps + 1):
        if step > 0 and milliseconds > 0:
            await sleep(milliseconds / 1000)
        context.report_progress(step, steps if total else None, f"Step {step} of {steps}")
    return f"Reported {steps + 1} times"


@server.tool(name="misreport-progress", annotations=READ_ONLY)
def misreport_progress(context: Context) -> dict[str, Any]:
    """Reports progress that is not allowed, and tells what the host answered to each report."""
    # The first and the last are allowed.
    reports = [1, 1, 0.5, float("nan"), float("inf"), 2.5]
    return {"answers": [_report(context, progress) for progress in reports]}


def _report(context: Context, progress: float) -> str:
    try:
        context.report_progress(progress)
    except RequestError as error:
        return str(error.code)
    return "ok"
