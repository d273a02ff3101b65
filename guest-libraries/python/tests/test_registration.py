"""Mistakes in a server's code, which are found when it is built; and the bindings that it is built with."""

import importlib
import runpy
import sys
import tempfile
import unittest
from pathlib import Path

import fake_bindings
from support import BothVariants, text_of

from wasi_mcp import RegistrationError

HEAD = "from wasi_mcp import *\nserver = Server('test')\n"
TOOL = HEAD + "@server.tool\ndef hello(name: str) -> str: return name\n"
TOOLS_ONLY = ["start", "tools"]


class Mistakes(BothVariants):
    def refused(self, source: str, message: str, **options: object) -> None:
        for is_async in (False, True):
            with self.subTest(message=message, is_async=is_async):
                with self.assertRaises(RegistrationError) as raised:
                    self.component(source, is_async, **options).start()
                self.assertEqual(str(raised.exception), message)

    def test_messages_name_the_line_to_change(self) -> None:
        for source, message in (
            (
                TOOL + "@server.tool(name='hello')\ndef other(): pass",
                "app.py:5: tool `hello`: `hello` is registered already, by `hello` at app.py:3: choose another one here",
            ),
            (
                HEAD + "@server.tool\ndef f(x: complex): pass",
                "app.py:3: tool `f`: argument `x`: `complex` has no JSON Schema",
            ),
            (
                HEAD + "@server.tool\ndef f() -> complex: pass",
                "app.py:3: tool `f`: the result: `complex` has no JSON Schema",
            ),
            (
                HEAD + "@server.tool\ndef f(x: int = 'a'): pass",
                "app.py:3: tool `f`: argument `x`: the default does not fit: an integer is expected, found a text",
            ),
            (
                HEAD + "@server.tool\ndef f(x: 'Missing'): pass",
                "app.py:3: tool `f`: the annotation uses an unknown name: name 'Missing' is not defined",
            ),
            (
                HEAD + "@server.tool\ndef f(x, /): pass",
                "app.py:3: tool `f`: `x`: arguments have names in MCP, so `/` and `*` cannot be used",
            ),
            (
                HEAD + "server.add_tool(lambda: 1)",
                'app.py:3: tool `<lambda>`: it has no name: write `name="..."`',
            ),
            (
                HEAD + "@server.resource\ndef f(): pass",
                'app.py:3: `@server.resource` needs a URI: write `@server.resource("notes://all")`',
            ),
            (
                HEAD + "@server.resource('notes')\ndef f(): pass",
                "app.py:3: resource `f`: the URI `notes` has no scheme: write it as in `notes://all`",
            ),
            (
                HEAD + "@server.resource('a:{x}')\ndef f(): pass",
                "app.py:3: resource `f`: the function has no argument `x`, a variable of `a:{x}`",
            ),
            (
                HEAD + "@server.resource('a:b')\ndef f(x): pass",
                "app.py:3: resource `f`: the URI `a:b` has no variable `x`: write `{x}`",
            ),
            (
                HEAD + "@server.resource('a:{x*}')\ndef f(x): pass",
                "app.py:3: resource `f`: the URI template `a:{x*}`: `{x*}` is not supported: write `{name}`, "
                "or `{+name}` for several segments",
            ),
            (
                HEAD + "@server.prompt\ndef f(x: list[str]): pass",
                "app.py:3: prompt `f`: argument `x`: it arrives as a text, so write `str`, `int`, `float`, `bool`, "
                "a `Literal`, an enumeration, a date or a time",
            ),
            (
                TOOL + "@server.completion('missing', 'x')\ndef f(value: str): pass",
                "app.py:5: completion `f`: no prompt and no URI template is registered as `missing`",
            ),
            (
                HEAD + "@server.prompt\ndef p(): pass\n@server.completion('p', 'x')\ndef f(value: str): pass",
                "app.py:5: completion `f`: `p` has no argument `x`",
            ),
            (
                HEAD
                + "@server.prompt\ndef p(x): pass\n@server.completion('p', 'x')\ndef f(value: str, y: str): pass",
                "app.py:5: completion `f`: argument `y` may not be known yet: write `y: ... | None = None`",
            ),
            (
                TOOL + "@server.subscribe\ndef f(): pass",
                "app.py:5: subscribe `f`: the function takes `(uri, context: Context)`, "
                "of which the context may be left out",
            ),
            (
                TOOL + "Server('second')",
                "the application has a `Server` already: register everything with one",
            ),
            (
                HEAD,
                "the server `test` offers nothing: write `@server.tool` above a function, "
                "and import the module that does in the application",
            ),
        ):
            self.refused(source, message)

    def test_annotations_that_are_no_types_are_named(self) -> None:
        with self.assertRaisesRegex(RegistrationError, "^app.py:3: tool `f`: the annotation is no type: "):
            self.component(f"{HEAD}@server.tool\ndef f(x: 'int |'): pass", True)

    def test_exports_that_the_world_lacks_are_named(self) -> None:
        for role, interface, code in (
            ("resource", "resources", "@server.resource('a:b')\ndef f(): pass"),
            ("prompt", "prompts", "@server.prompt\ndef f(): pass"),
            ("completion", "completion", "@server.completion('p', 'x')\ndef f(value: str): pass"),
            ("initialized", "client-events", "@server.initialized\ndef f(): pass"),
        ):
            message = f"app.py:3: {role} `f`: the world does not export `{interface}`: "
            self.refused(
                HEAD + code, f"{message}add `export wasi:mcp/{interface}@...;` to it", exports=TOOLS_ONLY
            )

    def test_a_world_that_is_no_server_is_named(self) -> None:
        message = (
            "the world exports neither `start` nor `server-catalog` of wasi:mcp: write "
            "`include wasi:mcp/backend@...;` or `include wasi:mcp/service@...;` in it, "
            "or build with the world that does"
        )
        self.refused(TOOL, message, exports=["tools"])


