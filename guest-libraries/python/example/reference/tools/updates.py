"""Changes of the watched resource."""

from ..resources import WATCHED, WATCHED_PART
from ..server import CHANGING, server, state


@server.tool(name="touch-resource", annotations=CHANGING)
def touch_resource(part: bool = False) -> str:
    """Changes the watched resource, or with `part` a sub-resource of it, and tells subscribers."""
    state.watched_version += 1
    server.notify_resource_updated(WATCHED, WATCHED_PART if part else None)
    return f"Version {state.watched_version}"
