"""The client's roots."""

from typing import Annotated, Any
from urllib.parse import unquote

from wasi_mcp import CallToolResult, Context, ToolError

from ..samples import META
from ..server import READ_ONLY, server


@server.tool(name="list-roots", annotations=READ_ONLY)
async def list_roots(context: Context) -> CallToolResult:
    """Lists the client's roots."""
    answer = await context.list_roots(meta=META)
    told = {"roots": [{"uri": root.uri, "name": root.name, "meta": root.meta} for root in answer.roots]}
    return CallToolResult(structured_content=told, meta=answer.meta)


@server.tool(name="locate-in-roots", annotations=READ_ONLY)
async def locate_in_roots(
    context: Context, path: Annotated[str, "An absolute path of the client"]
) -> dict[str, Any]:
    """Tells in which of the client's roots a path lies. No file is opened."""
    for root in (await context.list_roots()).roots:
        steps, inside = _steps(unquote(root.uri.removeprefix("file://"))), _steps(path)
        if (
            root.uri.startswith("file://")
            and steps is not None
            and inside is not None
            and inside[: len(steps)] == steps
        ):
            return {"root": root.uri, "path": "/".join(inside[len(steps) :])}
    raise ToolError(f"{path} lies in none of the client's roots")


def _steps(path: str) -> list[str] | None:
    """Returns the names of an absolute path: `/root-sibling` begins with `/root`, but is not inside it."""
    if not path.startswith("/"):
        return None
    steps: list[str] = []
    for step in path.split("/"):
        if step == "..":
            del steps[-1:]  # `/` is its own parent.
        elif step not in ("", "."):
            steps.append(step)
    return steps
