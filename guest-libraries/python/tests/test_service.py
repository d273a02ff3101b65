"""Services: pages of the lists, the filter, and what a host does for a backend alone, in both variants."""

import asyncio
import contextlib
import dataclasses
import io
import json

import fake_bindings
from fake_bindings import Err
from support import BothVariants, Component, code_of, text_of

from wasi_mcp import RegistrationError

EVERYTHING = '''
from typing import Literal
from wasi_mcp import *

server = Server("test", "2.0", title="Test", instructions="Ask.", experimental={"a/b": {}}, list_changed=True)
seen = []

@server.tool
def add(left: int, right: int = 1) -> int:
    """Adds."""
    return left + right

@server.resource("notes://all")
def every() -> str:
    return "a note"

@server.resource("notes://unlisted", listed=False)
def unlisted() -> str:
    return "another"

@server.resource("notes://{day}")
def of_day(day: int):
    yield str(day).encode()

@server.prompt
def greet(name: str, style: Literal["short", "long"] = "short") -> str:
    return f"{style} {name}"

@server.completion("greet", "name")
def names(value: str) -> list[str]:
    return ["Ada"]

@server.subscribe
def subscribed(uri: str) -> None:
    seen.append(uri)

@server.initialized
def ready() -> None:
    seen.append("ready")
'''

MANY = """
from wasi_mcp import *

server = Server("test", list_changed=True)

@server.prompt
def only() -> str:
    return "a prompt"

def add(*numbers):
    for number in numbers:
        server.add_tool(lambda: "text", name=f"tool-{number}")

add(*range(%d))
"""

TOOL = """from wasi_mcp import *
server = Server('test')
@server.tool
def hello(name: str) -> str: return name
"""

FILTER = """
asked = []

@server.visible
def visible(kind: ItemKind, name: str, context: Context) -> bool:
    asked.append((kind, name))
    return name not in context.meta
"""


class Service(BothVariants):
    """Makes services."""

    def services(self, source: str, **options: object):  # type: ignore[no-untyped-def]
        yield from self.components(source, is_service=True, **options)

    def refused(self, code: str, message: str | None, function, *arguments, **named) -> None:  # type: ignore[no-untyped-def]
        """Calls a function that the component answers with an error."""
        with self.assertRaises(Err) as raised:
            function(*arguments, **named)
        self.assertEqual(code_of(raised.exception), code)
        if message is not None:
            self.assertEqual(raised.exception.value.message, message)


class Pages(Service):
    def test_a_list_has_as_many_pages_as_it_needs(self) -> None:
        for count, sizes in ((0, [0]), (1, [1]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])):
            for component in self.services(MANY % count):
                with self.subTest(count=count):
                    pages = component.pages("tools")
                    self.assertEqual([len(page) for page in pages], sizes)
                    self.assertEqual(sum(pages, []), [f"tool-{number}" for number in range(count)])

    def test_each_kind_has_a_list(self) -> None:
        for component in self.services(EVERYTHING):
            self.assertEqual(component.pages("tools"), [["add"]])
            self.assertEqual(component.pages("resources"), [["notes://all"]])
            self.assertEqual(component.pages("resource_templates"), [["notes://{day}"]])
            self.assertEqual(component.pages("prompts"), [["greet"]])
            (tool,) = component.call("ToolCatalog", "list_tools", component.request, None).tools
            self.assertEqual(
                (tool.description, json.loads(tool.input_schema)["required"]), ("Adds.", ["left"])
            )

    def test_a_cursor_stays_valid_when_the_list_changes(self) -> None:
        for component in self.services(MANY % 150):
            first, cursor = component.page("tools")
            self.assertEqual((first[-1], cursor), ("tool-99", "99"))
            for number in (3, 99, 100):
                component.server.remove_tool(f"tool-{number}")
            component.application["add"](99, "new")
            second, following = component.page("tools", cursor)
            expected = [f"tool-{number}" for number in (*range(101, 150), 99, "new")]
            self.assertEqual((second, following), (expected, None))
            for name in expected:
                component.server.remove_tool(name)
            self.assertEqual(component.page("tools", cursor), ([], None))
            self.assertEqual(len(component.pages("tools")[0]), 98)

    def test_a_removed_item_does_not_give_its_number_away(self) -> None:
        for component in self.services(MANY % 101):
            component.server.remove_tool("tool-100")
            component.application["add"]("new")
            self.assertEqual(component.page("tools", "100"), (["tool-new"], None))

    def test_cursors_that_were_not_issued_are_refused(self) -> None:
        foreign = [
            "",
            "x",
            "-1",
            "+1",
            "01",
            "00",
            " 1",
            "1 ",
            "1\n",
            "1_0",
            "1e2",
            "1.0",
            "1\u0661",
            "9" * 5000,
        ]
        for component in self.services(MANY % 101):
            for cursor in (*foreign, "101", "102", str(2**64)):
                with self.subTest(cursor=cursor):
                    self.refused(
                        "InvalidParams", f"Unknown cursor: {cursor}", component.page, "tools", cursor
                    )
            self.assertEqual(component.page("tools", "100"), ([], None))
            self.assertEqual(len(component.page("tools", "0")[0]), 100)
            component.server.remove_tool("tool-100")
            self.assertEqual(component.page("tools", "100"), ([], None))

    def test_each_list_has_cursors_of_its_own(self) -> None:
        for component in self.services(EVERYTHING):
            self.assertEqual(component.page("resources", "1"), ([], None))
            for kind in ("resource_templates", "tools", "prompts"):
                self.assertEqual(component.page(kind, "0"), ([], None))
                self.refused("InvalidParams", "Unknown cursor: 1", component.page, kind, "1")


