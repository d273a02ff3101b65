"""Completion of the arguments of prompts, and of the variables of templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import bindings
from .content import CompleteResult
from .context import Context
from .errors import InvalidParams
from .handler import Handler
from .schema import Mismatch
from .texts import TextArguments

#: The maximum number of values in one answer, a limit of MCP.
_MAXIMUM_VALUES = 100
_TYPED = "value"


class Completer:
    """A function that completes one argument.

    Its parameter `value` is the text typed so far. Further parameters are other arguments of the
    same prompt or template, by name; they have defaults, because they may not be known yet.
    """

    def __init__(self, function: Callable[..., Any], reference: str, argument: str) -> None:
        self.reference = reference
        self.argument = argument
        self.handler = Handler("completion", function)
        self._arguments = TextArguments(self.handler)
        for member in self.handler.arguments.members:
            if member.name != _TYPED and member.required:
                raise self.handler.error(
                    f"argument `{member.name}` may not be known yet: write `{member.name}: ... | None = None`"
                )
        self._takes_value = _TYPED in self.handler.argument_names()

    async def complete(self, context: Context, typed: str, known: dict[str, str]) -> Any:
        """Makes the generated `CompleteResult`."""
        texts = {**known, _TYPED: typed} if self._takes_value else known
        try:
            arguments = self._arguments.read(texts)
        except Mismatch as mismatch:
            raise InvalidParams(str(mismatch)) from None
        return answer(await self.handler.call(context, arguments))


def answer(found: Any) -> Any:
    """Makes the generated `CompleteResult` of values, up to MCP's maximum."""
    if isinstance(found, CompleteResult):
        pass
    elif type(found).__name__ == "CompleteResult":
        return found
    else:
        values = list(found or [])
        found = CompleteResult(values, len(values), len(values) > _MAXIMUM_VALUES)
    return bindings.current().record(
        "content",
        "CompleteResult",
        values=[str(value) for value in found.values[:_MAXIMUM_VALUES]],
        total=found.total,
        has_more=found.has_more if len(found.values) <= _MAXIMUM_VALUES else True,
    )
