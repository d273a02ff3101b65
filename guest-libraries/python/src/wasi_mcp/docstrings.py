"""Docstrings as descriptions."""

from __future__ import annotations

import inspect
import re

_SECTION = re.compile(r"^(Args|Arguments|Parameters|Attributes):\s*$")
_ENTRY = re.compile(r"^\*{0,2}(\w+)\s*(?:\([^)]*\))?:\s*(.*)$")
_REST = re.compile(r"^:(?:param|arg|ivar)(?:\s+[^:\s]+)*?\s+(\w+):\s*(.*)$")


class Docstring:
    """The description of a function or a class, and those of its arguments or attributes.

    Arguments are described in a section `Args:`, one `name: text` a line with deeper lines as its
    continuation, or by `:param name: text`. The sections are not part of the description.
    """

    def __init__(self, text: str | None) -> None:
        self.arguments: dict[str, str] = {}
        kept: list[str] = []
        in_section = False
        entry: tuple[str, int] | None = None
        for line in inspect.cleandoc(text or "").splitlines():
            indent = len(line) - len(line.lstrip())
            words = line.strip()
            if indent == 0 and (_SECTION.match(line) or not in_section):
                in_section = _SECTION.match(line) is not None
                rest = _REST.match(line)
                entry = (rest[1], indent) if rest else None
                if rest:
                    self.arguments[rest[1]] = rest[2]
                elif not in_section:
                    kept.append(line)
            elif indent == 0 and words:
                in_section, entry = False, None
                kept.append(line)
            elif entry and words and indent > entry[1]:
                self.arguments[entry[0]] += f" {words}"
            elif in_section and (found := _ENTRY.match(words)):
                entry = (found[1], indent)
                self.arguments[found[1]] = found[2]
            elif not in_section:
                kept.append(line)
        self.description: str | None = "\n".join(kept).strip() or None