class Descriptions(Service):
    def test_it_is_the_one_that_a_backend_registers(self) -> None:
        for source in (EVERYTHING, MANY % 0, EVERYTHING.replace(", list_changed=True", "")):
            for is_async in (False, True):
                backend = self.component(source, is_async)
                backend.start()
                (registered,) = backend.host.named("register_server")[0]
                described = self.component(source, is_async, is_service=True).get_server()
                self.assertEqual(dataclasses.asdict(described), dataclasses.asdict(registered))

    def test_it_does_not_change_with_the_lists(self) -> None:
        source = EVERYTHING.replace(", list_changed=True", "")
        for component in self.services(source):
            described = component.get_server()
            self.assertIsNotNone(described.capabilities.tools)
            component.server.remove_tool("add")
            self.assertEqual(component.get_server(), described)

    def test_it_is_made_before_whichever_export_is_called_first(self) -> None:
        source = TOOL.replace("return name", "server.remove_tool('hello')")
        for component in self.services(source, exports=["server-catalog", "tool-catalog", "tools"]):
            component.call_tool("hello", name="x")
            self.assertEqual(component.page("tools"), ([], None))
            self.assertIsNotNone(component.get_server().capabilities.tools)

    def test_mistakes_fail_it_as_they_fail_the_start_of_a_backend(self) -> None:
        for change in (
            EVERYTHING.replace('title="Test"', "title=3"),
            EVERYTHING.replace("@server.tool\n", "@server.tool(title=3)\n"),
            EVERYTHING.replace(
                '@server.resource("notes://all")', '@server.resource("notes://all", size="x")'
            ),
        ):
            for is_async in (False, True):
                with contextlib.redirect_stderr(io.StringIO()):
                    with self.assertRaises(Err) as of_backend:
                        self.component(change, is_async).start()
                    message = of_backend.exception.value.message
                    component = self.component(change, is_async, is_service=True)
                    for _ in range(2):
                        self.refused("InternalError", message, component.get_server)

    def test_an_item_that_cannot_be_listed_is_not_added(self) -> None:
        for component in self.services(MANY % 1):
            self.assertEqual(len(component.pages("tools")[0]), 1)
            with self.assertRaises(TypeError):
                component.server.add_tool(lambda: "text", name="wrong", title=3)
            self.assertEqual(component.pages("tools"), [["tool-0"]])


