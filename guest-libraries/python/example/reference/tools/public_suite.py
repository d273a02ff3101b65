"""The tools that MCP's public conformance suite requires of a server, under its names."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from wasi_mcp import (
    AudioContent,
    Context,
    EmbeddedResource,
    ImageContent,
    InvalidParams,
    TextResourceContents,
    ToolError,
    sleep,
)

from ..samples import AUDIO, IMAGE
from ..server import READ_ONLY, server

#: The pause between two steps of a tool that works for a while.
_STEP_SECONDS = 0.05


@server.tool(annotations=READ_ONLY)
def test_simple_text() -> str:
    """Answers with a text."""
    return "This is a simple text response for testing."


@server.tool(annotations=READ_ONLY)
def test_image_content() -> ImageContent:
    """Answers with an image."""
    return IMAGE


@server.tool(annotations=READ_ONLY)
def test_audio_content() -> AudioContent:
    """Answers with a sound."""
    return AUDIO


@server.tool(annotations=READ_ONLY)
def test_embedded_resource() -> EmbeddedResource:
    """Answers with an embedded resource."""
    return EmbeddedResource(
        TextResourceContents(
            "This is an embedded resource content.", "test://embedded-resource", "text/plain"
        )
    )


@server.tool(annotations=READ_ONLY)
def test_multiple_content_types() -> list[str | ImageContent | EmbeddedResource]:
    """Answers with a text, an image and an embedded resource."""
    contents = TextResourceContents(
        '{"test":"data","value":123}', "test://mixed-content-resource", "application/json"
    )
    return ["Multiple content types test:", IMAGE, EmbeddedResource(contents)]


@server.tool(annotations=READ_ONLY)
def test_error_handling() -> None:
    """Answers with a failure of the tool."""
    raise ToolError("This tool intentionally returns an error for testing")


@server.tool(annotations=READ_ONLY)
async def test_tool_with_logging(context: Context) -> str:
    """Logs three messages, some time apart."""
    context.info("Tool execution started")
    await sleep(_STEP_SECONDS)
    context.info("Tool processing data")
    await sleep(_STEP_SECONDS)
    context.info("Tool execution completed")
    return "Logged three messages"


@server.tool(annotations=READ_ONLY)
async def test_tool_with_progress(context: Context) -> str:
    """Reports progress three times, some time apart."""
    context.report_progress(0, 100)
    await sleep(_STEP_SECONDS)
    context.report_progress(50, 100)
    await sleep(_STEP_SECONDS)
    context.report_progress(100, 100)
    return "Reported three times"


@server.tool(annotations=READ_ONLY)
async def test_sampling(context: Context, prompt: str) -> str:
    """Asks the client's model."""
    return f"LLM response: {(await context.sample(prompt, max_tokens=100)).text}"


@dataclass
class _Person:
    username: Annotated[str, "The user's name"]
    email: Annotated[str, "The user's address"]


@server.tool(annotations=READ_ONLY)
async def test_elicitation(context: Context, message: str) -> str:
    """Asks the user for a name and an address."""
    return await _ask(context, message, _Person)


@dataclass
class _Defaults:
    name: str = "John Doe"
    age: int = 30
    score: float = 95.5
    status: Literal["active", "inactive", "pending"] = "active"
    verified: bool = True


@server.tool(annotations=READ_ONLY)
async def test_elicitation_sep1034_defaults(context: Context) -> str:
    """Asks the user for values that have defaults."""
    return await _ask(context, "Please check the defaults.", _Defaults)


@server.tool(annotations=READ_ONLY)
async def test_elicitation_sep1330_enums(context: Context) -> str:
    """Asks the user to choose, in each form of a choice of one."""
    options = ["option1", "option2", "option3"]
    titled = [
        {"const": f"value{number}", "title": title}
        for number, title in ((1, "First"), (2, "Second"), (3, "Third"))
    ]
    properties = {
        "untitledSingle": {"type": "string", "enum": options},
        "titledSingle": {"type": "string", "oneOf": titled},
        "legacyEnum": {"type": "string", "enum": options, "enumNames": ["One", "Two", "Three"]},
    }
    return await _ask(context, "Please choose.", {"type": "object", "properties": properties})


async def _ask(context: Context, message: str, form: Any) -> str:
    answer = await context.elicit(message, form)
    data = answer.data if answer.data is None or isinstance(answer.data, dict) else vars(answer.data)
    return f"User response: action={answer.action}, content={data}"


@server.tool(annotations=READ_ONLY)
async def test_reconnection() -> str:
    """Works for a while, so that the client can come back for the answer."""
    await sleep(2 * _STEP_SECONDS)
    return "Reconnection test completed"


_CONTACT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        },
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


@server.tool(input_schema=_CONTACT, annotations=READ_ONLY)
def json_schema_2020_12_tool(
    name: str | None = None,
    address: dict[str, Any] | None = None,
    contactMethod: Literal["phone", "email"] | None = None,
    phone: str | None = None,
    email: str | None = None,
) -> str:
    """Has an input schema that uses much of JSON Schema 2020-12."""
    needed = phone if contactMethod == "phone" else email
    if needed is None:  # For a host that does not check the schema.
        raise InvalidParams(f"`{contactMethod or 'email'}` is missing")
    return f"{name or 'Somebody'} {address or 'somewhere'}: {needed}"
