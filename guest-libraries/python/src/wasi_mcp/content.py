"""The values that handlers and clients exchange: content, prompts, sampling, roots, clients.

They are the records of `wasi:mcp` with defaults, and with JSON as Python values. The generated
records serve as well: what a handler returns may hold either.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["user", "assistant"]
ItemKind = Literal["tool", "resource", "resource template", "prompt"]
LogLevel = Literal["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]
Json = dict[str, Any]


@dataclass(kw_only=True)
class Annotations:
    """Hints to the client on how to use or show an item.

    Attributes:
        audience: the intended audience.
        priority: the importance, from 0 to 1.
        last_modified: the time of the last change, in ISO 8601.
    """

    audience: list[Role] | None = None
    priority: float | None = None
    last_modified: str | None = None


@dataclass
class TextContent:
    """Text for a person or a model. A `str` stands for one without further members."""

    text: str
    annotations: Annotations | None = field(default=None, kw_only=True)
    meta: Json | None = field(default=None, kw_only=True)
    extra: Json | None = field(default=None, kw_only=True)


@dataclass
class ImageContent:
    """An image."""

    data: bytes
    mime_type: str
    annotations: Annotations | None = field(default=None, kw_only=True)
    meta: Json | None = field(default=None, kw_only=True)
    extra: Json | None = field(default=None, kw_only=True)


@dataclass
class AudioContent:
    """A piece of audio."""

    data: bytes
    mime_type: str
    annotations: Annotations | None = field(default=None, kw_only=True)
    meta: Json | None = field(default=None, kw_only=True)
    extra: Json | None = field(default=None, kw_only=True)


@dataclass
class ResourceLink:
    """A link to a resource that the client may read."""

    uri: str
    name: str
    title: str | None = field(default=None, kw_only=True)
    description: str | None = field(default=None, kw_only=True)
    mime_type: str | None = field(default=None, kw_only=True)
    size: int | None = field(default=None, kw_only=True)
    annotations: Annotations | None = field(default=None, kw_only=True)
    meta: Json | None = field(default=None, kw_only=True)
    extra: Json | None = field(default=None, kw_only=True)


@dataclass
class TextResourceContents:
    """Text of a resource. Where a resource is read, `uri` may be left out for its own."""

    text: str
    uri: str | None = None
    mime_type: str | None = None
    meta: Json | None = field(default=None, kw_only=True)
    extra: Json | None = field(default=None, kw_only=True)


@dataclass
class BlobResourceContents:
    """Bytes of a resource. Where a resource is read, `uri` may be left out for its own."""

    blob: bytes
    uri: str | None = None
    mime_type: str | None = None
    meta: Json | None = field(default=None, kw_only=True)
    extra: Json | None = field(default=None, kw_only=True)


@dataclass
class EmbeddedResource:
    """The contents of a resource, in a message."""

    resource: TextResourceContents | BlobResourceContents
    annotations: Annotations | None = field(default=None, kw_only=True)
    meta: Json | None = field(default=None, kw_only=True)
    extra: Json | None = field(default=None, kw_only=True)


@dataclass
class OtherContent:
    """Content of a kind that this revision of MCP does not name."""

    json: Json


Content = str | TextContent | ImageContent | AudioContent | ResourceLink | EmbeddedResource | OtherContent


@dataclass(kw_only=True)
class ToolAnnotations:
    """Hints about a tool's behaviour.

    Attributes:
        title: the name for people.
        read_only_hint: the tool does not modify its environment.
        destructive_hint: the tool may perform destructive updates.
        idempotent_hint: a repeated call has no additional effect.
        open_world_hint: the tool interacts with an open world, such as the web.
    """

    title: str | None = None
    read_only_hint: bool | None = None
    destructive_hint: bool | None = None
    idempotent_hint: bool | None = None
    open_world_hint: bool | None = None


@dataclass(kw_only=True)
class CallToolResult:
    """The result of a tool in full, where a tool returns more than one value.

    Attributes:
        content: what the model sees; by default the structured content, as a text.
        structured_content: the result for a program; where the tool has an output schema, it fits.
        is_error: the tool failed, and the content says how.
        meta: `_meta`.
        extra: members of the result that MCP does not name.
    """

    content: list[Content] | None = None
    structured_content: Json | None = None
    is_error: bool | None = None
    meta: Json | None = None
    extra: Json | None = None


@dataclass
class PromptMessage:
    """A message of a prompt."""

    role: Role
    content: Content


def UserMessage(content: Content) -> PromptMessage:  # noqa: N802 - the name that other SDKs have for it.
    """Makes a message of the user."""
    return PromptMessage("user", content)


def AssistantMessage(content: Content) -> PromptMessage:  # noqa: N802 - as above.
    """Makes a message of the model."""
    return PromptMessage("assistant", content)


@dataclass
class CompleteResult:
    """Values for an argument, best first; with their total number where it is known."""

    values: list[str]
    total: int | None = None
    has_more: bool | None = None


@dataclass
class SamplingMessage:
    """A message of a conversation with the client's model."""

    role: Role
    content: str | TextContent | ImageContent | AudioContent | OtherContent


@dataclass
class ModelHint:
    """A part of a model's name, such as `sonnet`."""

    name: str | None = None


@dataclass(kw_only=True)
class ModelPreferences:
    """Priorities from 0 to 1 for the client's choice of a model, and suitable models, best first."""

    hints: list[ModelHint] | None = None
    cost_priority: float | None = None
    speed_priority: float | None = None
    intelligence_priority: float | None = None


@dataclass
class CreateMessageResult:
    """The answer of the client's model."""

    role: Role
    content: TextContent | ImageContent | AudioContent | OtherContent
    model: str
    stop_reason: str | None = None
    meta: Json | None = None
    extra: Json | None = None

    @property
    def text(self) -> str:
        """The text of the answer; empty for an image or a sound."""
        return self.content.text if isinstance(self.content, TextContent) else ""


@dataclass
class Root:
    """A folder or file that the client lets the server work in."""

    uri: str
    name: str | None = None
    meta: Json | None = None
    extra: Json | None = None


@dataclass
class ListRootsResult:
    """The client's roots."""

    roots: list[Root]
    meta: Json | None = None
    extra: Json | None = None


@dataclass
class Implementation:
    """The name and version of a program that speaks MCP."""

    name: str
    version: str
    title: str | None = None
    extra: Json | None = None


@dataclass
class RootsCapability:
    """A client's support for roots."""

    list_changed: bool | None = None


@dataclass
class ClientCapabilities:
    """The capabilities of a client. One that is `None` is unsupported, or denied to this component."""

    roots: RootsCapability | None = None
    sampling: Json | None = None
    elicitation: Json | None = None
    experimental: dict[str, Any] | None = None
    extra: Json | None = None


@dataclass
class Client:
    """The client that sent a request."""

    info: Implementation | None
    capabilities: ClientCapabilities
    protocol_version: str
    log_level: LogLevel | None = None


@dataclass
class Principal:
    """The authenticated party on whose behalf a request was made."""

    issuer: str
    subject: str | None
    client_id: str | None
    scopes: list[str]
    claims: dict[str, Any]