class FirstCalls(Service):
    def test_a_mistake_fails_every_export(self) -> None:
        source = EVERYTHING.replace("@server.tool\n", "@server.tool(title=3)\n")
        calls = (
            (Component.get_server,),
            *((Component.page, kind) for kind in ("tools", "resources", "resource_templates", "prompts")),
            (Component.call_tool, "add"),
            (Component.read, "notes://all"),
            (Component.get_prompt, "greet"),
            (Component.complete, "greet", "name", ""),
            *(
                (lambda it, name: it.call("ResourceSubscriptions", name, it.request, "notes://all"), name)
                for name in ("subscribe", "unsubscribe")
            ),
        )
        for component in self.services(source):
            with contextlib.redirect_stderr(io.StringIO()) as written:
                with self.assertRaises(Err) as raised:
                    component.get_server()
                for call, *arguments in calls:
                    with self.subTest(call=call, arguments=arguments):
                        self.refused(
                            "InternalError", raised.exception.value.message, call, component, *arguments
                        )
                for event in ("initialized", "roots_changed"):
                    component.call("ClientEvents", event, component.request)
                    self.assertIn(f"{event} failed:", written.getvalue())
            self.assertEqual(component.application["seen"], [])

    def test_any_export_may_be_called_first(self) -> None:
        def stream(component: Component) -> object:
            params = component.record("ReadResourceParams", uri="notes://all")
            return component.call("ResourceStreams", "read_resource_stream", component.request, params)

        def event(export: str, function: str, *arguments: object):  # type: ignore[no-untyped-def]
            return lambda component: component.call(export, function, component.request, *arguments)

        calls = (
            (Component.get_server, lambda result: self.assertEqual(result.info.name, "test")),
            (lambda it: it.page("tools"), lambda result: self.assertEqual(result, (["add"], None))),
            (lambda it: it.page("resources"), lambda result: self.assertEqual(len(result[0]), 1)),
            (lambda it: it.page("resource_templates"), lambda result: self.assertEqual(len(result[0]), 1)),
            (lambda it: it.page("prompts"), lambda result: self.assertEqual(result, (["greet"], None))),
            (
                lambda it: it.call_tool("add", left=1),
                lambda result: self.assertEqual(result.structured_content, '{"result":2}'),
            ),
            (
                lambda it: it.read("notes://7"),
                lambda result: self.assertEqual(result.contents[0].value.blob, b"7"),
            ),
            (stream, self.assertIsNone),
            (
                lambda it: it.get_prompt("greet", name="Ada"),
                lambda result: self.assertEqual(result.messages[0].content.value.text, "short Ada"),
            ),
            (
                lambda it: it.complete("greet", "name", ""),
                lambda result: self.assertEqual(result.values, ["Ada"]),
            ),
            (event("ResourceSubscriptions", "subscribe", "notes://all"), self.assertIsNone),
            (event("ResourceSubscriptions", "unsubscribe", "notes://all"), self.assertIsNone),
            (event("ClientEvents", "initialized"), self.assertIsNone),
            (event("ClientEvents", "roots_changed"), self.assertIsNone),
        )
        for call, check in calls:
            for component in self.services(EVERYTHING):
                check(call(component))
                check(call(component))
                self.assertEqual(component.get_server().info.version, "2.0")

    def test_nothing_is_told_to_the_host_at_the_build(self) -> None:
        for component in self.services(EVERYTHING):
            component.get_server()
            self.assertEqual(component.host.calls, [])


class Changes(Service):
    def changed(self, component: Component) -> list[str]:
        """Changes every list, and returns the notifications for it."""
        component.call_tool("add", left=1)
        component.server.add_tool(lambda: "text", name="more")
        component.server.remove_tool("more")
        component.server.add_resource("notes://more", lambda: "text", name="more")
        component.server.add_resource("notes://more/{day}", lambda day: day, name="more")
        component.server.remove_resource("notes://more/{day}")
        component.server.add_resource("notes://secret", lambda: "text", name="secret", listed=False)
        component.server.remove_resource("notes://secret")
        component.server.add_prompt(lambda: "text", name="more")
        return [name for name, _ in component.host.calls]

    def test_they_are_notified_where_that_is_declared(self) -> None:
        tools, resources, prompts = "tools_changed", "resources_changed", "prompts_changed"
        for component in self.services(EVERYTHING):
            expected = [tools, tools, resources, resources, resources, prompts]
            self.assertEqual(self.changed(component), expected)
            self.assertEqual(component.pages("resources"), [["notes://all", "notes://more"]])
            self.assertEqual(component.pages("prompts"), [["greet", "more"]])
        for component in self.services(EVERYTHING.replace(", list_changed=True", "")):
            self.assertEqual(self.changed(component), [])
            self.assertEqual(component.pages("prompts"), [["greet", "more"]])

    def test_a_change_is_complete_when_it_is_notified(self) -> None:
        for component in self.services(MANY % 1):
            component.pages("tools")
            seen = []
            component.server._tools.on_change = lambda: seen.append(len(component.server._tools))
            component.application["add"]("new")
            component.server.remove_tool("tool-0")
            self.assertEqual(seen, [2, 1])

    def test_the_host_of_a_backend_is_told_instead(self) -> None:
        for component in self.components(EVERYTHING):
            component.start()
            component.host.calls.clear()
            calls = self.changed(component)
            self.assertEqual(calls[:2], ["register_tools", "unregister_tools"])
            self.assertEqual([name for name in calls if name.endswith("changed")], [])


