"""Docstrings, and URI templates."""

import unittest

import support  # noqa: F401 - finds the package.

from wasi_mcp.docstrings import Docstring
from wasi_mcp.templates import UriTemplate


class Docstrings(unittest.TestCase):
    def test_sections_of_arguments_are_taken_apart(self) -> None:
        docstring = Docstring(
            """Adds numbers.

            Even large ones:
                as here

            Args:
                numbers (list): what to add,
                    in any order
                start: where to begin

            Returns:
                The sum.
            """
        )
        self.assertEqual(
            docstring.arguments, {"numbers": "what to add, in any order", "start": "where to begin"}
        )
        description = "Adds numbers.\n\nEven large ones:\n    as here\n\nReturns:\n    The sum."
        self.assertEqual(docstring.description, description)

    def test_fields_of_sphinx_are_understood(self) -> None:
        docstring = Docstring(
            "Adds.\n\n:param int x: the first\n    of two\n:param y: the second\n:returns: the sum"
        )
        self.assertEqual(docstring.arguments, {"x": "the first of two", "y": "the second"})
        self.assertEqual(docstring.description, "Adds.\n\n:returns: the sum")

    def test_nothing_is_described_without_a_docstring(self) -> None:
        self.assertIsNone(Docstring(None).description)
        self.assertIsNone(Docstring("\n    Args:\n        x: only this\n    ").description)


class Templates(unittest.TestCase):
    def test_variables_are_segments_or_rests(self) -> None:
        cases = [
            ("notes://{day}", "notes://monday", {"day": "monday"}),
            ("notes://{day}/{hour}", "notes://mon%20day/7", {"day": "mon day", "hour": "7"}),
            ("files:///{+path}", "files:///a/b%20c", {"path": "a/b%20c"}),
            ("notes://{day}", "notes://monday/7", None),
            ("notes://{day}", "notes://", None),
            ("notes://{day}.txt", "notes://mondaystxt", None),
            ("notes://{day}", "notes://..", None),
            ("notes://{day}", "notes://a%2Fb", None),
            ("notes://{day}", "notes://%00", None),
            ("notes://{day}", "notes://%ff", None),
            ("notes://all", "notes://all", {}),
        ]
        for template, uri, variables in cases:
            with self.subTest(template=template, uri=uri):
                self.assertEqual(UriTemplate(template).match(uri), variables)

    def test_other_expressions_are_refused(self) -> None:
        for template in ("a:{?x}", "a:{x*}", "a:{x,y}", "a:{}", "a:{x}{x}"):
            with self.subTest(template=template), self.assertRaises(ValueError):
                UriTemplate(template)


if __name__ == "__main__":
    unittest.main()
