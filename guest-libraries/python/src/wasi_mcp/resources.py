"""Resources, and templates of resources."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from . import bindings, records, streams
from .content import Annotations, BlobResourceContents, ItemKind, TextResourceContents
from .context import Context
from .errors import ResourceNotFound
from .handler import Handler
from .schema import Mismatch, plain
from .templates import UriTemplate
from .texts import TextArguments

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Resource:
    """One resource, or all those of a template."""

    def __init__(
        self,
        function: Callable[..., Any],
        uri: str,
        *,
        name: str | None,
        title: str | None,
        description: str | None,
        mime_type: str | None,
        size: int | None,
        annotations: Annotations | None,
        meta: dict[str, Any] | None,
        extra: dict[str, Any] | None,
        listed: bool,
    ) -> None:
        self.handler = Handler("resource", function, name)
        self.key = uri
        self.is_listed = listed
        self._mime_type = mime_type
        if not _SCHEME.match(uri):
            raise self.handler.error(f"the URI `{uri}` has no scheme: write it as in `notes://all`")
        try:
            self.template = UriTemplate(uri)
        except ValueError as error:
            raise self.handler.error(f"the URI template `{uri}`: {error}") from None
        self.arguments = TextArguments(self.handler)
        self._check_names()
        self._fields = {
            "name": self.handler.name,
            "title": title,
            "description": description or self.handler.description,
            "mime_type": mime_type,
            "meta": meta and records.dump(meta),
            "extra": extra and records.dump(extra),
        }
        self._annotations = annotations
        self._size = size

    @property
    def is_template(self) -> bool:
        """True for a URI that has variables."""
        return bool(self.template.names)

    @property
    def kind(self) -> ItemKind:
        """The kind of the item in the lists."""
        return "resource template" if self.is_template else "resource"

    def _check_names(self) -> None:
        variables = set(self.template.names)
        for member in self.handler.arguments.members:
            if member.name not in variables and member.required:
                raise self.handler.error(
                    f"the URI `{self.key}` has no variable `{member.name}`: write `{{{member.name}}}`"
                )
        missing = [name for name in self.template.names if name not in self.handler.argument_names()]
        if missing:
            raise self.handler.error(
                f"the function has no argument `{missing[0]}`, a variable of `{self.key}`"
            )

    def listing(self) -> Any:
        """Makes the generated `Resource` or `ResourceTemplate`."""
        found = bindings.current()
        fields = {**self._fields, "annotations": self._annotations and records.to_record(self._annotations)}
        if self.is_template:
            return found.record("content", "ResourceTemplate", uri_template=self.key, **fields)
        size = None if self._size is None else float(self._size)
        return found.record("content", "Resource", uri=self.key, size=size, **fields)

    def match(self, uri: str) -> dict[str, Any] | None:
        """Returns the arguments of the function for a URI, or `None` if this is not its resource."""
        variables = self.template.match(uri)
        if variables is None:
            return None
        try:
            return self.arguments.read(variables)
        except Mismatch:
            return None

    async def read(self, context: Context, uri: str, arguments: dict[str, Any]) -> Any:
        """Reads the resource, and makes the generated `ReadResourceResult`."""
        value = await self.handler.call(context, arguments)
        if value is None:
            raise ResourceNotFound(uri)
        source = streams.pieces(value)
        if source is not None:
            value = b"".join([piece async for piece in source])
        if type(value).__name__ == "ReadResourceResult":
            return value
        items = (
            value
            if isinstance(value, list) and value and all(_is_contents(item) for item in value)
            else [value]
        )
        contents = [self._contents(item, uri) for item in items]
        return bindings.current().record("content", "ReadResourceResult", contents=contents)

    @property
    def is_streamed(self) -> bool:
        """True for a function that is a generator."""
        function = self.handler.function
        return inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function)

    async def stream(self, context: Context, uri: str, arguments: dict[str, Any]) -> Any:
        """Begins to stream the resource, and makes the result of `read-resource-stream`."""
        source = streams.pieces(await self.handler.call(context, arguments))
        assert source is not None
        return await streams.streamed(source, uri, self._mime_type)

    def _contents(self, value: Any, uri: str) -> Any:
        if not _is_contents(value):
            value = self._made(value)
        if isinstance(value, (TextResourceContents, BlobResourceContents)):
            value = type(value)(
                **{**vars(value), "uri": value.uri or uri, "mime_type": value.mime_type or self._mime_type}
            )
        return records.case("ResourceContents", value)

    def _made(self, value: Any) -> TextResourceContents | BlobResourceContents:
        if isinstance(value, str):
            return TextResourceContents(value)
        if isinstance(value, (bytes, bytearray)):
            return BlobResourceContents(bytes(value))
        return TextResourceContents(
            records.dump(plain(value)), mime_type=self._mime_type or "application/json"
        )


def _is_contents(value: Any) -> bool:
    """Returns whether a value is the contents of a resource, ours or generated."""
    return type(value).__name__ in (
        "TextResourceContents",
        "BlobResourceContents",
        "ResourceContents_Text",
        "ResourceContents_Blob",
    )
