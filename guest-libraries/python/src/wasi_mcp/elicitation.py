"""Forms for the client's user."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from . import bindings, records
from .errors import RequestError
from .schema import Definitions, Mismatch, ObjectOf, Schema, UnusableType, object_of

Form = TypeVar("Form")


@dataclass
class ElicitResult(Generic[Form]):
    """The user's answer.

    Attributes:
        action: what the user did; there is data with `accept` only.
        data: the values, as the class that was asked for; a dictionary where it was a JSON Schema.
        meta: `_meta` of the answer.
    """

    action: Literal["accept", "decline", "cancel"]
    data: Form | None = None
    meta: dict[str, Any] | None = None


def requested_schema(form: type[Any] | Schema) -> Any:
    """Makes the generated schema of a form."""
    schema = form if isinstance(form, dict) else _object(form).object_schema(_NoDefinitions())
    fields = schema.get("properties", {})
    further = {
        name: value for name, value in schema.items() if name not in ("type", "properties", "required")
    }
    return bindings.current().record(
        "content",
        "RequestedSchema",
        properties=[(name, _field(name, field)) for name, field in fields.items()],
        required=schema.get("required"),
        extra=_extra(further),
    )


def _object(form: type[Any]) -> ObjectOf:
    try:
        return object_of(form)
    except UnusableType as problem:
        raise TypeError(f"the form `{form.__name__}`: {problem}") from None


class _NoDefinitions(Definitions):
    """A form is flat, so it refers to nothing."""

    def refer(self, key: object, name: str, make: Callable[[], Schema]) -> Schema:
        raise TypeError(f"a form holds texts, numbers, booleans and choices, found `{name}`")


# The fields of a generated schema by the type of the JSON Schema, as their names in both.
_NAMES = {"title": "title", "description": "description"}
_KINDS: dict[str, tuple[str, str, dict[str, str]]] = {
    "string": (
        "Text",
        "StringSchema",
        {"minLength": "min_length", "maxLength": "max_length", "format": "format"},
    ),
    "number": ("Number", "NumberSchema", {"type": "type", "minimum": "minimum", "maximum": "maximum"}),
    "integer": ("Number", "NumberSchema", {"type": "type", "minimum": "minimum", "maximum": "maximum"}),
    "boolean": ("Boolean", "BooleanSchema", {"default": "default"}),
    "enum": ("Enumeration", "EnumSchema", {"enum": "enum", "enumNames": "enum_names"}),
}


def _field(name: str, schema: Schema) -> Any:
    """Makes one field of a form. Members that the record lacks, such as `default`, are passed on."""
    schema = _without_null(schema)
    kind = schema.get("type")
    if kind in ("array", "object") or kind is None and "anyOf" in schema:
        raise TypeError(
            f"the field `{name}`: a form holds texts, numbers, booleans and choices, found {schema}"
        )
    found = _KINDS.get("enum" if kind == "string" and "enum" in schema else str(kind))
    content = records.interface("content")
    if found is None:
        return content.PrimitiveSchema_Other(records.dump(schema))
    case, record, names = found
    names = _NAMES | names
    fields: dict[str, Any] = {names[key]: value for key, value in schema.items() if key in names}
    if "format" in fields:
        fields["format"] = _string_format(name, fields["format"])
    if "type" in fields:
        fields["type"] = records.enum_case("content", "NumberType", fields["type"])
    for limit in ("minimum", "maximum"):
        if limit in fields:
            fields[limit] = float(fields[limit])
    further = {key: value for key, value in schema.items() if key not in names and key != "type"}
    made = bindings.record(getattr(content, record), extra=_extra(further), **fields)
    return getattr(content, f"PrimitiveSchema_{case}")(made)


def _without_null(schema: Schema) -> Schema:
    """Returns the schema of `str | None` as that of a text: a field that is not required may be absent."""
    members = [member for member in schema.get("anyOf", []) if member != {"type": "null"}]
    if len(members) != 1:
        return schema
    further = {key: value for key, value in schema.items() if key != "anyOf" and value is not None}
    return {**members[0], **further}


def _string_format(name: str, spelling: str) -> Any:
    formats = records.interface("content").StringFormat
    try:
        return formats[spelling.replace("-", "_").upper()]
    except KeyError:
        known = ", ".join(member.name.lower().replace("_", "-") for member in formats)
        raise TypeError(f"the field `{name}`: unknown format `{spelling}`: expected {known}") from None


def _extra(members: dict[str, Any]) -> str | None:
    return records.dump(members) if members else None


def result(record: Any, form: type[Form] | Schema) -> ElicitResult[Any]:
    """Makes the answer from the generated one. Values that do not fit the form raise `RequestError`."""
    action = records.from_record(record.action)
    meta = None if record.meta is None else json.loads(record.meta)
    if record.content is None:
        return ElicitResult(action, None, meta)
    values = {name: _value(value) for name, value in record.content}
    if isinstance(form, dict):
        return ElicitResult(action, values, meta)
    try:
        return ElicitResult(action, _object(form).read(values, ""), meta)
    except Mismatch as mismatch:
        raise RequestError(
            "internal-error", f"the client's answer does not fit the form: {mismatch}"
        ) from None


def _value(value: Any) -> Any:
    if type(value).__name__ == "ElicitValue_Other":
        return json.loads(value.value)
    number = value.value
    return int(number) if isinstance(number, float) and number.is_integer() else number
