"""Tools: functions that a model calls."""

from __future__ import annotations

import inspect
import json
import types
import typing
from collections.abc import Callable
from typing import Any

from . import bindings, content, records
from .content import CallToolResult, ItemKind, ToolAnnotations
from .context import Context
from .errors import InvalidParams, McpError, RequestError, ToolError, report_exception
from .failures import EXCEPTIONS, described, speakable
from .handler import Handler
from .schema import DictOf, Kind, Mismatch, ObjectOf, Schema, UnusableType, kind_of, outline_of, plain

_SPOKEN = (
    content.TextContent,
    content.ImageContent,
    content.AudioContent,
    content.ResourceLink,
    content.EmbeddedResource,
    content.OtherContent,
    CallToolResult,
)

#: Results that have no schema: texts are for the model, and of others nothing is known.
_UNSTRUCTURED = (str, None, type(None), Any, inspect.Parameter.empty)


class Tool:
    """One tool: what is listed, and how a call is answered."""

    kind: ItemKind = "tool"

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        name: str | None,
        title: str | None,
        description: str | None,
        annotations: ToolAnnotations | None,
        input_schema: Schema | None,
        output_schema: Schema | None,
        meta: dict[str, Any] | None,
        extra: dict[str, Any] | None,
    ) -> None:
        self.handler = Handler("tool", function, name)
        self.key = self.handler.name
        self._title = title
        self._description = description or self.handler.description
        self._annotations = annotations
        self._meta = meta
        self._extra = extra
        try:
            self._result = _result_kind(self.handler.returns)
        except UnusableType as problem:
            raise self.handler.error(f"the result: {problem}") from None
        #: A result that is no object is wrapped into one, as the member `result`.
        self._is_wrapped = self._result is not None and not isinstance(self._result, (ObjectOf, DictOf))
        self.input_schema: Schema = input_schema or self.handler.arguments.root_schema()
        #: A schema of the author may ask for more than the annotations do. The host of a backend checks it.
        self._outline = outline_of(input_schema) if input_schema and bindings.is_service() else None
        self.output_schema: Schema | None = output_schema or self._own_output_schema()

    def _own_output_schema(self) -> Schema | None:
        if self._result is None:
            return None
        wrapper = self._result.root_schema()
        if not self._is_wrapped:
            return wrapper
        definitions = wrapper.pop("$defs", None)
        schema: Schema = {"type": "object", "properties": {"result": wrapper}, "required": ["result"]}
        return {**schema, "$defs": definitions} if definitions else schema

    def listing(self) -> Any:
        """Makes the generated `Tool`."""
        return bindings.current().record(
            "content",
            "Tool",
            name=self.key,
            title=self._title,
            description=self._description,
            input_schema=records.dump(self.input_schema),
            output_schema=self.output_schema and records.dump(self.output_schema),
            annotations=self._annotations and records.to_record(self._annotations),
            meta=self._meta and records.dump(self._meta),
            extra=self._extra and records.dump(self._extra),
        )

    async def call(self, context: Context, arguments: str | None) -> Any:
        """Answers a call with the generated `CallToolResult`. A failure of the function is a result too."""
        try:
            given = json.loads(arguments or "{}")
            if self._outline is not None:
                self._outline.read(given, "")
            values = self.handler.arguments.read(given, "")
        except ValueError as error:  # A mismatch, or an integer with more digits than Python reads.
            raise InvalidParams(str(error)) from None
        try:
            return records.call_result(self._answer(await self.handler.call(context, values)))
        except ToolError as error:
            return records.call_result(_failed(str(error)))
        except RequestError as error:
            return records.call_result(_failed(f"{error.code}: {error.message}"))
        except (McpError, bindings.current().Err):
            raise
        except EXCEPTIONS as error:
            report_exception(str(self.handler), error)
            return records.call_result(_failed(described(error)))

    def _answer(self, value: Any) -> Any:
        """Makes the result of whatever the function has returned."""
        if type(value).__name__ == "CallToolResult":
            return value
        if self._result is not None:
            return self._structured(value)
        if value is None:
            return CallToolResult(content=[])
        if isinstance(value, str) or records.is_content(value):
            return CallToolResult(content=[value])
        if isinstance(value, (list, tuple)) and all(
            isinstance(item, str) or records.is_content(item) for item in value
        ):
            return CallToolResult(content=list(value))
        json_value = plain(value)
        if isinstance(json_value, dict):
            return CallToolResult(structured_content=json_value)
        return CallToolResult(content=[records.dump(json_value)])

    def _structured(self, value: Any) -> CallToolResult:
        """Makes a result with structured content."""
        assert self._result is not None
        try:
            json_value = self._result.write(value, "")
        except Mismatch as mismatch:
            raise TypeError(
                f"{self.handler.location}: {self.handler} returned something else "
                f"than its annotation says: {mismatch}"
            ) from None
        return CallToolResult(structured_content={"result": json_value} if self._is_wrapped else json_value)


def _result_kind(hint: Any) -> Kind | None:
    """Returns the kind of structured content; `None` for results that only a model reads."""
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    members = typing.get_args(hint) if is_union else (hint,)
    if all(member in _UNSTRUCTURED for member in members) or _speaks(hint):
        return None
    return kind_of(hint)


def _speaks(hint: Any) -> bool:
    """Returns whether a type hint is content, or holds some, and so has no schema."""
    if isinstance(hint, type):
        return issubclass(hint, _SPOKEN) or bindings.is_generated(hint)
    return any(_speaks(member) for member in getattr(hint, "__args__", ()))


def _failed(message: str) -> CallToolResult:
    return CallToolResult(content=[speakable(message)], is_error=True)
