"""A connection through the Python SDK's second generation (`mcp` 2.x)."""

from __future__ import annotations

import os
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import mcp.types as types
from mcp import Client, MCPDeprecationWarning, MCPError, StdioServerParameters

from client_role import ClientRole, Refusal, wire
from connection import Json, OnProgress, ServerError, Stdio, Target

# The SDK warns of what a later revision of MCP withdraws. This is 2025-06-18.
warnings.simplefilter("ignore", MCPDeprecationWarning)


@asynccontextmanager
async def connect(target: Target, role: ClientRole) -> AsyncIterator[Connection2]:
    """Opens a session that plays `role` and ends it on leaving.

    The client's default mode first asks for a later revision's `server/discover`
    and falls back to `initialize`: a server has to refuse the first without harm.
    """
    async with Client(
        _server(target),
        sampling_callback=_answering(types.CreateMessageResult, role.sampling_result),
        elicitation_callback=_answering(types.ElicitResult, role.elicitation_result),
        list_roots_callback=_roots(role),
        message_handler=_recording(role),
        client_info=types.Implementation(name="sdk-client", title="Python SDK 2", version="1.0.0"),
    ) as client:
        yield Connection2(client)


def _server(target: Target) -> Any:
    if isinstance(target, Stdio):
        command, *arguments = target.command
        return StdioServerParameters(command=command, args=arguments, env=dict(os.environ))
    return target.url


def _answering(result: Any, answer: Any) -> Any:
    async def callback(_context: Any, params: Any) -> Any:
        try:
            return result.model_validate(answer(wire(params)))
        except Refusal as refusal:
            return types.ErrorData(code=refusal.code, message=refusal.message)

    return callback


def _roots(role: ClientRole) -> Any:
    async def callback(_context: Any) -> Any:
        return types.ListRootsResult.model_validate(role.roots_result())

    return callback


def _recording(role: ClientRole) -> Any:
    async def handler(message: Any) -> None:
        if isinstance(message, Exception):
            role.record_fault(message)
        else:
            role.record(wire(message))

    return handler


class Connection2:
    """See `connection.Connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.protocol_version = client.protocol_version
        self.capabilities = wire(client.server_capabilities)
        self.server_info = wire(client.server_info)
        self.instructions = client.instructions

    async def ping(self) -> None:
        await _answer(self._client.send_ping())

    async def list_page(self, kind: str, cursor: str | None) -> Json:
        lists = {
            "tools": self._client.list_tools,
            "resources": self._client.list_resources,
            "resourceTemplates": self._client.list_resource_templates,
            "prompts": self._client.list_prompts,
        }
        return await _answer(lists[kind](cursor=cursor))

    async def call_tool(self, name: str, arguments: Json, on_progress: OnProgress | None = None) -> Json:
        async def report(progress: float, total: float | None, message: str | None) -> None:
            assert on_progress is not None
            on_progress(progress, total, message)

        return await _answer(
            self._client.call_tool(name, arguments, progress_callback=report if on_progress else None)
        )

    async def call_tool_and_cancel(self, name: str, arguments: Json, after_seconds: float) -> None:
        with anyio.move_on_after(after_seconds):
            await self.call_tool(name, arguments)

    async def read_resource(self, uri: str) -> Json:
        return await _answer(self._client.read_resource(uri))

    async def subscribe(self, uri: str) -> None:
        await _answer(self._client.subscribe_resource(uri))

    async def unsubscribe(self, uri: str) -> None:
        await _answer(self._client.unsubscribe_resource(uri))

    async def get_prompt(self, name: str, arguments: dict[str, str] | None) -> Json:
        return await _answer(self._client.get_prompt(name, arguments))

    async def complete(self, reference: Json, argument: dict[str, str], context: dict[str, str] | None) -> Json:
        kind = types.PromptReference if reference["type"] == "ref/prompt" else types.ResourceTemplateReference
        return await _answer(self._client.complete(kind.model_validate(reference), argument, context))

    async def set_log_level(self, level: str) -> None:
        await _answer(self._client.set_logging_level(level))  # type: ignore[arg-type]

    async def roots_changed(self) -> None:
        await self._client.send_roots_list_changed()


async def _answer(request: Any) -> Json:
    try:
        return wire(await request)
    except MCPError as error:
        raise ServerError(error.code, error.message, error.data) from error
