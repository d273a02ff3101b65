"""What the server offers and answers: the same for WASI 0.2 and 0.3."""

import json

from componentize_py_types import Err
from wit_world.imports import runtime
from wit_world.imports.capabilities import Server, ServerCapabilities, ToolsCapability
from wit_world.imports.content import (
    CallToolParams,
    CallToolResult,
    ContentBlock_Text,
    TextContent,
    Tool,
)
from wit_world.imports.types import Error, ErrorCode_InvalidParams, Implementation

SERVER = Server(
    info=Implementation(name="hello-python", title=None, version="0.1.0", extra=None),
    capabilities=ServerCapabilities(
        tools=ToolsCapability(list_changed=None),
        prompts=None,
        resources=None,
        completions=None,
        experimental=None,
        extra=None,
    ),
    instructions=None,
)

HELLO = Tool(
    name="hello",
    title=None,
    description="Greets somebody.",
    input_schema=json.dumps(
        {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
        }
    ),
    output_schema=None,
    annotations=None,
    meta=None,
    extra=None,
)


def register() -> None:
    """Says what this server offers. The host lists it, and checks names and arguments."""
    runtime.register_server(SERVER)
    runtime.register_tools([HELLO])
    runtime.serve()


def greet(params: CallToolParams) -> CallToolResult:
    name = json.loads(params.arguments or "{}").get("name")
    if not isinstance(name, str):
        raise Err(Error(ErrorCode_InvalidParams(), "`name`: a string is expected", None))
    greeting = TextContent(text=f"Hello, {name}!", annotations=None, meta=None, extra=None)
    return CallToolResult(
        content=[ContentBlock_Text(greeting)],
        structured_content=None,
        is_error=None,
        meta=None,
        extra=None,
    )
