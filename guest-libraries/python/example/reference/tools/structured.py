"""Structured content, which an output schema describes."""

from dataclasses import dataclass
from typing import Any, TypedDict

from ..server import READ_ONLY, server


@dataclass
class Sum:
    """A sum, and how many numbers it is of."""

    sum: float
    count: int


@server.tool(name="sum", annotations=READ_ONLY)
def add_up(numbers: list[float]) -> Sum:
    """Adds numbers up."""
    return Sum(sum(numbers), len(numbers))


class Echoed(TypedDict):
    """Any value."""

    value: Any


@server.tool(name="echo-structured", annotations=READ_ONLY)
def echo_structured(value: Any) -> Echoed:
    """Answers with the value it is given as structured content."""
    return {"value": value}
