/// Minimal valid binary data, and content with every member.

#include "example.h"

const unsigned char PIXEL[PIXEL_SIZE] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
    0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00,
    0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78,
    0xda, 0x63, 0x64, 0xf8, 0xcf, 0x50, 0x0f, 0x00, 0x03, 0x86, 0x01, 0x80, 0x5a, 0x34,
    0x7d, 0x6b, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

const unsigned char SILENCE[SILENCE_SIZE] = {
    0x52, 0x49, 0x46, 0x46, 0x2c, 0x00, 0x00, 0x00, 0x57, 0x41, 0x56, 0x45, 0x66,
    0x6d, 0x74, 0x20, 0x10, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x40, 0x1f,
    0x00, 0x00, 0x40, 0x1f, 0x00, 0x00, 0x01, 0x00, 0x08, 0x00, 0x64, 0x61, 0x74,
    0x61, 0x08, 0x00, 0x00, 0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
};

const mcp_annotations ANNOTATIONS = {
    .for_user = true,
    .for_assistant = true,
    .priority = MCP_SET(0.25),
    .last_modified = "2025-06-18T12:00:00Z",
};

#define EVERY_MEMBER .annotations = &ANNOTATIONS, .meta = META, .extra = EXTRA

const mcp_content EVERY_KIND[KIND_COUNT] = {
    {
        .text = "Some text with \"quotes\", a \\, a line\nbreak, and ünïcödé 🦀.",
        EVERY_MEMBER,
    },
    {
        .type = MCP_CONTENT_IMAGE,
        .data = PIXEL,
        .length = PIXEL_SIZE,
        .mime_type = "image/png",
        EVERY_MEMBER,
    },
    {
        .type = MCP_CONTENT_AUDIO,
        .data = SILENCE,
        .length = SILENCE_SIZE,
        .mime_type = "audio/wav",
        EVERY_MEMBER,
    },
    {
        .type = MCP_CONTENT_LINK,
        .uri = "test://static-text",
        .name = "static-text",
        .title = "Static text",
        .description = "A link to a resource of this server.",
        .mime_type = "text/plain",
        .size = 48,
        EVERY_MEMBER,
    },
    {
        .type = MCP_CONTENT_EMBEDDED_TEXT,
        .uri = "test://embedded-resource",
        .mime_type = "text/plain",
        .text = "This is an embedded resource content.",
        .contents_meta = META,
        .contents_extra = EXTRA,
        EVERY_MEMBER,
    },
    {
        .type = MCP_CONTENT_EMBEDDED_BLOB,
        .uri = "test://static-binary",
        .mime_type = "image/png",
        .data = PIXEL,
        .length = PIXEL_SIZE,
        .contents_meta = META,
        .contents_extra = EXTRA,
        EVERY_MEMBER,
    },
};

void add_image(mcp_call *call) {
    mcp_image(call, "image/png", PIXEL, PIXEL_SIZE);
}