class Refusals(Service):
    def test_bad_requests_are_refused_by_the_service(self) -> None:
        for component in self.services(EVERYTHING):
            for tool, arguments, message in (
                ("missing", {}, "unknown tool: missing"),
                ("add", {}, "`left`: a value is required"),
                ("add", {"left": "1"}, "`left`: an integer is expected, found a text"),
                ("add", {"left": 1, "up": 2}, "`up`: there is no such argument"),
            ):
                self.refused("InvalidParams", message, component.call_tool, tool, **arguments)
            get_prompt = component.get_prompt
            self.refused("InvalidParams", "unknown prompt: missing", get_prompt, "missing")
            self.refused("InvalidParams", "`name`: a value is required", get_prompt, "greet")
            self.refused("ResourceNotFound", None, component.read, "notes://none/at/all")

    def test_a_schema_of_the_author_is_asked_for_types(self) -> None:
        schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
        given = f"\n@server.tool(input_schema={schema})\ndef given(**members) -> str: return str(members)\n"
        for component in self.services(EVERYTHING + given):
            self.assertEqual(text_of(component.call_tool("given", a="x", b=1)), "{'a': 'x', 'b': 1}")
            for arguments, message in (
                ({}, "`a`: a value is required"),
                ({"a": 1}, "`a`: a text is expected, found an integer"),
            ):
                self.refused("InvalidParams", message, component.call_tool, "given", **arguments)

    def test_the_host_of_a_backend_asks_a_schema_of_the_author(self) -> None:
        schema = {"type": "object", "required": ["a"]}
        given = f"\n@server.tool(input_schema={schema})\ndef given(**members) -> str: return str(members)\n"
        for component in self.components(EVERYTHING + given):
            self.assertEqual(text_of(component.call_tool("given")), "{}")

    def test_completions_of_unknown_references_are_refused(self) -> None:
        for component in self.services(EVERYTHING):
            complete = component.complete
            self.assertEqual(complete("greet", "style", "l").values, ["long"])
            self.refused("InvalidParams", "`greet` has no argument `age`", complete, "greet", "age", "")
            self.refused("InvalidParams", "unknown prompt: missing", complete, "missing", "name", "")
            hour, secrets = "notes://{hour}", "secrets://{day}"
            self.refused("InvalidParams", f"unknown resource template: {hour}", complete, hour, "hour", "")
            component.server.add_resource(secrets, lambda day: day, name="secrets", listed=False)
            unlisted = f"unknown resource template: {secrets}"
            self.refused("InvalidParams", unlisted, complete, secrets, "day", "")
            component.server.remove_prompt("greet")
            self.refused("InvalidParams", "unknown prompt: greet", complete, "greet", "name", "")

    def test_a_reference_names_an_item_of_its_kind(self) -> None:
        for component in self.services(EVERYTHING):
            named = component.record("PromptReference", name="notes://{day}")
            for kind, value, argument, unknown in (
                ("ResourceTemplate", "greet", "name", "resource template: greet"),
                ("Prompt", named, "day", "prompt: notes://{day}"),
                ("Other", "notes://{day}", "day", "reference: notes://{day}"),
            ):
                reference = component.record(f"CompletionReference_{kind}", value=value)
                argument = component.record("CompleteArgument", name=argument, value="")
                params = component.record("CompleteParams", ref=reference, argument=argument)
                call = component.call
                self.refused(
                    "InvalidParams",
                    f"unknown {unknown}",
                    call,
                    "Completion",
                    "complete",
                    component.request,
                    params,
                )


