"""Values of this library as generated records, and back.

The classes in `content` have the names and fields of the records, so that the conversion is
mechanical: JSON becomes text, a list of pairs becomes a dictionary, and a value becomes the case of
a variant that has its name.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from types import ModuleType
from typing import Any

from . import bindings, content

# The fields that hold JSON text in records.
_JSON = {"meta", "extra", "structured_content", "sampling", "elicitation", "metadata"}
_JSON_BY_NAME = {"experimental", "claims"}
_SPOKEN = {"TextContent": "Text", "ImageContent": "Image", "AudioContent": "Audio"}
#: The cases of each variant, by the records that they hold. Ours and the generated ones share names.
_CASES = {
    "SamplingContent": _SPOKEN,
    "ContentBlock": {**_SPOKEN, "ResourceLink": "ResourceLink", "EmbeddedResource": "EmbeddedResource"},
    "ResourceContents": {"TextResourceContents": "Text", "BlobResourceContents": "Blob"},
}


def dump(value: Any) -> str:
    """Writes JSON text. NaN and infinities have no JSON form and raise `ValueError`."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def interface(name: str) -> ModuleType:
    """Returns the generated module of an interface that every world imports."""
    return bindings.current().require(name)


def to_record(value: Any) -> Any:
    """Makes the generated record of a value. A generated record stays as it is."""
    name = type(value).__name__
    if type(value) is not getattr(content, name, None):
        return value
    fields = {
        field.name: _to_field(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)
    }
    return bindings.record(getattr(interface("content"), name), **fields)


def _to_field(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _JSON:
        return dump(value)
    if name in ("priority", "size", "cost_priority", "speed_priority", "intelligence_priority"):
        return float(value)
    if name == "role":
        return enum_case("types", "Role", value)
    if name == "audience":
        return [enum_case("types", "Role", role) for role in value]
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if name == "resource":
        return case("ResourceContents", value)
    if isinstance(value, list):
        return [to_record(item) for item in value]
    return to_record(value)


def case(variant: str, value: Any) -> Any:
    """Makes a case of a variant in `content`, such as `ContentBlock`. A generated case stays as it is."""
    generated = interface("content")
    if type(value).__name__.startswith(f"{variant}_") and bindings.is_generated(type(value)):
        return value
    if isinstance(value, content.OtherContent) and variant != "ResourceContents":
        return getattr(generated, f"{variant}_Other")(dump(value.json))
    if isinstance(value, str) and variant != "ResourceContents":
        value = content.TextContent(value)
    name = type(value).__name__
    record = to_record(value)
    if name not in _CASES[variant] or not isinstance(record, getattr(generated, name)):
        raise TypeError(f"a value of the type `{name}` is no `{variant}`")
    return getattr(generated, f"{variant}_{_CASES[variant][name]}")(record)


def call_result(value: Any) -> Any:
    """Makes the generated `CallToolResult`."""
    if type(value) is not content.CallToolResult:
        return value
    blocks = value.content
    if blocks is None:
        blocks = [] if value.structured_content is None else [dump(value.structured_content)]
    made = to_record(dataclasses.replace(value, content=[]))
    made.content = [case("ContentBlock", block) for block in blocks]
    return made


def is_content(value: Any) -> bool:
    """Returns whether a value is one block of content, other than a text."""
    name = type(value).__name__
    return (
        isinstance(value, content.OtherContent)
        or name.startswith("ContentBlock_")
        or name in _CASES["ContentBlock"]
    )


def enum_case(module: str, name: str, value: Any) -> Any:
    """Makes a case of a generated enumeration from MCP's spelling."""
    if isinstance(value, enum.Enum):
        return value
    cases = getattr(interface(module), name)
    try:
        return cases[_constant(value)]
    except KeyError:
        known = ", ".join(_spelling(member.name) for member in cases)
        raise ValueError(f"unknown value {value!r}: expected {known}") from None


def _constant(spelling: str) -> str:
    """Returns `THIS_SERVER` for `thisServer`."""
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in spelling)


def _spelling(constant: str) -> str:
    first, *rest = constant.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)


def from_record(record: Any) -> Any:
    """Makes a value of this library from a generated one."""
    if isinstance(record, enum.Enum):
        return _spelling(record.name)
    if isinstance(record, list):
        return [from_record(item) for item in record]
    if not hasattr(record, "__dataclass_fields__"):
        return record
    name = type(record).__name__
    if name.endswith("_Other"):
        return content.OtherContent(json.loads(record.value))
    if "_" in name:
        return from_record(record.value)
    fields = {
        field.name: _from_field(field.name, getattr(record, field.name))
        for field in dataclasses.fields(record)
    }
    return getattr(content, name)(**fields)


def _from_field(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _JSON:
        return json.loads(value)
    if name in _JSON_BY_NAME:
        return {key: json.loads(item) for key, item in value}
    return from_record(value)
