"""JSON Schemas from type hints, and the values that fit them."""

import datetime
import enum
import unittest
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, List, Literal, NewType, Optional, TypedDict, Union

import support  # noqa: F401 - finds the package.

from wasi_mcp.schema import Field, Mismatch, UnusableType, kind_of, member_of, outline_of


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Point:
    """A place.

    Attributes:
        x: to the right
    """

    x: float
    y: Annotated[float, "upwards"] = 0.0


@dataclass
class Tree:
    name: str
    children: List["Tree"] = field(default_factory=list)


@dataclass
class Even:
    number: int

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError("an even number is expected")


class Partial(TypedDict, total=False):
    note: str


class Movie(Partial):
    title: str
    year: Optional[int]


UserId = NewType("UserId", int)
POINT = {
    "type": "object",
    "description": "A place.",
    "properties": {
        "x": {"type": "number", "description": "to the right"},
        "y": {"type": "number", "description": "upwards", "default": 0},
    },
    "required": ["x"],
}


class Schemas(unittest.TestCase):
    def test_each_type_has_its_schema(self) -> None:
        cases: list[tuple[Any, Any]] = [
            (str, {"type": "string"}),
            (int, {"type": "integer"}),
            (float, {"type": "number"}),
            (bool, {"type": "boolean"}),
            (None, {"type": "null"}),
            (Any, {}),
            (UserId, {"type": "integer"}),
            (bytes, {"type": "string", "contentEncoding": "base64"}),
            (datetime.datetime, {"type": "string", "format": "date-time"}),
            (uuid.UUID, {"type": "string", "format": "uuid"}),
            (list, {"type": "array"}),
            (list[int], {"type": "array", "items": {"type": "integer"}}),
            (Sequence[str], {"type": "array", "items": {"type": "string"}}),
            (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
            (set[str], {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
            (
                tuple[int, str],
                {
                    "type": "array",
                    "prefixItems": [{"type": "integer"}, {"type": "string"}],
                    "minItems": 2,
                    "maxItems": 2,
                },
            ),
            (dict, {"type": "object"}),
            (dict[str, bool], {"type": "object", "additionalProperties": {"type": "boolean"}}),
            (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
            (Literal["a", 1], {"enum": ["a", 1]}),
            (Colour, {"type": "string", "enum": ["red", "green"]}),
            (Level, {"type": "integer", "enum": [1, 2]}),
            (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
            (Union[str, int], {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
            (Point, POINT),
            (list[Point], {"type": "array", "items": {"$ref": "#/$defs/Point"}, "$defs": {"Point": POINT}}),
            (
                Movie,
                {
                    "type": "object",
                    "properties": {
                        "note": {"type": "string"},
                        "title": {"type": "string"},
                        "year": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                    },
                    "required": ["title", "year"],
                },
            ),
        ]
        for hint, schema in cases:
            with self.subTest(hint=hint):
                self.assertEqual(kind_of(hint).root_schema(), schema)

    def test_a_type_that_holds_itself_refers_to_itself(self) -> None:
        schema = kind_of(Tree).root_schema()
        self.assertEqual(schema["properties"]["children"]["items"], {"$ref": "#/$defs/Tree"})
        items = schema["$defs"]["Tree"]["properties"]["children"]["items"]
        self.assertEqual(items, {"$ref": "#/$defs/Tree"})
        tree = kind_of(Tree).read({"name": "a", "children": [{"name": "b"}]}, "")
        self.assertEqual(tree, Tree("a", [Tree("b")]))
        self.assertEqual(
            kind_of(Tree).write(tree, ""), {"name": "a", "children": [{"name": "b", "children": []}]}
        )

    def test_two_types_of_one_name_are_two_definitions(self) -> None:
        other = dataclass(type("Point", (), {"__annotations__": {"z": int}}))
        schema = kind_of(tuple[Point, other]).root_schema()  # type: ignore[valid-type]
        self.assertEqual(schema["prefixItems"], [{"$ref": "#/$defs/Point"}, {"$ref": "#/$defs/Point2"}])
        self.assertEqual(schema["$defs"]["Point2"]["properties"], {"z": {"type": "integer"}})

    def test_annotations_describe_and_limit(self) -> None:
        days = Annotated[int, "How many", Field(ge=1, le=7, examples=[3])]
        schema = {"type": "integer", "description": "How many", "minimum": 1, "maximum": 7, "examples": [3]}
        self.assertEqual(kind_of(days).root_schema(), schema)
        names = Annotated[list[str], Field(min_length=1, title="Names")]
        schema = {"type": "array", "items": {"type": "string"}, "minItems": 1, "title": "Names"}
        self.assertEqual(kind_of(names).root_schema(), schema)
        code = Annotated[str, Field(pattern="^[a-z]+$", max_length=3, extra={"x-kept": True})]
        schema = {"type": "string", "pattern": "^[a-z]+$", "maxLength": 3, "x-kept": True}
        self.assertEqual(kind_of(code).root_schema(), schema)

    def test_types_without_a_schema_are_named(self) -> None:
        for hint, named in (
            (object(), "object"),
            (complex, "complex"),
            (dict[int, str], "keys"),
            (type[int], "type[int]"),
        ):
            with self.subTest(hint=hint), self.assertRaisesRegex(UnusableType, named.replace("[", r"\[")):
                kind_of(hint)

    def test_a_default_of_nothing_needs_a_type_that_admits_it(self) -> None:
        message = "the default does not fit: an integer is expected, found nothing: write `... | None`"
        with self.assertRaises(UnusableType) as raised:
            member_of("x", int, None, False, None)
        self.assertEqual(str(raised.exception), message)


class Values(unittest.TestCase):
    def test_values_are_read_and_written(self) -> None:
        moment = datetime.datetime(2025, 6, 18, 12, tzinfo=datetime.timezone.utc)
        cases: list[tuple[Any, Any, Any]] = [
            (int, 3.0, 3),
            (float, 3, 3.0),
            (Any, {"a": [None]}, {"a": [None]}),
            (bytes, "AAE=", b"\x00\x01"),
            (datetime.datetime, "2025-06-18T12:00:00+00:00", moment),
            (Colour, "red", Colour.RED),
            (Level, 2, Level.HIGH),
            (Literal["a", 1], 1, 1),
            (int | None, None, None),
            (list[Point], [{"x": 1, "y": 2}], [Point(1.0, 2.0)]),
            (tuple[int, str], [1, "a"], (1, "a")),
            (set[str], ["a"], {"a"}),
            (dict[str, int], {"a": 1}, {"a": 1}),
            (Movie, {"title": "M", "year": None}, {"title": "M", "year": None}),
        ]
        for hint, json, python in cases:
            with self.subTest(hint=hint):
                kind = kind_of(hint)
                read = kind.read(json, "")
                self.assertEqual(read, python)
                self.assertIs(type(read), type(python))
                self.assertEqual(kind.write(read, ""), json)

    def test_what_does_not_fit_is_named_with_its_path(self) -> None:
        few = Annotated[list[int], Field(max_length=1)]
        cases: list[tuple[Any, Any, str]] = [
            (int, True, "an integer is expected, found a boolean"),
            (int, 1.5, "an integer is expected, found a number"),
            (float, "1", "a number is expected, found a text"),
            (float, 10**400, "the number is too large"),
            (bytes, "?", "a base64 text is expected"),
            (datetime.date, "soon", "a date text is expected"),
            (Literal["a", 1], True, "one of 'a', 1 is expected"),
            (list[Point], [{"x": 1}, {"x": "1"}], "`[1].x`: a number is expected, found a text"),
            (Point, {}, "`x`: a value is required"),
            (Point, [], "an object is expected, found a list"),
            (Even, {"number": 3}, "an even number is expected"),
            (tuple[int, int], [1], "2 items are expected, found 1"),
            (int | list[int], ["a"], "`[0]`: an integer is expected, found a text"),
            (set[int], [1, 2, 1.0], "items that differ are expected"),
            (few, [1, 2], "a length of at most 1 is expected, found a length of 2"),
            (Annotated[int, Field(gt=0)], 0, "more than 0 is expected, found 0"),
            (Annotated[int, Field(multiple_of=2)], 3, "a multiple of 2 is expected, found 3"),
            (Annotated[str, Field(pattern="^a")], "b", "a text that matches `^a` is expected"),
        ]
        for hint, json, message in cases:
            with self.subTest(hint=hint, json=json), self.assertRaises(Mismatch) as raised:
                kind_of(hint).read(json, "")
            self.assertEqual(str(raised.exception), message)

    def test_results_that_are_not_what_the_annotation_says_are_refused(self) -> None:
        cases: list[tuple[Any, Any, str]] = [
            (Point, None, "a `Point` is expected, found nothing"),
            (Movie, {"year": 1}, "`title`: a value is required"),
            (list[int], (1, 2), "a `list` is expected, found a value of the type `tuple`"),
            (float, float("nan"), "nan has no JSON form"),
            (Colour, "red", "one of 'red', 'green' is expected, found 'red'"),
            (dict[str, int], {1: 1}, "the keys of an object are texts, found 1"),
            (Any, object(), "a value of the type `object` cannot be written as JSON"),
        ]
        for hint, value, message in cases:
            with self.subTest(hint=hint, value=value), self.assertRaises(Mismatch) as raised:
                kind_of(hint).write(value, "")
            self.assertEqual(str(raised.exception), message)


class Outlines(unittest.TestCase):
    SCHEMA = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "pattern": "^a"},
            "size": {"type": ["integer", "null"]},
            "tags": {"type": "array", "items": {"type": "string"}},
            "any": True,
            "linked": {"$ref": "#/$defs/linked"},
        },
        "required": ["name", "more"],
        "additionalProperties": False,
    }

    def test_they_say_what_is_required_and_of_which_type(self) -> None:
        outline = outline_of(self.SCHEMA)
        for fitting in ({"size": 3.0, "tags": [1], "any": [], "linked": 1}, {"size": None}):
            outline.read({"name": "b", "more": {}, **fitting}, "")
        for value, message in (
            ([], "an object is expected, found a list"),
            ({"name": "a"}, "`more`: a value is required"),
            ({"name": 1, "more": 1}, "`name`: a text is expected, found an integer"),
            ({"name": "a", "more": 1, "size": "x"}, "`size`: an integer is expected, found a text"),
            ({"name": "a", "more": 1, "tags": {}}, "`tags`: a list is expected, found an object"),
            ({"name": "a", "more": 1, "other": 1}, "`other`: there is no such argument"),
        ):
            with self.subTest(value=value), self.assertRaises(Mismatch) as raised:
                outline.read(value, "")
            self.assertEqual(str(raised.exception), message)

    def test_they_refuse_nothing_that_another_keyword_may_allow(self) -> None:
        for more in (
            {"additionalProperties": True},
            {"patternProperties": {"^o": {}}},
            {"$ref": "#/$defs/a"},
        ):
            outline_of({**self.SCHEMA, **more}).read({"name": "a", "more": 1, "other": 1}, "")
        outline_of({**self.SCHEMA, "$ref": "#/$defs/a"}).read({}, "")


if __name__ == "__main__":
    unittest.main()
