"""Resources, and resources that are described by a URI template."""

from collections.abc import AsyncIterator

from wasi_mcp import BlobResourceContents, Context, McpError, ResourceNotFound, TextResourceContents

from .samples import ANNOTATIONS, EXTRA, META, PIXEL
from .server import server, state

#: The resource that `touch-resource` changes, and a part of it.
WATCHED = "test://watched-resource"
WATCHED_PART = "test://watched-resource/part"
#: The template of `add_entries`.
ADDED = "test://added/{name}"

_NUMBERED = 120  # Enough to fill more than one page.
_INTEGERS = 1000
_MAXIMUM_BYTES = 1 << 20
_PIECE = 251 * 256
_PATTERN = bytes(range(251)) * 256
_DESCRIBED = "A resource of which everything is told."


def _text(name: str, text: str, description: str, mime_type: str = "text/plain") -> None:
    """Registers a resource whose text never changes."""
    server.add_resource(
        f"test://{name}", lambda: text, name=name, description=description, mime_type=mime_type
    )


_text("static-text", "This is the content of the static text resource.", "A text.")


@server.resource("test://static-binary", name="static-binary", mime_type="image/png")
def static_binary() -> bytes:
    """An image."""
    return PIXEL


@server.resource(WATCHED_PART, name="watched-part", mime_type="text/plain", listed=False)
@server.resource(WATCHED, name="watched-resource", mime_type="text/plain")
def watched() -> str:
    """Changes with `touch-resource`."""
    return f"Version {state.watched_version}"


@server.resource(
    "test://described",
    title="A described resource",
    mime_type="text/plain",
    size=len(_DESCRIBED),
    annotations=ANNOTATIONS,
    meta=META,
    extra=EXTRA,
)
def described() -> str:
    """Has every member."""
    return _DESCRIBED


@server.resource("test://folder", mime_type="inode/directory")
def folder() -> list[TextResourceContents | BlobResourceContents]:
    """Reads as several contents."""
    return [
        TextResourceContents("In the folder.", "test://folder/text", "text/plain"),
        BlobResourceContents(PIXEL, "test://folder/image", "image/png"),
    ]


@server.resource("test://failing", mime_type="text/plain")
def failing() -> str:
    """Cannot be read."""
    raise McpError("internal-error", "The resource cannot be read")


_text("embedded-resource", "This is an embedded resource content.", "Also embedded in a tool's result.")
_text(
    "mixed-content-resource",
    '{"test":"data","value":123}',
    "Also embedded in a tool's result.",
    "application/json",
)
_text("example-resource", "Embedded resource content for testing.", "Also embedded in a prompt.")

for _number in range(1, _NUMBERED + 1):
    server.add_resource(
        f"test://numbered/{_number}",
        lambda number=_number: f"Number {number}",
        name=f"numbered-{_number}",
        description="One of many.",
        mime_type="text/plain",
    )


@server.resource("test://template/{id}/data", name="data", mime_type="application/json")
def data(id: str) -> dict[str, object]:
    """Data for an id."""
    return {"id": id, "templateTest": True, "data": f"Data for ID: {id}"}


@server.resource(
    "test://integers/{integer}",
    title="Integers",
    mime_type="text/plain",
    annotations=ANNOTATIONS,
    meta=META,
    extra=EXTRA,
)
def integers(integer: int) -> str | None:
    """An integer from 0 to 999."""
    return str(integer) if 0 <= integer < _INTEGERS else None


@server.resource("test://binary/{bytes}")
def binary(bytes: int) -> BlobResourceContents | None:
    """As many zero bytes as the URI says, at most 1048576."""
    if not 0 <= bytes <= _MAXIMUM_BYTES:
        return None
    return BlobResourceContents(bytearray(bytes), mime_type="application/octet-stream")


@server.resource("test://stream/{bytes}", mime_type="application/octet-stream")
async def stream(bytes: int) -> AsyncIterator[bytes]:
    """As many bytes as the URI says, as a stream in WASI 0.3: the byte at position `i` is `i % 251`."""
    if not 0 <= bytes <= _MAXIMUM_BYTES:
        raise ResourceNotFound(f"test://stream/{bytes}")
    for start in range(0, bytes, _PIECE):
        yield _PATTERN[: min(_PIECE, bytes - start)]


def added() -> str:
    """Is listed after `add-entries`."""
    return "I was added"


def added_by_name(name: str, context: Context) -> TextResourceContents:
    """Is listed after `add-entries`."""
    return TextResourceContents(f"Added {name}", context.params.uri)
