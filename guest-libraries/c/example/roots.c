/// The client's roots.

#include "example.h"

#include <stdlib.h>
#include <string.h>

static void list_roots(mcp_call *call) {
    const mcp_roots *answer = mcp_list_roots(call, META);
    if (answer == NULL)
        return;
    mcp_writer *out = mcp_structured(call);
    mcp_write_array(out, "roots");
    for (size_t index = 0; index < answer->count; index++) {
        mcp_write_object(out, NULL);
        mcp_write_string(out, "uri", answer->roots[index].uri);
        mcp_write_string(out, "name", answer->roots[index].name);
        mcp_write_string(out, "meta", answer->roots[index].meta);
        mcp_write_end(out);
    }
    mcp_write_end(out);
    mcp_result_meta(call, answer->meta);
}

/// Returns the path of a URI, whose octets may be written as `%2F`, or `NULL`.
static char *decoded(mcp_call *call, const char *path) {
    char *out = mcp_alloc(call, strlen(path) + 1);
    size_t end = 0;
    for (const char *at = path; *at != '\0'; at++) {
        out[end++] = *at;
        if (*at != '%')
            continue;
        char digits[3] = {0};
        strncpy(digits, at + 1, 2);
        if (strlen(digits) < 2 || strspn(digits, "0123456789abcdefABCDEF") < 2 || strcmp(digits, "00") == 0)
            return NULL;
        out[end - 1] = (char)strtol(digits, NULL, 16);
        at += 2;
    }
    return out;
}

/// Stores the names of an absolute path, which it cuts apart, and returns how many there are; -1 for another
/// path.
static long steps(char *path, char **names) {
    if (path == NULL || *path != '/')
        return -1;
    long count = 0;
    for (char *name = strtok(path, "/"); name != NULL; name = strtok(NULL, "/")) {
        if (strcmp(name, ".") == 0)
            continue;
        if (strcmp(name, "..") != 0)
            names[count++] = name;
        else if (count > 0) // `/` is its own parent.
            count--;
    }
    return count;
}

/// Returns the path relative to a root, if it stays inside. Names are compared as a whole: `/root-sibling` is
/// not inside `/root`.
static const char *within(mcp_call *call, const char *path, const char *uri) {
    if (strncmp(uri, "file://", 7) != 0)
        return NULL;
    char **root = mcp_alloc(call, (strlen(uri) + 1) * sizeof *root);
    char **inside = mcp_alloc(call, (strlen(path) + 1) * sizeof *inside);
    const long root_count = steps(decoded(call, uri + 7), root);
    const long count = steps(strcpy(mcp_alloc(call, strlen(path) + 1), path), inside);
    if (root_count < 0 || count < root_count)
        return NULL;
    for (long index = 0; index < root_count; index++) {
        if (strcmp(root[index], inside[index]) != 0)
            return NULL;
    }
    char *rest = mcp_alloc(call, strlen(path) + 1);
    for (long index = root_count; index < count; index++) {
        strcat(rest, inside[index]);
        if (index + 1 < count)
            strcat(rest, "/");
    }
    return rest;
}

static void locate_in_roots(mcp_call *call) {
    const char *path = mcp_arg_string(call, "path");
    const mcp_roots *answer = mcp_list_roots(call, NULL);
    if (answer == NULL)
        return;
    for (size_t index = 0; index < answer->count; index++) {
        const char *uri = answer->roots[index].uri;
        const char *inside = within(call, path, uri);
        if (inside == NULL)
            continue;
        mcp_write_string(mcp_structured(call), "root", uri);
        mcp_write_string(mcp_structured(call), "path", inside);
        return;
    }
    mcp_fail(call, "%s lies in none of the client's roots", path);
}

static const mcp_field root_fields[] = {
    {.name = "uri", .type = MCP_STRING},
    {.name = "name", .type = MCP_STRING, .nullable = true},
    {.name = "meta", .type = MCP_STRING, .nullable = true},
    {0},
};

const mcp_items roots_items = {
    .tools = MCP_TOOLS(
        {
            .name = "list-roots",
            .description = "Lists the client's roots.",
            .output = MCP_FIELDS({
                .name = "roots",
                .type = MCP_ARRAY,
                .items = MCP_ITEM(.type = MCP_OBJECT, .fields = root_fields),
            }),
            .read_only = MCP_YES,
            .handler = list_roots,
        },
        {
            .name = "locate-in-roots",
            .description = "Tells in which of the client's roots a path lies. No file is opened.",
            .input = MCP_FIELDS(
                {.name = "path", .type = MCP_STRING, .description = "An absolute path of the client"}),
            .output = MCP_FIELDS({.name = "root", .type = MCP_STRING}, {.name = "path", .type = MCP_STRING}),
            .read_only = MCP_YES,
            .handler = locate_in_roots,
        }),
};
