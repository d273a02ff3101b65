"""A connection through the Python SDK's first generation (`mcp` 1.x)."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import mcp.types as types
from mcp import ClientSession, McpError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from pydantic import AnyUrl

from client_role import ClientRole, Refusal, wire
from connection import Json, OnProgress, ServerError, Stdio, Target


@asynccontextmanager
async def connect(target: Target, role: ClientRole) -> AsyncIterator[Connection1]:
    """Opens a session that plays `role`, initializes it, and ends it on leaving."""
    async with _transport(target) as streams:
        async with ClientSession(
            streams[0],
            streams[1],
            sampling_callback=_answering(types.CreateMessageResult, role.sampling_result),
            elicitation_callback=_answering(types.ElicitResult, role.elicitation_result),
            list_roots_callback=_roots(role),
            message_handler=_recording(role),
            client_info=types.Implementation(name="sdk-client", title="Python SDK 1", version="1.0.0"),
        ) as session:
            yield Connection1(session, await session.initialize())


def _transport(target: Target) -> Any:
    if isinstance(target, Stdio):
        command, *arguments = target.command
        return stdio_client(StdioServerParameters(command=command, args=arguments, env=dict(os.environ)))
    return streamable_http_client(target.url)


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
        elif isinstance(message, types.ServerNotification):
            role.record(wire(message.root))

    return handler


class Connection1:
    """See `connection.Connection`."""

    def __init__(self, session: ClientSession, initialized: types.InitializeResult) -> None:
        self._session = session
        self.protocol_version = initialized.protocolVersion
        self.capabilities = wire(initialized.capabilities)
        self.server_info = wire(initialized.serverInfo)
        self.instructions = initialized.instructions

    async def ping(self) -> None:
        await _answer(self._session.send_ping())

    async def list_page(self, kind: str, cursor: str | None) -> Json:
        page = types.PaginatedRequestParams(cursor=cursor) if cursor is not None else None
        lists = {
            "tools": self._session.list_tools,
            "resources": self._session.list_resources,
            "resourceTemplates": self._session.list_resource_templates,
            "prompts": self._session.list_prompts,
        }
        return await _answer(lists[kind](params=page))

    async def call_tool(self, name: str, arguments: Json, on_progress: OnProgress | None = None) -> Json:
        async def report(progress: float, total: float | None, message: str | None) -> None:
            assert on_progress is not None
            on_progress(progress, total, message)

        return await _answer(
            self._session.call_tool(name, arguments, progress_callback=report if on_progress else None)
        )

    async def call_tool_and_cancel(self, name: str, arguments: Json, after_seconds: float) -> None:
        # This SDK has no call for cancellation, only its notification, and
        # does not tell the ids that it gives. They are consecutive.
        described = await self.call_tool("describe-request", {})
        request = described["structuredContent"]["id"] + 1
        async with anyio.create_task_group() as calls:
            calls.start_soon(self.call_tool, name, arguments)
            await anyio.sleep(after_seconds)
            cancelled = types.CancelledNotificationParams(requestId=request, reason="no longer wanted")
            await self._session.send_notification(
                types.ClientNotification(types.CancelledNotification(params=cancelled))
            )
            calls.cancel_scope.cancel()

    async def read_resource(self, uri: str) -> Json:
        return await _answer(self._session.read_resource(AnyUrl(uri)))

    async def subscribe(self, uri: str) -> None:
        await _answer(self._session.subscribe_resource(AnyUrl(uri)))

    async def unsubscribe(self, uri: str) -> None:
        await _answer(self._session.unsubscribe_resource(AnyUrl(uri)))

    async def get_prompt(self, name: str, arguments: dict[str, str] | None) -> Json:
        return await _answer(self._session.get_prompt(name, arguments))

    async def complete(self, reference: Json, argument: dict[str, str], context: dict[str, str] | None) -> Json:
        kind = types.PromptReference if reference["type"] == "ref/prompt" else types.ResourceTemplateReference
        return await _answer(self._session.complete(kind.model_validate(reference), argument, context))

    async def set_log_level(self, level: str) -> None:
        await _answer(self._session.set_logging_level(level))  # type: ignore[arg-type]

    async def roots_changed(self) -> None:
        await self._session.send_roots_list_changed()


async def _answer(request: Any) -> Json:
    try:
        return wire(await request)
    except McpError as error:
        raise ServerError(error.error.code, error.error.message, error.error.data) from error