class FoundBindings(BothVariants):
    def test_an_application_has_a_class_for_each_export(self) -> None:
        for component in self.components(TOOL, exports=TOOLS_ONLY):
            self.assertIn("Start", component.application)
            self.assertIn("Tools", component.application)
            self.assertNotIn("Prompts", component.application)
            self.assertEqual(text_of(component.call_tool("hello", name="x")), "x")

    def test_names_may_have_the_package_and_the_version(self) -> None:
        full = {
            name: f"wasi_mcp_{name}_0_3_0_draft2" for name in ("content", "types", "runtime", "capabilities")
        }
        names = {
            **full,
            "context": "wasi_mcp_context",
            "Tools": "WasiMcpTools030Draft2",
            "Start": "WasiMcpStart",
        }
        for component in self.components(TOOL, exports=TOOLS_ONLY, names=names):
            self.assertIn("WasiMcpTools030Draft2", component.application)
            component.call("WasiMcpStart", "start")
            self.assertEqual(component.host.calls[-1][0], "serve")

    def test_the_future_of_a_stream_is_named_after_its_types(self) -> None:
        from wasi_mcp import bindings

        for name in ("types", "wasi_mcp_types", "wasi_mcp_types_0_3_0_draft2"):
            self.component(TOOL, True, exports=TOOLS_ONLY, names={"types": name})
            self.assertEqual(len(bindings.current().outcome_future(lambda: ValueError())), 2)

    def test_the_package_may_have_another_name(self) -> None:
        source = TOOL.replace("Server('test')", "Server('test', bindings='my_world')")
        for component in self.components(source, package="my_world"):
            component.start()
            self.assertEqual(component.host.calls[-1][0], "serve")

    def test_a_class_of_the_author_takes_precedence(self) -> None:
        own = (
            "class Start:\n    def start(self):\n        from wit_world.imports import runtime\n"
            "        server.register(); runtime.register_tools(['by hand']); runtime.serve()\n"
        )
        component = self.component(TOOL + own, False)
        component.start()
        self.assertEqual(component.host.named("register_tools")[-1], (["by hand"],))

    def test_another_class_with_the_name_of_an_export_is_refused(self) -> None:
        message = "`Completion` of the module `app` has the name of an export: rename it"
        for source in (TOOL + "class Completion: pass\n", "class Completion: pass\n" + TOOL):
            with self.assertRaises(RegistrationError) as raised:
                self.component(source, True).start()
            self.assertEqual(str(raised.exception), message)

    def test_an_application_is_imported_without_a_component(self) -> None:
        fake_bindings.remove()
        example = Path(__file__).parents[1] / "hello" / "app.py"
        application = runpy.run_path(str(example))
        self.assertEqual(application["hello"]("World"), "Hello, World!")
        self.assertNotIn("Start", application)

    def test_bindings_for_an_editor_make_no_component(self) -> None:
        from wasi_mcp import bindings

        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "wit_world").mkdir()
            package = Path(folder) / "wit_world" / "__init__.py"
            package.write_text("import componentize_py_runtime\n")
            sys.path.insert(0, folder)
            self.addCleanup(sys.path.remove, folder)
            fake_bindings.remove()
            self.assertIsNone(bindings.load("wit_world"))
            package.write_text("import missing_in_the_application\n")
            importlib.invalidate_caches()
            with self.assertRaises(ModuleNotFoundError):
                bindings.load("wit_world")

    def test_what_needs_a_component_says_so_elsewhere(self) -> None:
        from wasi_mcp import bindings

        fake_bindings.remove()
        bindings.load("wit_world")
        with self.assertRaisesRegex(RuntimeError, "this works in a component only"):
            bindings.current()
        self.assertNotIn("wit_world", sys.modules)


if __name__ == "__main__":
    unittest.main()
