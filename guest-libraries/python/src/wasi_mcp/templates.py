"""URI templates of the form that functions fill in: `{x}` and `{+x}` of RFC 6570."""

from __future__ import annotations

import re
from urllib.parse import unquote

_EXPRESSION = re.compile(r"\{([^{}]*)\}")
_VARIABLE = re.compile(r"(\+?)([A-Za-z_]\w*)")


class UriTemplate:
    """Finds the variables of a URI.

    `{x}` stands for one segment of a path: its text is decoded, and never holds `/` or is `.` or
    `..`. `{+x}` stands for any text, of which nothing is decoded.
    """

    def __init__(self, template: str) -> None:
        self.names: list[str] = []
        self._reserved: set[str] = set()
        pattern = ""
        end = 0
        for expression in _EXPRESSION.finditer(template):
            variable = _VARIABLE.fullmatch(expression[1])
            if variable is None:
                raise ValueError(
                    f"`{expression[0]}` is not supported: "
                    "write `{name}`, or `{+name}` for several segments"
                )
            operator, name = variable.groups()
            if name in self.names:
                raise ValueError(f"the variable `{name}` occurs twice")
            self.names.append(name)
            if operator:
                self._reserved.add(name)
            pattern += re.escape(template[end : expression.start()]) + (
                f"(?P<{name}>.+)" if operator else f"(?P<{name}>[^/?#]+)"
            )
            end = expression.end()
        self._pattern = re.compile(pattern + re.escape(template[end:]), re.DOTALL)

    def match(self, uri: str) -> dict[str, str] | None:
        """Returns the variables of a URI that matches."""
        found = self._pattern.fullmatch(uri)
        if found is None:
            return None
        variables = {}
        for name, text in found.groupdict().items():
            if name not in self._reserved:
                try:
                    text = unquote(text, errors="strict")
                except UnicodeDecodeError:
                    return None
                if "/" in text or "\0" in text or text in (".", ".."):
                    return None
            variables[name] = text
        return variables
