"""MCP servers as WebAssembly components of `wasi:mcp`, for WASI 0.2 and 0.3.

A thin layer over the bindings that componentize-py generates: functions become tools, resources and
prompts, their type hints become schemas, and their docstrings become descriptions. The host speaks
the protocol.

    from wasi_mcp import Server

    server = Server("hello")

    @server.tool
    def hello(name: str) -> str:
        \"\"\"Greets somebody.\"\"\"
        return f"Hello, {name}!"
"""

from .bindings import record
from .content import (
    Annotations,
    AssistantMessage,
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    Client,
    ClientCapabilities,
    CompleteResult,
    CreateMessageResult,
    EmbeddedResource,
    ImageContent,
    Implementation,
    ItemKind,
    ListRootsResult,
    LogLevel,
    ModelHint,
    ModelPreferences,
    OtherContent,
    Principal,
    PromptMessage,
    ResourceLink,
    Root,
    RootsCapability,
    SamplingMessage,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
    UserMessage,
)
from .context import Context
from .elicitation import ElicitResult
from .errors import InvalidParams, McpError, RegistrationError, RequestError, ResourceNotFound, ToolError
from .schema import Field
from .server import Server
from .waiting import gather, sleep, spawn

__all__ = [
    "Annotations",
    "AssistantMessage",
    "AudioContent",
    "BlobResourceContents",
    "CallToolResult",
    "Client",
    "ClientCapabilities",
    "CompleteResult",
    "Context",
    "CreateMessageResult",
    "ElicitResult",
    "EmbeddedResource",
    "Field",
    "ImageContent",
    "Implementation",
    "InvalidParams",
    "ItemKind",
    "ListRootsResult",
    "LogLevel",
    "McpError",
    "ModelHint",
    "ModelPreferences",
    "OtherContent",
    "Principal",
    "PromptMessage",
    "RegistrationError",
    "RequestError",
    "ResourceLink",
    "ResourceNotFound",
    "Root",
    "RootsCapability",
    "SamplingMessage",
    "Server",
    "TextContent",
    "TextResourceContents",
    "ToolAnnotations",
    "ToolError",
    "UserMessage",
    "gather",
    "record",
    "sleep",
    "spawn",
]
