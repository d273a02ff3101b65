"""Prompts: messages that a user chooses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import bindings, records
from .content import ItemKind, PromptMessage
from .context import Context
from .errors import InvalidParams
from .handler import Handler
from .schema import Mismatch
from .texts import TextArguments


class Prompt:
    """One prompt: what is listed, and how it is filled in."""

    kind: ItemKind = "prompt"

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        name: str | None,
        title: str | None,
        description: str | None,
        meta: dict[str, Any] | None,
        extra: dict[str, Any] | None,
    ) -> None:
        self.handler = Handler("prompt", function, name)
        self.key = self.handler.name
        self.arguments = TextArguments(self.handler)
        self._title = title
        self._description = description or self.handler.description
        self._meta = meta
        self._extra = extra

    def listing(self) -> Any:
        """Makes the generated `Prompt`."""
        return bindings.current().record(
            "content",
            "Prompt",
            name=self.key,
            title=self._title,
            description=self._description,
            arguments=self._listed_arguments(),
            meta=self._meta and records.dump(self._meta),
            extra=self._extra and records.dump(self._extra),
        )

    def _listed_arguments(self) -> list[Any] | None:
        schemas = self.handler.arguments.root_schema().get("properties", {})
        arguments = [
            bindings.current().record(
                "content",
                "PromptArgument",
                name=member.name,
                title=schemas[member.name].get("title"),
                description=schemas[member.name].get("description"),
                required=member.required,
            )
            for member in self.handler.arguments.members
        ]
        return arguments or None

    async def get(self, context: Context, texts: dict[str, str]) -> Any:
        """Makes the generated `GetPromptResult`."""
        try:
            arguments = self.arguments.read(texts)
        except Mismatch as mismatch:
            raise InvalidParams(str(mismatch)) from None
        value = await self.handler.call(context, arguments)
        if type(value).__name__ == "GetPromptResult":
            return value
        values = list(value) if isinstance(value, (list, tuple)) else [value]
        messages = [_message(item) for item in values]
        return bindings.current().record(
            "content", "GetPromptResult", description=self._description, messages=messages
        )


def _message(value: Any) -> Any:
    if not hasattr(value, "role"):
        value = PromptMessage("user", value)
    return bindings.current().record(
        "content",
        "PromptMessage",
        role=records.enum_case("types", "Role", value.role),
        content=records.case("ContentBlock", value.content),
    )
