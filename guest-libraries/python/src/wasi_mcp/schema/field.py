"""Descriptions and limits of a value, in its annotation."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Field:
    """Describes and limits a value: `Annotated[int, Field(description="...", ge=1)]`.

    A plain text stands for a description: `Annotated[int, "The number of days"]`.

    Attributes:
        title: the name for people.
        description: what the value means, for a model.
        examples: values that fit.
        ge: the minimum of a number.
        gt: a number that the value exceeds.
        le: the maximum of a number.
        lt: a number that exceeds the value.
        multiple_of: a number that divides the value.
        min_length: the minimum length of a text, a list or a dictionary.
        max_length: the maximum length of a text, a list or a dictionary.
        pattern: a regular expression that a text contains.
        format: the format of a text, such as `email`. It is a hint and not checked.
        extra: further members of the JSON Schema.
    """

    title: str | None = None
    description: str | None = None
    examples: list[Any] | None = None
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    format: str | None = None
    extra: dict[str, Any] | None = None

    def merged(self, later: Field) -> Field:
        """Returns this field with what the later one sets."""
        both = {field.name: getattr(self, field.name) for field in fields(self)}
        both |= {
            field.name: value for field in fields(later) if (value := getattr(later, field.name)) is not None
        }
        return Field(**both)
