"""Arguments that MCP passes as texts: those of prompts, and the variables of templates."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from .handler import Handler
from .schema import Choice, Described, Kind, Mismatch, OneOf


class TextArguments:
    """Reads the arguments of a function from texts, by its annotations."""

    def __init__(self, handler: Handler) -> None:
        self._object = handler.arguments
        for member in self._object.members:
            if not _is_readable(member.kind):
                raise handler.error(
                    f"argument `{member.name}`: it arrives as a text, so write `str`, `int`, `float`, "
                    "`bool`, a `Literal`, an enumeration, a date or a time"
                )

    def read(self, texts: dict[str, str]) -> dict[str, Any]:
        """Returns the arguments, or raises `Mismatch`. Texts without an argument are left out."""
        known = {member.name: member.kind for member in self._object.members}
        values = {name: _value(known[name], text) for name, text in texts.items() if name in known}
        return self._object.read(values, "")  # type: ignore[no-any-return]

    def options(self, name: str) -> list[str]:
        """Returns the values of an argument that is a choice."""
        kinds = [member.kind for member in self._object.members if member.name == name]
        return [str(json) for kind in kinds for json, _ in _options(kind)]


def _is_readable(kind: Kind) -> bool:
    schema = kind.root_schema()
    members = schema.get("anyOf", [schema])
    return all(
        member.get("type", "string") not in ("array", "object") and "$ref" not in member for member in members
    )


def _value(kind: Kind, text: str) -> Any:
    """Returns the JSON value that a text stands for: the first that the kind reads."""
    candidates: list[Any] = [text]
    with contextlib.suppress(ValueError):
        candidates.append(json.loads(text))
    for candidate in candidates:
        try:
            kind.read(candidate, "")
        except Mismatch:
            continue
        return candidate
    return text


def _options(kind: Kind) -> list[tuple[Any, Any]]:
    if isinstance(kind, Described):
        return _options(kind.kind)
    if isinstance(kind, OneOf):
        return [option for member in kind.members for option in _options(member)]
    return kind.options if isinstance(kind, Choice) else []
