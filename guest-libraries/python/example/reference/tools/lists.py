"""Tools that change the lists."""

from .. import prompts, resources
from ..resources import ADDED
from ..server import CHANGING, READ_ONLY, server, state


def added_tool() -> str:
    """Is listed after `add-entries`."""
    return "I was added"


@server.tool(name="add-entries", annotations=CHANGING)
def add_entries() -> str:
    """Lists one more tool, resource, resource template and prompt."""
    if not state.is_added:
        server.add_tool(added_tool, name="added-tool", annotations=READ_ONLY)
        server.add_resource("test://added", resources.added, mime_type="text/plain")
        server.add_resource(ADDED, resources.added_by_name, name="added")
        server.add_prompt(prompts.added, name="added-prompt")
        state.is_added = True
    return "Added"


@server.tool(name="remove-entries", annotations=CHANGING)
def remove_entries() -> str:
    """Withdraws the entries that `add-entries` added."""
    if state.is_added:
        server.remove_tool("added-tool")
        server.remove_resource("test://added")
        server.remove_resource(ADDED)
        server.remove_prompt("added-prompt")
        state.is_added = False
    return "Removed"
