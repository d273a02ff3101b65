"""A server in a fake component of either variant."""

from __future__ import annotations

import json
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

import fake_bindings  # noqa: E402
from fake_bindings import Err, Host, Request  # noqa: E402

from wasi_mcp import Server  # noqa: E402


class Component:
    """An application, with the exports that its `Server` puts into it."""

    def __init__(self, source: str, is_async: bool = True, **options: Any) -> None:
        self.is_async = is_async
        self.host: Host = fake_bindings.install(is_async, **options)
        module = ModuleType("app")
        sys.modules["app"] = module
        self.application: dict[str, Any] = vars(module)
        _run(source, self.application)
        self.server: Server = next(it for it in self.application.values() if isinstance(it, Server))
        self.instances: dict[str, Any] = {}
        self.request = Request(self.host)

    def call(self, export: str, function: str, *parameters: Any) -> Any:
        """Calls a function of an exported class, as the host does."""
        if not self.instances:  # componentize-py makes them all, before anything runs.
            self.instances = {name: self.application[name]() for name in fake_bindings.exported()}
        result = getattr(self.instances[export], function)(*parameters)
        return fake_bindings.run(result) if self.is_async else result

    def record(self, name: str, interface: str = "content", /, **fields: Any) -> Any:
        """Makes a generated record. Fields that are not given are `None`."""
        from wasi_mcp import record

        return record(getattr(sys.modules[f"wit_world.imports.{interface}"], name), **fields)

    def start(self) -> None:
        """Starts the server."""
        self.call("Start", "start")

    def get_server(self) -> Any:
        """Returns the description of a service."""
        return self.call("ServerCatalog", "get_server")

    def pages(self, kind: str) -> list[list[str]]:
        """Returns the keys on each page of a list, from the first page to the last."""
        pages = []
        cursor = None
        while cursor is not None or not pages:
            keys, cursor = self.page(kind, cursor)
            pages.append(keys)
        return pages

    def page(self, kind: str, cursor: str | None = None) -> tuple[list[str], str | None]:
        """Returns the keys on a page of a list, such as `tools`, and the next cursor."""
        catalog = {"tools": "ToolCatalog", "prompts": "PromptCatalog"}.get(kind, "ResourceCatalog")
        result = self.call(catalog, f"list_{kind}", self.request, cursor)
        key = {"resources": "uri", "resource_templates": "uri_template"}.get(kind, "name")
        return [getattr(item, key) for item in getattr(result, kind)], result.next_cursor

    def call_tool(self, tool: str, **arguments: Any) -> Any:
        """Calls a tool."""
        params = self.record("CallToolParams", name=tool, arguments=json.dumps(arguments))
        return self.call("Tools", "call_tool", self.request, params)

    def read(self, uri: str) -> Any:
        """Reads a resource."""
        return self.call(
            "Resources", "read_resource", self.request, self.record("ReadResourceParams", uri=uri)
        )

    def get_prompt(self, prompt: str, **arguments: str) -> Any:
        """Gets a prompt."""
        params = self.record("GetPromptParams", name=prompt, arguments=list(arguments.items()))
        return self.call("Prompts", "get_prompt", self.request, params)

    def complete(self, reference: str, argument: str, value: str, **known: str) -> Any:
        """Completes an argument of a prompt, or of a URI template."""
        if "{" in reference:
            ref = self.record("CompletionReference_ResourceTemplate", value=reference)
        else:
            named = self.record("PromptReference", name=reference)
            ref = self.record("CompletionReference_Prompt", value=named)
        params = self.record(
            "CompleteParams",
            ref=ref,
            argument=self.record("CompleteArgument", name=argument, value=value),
            context_arguments=list(known.items()),
        )
        return self.call("Completion", "complete", self.request, params)

    def registered(self, kind: str) -> dict[str, Any]:
        """Returns the generated records that were registered, by name."""
        return {item.name: item for (items,) in self.host.named(f"register_{kind}") for item in items}


def _run(source: str, namespace: dict[str, Any]) -> None:
    """Runs the source in a thread, where no frame but its own is the outermost, as in a component."""
    code = compile(source, "app.py", "exec")
    with ThreadPoolExecutor(1) as executor:
        executor.submit(exec, code, namespace).result()


class BothVariants(unittest.TestCase):
    """Runs a test for WASI 0.2 and for WASI 0.3."""

    def component(self, source: str, is_async: bool, **options: Any) -> Component:
        """Makes a component, and removes its bindings after the test."""
        self.addCleanup(fake_bindings.remove)
        return Component(source, is_async, **options)

    def components(self, source: str, **options: Any) -> Any:
        """Makes a component of each variant in turn."""
        for is_async in (False, True):
            yield self.component(source, is_async, **options)


def text_of(result: Any) -> str:
    """Returns the text of a tool's result."""
    return "\n".join(block.value.text for block in result.content)


def code_of(error: Err) -> str:
    """Returns the case of the error's code."""
    return type(error.value.code).__name__.removeprefix("ErrorCode_")
