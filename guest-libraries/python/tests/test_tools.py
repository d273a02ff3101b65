"""Tools: schemas, arguments, results and failures, in both variants."""

import contextlib
import functools
import io
import json
import runpy
import tempfile
import unittest
from pathlib import Path

from fake_bindings import Err
from support import BothVariants, code_of, text_of

from wasi_mcp import Context
from wasi_mcp.errors import report_exception
from wasi_mcp.handler import Handler

SOURCE = '''
from dataclasses import dataclass
from typing import Annotated, Any
from wasi_mcp import *

server = Server("test")

@dataclass
class Sum:
    """A sum."""
    total: float
    count: int = 0

@server.tool
def add(numbers: list[float], start: Annotated[float, "Where to begin"] = 0) -> Sum:
    """Adds numbers.

    Args:
        numbers: What to add
    """
    return Sum(start + sum(numbers), len(numbers))

@server.tool(name="shown", title="T", description="D", annotations=ToolAnnotations(read_only_hint=True),
             meta={"a/b": 1}, extra={"x": [2]})
async def described() -> str:
    return "text"

@server.tool
def count() -> int:
    return 3

@server.tool
def wrong() -> Sum:
    return "no sum"

@server.tool
def fails(kind: str) -> str:
    if kind == "exception": raise ValueError("broken")
    if kind == "empty": raise KeyError
    if kind == "tool": raise ToolError("not today")
    if kind == "exit": raise SystemExit(3)
    if kind == "protocol": raise McpError(-7, "refused", {"a": 1})
    if kind == "surrogate": raise ToolError("\\ud800")
    if kind == "data": raise McpError(-7, "refused \\ud800", {"a": object()})
    if kind == "request": raise RequestError("timeout", "too slow")

@server.tool
def blocks():
    return ["a text", ImageContent(b"png", "image/png", annotations=Annotations(audience=["user"], priority=1)),
            ResourceLink("a:b", "b", size=3), EmbeddedResource(BlobResourceContents(b"x", "a:c")),
            OtherContent({"type": "new"})]

@server.tool
def loose():
    return {"sum": Sum(1.0)}

@server.tool
def nothing() -> None:
    pass

@server.tool
def full() -> CallToolResult:
    return CallToolResult(content=["a"], structured_content={"b": 1}, is_error=True, meta={"c": 2}, extra={"d": 3})

@server.tool
def words() -> Annotated[list[str], Field(examples=[["a"]])]:
    return ["a", "b"]

@server.tool
def maybe(given: bool) -> str | None:
    return "a text" if given else None

from wit_world.imports import content as generated

@server.tool
def generated_result() -> generated.CallToolResult:
    return record(generated.CallToolResult, content=[], structured_content="{}")

@server.tool
def structured() -> CallToolResult:
    return CallToolResult(structured_content={"a": 1})

@server.tool
def ill_typed(kind: str) -> Any:
    if kind == "data": return ImageContent("no bytes", "image/png")
    if kind == "size": return ResourceLink("a:b", 3)
    if kind == "surrogate": return "\\ud800"
    if kind == "bytes": return ImageContent(bytearray(b"x"), "image/png")
    if kind == "contents": return CallToolResult(content=[TextResourceContents("a", "a:b")])
    if kind == "embedded": return EmbeddedResource("a text")
    if kind == "annotations": return TextContent("a", annotations={"priority": 1})
    if kind == "namesake": return [type("TextContent", (), {})()]
    if kind == "code": raise McpError(2**40, "too large")
    return CallToolResult(content=[object()])

@server.tool
def open_ended(first: str, **rest: int) -> str:
    return f"{first} {rest}"

@server.tool
def by_hand(ctx: Context):
    return record(sys.modules["wit_world.imports.content"].CallToolResult, content=[], meta="{}")

@server.tool(input_schema={"type": "object", "if": True}, output_schema={"type": "object"})
def schemas(**arguments: Any) -> dict:
    return arguments

import sys
'''