class Filter(Service):
    def hide(self, component: Component, *names: str) -> None:
        """Hides items in the requests that follow: those that `_meta` of the request names."""
        component.request._answers["get_meta"] = json.dumps(dict.fromkeys(names))

    def test_hidden_items_are_left_out_of_the_lists(self) -> None:
        for component in self.services(EVERYTHING + FILTER):
            asked = component.application["asked"]
            for kind, plural, name in (
                ("tool", "tools", "add"),
                ("resource", "resources", "notes://all"),
                ("resource template", "resource_templates", "notes://{day}"),
                ("prompt", "prompts", "greet"),
            ):
                asked.clear()
                self.hide(component)
                self.assertEqual(component.pages(plural), [[name]])
                self.hide(component, name)
                self.assertEqual(component.pages(plural), [[]])
                self.assertEqual(asked, [(kind, name)] * 2)

    def test_hidden_items_are_unknown_to_the_handlers(self) -> None:
        for component in self.services(EVERYTHING + FILTER):
            self.hide(component, "add", "greet", "notes://all", "notes://{day}")
            params = component.record("ReadResourceParams", uri="notes://7")
            call, request, missing = component.call, component.request, "resource not found"
            template = "unknown resource template: notes://{day}"
            for code, message, function, *arguments in (
                ("InvalidParams", "unknown tool: add", component.call_tool, "add"),
                ("InvalidParams", "unknown prompt: greet", component.get_prompt, "greet"),
                ("InvalidParams", "unknown prompt: greet", component.complete, "greet", "name", ""),
                ("InvalidParams", "unknown prompt: greet", component.complete, "greet", "style", ""),
                ("InvalidParams", template, component.complete, "notes://{day}", "day", ""),
                ("ResourceNotFound", missing, component.read, "notes://all"),
                ("ResourceNotFound", missing, component.read, "notes://7"),
                (
                    "ResourceNotFound",
                    missing,
                    call,
                    "ResourceStreams",
                    "read_resource_stream",
                    request,
                    params,
                ),
                (
                    "ResourceNotFound",
                    missing,
                    call,
                    "ResourceSubscriptions",
                    "subscribe",
                    request,
                    "notes://7",
                ),
            ):
                with self.subTest(function=function, arguments=arguments):
                    self.refused(code, message, function, *arguments)
            self.assertEqual(component.application["seen"], [])
            self.hide(component, "notes://all")
            self.assertEqual(component.read("notes://7").contents[0].value.blob, b"7")
            self.assertEqual(component.call_tool("add", left=1).structured_content, '{"result":2}')
            self.assertEqual(component.complete("greet", "name", "").values, ["Ada"])

    def test_an_item_that_is_not_listed_can_be_hidden_too(self) -> None:
        for component in self.services(EVERYTHING + FILTER):
            self.hide(component)
            self.assertEqual(component.read("notes://unlisted").contents[0].value.text, "another")
            self.hide(component, "notes://unlisted")
            self.refused("ResourceNotFound", None, component.read, "notes://unlisted")

    def test_a_template_does_not_show_a_hidden_resource(self) -> None:
        template = "\n@server.resource('notes://{name}')\ndef anything(name: str) -> str: return name\n"
        for component in self.services(EVERYTHING + template + FILTER):
            self.hide(component, "notes://all", "notes://{day}")
            self.assertEqual(component.read("notes://other").contents[0].value.text, "other")
            self.refused("ResourceNotFound", None, component.read, "notes://all")

    def test_templates_may_change_while_a_filter_waits(self) -> None:
        slow = """
import asyncio

@server.visible
async def slow(kind, name):
    if kind == "resource template":
        await asyncio.sleep(0)
        seen.append(name)
    return kind == "tool"

@server.tool
def grow() -> None:
    assert not seen
    server.add_resource("any://{+any}", lambda any: any, name="any")
"""
        component = self.component(EVERYTHING + slow, True, is_service=True)
        component.get_server()
        read = component.record("ReadResourceParams", uri="notes://7")
        grow = component.record("CallToolParams", name="grow", arguments=None)

        async def both() -> object:
            return await asyncio.gather(
                component.instances["Resources"].read_resource(component.request, read),
                component.instances["Tools"].call_tool(component.request, grow),
                return_exceptions=True,
            )

        reading, growing = fake_bindings.run(both())
        self.assertEqual((code_of(reading), growing.is_error), ("ResourceNotFound", None))
        self.assertEqual(component.application["seen"], ["notes://{day}"])

    def test_pages_are_full_although_items_are_hidden(self) -> None:
        odd = "\n@server.visible\nasync def odd(kind, name): return int(name.split('-')[1]) % 2 == 1\n"
        for component in self.services(MANY % 401 + odd):
            pages = component.pages("tools")
            self.assertEqual(sum(pages, []), [f"tool-{number}" for number in range(1, 401, 2)])
            self.assertEqual([len(page) for page in pages], [100, 100])

    def test_a_filter_that_fails_shows_nothing(self) -> None:
        broken = "\n@server.visible\ndef broken(kind, name): raise ValueError('no rights known')\n"
        for component in self.services(MANY % 1 + broken):
            with contextlib.redirect_stderr(io.StringIO()):
                for function, *arguments in ((component.page, "tools"), (component.call_tool, "tool-0")):
                    self.refused("InternalError", "ValueError: no rights known", function, *arguments)

    def test_a_filter_that_returns_nothing_shows_nothing(self) -> None:
        for component in self.services(MANY % 1 + "\n@server.visible\ndef none(kind, name): pass\n"):
            self.assertEqual(component.pages("tools"), [[]])

    def test_without_a_filter_no_request_is_asked(self) -> None:
        for component in self.services(MANY % 250):
            component.request = object()
            self.assertEqual([len(page) for page in component.pages("tools")], [100, 100, 50])


