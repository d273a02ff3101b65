"""Docstrings, and URI templates."""

import json
import unittest
from pathlib import Path

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
    def test_templates_match_as_in_all_libraries(self) -> None:
        cases = Path(__file__).parents[2] / "uri-templates.tsv"
        for line in cases.read_text("utf-8").splitlines():
            if line.startswith("#"):
                continue
            template, uri, expected = line.split("\t")
            with self.subTest(template=template, uri=uri):
                if expected == "!":
                    with self.assertRaises(ValueError):
                        UriTemplate(template)
                else:
                    variables = None if expected == "-" else json.loads(expected)
                    self.assertEqual(UriTemplate(template).match(uri), variables)


if __name__ == "__main__":
    unittest.main()
