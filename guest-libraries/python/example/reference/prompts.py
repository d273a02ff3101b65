"""Prompts."""

from typing import Annotated

from wasi_mcp import (
    AssistantMessage,
    EmbeddedResource,
    Field,
    McpError,
    PromptMessage,
    TextResourceContents,
    UserMessage,
)

from .samples import EVERY_KIND, EXTRA, IMAGE, META
from .server import server


@server.prompt
def test_simple_prompt() -> str:
    """A text."""
    return "This is a simple prompt for testing."


@server.prompt
def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
    """A text with two arguments in it.

    Args:
        arg1: The first argument.
        arg2: The second argument.
    """
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"


@server.prompt
def test_prompt_with_embedded_resource(resourceUri: Annotated[str, "The resource to embed."]) -> list[object]:
    """A resource and a text."""
    contents = TextResourceContents("Embedded resource content for testing.", resourceUri, "text/plain")
    return [EmbeddedResource(contents), "Please process the embedded resource above."]


@server.prompt
def test_prompt_with_image() -> list[object]:
    """An image and a text."""
    return [IMAGE, "Please analyze the image above."]


@server.prompt(title="Plan a journey", meta=META, extra=EXTRA)
def journey(
    country: Annotated[str, Field(title="Country", description="Where to go.")],
    city: Annotated[str, "Where to stay."],
    days: Annotated[str, "For how long."] = "three",
) -> str:
    """Plans a journey."""
    return f"Plan {days} days in {city}, {country}."


@server.prompt(name="every-content-kind")
def every_content_kind() -> list[PromptMessage]:
    """One message for each kind of content, from user and assistant in turn."""
    makers = [UserMessage, AssistantMessage]
    return [makers[index % 2](content) for index, content in enumerate(EVERY_KIND)]


@server.prompt
def failing(subject: Annotated[str | None, "What it is about."] = None) -> str:
    """Fails where it is given its argument, which cannot be completed either."""
    if subject is not None:
        raise McpError("internal-error", "The prompt cannot be had")
    return "Say nothing of a subject."


def added() -> str:
    """Is listed after `add-entries`."""
    return "I was added"
