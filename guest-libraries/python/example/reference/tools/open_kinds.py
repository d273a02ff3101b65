"""Values of kinds that the interface does not name, in both directions."""

import json as texts

from wasi_mcp import Context, OtherContent

from ..server import DESTRUCTIVE, server


@server.tool(name="return-other-block", annotations=DESTRUCTIVE)
def return_other_block(json: str) -> OtherContent:
    """Returns the given JSON as a content block of a kind that the interface does not name."""
    return OtherContent(texts.loads(json))


@server.tool(name="elicit-other-field", annotations=DESTRUCTIVE)
async def elicit_other_field(context: Context, json: str, message: str = "A field of another kind") -> str:
    """Asks the user with a form field of a kind that the interface does not name."""
    form = {"type": "object", "properties": {"field": texts.loads(json)}}
    answer = await context.elicit(message, form)
    return texts.dumps(answer.data["field"]) if answer.data else "none"