class Worlds(Service):
    def mistaken(self, source: str, message: str, **options: object) -> None:
        for is_async in (False, True):
            with self.subTest(message=message, is_async=is_async):
                with self.assertRaises(RegistrationError) as raised:
                    self.component(source, is_async, **options).page("tools")
                self.assertEqual(str(raised.exception), message)

    def test_the_same_source_is_a_backend_or_a_service(self) -> None:
        for component in self.services(TOOL, exports=["server-catalog", "tool-catalog", "tools"]):
            self.assertIn("ServerCatalog", component.application)
            self.assertNotIn("Start", component.application)
            self.assertEqual(component.server.variant, "0.3" if component.is_async else "0.2")
            self.assertEqual(text_of(component.call_tool("hello", name="x")), "x")

    def test_a_catalog_that_the_world_lacks_is_named(self) -> None:
        self.mistaken(
            TOOL,
            "app.py:3: tool `hello`: the world does not export `tool-catalog`: "
            "add `export wasi:mcp/tool-catalog@...;` to it",
            is_service=True,
            exports=["server-catalog", "tools"],
        )

    def test_a_capability_without_its_catalog_is_not_declared(self) -> None:
        exports = ["server-catalog", "tool-catalog", "tools", "prompts"]
        source = TOOL.replace("'test'", "'test', list_changed=True")
        for component in self.services(source, exports=exports):
            self.assertIsNone(component.get_server().capabilities.prompts)

    def test_a_filter_in_a_backend_is_a_mistake(self) -> None:
        self.mistaken(
            TOOL + "@server.visible\ndef f(kind, name): return True\n",
            "app.py:5: visible `f`: the host owns the lists of a backend: "
            "write `include wasi:mcp/service@...;` in the world, and export the catalogs",
        )

    def test_a_filter_takes_a_kind_and_a_name(self) -> None:
        self.mistaken(
            TOOL + "@server.visible\ndef f(name, context: Context): return True\n",
            "app.py:5: visible `f`: the function takes `(kind, name, context: Context)`, "
            "of which the context may be left out",
            is_service=True,
        )

    def test_a_second_filter_is_a_mistake(self) -> None:
        self.mistaken(
            TOOL + "@server.visible\n@server.visible\ndef f(kind, name): return True\n",
            "app.py:5: visible `f`: the server has a filter already, at app.py:5: make one of both",
            is_service=True,
        )

    def test_a_server_is_either_a_backend_or_a_service(self) -> None:
        self.mistaken(
            TOOL,
            "the world exports both `start` and `server-catalog` of wasi:mcp: include "
            "`wasi:mcp/backend@...` or `wasi:mcp/service@...` in it, not both",
            exports=["start", "server-catalog", "tool-catalog", "tools"],
        )


if __name__ == "__main__":
    import unittest

    unittest.main()
