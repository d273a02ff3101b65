"""URI templates of the form that functions fill in: `{x}` and `{+x}` of RFC 6570."""

from __future__ import annotations

import re
from urllib.parse import unquote

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_DELIMITER = re.compile(r"[/?#]")
_MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")

# A URI that needs more steps does not match, so that clients cannot keep a server busy.
_MAXIMUM_STEPS = 100_000


class UriTemplate:
    """Finds the variables of a URI.

    `{x}` stands for one segment of a path: its text is decoded, and never holds `/` or is `.` or
    `..`. `{+x}` stands for any text, of which nothing is decoded. Variables match as
    little as possible, from left to right; one at the end takes the rest.
    """

    def __init__(self, template: str) -> None:
        self.names: list[str] = []
        # Texts, and variables as (name, is_segment).
        self._parts: list[str | tuple[str, bool]] = []
        text, *expressions = template.split("{")
        for expression in [None, *expressions]:
            if expression is not None:
                variable, is_closed, text = expression.partition("}")
                name = variable.removeprefix("+")
                if not is_closed or not _NAME.fullmatch(name):
                    raise ValueError(
                        f"`{{{variable}}}` is not supported: "
                        "write `{name}`, or `{+name}` for several segments"
                    )
                if name in self.names:
                    raise ValueError(f"the variable `{name}` occurs twice")
                self.names.append(name)
                self._parts.append((name, name == variable))
            if text:
                self._parts.append(text)

    def match(self, uri: str) -> dict[str, str] | None:
        """Returns the variables of a URI that matches."""
        matching = _Matching(self._parts, uri)
        if not matching.follows(0, 0):
            return None
        return {name: matching.variables[name] for name in self.names}


class _Matching:
    """The state of one match."""

    def __init__(self, parts: list[str | tuple[str, bool]], uri: str) -> None:
        self._parts = parts
        self._uri = uri
        self._steps = _MAXIMUM_STEPS
        self.variables: dict[str, str] = {}

    def _spend(self, steps: int) -> bool:
        """Spends steps. Returns `False` if there are not enough."""
        self._steps -= steps
        return self._steps >= 0

    def follows(self, index: int, start: int) -> bool:
        """Matches the parts from an index on against the whole rest of the URI."""
        if index == len(self._parts):
            return start == len(self._uri)
        part = self._parts[index]
        if isinstance(part, str):
            return self._uri.startswith(part, start) and self.follows(index + 1, start + len(part))
        name, is_segment = part
        if index + 1 == len(self._parts):
            return self._set(name, is_segment, start, len(self._uri))
        # The end of a segment is looked for step by step, so that the search is paid for.
        for end in range(start + 1, len(self._uri) + 1):
            if not self._spend(1) or is_segment and self._uri[end - 1] in "/?#":
                return False
            if self.follows(index + 1, end) and self._set(name, is_segment, start, end):
                return True
        return False

    def _set(self, name: str, is_segment: bool, start: int, end: int) -> bool:
        """Sets a variable. Returns `False` for a text that is not valid for it."""
        if start == end or is_segment and not self._spend(end - start):
            return False
        text: str | None = self._uri[start:end]
        if is_segment:
            text = _segment(self._uri[start:end])
        if text is None:
            return False
        self.variables[name] = text
        return True


def _segment(text: str) -> str | None:
    """Decodes one path segment. Returns `None` for more than one, or one that could change the path."""
    if _DELIMITER.search(text) or _MALFORMED.search(text):
        return None
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        return None
    is_elsewhere = "/" in decoded or "\0" in decoded or decoded in (".", "..")
    return None if is_elsewhere else decoded
