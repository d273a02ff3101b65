/// Resources, and resources that a URI template describes.

#include "example.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMBERED = 120, // Enough to fill more than one page.
    INTEGERS = 1000,
    MAXIMUM_BYTES = 1 << 20,
};

#define DESCRIBED "A resource of which everything is told."

static void static_binary(mcp_call *call) {
    mcp_blob(call, PIXEL, PIXEL_SIZE);
}

static void watched(mcp_call *call) {
    mcp_text(call, "Version %u", events.watched_version);
}

static void folder(mcp_call *call) {
    mcp_embed_text(call, "test://folder/text", "text/plain", "In the folder.");
    mcp_embed_blob(call, "test://folder/image", "image/png", PIXEL, PIXEL_SIZE);
}

static void failing(mcp_call *call) {
    mcp_fail(call, "The resource cannot be read");
}

static void data(mcp_call *call) {
    const char *id = mcp_arg_string(call, "id");
    mcp_writer *out = mcp_structured(call);
    mcp_write_string(out, "id", id);
    mcp_write_boolean(out, "templateTest", true);
    mcp_write_string(out, "data", mcp_format(call, "Data for ID: %s", id));
}

static void ids(mcp_call *call) {
    mcp_propose(call, "1");
    mcp_propose(call, "12");
    mcp_propose(call, "123");
}

static void integer(mcp_call *call) {
    const int64_t number = mcp_arg_integer(call, "integer");
    if (number < 0 || number >= INTEGERS)
        mcp_not_found(call);
    mcp_text(call, "%lld", (long long)number);
}

static void integers(mcp_call *call) {
    for (int number = 0; number < INTEGERS; number++)
        mcp_propose(call, mcp_format(call, "%d", number));
}

static void binary(mcp_call *call) {
    const int64_t bytes = mcp_arg_integer(call, "bytes");
    if (bytes < 0 || bytes > MAXIMUM_BYTES)
        mcp_not_found(call);
    if (!mcp_failed(call))
        mcp_image(call, "application/octet-stream", mcp_alloc(call, (size_t)bytes), (size_t)bytes);
}

static void numbered(mcp_call *call) {
    mcp_text(call, "Number %s", strrchr(mcp_uri(call), '/') + 1);
}

void add_numbered(mcp_call *call) {
    static struct {
        char uri[32];
        char name[16];
    } texts[NUMBERED];
    static mcp_resource resources[NUMBERED + 1];
    static const mcp_items items = {.resources = resources};
    for (int index = 0; index < NUMBERED; index++) {
        snprintf(texts[index].uri, sizeof texts[index].uri, "test://numbered/%d", index + 1);
        snprintf(texts[index].name, sizeof texts[index].name, "numbered-%d", index + 1);
        resources[index] = (mcp_resource){
            .uri = texts[index].uri,
            .name = texts[index].name,
            .description = "One of many.",
            .mime_type = "text/plain",
            .handler = numbered,
        };
    }
    mcp_add_items(call, &items);
}

const mcp_items resource_items = {
    .resources = MCP_RESOURCES(
        {
            .uri = "test://static-text",
            .name = "static-text",
            .description = "A text.",
            .mime_type = "text/plain",
            .text = "This is the content of the static text resource.",
        },
        {
            .uri = "test://static-binary",
            .name = "static-binary",
            .description = "An image.",
            .mime_type = "image/png",
            .handler = static_binary,
        },
        {
            .uri = WATCHED,
            .name = "watched-resource",
            .description = "Changes with `touch-resource`.",
            .mime_type = "text/plain",
            .handler = watched,
        },
        {
            .uri = WATCHED_PART,
            .name = "watched-part",
            .mime_type = "text/plain",
            .unlisted = true,
            .handler = watched,
        },
        {
            .uri = "test://described",
            .name = "described",
            .title = "A described resource",
            .description = "Has every member.",
            .mime_type = "text/plain",
            .size = sizeof DESCRIBED - 1,
            .annotations = &ANNOTATIONS,
            .meta = META,
            .extra = EXTRA,
            .text = DESCRIBED,
        },
        {
            .uri = "test://folder",
            .name = "folder",
            .description = "Reads as several contents.",
            .mime_type = "inode/directory",
            .handler = folder,
        },
        {
            .uri = "test://failing",
            .name = "failing",
            .description = "Cannot be read.",
            .mime_type = "text/plain",
            .handler = failing,
        },
        {
            .uri = "test://embedded-resource",
            .name = "embedded-resource",
            .description = "Also embedded in a tool's result.",
            .mime_type = "text/plain",
            .text = "This is an embedded resource content.",
        },
        {
            .uri = "test://mixed-content-resource",
            .name = "mixed-content-resource",
            .description = "Also embedded in a tool's result.",
            .mime_type = "application/json",
            .text = "{\"test\":\"data\",\"value\":123}",
        },
        {
            .uri = "test://example-resource",
            .name = "example-resource",
            .description = "Also embedded in a prompt.",
            .mime_type = "text/plain",
            .text = "Embedded resource content for testing.",
        }),
    .templates = MCP_TEMPLATES(
        {
            .uri_template = "test://template/{id}/data",
            .name = "data",
            .description = "Data for an id.",
            .mime_type = "application/json",
            .variables = MCP_FIELDS({.name = "id", .complete = ids}),
            .handler = data,
        },
        {
            .uri_template = "test://integers/{integer}",
            .name = "integers",
            .title = "Integers",
            .description = "An integer from 0 to 999.",
            .mime_type = "text/plain",
            .annotations = &ANNOTATIONS,
            .meta = META,
            .extra = EXTRA,
            .variables = MCP_FIELDS({.name = "integer", .complete = integers}),
            .handler = integer,
        },
        {
            .uri_template = "test://binary/{bytes}",
            .name = "binary",
            .description = "As many zero bytes as the URI says, at most 1048576.",
            .handler = binary,
        }),
};
