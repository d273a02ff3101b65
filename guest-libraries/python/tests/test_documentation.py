"""The guide: its programs run, and the messages that it shows are those of the library."""

import contextlib
import io
import json
import re
import unittest
from pathlib import Path

from support import BothVariants, text_of
from test_context import text_answer

from wasi_mcp import RegistrationError
from wasi_mcp.failures import described
from wasi_mcp.records import enum_case

_ROOT = Path(__file__).parents[3]
_PAGE = (_ROOT / "docs" / "guests" / "python.md").read_text()
_README = (Path(__file__).parents[1] / "README.md").read_text()
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PRELUDE = """
from dataclasses import dataclass
from typing import Annotated, Literal
from wasi_mcp import *

NOTES = {1: "a note", 12: "another"}
"""
_TEMPLATES = _ROOT / "reference-host" / "authoring" / "templates" / "python"
_FILTER = "@server.visible"
_HELLO = """from wasi_mcp import Server

server = Server("hello")

"""


def _programs() -> list[str]:
    """Returns the programs of the guide that serve in any world."""
    return [block for block in _BLOCK.findall(_PAGE) if _FILTER not in block]


class Guide(BothVariants):
    def test_the_first_program_is_the_server_with_one_tool(self) -> None:
        hello = (Path(__file__).parents[1] / "hello" / "app.py").read_text()
        lines = [line for line in hello.splitlines()[1:] if line]
        for page in (_PAGE, _README):
            shown = _BLOCK.findall(page)[0]
            self.assertEqual([line for line in shown.splitlines() if line], lines)
        self.assertLessEqual(len(lines), 10)

    def test_the_programs_run(self) -> None:
        blocks = _programs()
        self.assertEqual(len(blocks), 4)
        for component in self.components(_PRELUDE + "\n".join(blocks)):
            component.start()
            self.assertEqual(text_of(component.call_tool("hello", name="World")), "Hello, World!")
            forecast = json.loads(component.call_tool("forecast", city="Oslo").structured_content)
            self.assertEqual(forecast, {"degrees": 21.5, "words": "sun"})
            accept = enum_case("content", "ElicitAction", "accept")
            name = [("name", component.record("ElicitValue_Text", value="Ada"))]
            answer = component.record("ElicitResult", action=accept, content=name)
            component.host.answers["elicit"] = answer
            text_answer(component, "Welcome!")
            self.assertEqual(text_of(component.call_tool("book")), "Welcome!")
            self.assertEqual(component.read("notes://12").contents[0].value.text, "another")
            message, _ = component.get_prompt("plan", day="1").messages
            self.assertEqual(message.content.value.text, "Plan day 1.")
            self.assertEqual(component.complete("plan", "day", "1").values, ["1", "12"])

    def test_the_filter_of_a_service_runs(self) -> None:
        admin = "\n@server.tool\ndef admin_reset() -> str: return 'done'\n"
        (shown,) = [block for block in _BLOCK.findall(_PAGE) if _FILTER in block]
        source = _PRELUDE + "\n".join([*_programs(), admin, shown])
        for component in self.components(source, is_service=True):
            tools = ["hello", "forecast", "book"]
            self.assertEqual(component.pages("tools"), [tools])
            user = {"issuer": "a", "subject": None, "client_id": None, "scopes": ["admin"], "claims": []}
            component.host.answers["get_principal"] = component.record("Principal", "types", **user)
            self.assertEqual(component.pages("tools"), [[*tools, "admin_reset"]])
            self.assertEqual(component.pages("prompts"), [["plan"]])

    def test_the_world_of_a_service_is_that_of_new_projects(self) -> None:
        (world,) = re.findall(r"^```wit\n(.*?)^```$", _PAGE, re.MULTILINE | re.DOTALL)
        statements = re.findall(r"^ +(.*;)", world, re.MULTILINE)
        self.assertEqual(len(statements), 3)
        for variant in ("0.2", "0.3"):
            path = f"wit/{variant}/world.wit.template"
            lines = (_TEMPLATES / "service" / path).read_text().splitlines()
            for statement in statements:
                self.assertIn(f"  {statement}".replace("0.3.0", f"{variant}.0"), lines)
            handlers = "\n".join(line for line in lines if "-catalog@" not in line) + "\n"
            backend = (_TEMPLATES / path).read_text()
            self.assertEqual(handlers.replace("wasi:mcp/service@", "wasi:mcp/backend@"), backend)

    def test_the_messages_of_mistakes_are_those_of_the_library(self) -> None:
        tool = _HELLO + "@server.tool\ndef hello(name: str) -> str: return name\n\n\n\n\n\n"
        for source, exports in (
            (tool, ["tools"]),  # Neither `start` nor `server-catalog`.
            (tool + "@server.prompt\ndef greeting(name: str) -> str: return name", ["start", "tools"]),
            (_HELLO, ["start", "tools"]),
        ):
            with self.assertRaises(RegistrationError) as raised:
                self.component(source, True, exports=exports).start()
            self.assertIn(f"``{raised.exception}``", _PAGE)
        source = "\n\nfrom dataclasses import dataclass\n\n" + _HELLO
        source += "@dataclass\nclass Report:\n    lines: int\n\n\n"
        source += "@server.tool\ndef report() -> Report: return {'lines': 3}\n"
        with contextlib.redirect_stderr(io.StringIO()):
            result = self.component(source, True).call_tool("report")
        self.assertIn(f"``{text_of(result)}``", _PAGE)
        self.assertIn(f"``{described(RuntimeError('no running event loop'))} ``", _PAGE)

    def test_the_guide_is_short(self) -> None:
        self.assertLessEqual(len(_PAGE.splitlines()), 180)


if __name__ == "__main__":
    unittest.main()
