"""Content of each kind, for tools and prompts."""

import base64

from wasi_mcp import (
    Annotations,
    AudioContent,
    BlobResourceContents,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

#: A picture of one pixel, `image/png`.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
#: A millisecond of silence, `audio/wav`.
SILENCE = base64.b64decode("UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA==")

# Every optional member, so that each is seen on the wire: with a number that binary floating point
# cannot represent, and a member that the interface does not name.
ANNOTATIONS = Annotations(audience=["user", "assistant"], priority=0.25, last_modified="2025-06-18T12:00:00Z")
META = {"example.org/revision": 9007199254740993}
EXTRA = {"x-reference": {"kept": 1.1}}

IMAGE = ImageContent(PIXEL, "image/png")
AUDIO = AudioContent(SILENCE, "audio/wav")

_ALL = {"annotations": ANNOTATIONS, "meta": META, "extra": EXTRA}
_CONTENTS = {"meta": META, "extra": EXTRA}

EVERY_KIND = [
    TextContent('Some text with "quotes", a \\, a line\nbreak, and ünïcödé 🦀.', **_ALL),
    ImageContent(PIXEL, "image/png", **_ALL),
    AudioContent(SILENCE, "audio/wav", **_ALL),
    ResourceLink(
        "test://static-text",
        "static-text",
        title="Static text",
        description="A link to a resource of this server.",
        mime_type="text/plain",
        size=48,
        **_ALL,
    ),
    EmbeddedResource(
        TextResourceContents(
            "This is an embedded resource content.", "test://embedded-resource", "text/plain", **_CONTENTS
        ),
        **_ALL,
    ),
    EmbeddedResource(BlobResourceContents(PIXEL, "test://static-binary", "image/png", **_CONTENTS), **_ALL),
]