class Tools(BothVariants):
    def test_the_host_is_told_schemas_and_descriptions(self) -> None:
        for component in self.components(SOURCE):
            component.start()
            tools = component.registered("tools")
            add = tools["add"]
            self.assertEqual(add.description, "Adds numbers.")
            self.assertEqual(
                json.loads(add.input_schema),
                {
                    "type": "object",
                    "properties": {
                        "numbers": {
                            "type": "array",
                            "items": {"type": "number"},
                            "description": "What to add",
                        },
                        "start": {"type": "number", "description": "Where to begin", "default": 0},
                    },
                    "required": ["numbers"],
                    "additionalProperties": False,
                },
            )
            output = json.loads(add.output_schema)
            self.assertEqual(output["required"], ["total"])
            self.assertEqual(output["description"], "A sum.")
            self.assertIsNone(add.annotations)
            for name in ("maybe", "generated_result", "blocks", "nothing"):
                self.assertIsNone(tools[name].output_schema, name)
            self.assertEqual(
                json.loads(tools["count"].output_schema),
                {"type": "object", "properties": {"result": {"type": "integer"}}, "required": ["result"]},
            )
            shown = tools["shown"]
            self.assertEqual((shown.title, shown.description, shown.output_schema), ("T", "D", None))
            self.assertIs(shown.annotations.read_only_hint, True)
            self.assertEqual((shown.meta, shown.extra), ('{"a/b":1}', '{"x":[2]}'))
            self.assertEqual(
                json.loads(tools["open_ended"].input_schema)["additionalProperties"], {"type": "integer"}
            )
            schemas = tools["schemas"]
            self.assertEqual(
                (schemas.input_schema, schemas.output_schema),
                ('{"type":"object","if":true}', '{"type":"object"}'),
            )
            self.assertEqual([name for name, _ in component.host.calls][-1], "serve")

    def test_results_are_what_the_annotation_says(self) -> None:
        for component in self.components(SOURCE):
            result = component.call_tool("add", numbers=[1, 2.5])
            self.assertEqual(json.loads(result.structured_content), {"total": 3.5, "count": 2})
            self.assertEqual(text_of(result), result.structured_content)
            self.assertIsNone(result.is_error)
            self.assertEqual(text_of(component.call_tool("shown")), "text")
            result = component.call_tool("count")
            self.assertEqual((result.structured_content, text_of(result)), ('{"result":3}', '{"result":3}'))
            self.assertEqual(component.call_tool("words").structured_content, '{"result":["a","b"]}')
            self.assertEqual(text_of(component.call_tool("maybe", given=True)), "a text")
            self.assertEqual(component.call_tool("maybe", given=False).content, [])
            self.assertEqual(component.call_tool("generated_result").structured_content, "{}")
            result = component.call_tool("loose")
            self.assertEqual(json.loads(result.structured_content), {"sum": {"total": 1.0, "count": 0}})
            self.assertEqual(component.call_tool("nothing").content, [])
            self.assertEqual(
                text_of(component.call_tool("open_ended", first="a", second=2)), "a {'second': 2}"
            )
            self.assertEqual(component.call_tool("by_hand").meta, "{}")
            full = component.call_tool("full")
            self.assertEqual(
                (full.structured_content, full.is_error, full.meta, full.extra),
                ('{"b":1}', True, '{"c":2}', '{"d":3}'),
            )
            self.assertEqual(text_of(full), "a")

    def test_structured_content_is_repeated_as_text(self) -> None:
        for component in self.components(SOURCE):
            result = component.call_tool("structured")
            self.assertEqual((text_of(result), result.structured_content), ('{"a":1}', '{"a":1}'))

    def test_values_that_would_end_the_instance_are_failures(self) -> None:
        for component in self.components(SOURCE):
            for kind, message in (
                ("data", "TypeError: `ImageContent.data`: `bytes` is expected, found `str`"),
                ("size", "TypeError: `ResourceLink.name`: `str` is expected, found `int`"),
                ("surrogate", "UnicodeEncodeError: 'utf-8' codec can't encode"),
                ("code", "ValueError: the error code 1099511627776 does not fit 32 bits"),
                ("contents", "TypeError: a value of the type `TextResourceContents` is no `ContentBlock`"),
                ("embedded", "TypeError: a value of the type `str` is no `ResourceContents`"),
                (
                    "annotations",
                    "TypeError: `TextContent.annotations`: `Annotations` is expected, found `dict`",
                ),
                ("namesake", "TypeError: a value of the type `TextContent` is no `ContentBlock`"),
                ("other", "TypeError: a value of the type `object` is no `ContentBlock`"),
            ):
                with self.subTest(kind=kind), contextlib.redirect_stderr(io.StringIO()):
                    result = component.call_tool("ill_typed", kind=kind)
                    self.assertIs(result.is_error, True)
                    self.assertTrue(text_of(result).startswith(message), text_of(result))
            self.assertEqual(component.call_tool("ill_typed", kind="bytes").content[0].value.data, b"x")

    def test_content_becomes_blocks(self) -> None:
        for component in self.components(SOURCE):
            text, image, link, embedded, other = component.call_tool("blocks").content
            self.assertEqual(text.value.text, "a text")
            self.assertEqual((image.value.data, image.value.mime_type), (b"png", "image/png"))
            self.assertEqual([role.name for role in image.value.annotations.audience], ["USER"])
            self.assertEqual((link.value.uri, link.value.size), ("a:b", 3.0))
            self.assertIsInstance(link.value.size, float)
            self.assertEqual(type(embedded.value.resource).__name__, "ResourceContents_Blob")
            self.assertEqual(embedded.value.resource.value.blob, b"x")
            self.assertEqual((type(other).__name__, other.value), ("ContentBlock_Other", '{"type":"new"}'))

    def test_failures_are_results_with_a_traceback_on_stderr(self) -> None:
        for component in self.components(SOURCE):
            for kind, text, logged in (
                ("exception", "ValueError: broken", True),
                ("empty", "KeyError", True),
                ("exit", "SystemExit: 3", True),
                ("tool", "not today", False),
                ("surrogate", "?", False),
                ("request", "timeout: too slow", False),
            ):
                stderr = io.StringIO()
                with self.subTest(kind=kind), contextlib.redirect_stderr(stderr):
                    result = component.call_tool("fails", kind=kind)
                    self.assertIs(result.is_error, True)
                    self.assertEqual(text_of(result), text)
                self.assertEqual("tool `fails` failed:\nTraceback" in stderr.getvalue(), logged, kind)
            stderr = io.StringIO()
            with contextlib.redirect_stderr(stderr):
                result = component.call_tool("wrong")
            self.assertIs(result.is_error, True)
            self.assertEqual(
                text_of(result),
                "TypeError: app.py:32: tool `wrong` returned something else than its annotation says: "
                "a `Sum` is expected, found a text",
            )

    def test_bad_requests_are_errors_of_the_protocol(self) -> None:
        for component in self.components(SOURCE):
            with self.assertRaises(Err) as raised:
                component.call_tool("fails", kind="protocol")
            error = raised.exception.value
            self.assertEqual((error.code.value, error.message, error.data), (-7, "refused", '{"a":1}'))
            with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(Err) as raised:
                component.call_tool("fails", kind="data")
            self.assertEqual(
                (raised.exception.value.message, raised.exception.value.data), ("refused ?", None)
            )
            for name, arguments, message in (
                ("add", {"numbers": ["1"]}, "`numbers[0]`: a number is expected, found a text"),
                ("add", {}, "`numbers`: a value is required"),
                ("count", {"extra": 1}, "`extra`: there is no such argument"),
                ("missing", {}, "unknown tool: missing"),
            ):
                with self.subTest(message=message), self.assertRaises(Err) as raised:
                    component.call_tool(name, **arguments)
                self.assertEqual(code_of(raised.exception), "InvalidParams")
                self.assertEqual(raised.exception.value.message, message)

    def test_a_number_that_python_does_not_read_is_a_bad_request(self) -> None:
        for component in self.components(SOURCE):
            params = component.record(
                "CallToolParams", name="add", arguments='{"numbers":[%s]}' % ("1" * 5000)
            )
            with self.assertRaises(Err) as raised:
                component.call("Tools", "call_tool", component.request, params)
            self.assertEqual(code_of(raised.exception), "InvalidParams")

    def test_lists_change_while_the_server_runs(self) -> None:
        source = SOURCE.replace('Server("test")', 'Server("test", list_changed=True)')
        for component in self.components(source):
            component.start()

            def extra() -> str:
                return "more"

            component.server.add_tool(extra)
            self.assertEqual(text_of(component.call_tool("extra")), "more")
            self.assertIn("extra", component.registered("tools"))
            component.server.remove_tool("extra")
            self.assertEqual(component.host.named("unregister_tools"), [(["extra"],)])
            with self.assertRaises(Err):
                component.call_tool("extra")
            (described,) = component.host.named("register_server")[0]
            self.assertIs(described.capabilities.tools.list_changed, True)

    def test_other_callables_are_tools_too(self) -> None:
        class Adder:
            """Does not describe the tool."""

            def __call__(self, number: int) -> str:
                return str(number + 1)

            def twice(self, number: int, context: Context) -> str:
                return str(2 * number)

        def add(left: int, right: int) -> str:
            return str(left + right)

        for component in self.components(SOURCE):
            component.server.add_tool(Adder(), name="adder")
            component.server.add_tool(Adder().twice)
            component.server.add_tool(functools.partial(add, right=2), name="partial")
            self.assertEqual(text_of(component.call_tool("adder", number=1)), "2")
            self.assertEqual(text_of(component.call_tool("twice", number=3)), "6")
            self.assertEqual(text_of(component.call_tool("partial", left=5)), "7")
            with self.assertRaises(Err):
                component.call_tool("adder", number="1")

    def test_an_item_that_the_host_refuses_is_not_kept(self) -> None:
        from wasi_mcp import RequestError

        for component in self.components(SOURCE):
            component.start()
            error = component.record(
                "Error", "types", code=component.record("ErrorCode_InvalidState", "types"), message="shared"
            )
            component.host.answers["register_tools"] = Err(error)

            def extra() -> str:
                return "more"

            with self.assertRaises(RequestError) as raised:
                component.server.add_tool(extra)
            self.assertEqual((raised.exception.code, raised.exception.message), ("invalid-state", "shared"))
            with self.assertRaises(Err):
                component.call_tool("extra")


class Tracebacks(unittest.TestCase):
    def test_they_show_the_source_when_the_file_is_gone(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tools.py"
            path.write_text("def broken():\n    raise ValueError('no file')\n")
            broken = runpy.run_path(str(path))["broken"]
            Handler("tool", broken)
        stderr = io.StringIO()
        with contextlib.redirect_stderr(stderr):
            try:
                broken()
            except ValueError as error:
                report_exception("a tool", error)
        self.assertIn("    raise ValueError('no file')\n", stderr.getvalue())


if __name__ == "__main__":
    unittest.main()
