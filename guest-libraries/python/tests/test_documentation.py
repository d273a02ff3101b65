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
_HELLO = """from wasi_mcp import Server

server = Server("hello")

"""


class Guide(BothVariants):
    def test_the_first_program_is_the_server_with_one_tool(self) -> None:
        hello = (Path(__file__).parents[1] / "hello" / "app.py").read_text()
        lines = [line for line in hello.splitlines()[1:] if line]
        for page in (_PAGE, _README):
            shown = _BLOCK.findall(page)[0]
            self.assertEqual([line for line in shown.splitlines() if line], lines)
        self.assertLessEqual(len(lines), 10)

    def test_the_programs_run(self) -> None:
        blocks = _BLOCK.findall(_PAGE)
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
            reference = component.record("PromptReference", name="plan")
            params = component.record(
                "CompleteParams",
                ref=component.record("CompletionReference_Prompt", value=reference),
                argument=component.record("CompleteArgument", name="day", value="1"),
            )
            completed = component.call("Completion", "complete", component.request, params)
            self.assertEqual(completed.values, ["1", "12"])

    def test_the_messages_of_mistakes_are_those_of_the_library(self) -> None:
        tool = _HELLO + "@server.tool\ndef hello(name: str) -> str: return name\n\n\n\n\n\n"
        for source, exports in (
            (tool, ["tools"]),
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
        self.assertLessEqual(len(_PAGE.splitlines()), 150)


if __name__ == "__main__":
    unittest.main()
