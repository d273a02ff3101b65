"""Kinds of values: each has a JSON Schema, reads JSON into Python, and writes Python as JSON.

JSON is what the module `json` makes of it: dictionaries, lists, texts, numbers, booleans and `None`.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import enum
import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from .field import Field

Schema = dict[str, Any]


class Mismatch(ValueError):
    """A value that does not fit its type."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"`{path}`: {problem}" if path else problem)
        self.path = path
        self.problem = problem


def expected(path: str, wanted: str, found: Any) -> Mismatch:
    """Says what was expected and what was found."""
    return Mismatch(path, f"{wanted} is expected, found {name_of(found)}")


def name_of(value: Any) -> str:
    """Returns the name of a value's type, as in `a text` for JSON and `a Report` for a class."""
    names = {
        str: "a text",
        bool: "a boolean",
        int: "an integer",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    if value is None:
        return "nothing"
    return names.get(type(value), f"a value of the type `{type(value).__name__}`")


class Definitions:
    """The schemas that one schema refers to, by their names in `$defs`."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}
        self._names: dict[object, str] = {}

    def refer(self, key: object, name: str, make: Callable[[], Schema]) -> Schema:
        """Returns a reference to a definition, which is made on its first use."""
        if key not in self._names:
            unique = name
            number = 1
            while unique in self.schemas:
                number += 1
                unique = f"{name}{number}"
            self._names[key] = unique
            self.schemas[unique] = {}
            self.schemas[unique] = make()
        return {"$ref": f"#/$defs/{self._names[key]}"}


class Kind(ABC):
    """One type of values."""

    @abstractmethod
    def schema(self, definitions: Definitions) -> Schema:
        """Returns the JSON Schema."""

    @abstractmethod
    def read(self, value: Any, path: str) -> Any:
        """Makes a Python value from JSON, or raises `Mismatch`."""

    @abstractmethod
    def write(self, value: Any, path: str) -> Any:
        """Makes JSON from a Python value, or raises `Mismatch`."""

    def root_schema(self) -> Schema:
        """Returns the JSON Schema with all its definitions."""
        definitions = Definitions()
        schema = self.schema(definitions)
        return {**schema, "$defs": definitions.schemas} if definitions.schemas else schema


class Anything(Kind):
    """Any JSON value."""

    def schema(self, definitions: Definitions) -> Schema:
        return {}

    def read(self, value: Any, path: str) -> Any:
        return value

    def write(self, value: Any, path: str) -> Any:
        return plain(value, path)


def plain(value: Any, path: str = "") -> Any:
    """Makes JSON from a value of unknown type: of dataclasses, enumerations and containers too."""
    if value is None or isinstance(value, (bool, int, float, str)) and not isinstance(value, enum.Enum):
        return value
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name), f"{path}.{name}") for name in value.__dataclass_fields__}
    for kind, text in TEXTS.items():
        if isinstance(value, kind):
            return text.write(value, path)
    raise Mismatch(path, f"{name_of(value)} cannot be written as JSON")


class Scalar(Kind):
    """A text, a boolean, or nothing."""

    def __init__(self, python: type, name: str, wanted: str) -> None:
        self._python = python
        self._name = name
        self._wanted = wanted

    def schema(self, definitions: Definitions) -> Schema:
        return {"type": self._name}

    def read(self, value: Any, path: str) -> Any:
        if not isinstance(value, self._python):
            raise expected(path, self._wanted, value)
        return value

    write = read


class Integer(Kind):
    """A whole number. JSON may write it as `3.0`."""

    def schema(self, definitions: Definitions) -> Schema:
        return {"type": "integer"}

    def read(self, value: Any, path: str) -> Any:
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return self.write(value, path)

    def write(self, value: Any, path: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            raise expected(path, "an integer", value)
        return value


class Number(Kind):
    """A floating-point number, which JSON may write as an integer."""

    def schema(self, definitions: Definitions) -> Schema:
        return {"type": "number"}

    def read(self, value: Any, path: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise expected(path, "a number", value)
        try:
            return float(value)
        except OverflowError:
            raise Mismatch(path, "the number is too large") from None

    def write(self, value: Any, path: str) -> Any:
        number = self.read(value, path)
        if number != number or number in (float("inf"), float("-inf")):
            raise Mismatch(path, f"{number} has no JSON form")
        return int(number) if number.is_integer() and abs(number) < 2**53 else number


class FormattedText(Kind):
    """A Python value that JSON holds as a text."""

    def __init__(
        self, python: type, schema: Schema, read: Callable[[str], Any], write: Callable[[Any], str]
    ) -> None:
        self._python = python
        self._schema = schema
        self._read = read
        self._write = write

    def schema(self, definitions: Definitions) -> Schema:
        return {"type": "string", **self._schema}

    def read(self, value: Any, path: str) -> Any:
        wanted = f"a {next(iter(self._schema.values()))} text"
        if not isinstance(value, str):
            raise expected(path, wanted, value)
        try:
            return self._read(value)
        except (ValueError, binascii.Error):
            raise Mismatch(path, f"{wanted} is expected") from None

    def write(self, value: Any, path: str) -> Any:
        if not isinstance(value, self._python):
            raise expected(path, f"a `{self._python.__name__}`", value)
        return self._write(value)


#: The Python types that JSON holds as a text. A `datetime` is a `date` too, so it comes first.
TEXTS: dict[type, Kind] = {
    datetime.datetime: FormattedText(
        datetime.datetime,
        {"format": "date-time"},
        lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00")),
        datetime.datetime.isoformat,
    ),
    datetime.date: FormattedText(
        datetime.date, {"format": "date"}, datetime.date.fromisoformat, datetime.date.isoformat
    ),
    datetime.time: FormattedText(
        datetime.time, {"format": "time"}, datetime.time.fromisoformat, datetime.time.isoformat
    ),
    uuid.UUID: FormattedText(uuid.UUID, {"format": "uuid"}, uuid.UUID, str),
    bytes: FormattedText(
        bytes,
        {"contentEncoding": "base64"},
        lambda text: base64.b64decode(text, validate=True),
        lambda value: base64.b64encode(value).decode(),
    ),
}

SCALARS: dict[Any, Kind] = {
    str: Scalar(str, "string", "a text"),
    bool: Scalar(bool, "boolean", "a boolean"),
    type(None): Scalar(type(None), "null", "nothing"),
    int: Integer(),
    float: Number(),
}


class Choice(Kind):
    """One of several values: a `Literal` or an enumeration."""

    def __init__(self, options: list[tuple[Any, Any]]) -> None:
        self.options = options  #: JSON values with their Python values.

    def schema(self, definitions: Definitions) -> Schema:
        values = [json for json, _ in self.options]
        names = {"string": str, "integer": int, "boolean": bool, "number": float}
        for name, python in names.items():
            if all(type(value) is python for value in values):
                return {"type": name, "enum": values}
        return {"enum": values}

    def _wanted(self) -> str:
        return "one of " + ", ".join(repr(json) for json, _ in self.options)

    def read(self, value: Any, path: str) -> Any:
        for json, python in self.options:
            if json == value and isinstance(json, bool) == isinstance(value, bool):
                return python
        raise Mismatch(path, f"{self._wanted()} is expected")

    def write(self, value: Any, path: str) -> Any:
        for json, python in self.options:
            if python == value and type(python) is type(value):
                return json
        raise Mismatch(path, f"{self._wanted()} is expected, found {value!r}")


class Described(Kind):
    """A kind with a description and limits."""

    def __init__(self, kind: Kind, field: Field) -> None:
        self.kind = kind
        self._field = field

    def schema(self, definitions: Definitions) -> Schema:
        field = self._field
        schema = self.kind.schema(definitions)
        length = {"array": "Items", "object": "Properties"}.get(schema.get("type", ""), "Length")
        members = {
            "title": field.title,
            "description": field.description,
            "examples": field.examples,
            "minimum": field.ge,
            "exclusiveMinimum": field.gt,
            "maximum": field.le,
            "exclusiveMaximum": field.lt,
            "multipleOf": field.multiple_of,
            f"min{length}": field.min_length,
            f"max{length}": field.max_length,
            "pattern": field.pattern,
            "format": field.format,
            **(field.extra or {}),
        }
        return {**schema, **{name: value for name, value in members.items() if value is not None}}

    def read(self, value: Any, path: str) -> Any:
        self._check(value, path)
        return self.kind.read(value, path)

    def write(self, value: Any, path: str) -> Any:
        json = self.kind.write(value, path)
        self._check(json, path)
        return json

    def _check(self, json: Any, path: str) -> None:
        field = self._field
        if isinstance(json, (int, float)) and not isinstance(json, bool):
            limits = [
                (field.ge is None or json >= field.ge, f"at least {field.ge}"),
                (field.gt is None or json > field.gt, f"more than {field.gt}"),
                (field.le is None or json <= field.le, f"at most {field.le}"),
                (field.lt is None or json < field.lt, f"less than {field.lt}"),
                (
                    field.multiple_of is None or json % field.multiple_of == 0,
                    f"a multiple of {field.multiple_of}",
                ),
            ]
            found = f"{json}"
        elif isinstance(json, (str, list, dict)):
            limits = [
                (
                    field.min_length is None or len(json) >= field.min_length,
                    f"a length of at least {field.min_length}",
                ),
                (
                    field.max_length is None or len(json) <= field.max_length,
                    f"a length of at most {field.max_length}",
                ),
            ]
            found = f"a length of {len(json)}"
            if isinstance(json, str) and field.pattern is not None and not re.search(field.pattern, json):
                raise Mismatch(path, f"a text that matches `{field.pattern}` is expected")
        else:
            return
        for fits, wanted in limits:
            if not fits:
                raise Mismatch(path, f"{wanted} is expected, found {found}")
