"""The outline of a JSON Schema that an author writes: what it says of the members of an object."""

from __future__ import annotations

from typing import Any

from .containers import DictOf, ListOf, Member, ObjectOf, OneOf
from .kinds import SCALARS, Anything, Kind, Schema

_TYPES: dict[Any, Kind] = {
    "string": SCALARS[str],
    "boolean": SCALARS[bool],
    "null": SCALARS[type(None)],
    "integer": SCALARS[int],
    "number": SCALARS[float],
    "array": ListOf(Anything(), list, list, False),
    "object": DictOf(Anything()),
}


def outline_of(schema: Schema) -> ObjectOf:
    """Returns the members of an object, their types, and which are required; of nothing deeper.

    It refuses only what the schema refuses, and leaves other keywords to a validator.
    """
    if "$ref" in schema:  # In older drafts, nothing beside it counts.
        return ObjectOf("")
    outline = ObjectOf(
        "", closed=schema.get("additionalProperties") is False and "patternProperties" not in schema
    )
    members = dict.fromkeys(schema.get("required", ()), True) | schema.get("properties", {})
    for name, member in members.items():
        outline.members.append(Member(name, _kind(member), name in schema.get("required", ())))
    return outline


def _kind(member: Any) -> Kind:
    types = member.get("type") if isinstance(member, dict) and "$ref" not in member else None
    kinds = [_TYPES.get(name, Anything()) for name in (types if isinstance(types, list) else [types])]
    return kinds[0] if len(kinds) == 1 else OneOf(kinds)
