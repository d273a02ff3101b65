"""An MCP server with one tool, as a component for WASI 0.3."""

import hello
from wit_world import exports
from wit_world.imports.content import CallToolParams, CallToolResult
from wit_world.imports.context import RequestContext


class Start(exports.Start):
    async def start(self) -> None:
        hello.register()


class Tools(exports.Tools):
    async def call_tool(self, ctx: RequestContext, params: CallToolParams) -> CallToolResult:
        return hello.greet(params)
