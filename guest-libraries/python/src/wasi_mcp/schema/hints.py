"""Type hints as kinds of values."""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import types
import typing
from typing import Any

from ..docstrings import Docstring
from .containers import DictOf, ListOf, Member, ObjectOf, OneOf, TupleOf
from .field import Field
from .kinds import SCALARS, TEXTS, Anything, Choice, Described, Kind, Mismatch


class UnusableType(Exception):
    """A type hint that has no JSON Schema, or whose default does not fit it."""


def _without_schema(what: str) -> UnusableType:
    return UnusableType(f"{what} has no JSON Schema")


_LISTS: dict[Any, tuple[type, Any, bool]] = {
    list: (list, list, False),
    collections.abc.Sequence: (collections.abc.Sequence, list, False),
    collections.abc.Iterable: (collections.abc.Iterable, list, False),
    set: (set, set, True),
    frozenset: (frozenset, frozenset, True),
}
_DICTIONARIES = (dict, collections.abc.Mapping)
_UNIONS = (typing.Union, types.UnionType)
# Newer than the oldest Python in which authors run their own tests.
_PRESENCE = tuple(
    getattr(typing, name) for name in ("Required", "NotRequired", "ReadOnly") if hasattr(typing, name)
)
_ALIAS = getattr(typing, "TypeAliasType", ())

_objects: dict[type, ObjectOf] = {}


def kind_of(hint: Any) -> Kind:
    """Returns the kind of a type hint, or raises `UnusableType`."""
    if hint in (Any, object):
        return Anything()
    if isinstance(hint, _ALIAS):
        return kind_of(hint.__value__)
    if isinstance(hint, typing.NewType):
        return kind_of(hint.__supertype__)
    if typing.get_origin(hint) is None:
        return _plain(hint)
    return _generic(hint, typing.get_origin(hint), typing.get_args(hint))


def _plain(hint: Any) -> Kind:
    hint = type(None) if hint is None else hint
    if not isinstance(hint, type):
        raise _without_schema(f"`{hint}`")
    if hint in SCALARS:
        return SCALARS[hint]
    if hint in TEXTS:
        return TEXTS[hint]
    if issubclass(hint, enum.Enum):
        return Choice([(_option(member.value), member) for member in hint])
    if hint in _LISTS or hint is tuple:
        return _list_of(Anything(), list if hint is tuple else hint, tuple if hint is tuple else None)
    if hint in _DICTIONARIES:
        return DictOf(Anything())
    if dataclasses.is_dataclass(hint) or typing.is_typeddict(hint):
        return object_of(hint)
    raise _without_schema(f"`{hint.__name__}`")


def _option(value: Any) -> Any:
    if not isinstance(value, (str, int, float, bool)):
        raise _without_schema(f"the option `{value!r}`, which is neither a text nor a number,")
    return value


def _generic(hint: Any, origin: Any, arguments: tuple[Any, ...]) -> Kind:
    if origin is typing.Annotated:
        return described(kind_of(arguments[0]), field_of(hint))
    if origin in _PRESENCE:
        return kind_of(arguments[0])
    if origin is typing.Literal:
        return Choice([(_option(value), value) for value in arguments])
    if origin in _UNIONS:
        return OneOf([kind_of(member) for member in arguments])
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is ...:
            return _list_of(kind_of(arguments[0]), list, tuple)
        return TupleOf([kind_of(item) for item in arguments])
    if origin in _LISTS:
        return _list_of(kind_of(arguments[0]), origin, None)
    if origin in _DICTIONARIES:
        if arguments[0] is not str:
            raise _without_schema(f"a dictionary whose keys are not texts, `{hint}`,")
        return DictOf(kind_of(arguments[1]))
    raise _without_schema(f"`{hint}`")


def _list_of(item: Kind, origin: Any, made: type | None) -> Kind:
    python, make, unique = _LISTS[origin]
    return ListOf(item, made or python, made or make, unique)


def field_of(hint: Any) -> Field:
    """Returns what an annotation says besides the type."""
    field = Field()
    for note in getattr(hint, "__metadata__", ()):
        if isinstance(note, str):
            field = field.merged(Field(description=note))
        elif isinstance(note, Field):
            field = field.merged(note)
    return field


def described(kind: Kind, field: Field) -> Kind:
    """Returns the kind with a description and limits, if there are any."""
    return kind if field == Field() else Described(kind, field)


def member_of(
    name: str, hint: Any, documented: str | None, required: bool, default: Any = dataclasses.MISSING
) -> Member:
    """Returns a member of an object. An annotation's description takes precedence over a docstring's."""
    kind = kind_of(hint)
    if documented and field_of(hint).description is None:
        kind = described(kind, Field(description=documented))
    member = Member(name, kind, required)
    if default is not dataclasses.MISSING:
        try:
            kind.write(default, "")
        except Mismatch as mismatch:
            note = ": write `... | None`" if default is None else ""
            raise UnusableType(f"the default does not fit: {mismatch}{note}") from None
        member.default, member.has_default = default, True
    return member


def object_of(python: type) -> ObjectOf:
    """Returns the kind of a dataclass or of a `TypedDict`."""
    if python in _objects:
        return _objects[python]
    is_dictionary = typing.is_typeddict(python)
    text = "" if (python.__doc__ or "").startswith(f"{python.__name__}(") else python.__doc__
    docstring = Docstring(text)
    kind = ObjectOf(python.__name__, docstring.description, python=None if is_dictionary else python)
    _objects[python] = kind  # Before its members, which may be of this type.
    try:
        hints = typing.get_type_hints(python, include_extras=True)
        if is_dictionary:
            required: frozenset[str] = python.__required_keys__  # type: ignore[attr-defined]
            members = [(name, name in required, dataclasses.MISSING) for name in hints]
        else:
            members = [
                (field.name, _is_required(field), _default(field))
                for field in dataclasses.fields(python)
                if field.init
            ]
        kind.members = [
            member_of(name, hints[name], docstring.arguments.get(name), is_required, default)
            for name, is_required, default in members
        ]
    except BaseException:
        del _objects[python]
        raise
    return kind


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
