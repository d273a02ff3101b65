"""Kinds of values that hold other values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .kinds import Definitions, Kind, Mismatch, Schema, expected


class ListOf(Kind):
    """A list, a set, or a tuple of any length."""

    def __init__(
        self, item: Kind, python: type[Any], make: Callable[[Iterable[Any]], Any], unique: bool
    ) -> None:
        self._item = item
        self._python = python
        self._make = make
        self._unique = unique

    def schema(self, definitions: Definitions) -> Schema:
        schema: Schema = {"type": "array"}
        items = self._item.schema(definitions)
        if items:
            schema["items"] = items
        if self._unique:
            schema["uniqueItems"] = True
        return schema

    def read(self, value: Any, path: str) -> Any:
        if not isinstance(value, list):
            raise expected(path, "a list", value)
        read = self._make(self._item.read(item, f"{path}[{index}]") for index, item in enumerate(value))
        if self._unique and len(read) < len(value):
            raise Mismatch(path, "items that differ are expected")
        return read

    def write(self, value: Any, path: str) -> Any:
        if not isinstance(value, self._python) or isinstance(value, (str, bytes)):
            raise expected(path, f"a `{self._python.__name__}`", value)
        return [self._item.write(item, f"{path}[{index}]") for index, item in enumerate(value)]


class TupleOf(Kind):
    """A tuple with a kind for each position."""

    def __init__(self, items: list[Kind]) -> None:
        self._items = items

    def schema(self, definitions: Definitions) -> Schema:
        return {
            "type": "array",
            "prefixItems": [item.schema(definitions) for item in self._items],
            "minItems": len(self._items),
            "maxItems": len(self._items),
        }

    def read(self, value: Any, path: str) -> Any:
        if not isinstance(value, list):
            raise expected(path, "a list", value)
        return tuple(self._each("read", value, path))

    def write(self, value: Any, path: str) -> Any:
        if not isinstance(value, tuple):
            raise expected(path, "a `tuple`", value)
        return self._each("write", value, path)

    def _each(self, action: str, values: Any, path: str) -> list[Any]:
        if len(values) != len(self._items):
            raise Mismatch(path, f"{len(self._items)} items are expected, found {len(values)}")
        pairs = enumerate(zip(self._items, values, strict=True))
        return [getattr(item, action)(value, f"{path}[{index}]") for index, (item, value) in pairs]


class DictOf(Kind):
    """A dictionary whose keys are texts."""

    def __init__(self, item: Kind) -> None:
        self._item = item

    def schema(self, definitions: Definitions) -> Schema:
        items = self._item.schema(definitions)
        return {"type": "object", "additionalProperties": items} if items else {"type": "object"}

    def read(self, value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise expected(path, "an object", value)
        return {name: self._item.read(item, joined(path, name)) for name, item in value.items()}

    def write(self, value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise expected(path, "a `dict`", value)
        for name in value:
            if not isinstance(name, str):
                raise Mismatch(path, f"the keys of an object are texts, found {name!r}")
        return {name: self._item.write(item, joined(path, name)) for name, item in value.items()}


class OneOf(Kind):
    """A union: the first member that fits."""

    def __init__(self, members: list[Kind]) -> None:
        self.members = members

    def schema(self, definitions: Definitions) -> Schema:
        return {"anyOf": [member.schema(definitions) for member in self.members]}

    def read(self, value: Any, path: str) -> Any:
        return self._first("read", value, path)

    def write(self, value: Any, path: str) -> Any:
        return self._first("write", value, path)

    def _first(self, action: str, value: Any, path: str) -> Any:
        problems = []
        for member in self.members:
            try:
                return getattr(member, action)(value, path)
            except Mismatch as mismatch:
                problems.append(mismatch)
        # A problem deep inside is nearer to the mistake than one about the whole.
        raise max(problems, key=lambda problem: len(problem.path))


@dataclass
class Member:
    """One member of an object."""

    name: str
    kind: Kind
    required: bool
    #: The schema's `default`, and what it is in Python. Without one, an absent member stays absent.
    default: Any = None
    has_default: bool = False


class ObjectOf(Kind):
    """An object with named members: the arguments of a function, a dataclass, or a `TypedDict`."""

    def __init__(
        self,
        name: str,
        description: str | None = None,
        *,
        python: type | None = None,
        closed: bool = False,
    ) -> None:
        self.name = name
        self.members: list[Member] = []
        self._description = description
        self._python = python
        self._further: Kind | None = None
        self._closed = closed

    def schema(self, definitions: Definitions) -> Schema:
        return definitions.refer(self, self.name, lambda: self.object_schema(definitions))

    def open(self, further: Kind) -> None:
        """Admits members without a name of their own here, as `**` does."""
        self._further = further

    def root_schema(self) -> Schema:
        definitions = Definitions()
        own = self.object_schema(definitions)
        return {**own, "$defs": definitions.schemas} if definitions.schemas else own

    def object_schema(self, definitions: Definitions) -> Schema:
        """Returns the schema itself, where `schema` returns a reference to it."""
        schema: Schema = {"type": "object"}
        if self._description:
            schema["description"] = self._description
        properties = {}
        for member in self.members:
            properties[member.name] = member.kind.schema(definitions)
            if member.has_default:
                properties[member.name]["default"] = member.kind.write(member.default, member.name)
        if properties:
            schema["properties"] = properties
        required = [member.name for member in self.members if member.required]
        if required:
            schema["required"] = required
        if self._further is not None:
            schema["additionalProperties"] = self._further.schema(definitions) or True
        elif self._closed:
            schema["additionalProperties"] = False
        return schema

    def read(self, value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise expected(path, "an object", value)
        read = {}
        for member in self.members:
            if member.name in value:
                read[member.name] = member.kind.read(value[member.name], joined(path, member.name))
            elif member.required:
                raise Mismatch(joined(path, member.name), "a value is required")
        names = {member.name for member in self.members}
        for name in value:
            if name in names:
                continue
            if self._further is not None:
                read[name] = self._further.read(value[name], joined(path, name))
            elif self._closed:
                raise Mismatch(joined(path, name), "there is no such argument")
        if self._python is None:
            return read
        try:
            return self._python(**read)
        except ValueError as error:  # Of `__post_init__`, which checks what types cannot say.
            raise Mismatch(path, str(error)) from error

    def write(self, value: Any, path: str) -> Any:
        if self._python is None:
            if not isinstance(value, dict):
                raise expected(path, f"a `{self.name}`", value)
            held = value
        elif isinstance(value, self._python):
            held = {member.name: getattr(value, member.name) for member in self.members}
        else:
            raise expected(path, f"a `{self.name}`", value)
        written = {}
        for member in self.members:
            if member.name in held:
                written[member.name] = member.kind.write(held[member.name], joined(path, member.name))
            elif member.required:
                raise Mismatch(joined(path, member.name), "a value is required")
        return written


def joined(path: str, name: str) -> str:
    """Returns the path of a member."""
    return f"{path}.{name}" if path else name
