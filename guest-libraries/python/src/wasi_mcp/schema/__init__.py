"""JSON Schemas from type hints, and values that fit them."""

from .containers import DictOf, ObjectOf, OneOf
from .field import Field
from .hints import UnusableType, described, field_of, kind_of, member_of, object_of
from .kinds import Anything, Choice, Definitions, Described, Kind, Mismatch, Schema, plain
from .outline import outline_of

__all__ = [
    "Anything",
    "Choice",
    "Definitions",
    "Described",
    "DictOf",
    "Field",
    "Kind",
    "Mismatch",
    "ObjectOf",
    "OneOf",
    "Schema",
    "UnusableType",
    "described",
    "field_of",
    "kind_of",
    "member_of",
    "object_of",
    "outline_of",
    "plain",
]
