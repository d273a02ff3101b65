"""The face that both generations of the SDK show to the checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

Json = dict[str, Any]
OnProgress = Callable[[float, float | None, str | None], None]


@dataclass(frozen=True)
class Stdio:
    """A server that the SDK starts itself."""

    command: list[str]


@dataclass(frozen=True)
class Http:
    """A server that runs at a URL."""

    url: str


Target = Stdio | Http


class ServerError(Exception):
    """The server answered with a JSON-RPC error."""

    def __init__(self, code: int, message: str, data: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.data = data


class Connection(Protocol):
    """An initialized session. Results are in wire form; errors are `ServerError`."""

    protocol_version: str
    capabilities: Json
    server_info: Json
    instructions: str | None

    async def ping(self) -> None: ...

    async def list_page(self, kind: str, cursor: str | None) -> Json:
        """One page of `tools`, `resources`, `resourceTemplates` or `prompts`."""
        ...

    async def call_tool(self, name: str, arguments: Json, on_progress: OnProgress | None = None) -> Json: ...

    async def call_tool_and_cancel(self, name: str, arguments: Json, after_seconds: float) -> None:
        """Calls, cancels the request after a while, and does not wait for an answer."""
        ...

    async def read_resource(self, uri: str) -> Json: ...

    async def subscribe(self, uri: str) -> None: ...

    async def unsubscribe(self, uri: str) -> None: ...

    async def get_prompt(self, name: str, arguments: dict[str, str] | None) -> Json: ...

    async def complete(self, reference: Json, argument: dict[str, str], context: dict[str, str] | None) -> Json: ...

    async def set_log_level(self, level: str) -> None: ...

    async def roots_changed(self) -> None: ...
