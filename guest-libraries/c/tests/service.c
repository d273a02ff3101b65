/// Tests of a service, which has no `runtime`: its lists, its filter, and what it refuses itself. Each test
/// has an instance of its own, which is a process.

#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "host.h"

/// ## A server

/// The handlers that a test sets, or `NULL`.
static mcp_handler starting, requested;
static bool (*filter)(mcp_call *call, mcp_item_kind kind, const char *name);

static unsigned starts;

static void start(mcp_call *call) {
    starts++;
    if (starting != NULL)
        starting(call);
}

static bool visible(mcp_call *call, mcp_item_kind kind, const char *name) {
    return filter == NULL || filter(call, kind, name);
}

static void request(mcp_call *call) {
    requested(call);
}

static unsigned handled;

static void done(mcp_call *call) {
    handled++;
    mcp_text(call, "done");
}

static void propose(mcp_call *call) {
    mcp_propose(call, "value");
}

static const mcp_items prompt_items = {
    .prompts = MCP_PROMPTS({
        .name = "prompt",
        .arguments = MCP_FIELDS({.name = "given", .complete = propose}, {.name = "other", .optional = true}),
        .handler = done,
    }),
};

const mcp_server mcp_main = {
    .name = "service",
    .version = "1",
    .tools = MCP_TOOLS(
        {.name = "request", .title = "Request", .handler = request},
        {
            .name = "fields",
            .input = MCP_FIELDS(
                {.name = "string", .type = MCP_STRING, .length = {1, 3}},
                {.name = "integer", .type = MCP_INTEGER, .optional = true, .range = {0, 7}},
                {.name = "number", .type = MCP_NUMBER, .optional = true, .nullable = true},
                {.name = "boolean", .type = MCP_BOOLEAN, .optional = true},
                {.name = "choice", .type = MCP_STRING, .optional = true, .choices = MCP_STRINGS("a", "b")},
                {
                    .name = "list",
                    .type = MCP_ARRAY,
                    .optional = true,
                    .length = {0, 2},
                    .items =
                        MCP_ITEM(.type = MCP_OBJECT, .fields = MCP_FIELDS({.name = "x", .type = MCP_NUMBER})),
                },
                {.name = "any", .type = MCP_ANY, .optional = true},
                {.name = "own", .optional = true, .schema = "{\"const\":1}"}),
            .handler = done,
        },
        {
            .name = "schema",
            .input_schema =
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},"
                "\"b\":{\"type\":[\"string\",\"null\"]},\"c\":true},\"required\":[\"a\",\"c\"],\"additionalProperties\":false}",
            .handler = done,
        }),
    .resources = MCP_RESOURCES({.uri = "a://text", .text = "text"},
                               {.uri = "a://unlisted", .unlisted = true, .text = ""}),
    .templates = MCP_TEMPLATES(
        {
            .uri_template = "a://{name}",
            .variables = MCP_FIELDS({.name = "name", .complete = propose}),
            .handler = done,
        },
        {
            .uri_template = "b://{name}",
            .unlisted = true,
            .variables = MCP_FIELDS({.name = "name", .complete = propose}),
            .handler = done,
        }),
    .parts = MCP_PARTS(&prompt_items),
    .list_changed = true,
    .subscriptions = true,
    .start = start,
    .visible = visible,
};

/// ## Calls

/// The cursor that the last page gave, or an empty text.
static char next_cursor[32];

static void keep_cursor(const wasi_mcp_content_option_cursor_t *cursor) {
    next_cursor[0] = '\0';
    if (cursor->is_some)
        snprintf(next_cursor, sizeof next_cursor, "%.*s", (int)cursor->val.len,
                 (const char *)cursor->val.ptr);
}

/// Defines a function that calls the export of a list, and returns the number of items on its page: -1 after
/// an error, which is the answer. The answer shows the first and the last item.
#define DEFINE_LIST(name, function, result_name, list, key)                                                  \
    static int name(const char *cursor) {                                                                    \
        answer[0] = '\0';                                                                                    \
        bindings_string_t text;                                                                              \
        if (cursor != NULL)                                                                                  \
            text = host_string(cursor);                                                                      \
        wasi_mcp_content_##result_name##_t result;                                                           \
        wasi_mcp_types_error_t error;                                                                        \
        if (!exports_wasi_mcp_##function(host_context(), cursor == NULL ? NULL : &text, &result, &error)) {  \
            show_error(&error);                                                                              \
            return -1;                                                                                       \
        }                                                                                                    \
        const int count = (int)result.list.len;                                                              \
        if (count > 0)                                                                                       \
            snprintf(answer, sizeof answer, "%.*s to %.*s", (int)result.list.ptr[0].key.len,                 \
                     (const char *)result.list.ptr[0].key.ptr, (int)result.list.ptr[count - 1].key.len,      \
                     (const char *)result.list.ptr[count - 1].key.ptr);                                      \
        keep_cursor(&result.next_cursor);                                                                    \
        wasi_mcp_content_##result_name##_free(&result);                                                      \
        return count;                                                                                        \
    }

DEFINE_LIST(list_tools, tool_catalog_list_tools, list_tools_result, tools, name)
DEFINE_LIST(list_resources, resource_catalog_list_resources, list_resources_result, resources, uri)
DEFINE_LIST(list_templates, resource_catalog_list_resource_templates, list_resource_templates_result,
            resource_templates, uri_template)
DEFINE_LIST(list_prompts, prompt_catalog_list_prompts, list_prompts_result, prompts, name)

/// Returns the description of the server as a text.
static const char *get_server(void) {
    static char text[256];
    answer[0] = '\0';
    wasi_mcp_capabilities_server_t server;
    wasi_mcp_types_error_t error;
    if (!exports_wasi_mcp_server_catalog_get_server(&server, &error)) {
        show_error(&error);
        return answer;
    }
    snprintf(text, sizeof text, "%.*s%s%s%s%s%s", (int)server.info.name.len,
             (const char *)server.info.name.ptr, server.capabilities.tools.is_some ? " tools" : "",
             server.capabilities.resources.is_some ? " resources" : "",
             server.capabilities.prompts.is_some ? " prompts" : "",
             server.capabilities.completions.is_some ? " completions" : "",
             server.capabilities.tools.val.list_changed.val ? " list-changed" : "");
    wasi_mcp_capabilities_server_free(&server);
    return text;
}

/// Returns the answer of the tool that runs this function.
static const char *run(mcp_handler handler) {
    requested = handler;
    return call_tool("request", "{}");
}

/// ## Instances

static const char SERVER[] = "service tools resources prompts completions list-changed";
static const char *const NONE[] = {NULL};

/// Runs a test in an instance of its own.
static void in_instance(void (*test)(void)) {
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        const int before = check_failures();
        host_reset();
        test();
        CHECK(host.contexts == 0);
        exit(check_failures() == before ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void begin_with_server(void) {
    CHECK_TEXT(get_server(), SERVER);
    CHECK_TEXT(get_server(), SERVER);
    CHECK(list_tools(NULL) == 3 && starts == 1);
    CHECK_TEXT(answer, "request to schema");
    CHECK_TEXT(host_log(), "");
}

static void begin_with_tools(void) {
    CHECK(list_tools(NULL) == 3 && next_cursor[0] == '\0');
    CHECK_TEXT(get_server(), SERVER);
    CHECK(starts == 1);
}

static void begin_with_resources(void) {
    CHECK(list_resources(NULL) == 1 && starts == 1);
    CHECK_TEXT(answer, "a://text to a://text");
    CHECK_TEXT(read_resource("a://unlisted"), "[uri: a://unlisted][text: ]");
}

static void begin_with_templates(void) {
    CHECK(list_templates(NULL) == 1 && starts == 1);
    CHECK_TEXT(answer, "a://{name} to a://{name}");
}

static void begin_with_prompts(void) {
    CHECK(list_prompts(NULL) == 1 && starts == 1);
    CHECK_TEXT(answer, "prompt to prompt");
}

static void begin_with_call(void) {
    CHECK_TEXT(run(done), "[text: done]");
    CHECK_TEXT(get_server(), SERVER);
    CHECK(starts == 1);
}

static void begin_with_read(void) {
    CHECK_TEXT(read_resource("a://text"), "[uri: a://text][text: text]");
}

static void begin_with_get(void) {
    CHECK_TEXT(get_prompt("prompt", (const char *const[]){"given", "x", NULL}), "[user][text: done]");
}

static void begin_with_completion(void) {
    CHECK_TEXT(complete(of_prompt("prompt"), "given", "", NONE), "1 of 1[value: value]");
}

static void begin_with_subscription(void) {
    CHECK(subscribe("a://text") && starts == 1);
}

/// ## Mistakes of the start

static const mcp_items twice = {
    .prompts = MCP_PROMPTS({.name = "twice", .handler = done}, {.name = "twice", .handler = done})};
static const mcp_items again = {.tools = MCP_TOOLS({.name = "request", .handler = done})};
static const mcp_items wrong = {.tools = MCP_TOOLS({.name = "wrong"})};

static void add_twice(mcp_call *call) {
    mcp_add_items(call, &twice);
}

static void add_again(mcp_call *call) {
    mcp_add_items(call, &again);
}

static void add_wrong(mcp_call *call) {
    mcp_add_items(call, &wrong);
}

static const mcp_items nameless[] = {
    {.tools = MCP_TOOLS({.name = "first", .handler = done}, {.handler = done}, {.name = "third"})},
    {.resources = MCP_RESOURCES({.name = "no uri", .handler = done})},
    {.templates = MCP_TEMPLATES({.name = "no template", .handler = done})},
    {.prompts = MCP_PROMPTS({.title = "No name", .handler = done})},
    {.tools = MCP_TOOLS({
         .name = "fields",
         .handler = done,
         .input = MCP_FIELDS({.name = "a"}, {.type = MCP_INTEGER}),
     })},
    {.tools = MCP_TOOLS({
         .name = "inner",
         .handler = done,
         .output = MCP_FIELDS({.name = "a", .type = MCP_OBJECT, .fields = MCP_FIELDS({.optional = true})}),
     })},
    {.tools = MCP_TOOLS({
         .name = "items",
         .handler = done,
         .input = MCP_FIELDS({
             .name = "a",
             .type = MCP_ARRAY,
             .items = MCP_ITEM(.type = MCP_OBJECT, .fields = MCP_FIELDS({.name = "b"}, {.title = "C"})),
         }),
     })},
    {.templates = MCP_TEMPLATES({
         .uri_template = "c://{x}",
         .handler = done,
         .variables = MCP_FIELDS({.complete = done}),
     })},
    {.prompts =
         MCP_PROMPTS({.name = "p", .handler = done, .arguments = MCP_FIELDS({.description = "An x."})})},
};

static const char *const NAMELESS[] = {
    "items->tools[1] has no `.name`",
    "items->resources[0] has no `.uri`",
    "items->templates[0] has no `.uri_template`",
    "items->prompts[0] has no `.name`",
    "tool `fields`: input[1] has no `.name`",
    "tool `inner`: output[0].fields[0] has no `.name`",
    "tool `items`: input[0].items->fields[1] has no `.name`",
    "template `c://{x}`: variables[0] has no `.name`",
    "prompt `p`: arguments[0] has no `.name`",
};

static size_t nameless_at;

static void add_nameless(mcp_call *call) {
    CHECK(!mcp_add_items(call, &nameless[nameless_at]));
}

/// Functions of a request, in a start that has none.
static void start_with_id(mcp_call *call) {
    CHECK(mcp_request_id(call) == NULL);
}

static void start_with_meta(mcp_call *call) {
    CHECK(mcp_request_meta(call) == NULL);
}

static void start_with_token(mcp_call *call) {
    CHECK(mcp_progress_token(call) == NULL);
}

static void start_with_client(mcp_call *call) {
    CHECK(mcp_client(call)->name == NULL);
}

static void start_with_principal(mcp_call *call) {
    CHECK(mcp_principal(call) == NULL);
}

static void start_with_cancellation(mcp_call *call) {
    CHECK(!mcp_is_cancelled(call));
}

static void start_with_progress(mcp_call *call) {
    CHECK(!mcp_progress(call, 1, 2, NULL));
}

static void start_with_log(mcp_call *call) {
    CHECK(!mcp_log(call, MCP_LOG_INFO, "ready"));
}

static void start_with_json(mcp_call *call) {
    CHECK(!mcp_log_json(call, MCP_LOG_INFO, NULL, "1"));
}

static void start_with_sampling(mcp_call *call) {
    CHECK(mcp_sample(call, &(mcp_sampling){.max_tokens = 1}) == NULL);
}

static void start_with_model(mcp_call *call) {
    CHECK(mcp_ask_model(call, 1, "Hello") == NULL);
}

static void start_with_form(mcp_call *call) {
    CHECK(mcp_elicit_form(call, &(mcp_form){.message = "Hello"}) == NULL);
}

static void start_with_elicitation(mcp_call *call) {
    CHECK(mcp_elicit(call, "Hello", NULL) == NULL);
}

static void start_with_roots(mcp_call *call) {
    CHECK(mcp_list_roots(call, NULL) == NULL);
}

static const struct {
    mcp_handler start;
    const char *function;
} REQUESTS[] = {
    {start_with_id, "mcp_request_id"},        {start_with_meta, "mcp_request_meta"},
    {start_with_token, "mcp_progress_token"}, {start_with_client, "mcp_client"},
    {start_with_principal, "mcp_principal"},  {start_with_cancellation, "mcp_is_cancelled"},
    {start_with_progress, "mcp_progress"},    {start_with_log, "mcp_log"},
    {start_with_json, "mcp_log_json"},        {start_with_sampling, "mcp_sample"},
    {start_with_model, "mcp_ask_model"},      {start_with_form, "mcp_elicit_form"},
    {start_with_elicitation, "mcp_elicit"},   {start_with_roots, "mcp_list_roots"},
};

/// Checks the message of a start that fails.
static void check_start(const char *code, const char *message) {
    char expected[256];
    snprintf(expected, sizeof expected, "error %s[message: %s]", code, message);
    CHECK_TEXT(get_server(), expected);
}

static void begin_wrongly(void) {
    starting = add_nameless;
    for (nameless_at = 0; nameless_at < sizeof NAMELESS / sizeof *NAMELESS; nameless_at++)
        check_start("3", NAMELESS[nameless_at]);
    for (size_t index = 0; index < sizeof REQUESTS / sizeof *REQUESTS; index++) {
        char message[128];
        snprintf(message, sizeof message, "mcp_main: %s needs a request: `.start` has none",
                 REQUESTS[index].function);
        starting = REQUESTS[index].start;
        check_start("4", message);
    }
    starting = add_wrong;
    CHECK_TEXT(get_server(), "error 3[message: tool `wrong`: it has no handler]");
    // The failure is that of whichever export comes first, and the next start begins anew.
    CHECK_TEXT(run(done), "error 3[message: tool `wrong`: it has no handler]");
    CHECK_TEXT(read_resource("a://text"), "error 3[message: tool `wrong`: it has no handler]");
    CHECK(list_tools(NULL) == -1);
    CHECK_TEXT(answer, "error 3[message: tool `wrong`: it has no handler]");
    CHECK(!subscribe("a://text"));
    starting = add_twice;
    CHECK_TEXT(get_server(),
               "error 3[message: the host refuses an item: there is a prompt \"twice\" already]");
    starting = add_again;
    CHECK_TEXT(get_server(),
               "error 3[message: the host refuses an item: there is a tool \"request\" already]");
    starting = NULL;
    CHECK_TEXT(get_server(), SERVER);
    CHECK(list_tools(NULL) == 3);
}

/// The library's export of a backend, which the bindings of a service do not declare.
bool exports_wasi_mcp_start_start(wasi_mcp_types_error_t *error);

/// The library's exports for notifications, which these bindings do not declare, either.
void exports_wasi_mcp_client_events_initialized(wasi_mcp_context_own_request_context_t context);
void exports_wasi_mcp_client_events_roots_changed(wasi_mcp_context_own_request_context_t context);

static void begin_with_notification(void) {
    exports_wasi_mcp_client_events_initialized(host_context());
    CHECK(starts == 1);
}

static void begin_wrongly_with_notification(void) {
    starting = add_wrong;
    int ends[2];
    CHECK(pipe(ends) == 0);
    const int kept = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    exports_wasi_mcp_client_events_initialized(host_context());
    exports_wasi_mcp_client_events_roots_changed(host_context());
    dup2(kept, STDERR_FILENO);
    close(ends[1]);
    char written[256] = "";
    CHECK(read(ends[0], written, sizeof written - 1) >= 0);
    CHECK_TEXT(written, "tool `wrong`: it has no handler\n");
    CHECK(starts == 2);
}

static void begin_as_backend(void) {
    wasi_mcp_types_error_t error;
    answer[0] = '\0';
    CHECK(!exports_wasi_mcp_start_start(&error));
    show_error(&error);
    CHECK_TEXT(
        answer,
        "error 4[message: mcp_main: `.visible` needs a service: the host shows the items of a backend to "
        "every request]");
}

/// ## Pages

enum {
    MAX_NUMBERED = 250
};

/// Prompts that are called 0, 1 and so on.
static mcp_prompt numbered[MAX_NUMBERED + 1];
static size_t numbered_count;
static const mcp_items numbered_items = {.prompts = numbered};

static void add_numbered(mcp_call *call) {
    static char names[MAX_NUMBERED][24];
    for (size_t index = 0; index < numbered_count; index++) {
        snprintf(names[index], sizeof names[index], "%zu", index);
        numbered[index] = (mcp_prompt){.name = names[index], .handler = done};
    }
    mcp_add_items(call, &numbered_items);
}

static void remove_numbered(mcp_call *call) {
    mcp_remove_items(call, &numbered_items);
}

static bool hides_own(mcp_call *call, mcp_item_kind kind, const char *name) {
    (void)call;
    return kind != MCP_PROMPT || strcmp(name, "prompt") != 0;
}

/// Checks the sizes of the pages of the numbered prompts.
static void check_pages(int count) {
    starting = add_numbered;
    numbered_count = (size_t)count;
    // The prompt of the table is not among them.
    filter = hides_own;
    int found = 0;
    const char *cursor = NULL;
    char kept[sizeof next_cursor];
    do {
        const int size = list_prompts(cursor);
        CHECK(size == (count - found < 100 ? count - found : 100));
        if (size > 0) {
            char expected[32];
            snprintf(expected, sizeof expected, "%d to %d", found, found + size - 1);
            CHECK_TEXT(answer, expected);
        }
        if (size < 0)
            return;
        found += size;
        strcpy(kept, next_cursor);
        cursor = kept;
        CHECK((next_cursor[0] != '\0') == (found < count));
    } while (next_cursor[0] != '\0');
    CHECK(found == count);
}

static void list_none(void) {
    check_pages(0);
}

static void list_one(void) {
    check_pages(1);
}

static void list_a_page(void) {
    check_pages(100);
}

static void list_one_more(void) {
    check_pages(101);
}

static void list_many(void) {
    check_pages(250);
}

static const mcp_items later = {.prompts = MCP_PROMPTS({.name = "later", .handler = done})};

static void add_later(mcp_call *call) {
    mcp_add_items(call, &later);
}

static void remove_later(mcp_call *call) {
    mcp_remove_items(call, &later);
}

static void change_between_pages(void) {
    starting = add_numbered;
    numbered_count = 150;
    CHECK(list_prompts(NULL) == 100);
    CHECK_TEXT(answer, "prompt to 98");
    CHECK_TEXT(next_cursor, "99");
    CHECK_TEXT(run(add_later), "");
    CHECK(list_prompts("99") == 52 && next_cursor[0] == '\0');
    CHECK_TEXT(answer, "99 to later");
    // The item of the cursor is gone, and so are all that followed it but one.
    CHECK_TEXT(run(remove_numbered), "");
    CHECK(list_prompts("99") == 1);
    CHECK_TEXT(answer, "later to later");
    // What is added again comes last.
    CHECK_TEXT(run(remove_later), "");
    CHECK(list_prompts("99") == 0 && next_cursor[0] == '\0');
    CHECK_TEXT(run(add_later), "");
    CHECK(list_prompts("151") == 1);
    CHECK_TEXT(host_log(), "prompts-changed\nprompts-changed\nprompts-changed\nprompts-changed\n");
}

static void refuse_cursors(void) {
    starting = add_numbered;
    numbered_count = 120;
    CHECK(list_prompts("0") == 100 && list_prompts("120") == 0);
    const char *const cursors[] = {
        "",
        "x",
        "-1",
        "+1",
        " 1",
        "1 ",
        "01",
        "00",
        "1e2",
        "1.0",
        "0x1",
        "121",
        "99999999999999999999999999",
        "18446744073709551616",
    };
    for (size_t index = 0; index < sizeof cursors / sizeof *cursors; index++) {
        CHECK(list_prompts(cursors[index]) == -1);
        char expected[128];
        snprintf(expected, sizeof expected,
                 "error 3[message: unknown cursor `%s`: expected one of this list]", cursors[index]);
        CHECK_TEXT(answer, expected);
    }
    // Each kind counts apart.
    CHECK(list_tools("2") == 0 && list_tools("3") == -1);
    CHECK(list_resources("1") == 0 && list_resources("2") == -1);
    CHECK(list_templates("0") == 0 && list_templates("2") == -1);
}

/// ## Changes

static const mcp_items added = {
    .tools = MCP_TOOLS({.name = "added", .handler = done}),
    .resources = MCP_RESOURCES({.uri = "b://added", .text = "added"}),
    .templates = MCP_TEMPLATES({.uri_template = "b://{x}", .handler = done}),
};

static void add(mcp_call *call) {
    mcp_add_items(call, &added);
}

static void remove_added(mcp_call *call) {
    mcp_remove_items(call, &added);
}

static void remove_prompts(mcp_call *call) {
    mcp_remove_items(call, &prompt_items);
}

static const mcp_items half_wrong = {
    .tools = MCP_TOOLS({.name = "half", .handler = done}),
    .prompts = MCP_PROMPTS({.name = "prompt", .handler = done}),
};

static void add_half_wrong(mcp_call *call) {
    mcp_add_items(call, &half_wrong);
}

static void change(void) {
    CHECK_TEXT(call_tool("added", "{}"), "error 3[message: unknown tool `added`]");
    CHECK_TEXT(run(add), "");
    CHECK_TEXT(host_log(), "tools-changed\nresources-changed\n");
    CHECK(list_tools(NULL) == 4);
    CHECK_TEXT(answer, "request to added");
    CHECK_TEXT(call_tool("added", "{}"), "[text: done]");
    host_reset();
    CHECK_TEXT(run(add), "[text: the host refuses an item: there is a tool \"added\" already][is error: 1]");
    CHECK_TEXT(host_log(), "");
    CHECK_TEXT(run(remove_added), "");
    CHECK_TEXT(host_log(), "tools-changed\nresources-changed\n");
    CHECK(list_tools(NULL) == 3);
    CHECK_TEXT(call_tool("added", "{}"), "error 3[message: unknown tool `added`]");
    // Nothing has changed after a failure.
    host_reset();
    CHECK_TEXT(run(add_half_wrong),
               "[text: the host refuses an item: there is a prompt \"prompt\" already][is error: 1]");
    CHECK_TEXT(host_log(), "");
    CHECK(list_tools(NULL) == 3);
    // The description of the server stays.
    CHECK_TEXT(run(remove_prompts), "");
    CHECK(list_prompts(NULL) == 0);
    CHECK_TEXT(get_server(), SERVER);
}

static void change_undeclared(void) {
    starting = remove_prompts;
    CHECK_TEXT(get_server(), "service tools resources completions list-changed");
    CHECK_TEXT(run(add_later), "");
    CHECK_TEXT(host_log(), "");
    CHECK(list_prompts(NULL) == 1);
    CHECK_TEXT(run(add), "");
    CHECK_TEXT(host_log(), "tools-changed\nresources-changed\n");
}

/// ## What a service refuses

static void refuse_arguments(void) {
    CHECK_TEXT(
        call_tool("fields",
                  "{\"string\":\"\xC3\xBC\xC3\xBC\xC3\xBC\",\"integer\":7.0,\"number\":null,\"boolean\":true,"
                  "\"choice\":\"b\",\"list\":[{\"x\":1},{\"x\":2,\"y\":3}],\"any\":[],\"own\":2,\"more\":1}"),
        "[text: done]");
    const struct {
        const char *arguments;
        const char *mistake;
    } cases[] = {
        {NULL, "argument `string`: expected a string, found nothing"},
        {"[]", "the arguments: expected an object, found an array"},
        {"{", "the arguments cannot be read: expected a string at byte 1"},
        {"{\"string\":1}", "argument `string`: expected a string, found 1"},
        {"{\"string\":\"\"}", "argument `string`: expected a length of 1 or more, found a string"},
        {"{\"string\":\"abcd\"}", "argument `string`: expected a length of 3 or less, found a string"},
        {"{\"string\":\"a\",\"integer\":null}", "argument `integer`: expected an integer, found null"},
        {"{\"string\":\"a\",\"integer\":1.5}", "argument `integer`: expected an integer, found 1.5"},
        {"{\"string\":\"a\",\"integer\":-1}", "argument `integer`: expected 0 or more, found -1"},
        {"{\"string\":\"a\",\"integer\":8}", "argument `integer`: expected 7 or less, found 8"},
        {"{\"string\":\"a\",\"number\":\"1\"}", "argument `number`: expected a number, found a string"},
        {"{\"string\":\"a\",\"boolean\":0}", "argument `boolean`: expected a boolean, found 0"},
        {"{\"string\":\"a\",\"choice\":\"c\"}", "argument `choice`: expected one of `a` `b`, found a string"},
        {"{\"string\":\"a\",\"list\":{}}", "argument `list`: expected an array, found an object"},
        {"{\"string\":\"a\",\"list\":[1]}", "argument `list[0]`: expected an object, found 1"},
        {"{\"string\":\"a\",\"list\":[{\"x\":1},{}]}",
         "argument `list[1].x`: expected a number, found nothing"},
        {"{\"string\":\"a\",\"list\":[{},{},{}]}",
         "argument `list`: expected a length of 2 or less, found an array"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        char expected[160];
        snprintf(expected, sizeof expected, "error 3[message: %s]", cases[index].mistake);
        CHECK_TEXT(call_tool("fields", cases[index].arguments), expected);
    }
    // A schema that is given as a text.
    CHECK_TEXT(call_tool("schema", "{\"a\":1,\"b\":null,\"c\":[]}"), "[text: done]");
    CHECK_TEXT(call_tool("schema", "{\"a\":1}"),
               "error 3[message: argument `c`: expected a value, found nothing]");
    CHECK_TEXT(call_tool("schema", "{\"a\":\"1\",\"c\":1}"),
               "error 3[message: argument `a`: expected an integer, found a string]");
    CHECK_TEXT(call_tool("schema", "{\"a\":1,\"c\":1,\"d\":1}"), "error 3[message: unknown argument `d`]");

    CHECK_TEXT(get_prompt("prompt", NONE),
               "error 3[message: argument `given`: expected a string, found nothing]");
    CHECK_TEXT(get_prompt("prompt", (const char *const[]){"given", "x", "undeclared", "y", NULL}),
               "[user][text: done]");
    CHECK_TEXT(get_prompt("none", NONE), "error 3[message: there is no prompt `none`]");
    CHECK_TEXT(complete(of_prompt("none"), "given", "", NONE), "error 3[message: there is no prompt `none`]");
    CHECK_TEXT(complete(of_prompt("prompt"), "none", "", NONE),
               "error 3[message: there is no argument `none`]");
    CHECK_TEXT(complete(of_prompt("prompt"), "other", "", NONE), "0 of 0");
    CHECK_TEXT(complete(of_template("a://{name}"), "name", "", NONE), "1 of 1[value: value]");
    CHECK_TEXT(complete(of_template("b://{name}"), "name", "", NONE),
               "error 3[message: there is no resource template `b://{name}`]");
}

/// ## The filter

static unsigned asked;

static bool hides_all(mcp_call *call, mcp_item_kind kind, const char *name) {
    (void)kind;
    (void)name;
    CHECK(mcp_context(call).__handle == 7);
    CHECK_TEXT(mcp_client(call)->name, "client");
    asked++;
    return false;
}

static bool hides_schema(mcp_call *call, mcp_item_kind kind, const char *name) {
    (void)call;
    return kind != MCP_TOOL || strcmp(name, "fields") != 0;
}

static bool hides_text(mcp_call *call, mcp_item_kind kind, const char *name) {
    (void)call;
    return kind != MCP_RESOURCE || strcmp(name, "a://text") != 0;
}

static bool fails(mcp_call *call, mcp_item_kind kind, const char *name) {
    (void)kind;
    mcp_error(call, MCP_INTERNAL_ERROR, NULL, "cannot tell of %s", name);
    return true;
}

static bool fails_as_a_tool(mcp_call *call, mcp_item_kind kind, const char *name) {
    (void)kind;
    mcp_fail(call, "no rights known for %s", name);
    return true;
}

static bool hides_templates(mcp_call *call, mcp_item_kind kind, const char *name) {
    (void)call;
    (void)name;
    asked++;
    return kind != MCP_TEMPLATE;
}

static bool counts_and_fails(mcp_call *call, mcp_item_kind kind, const char *name) {
    asked++;
    return fails(call, kind, name);
}

static void ask_of_templates(void) {
    CHECK_TEXT(run(add), "");
    // Two templates match the URI, and one does not.
    filter = hides_templates;
    CHECK_TEXT(read_resource("b://other"),
               "error 5[message: there is no such resource][data: {\"uri\":\"b://other\"}]");
    CHECK(asked == 2);
    asked = 0;
    filter = counts_and_fails;
    CHECK_TEXT(read_resource("b://other"), "error 4[message: cannot tell of b://{name}]");
    CHECK(asked == 1);
}

static void hide(void) {
    filter = hides_all;
    // The server itself is the same for everybody.
    CHECK_TEXT(get_server(), SERVER);
    CHECK(asked == 0);
    CHECK(list_tools(NULL) == 0 && list_resources(NULL) == 0 && list_templates(NULL) == 0 &&
          list_prompts(NULL) == 0);
    CHECK(asked == 6);
    CHECK_TEXT(call_tool("fields", "{}"), "error 3[message: unknown tool `fields`]");
    CHECK_TEXT(read_resource("a://text"),
               "error 5[message: there is no such resource][data: {\"uri\":\"a://text\"}]");
    CHECK_TEXT(read_resource("a://unlisted"),
               "error 5[message: there is no such resource][data: {\"uri\":\"a://unlisted\"}]");
    CHECK(!subscribe("a://text"));
    CHECK_TEXT(answer, "error 5[message: there is no such resource][data: {\"uri\":\"a://text\"}]");
    CHECK_TEXT(get_prompt("prompt", NONE), "error 3[message: there is no prompt `prompt`]");
    CHECK_TEXT(complete(of_prompt("prompt"), "given", "", NONE),
               "error 3[message: there is no prompt `prompt`]");
    CHECK_TEXT(complete(of_template("a://{name}"), "name", "", NONE),
               "error 3[message: there is no resource template `a://{name}`]");
    // An item that is hidden is still there.
    filter = hides_schema;
    CHECK_TEXT(run(add_again),
               "[text: the host refuses an item: there is a tool \"request\" already][is error: 1]");
    CHECK(list_tools(NULL) == 2);
    CHECK_TEXT(answer, "request to schema");
    filter = hides_text;
    CHECK_TEXT(read_resource("a://text"),
               "error 5[message: there is no such resource][data: {\"uri\":\"a://text\"}]");
    CHECK_TEXT(read_resource("a://other"), "[uri: a://other][text: done]");
    filter = fails;
    CHECK(list_tools(NULL) == -1);
    CHECK_TEXT(answer, "error 4[message: cannot tell of request]");
    CHECK_TEXT(call_tool("fields", "{}"), "error 4[message: cannot tell of fields]");
    filter = fails_as_a_tool;
    CHECK_TEXT(call_tool("fields", "{}"), "error 4[message: no rights known for fields]");
    filter = fails;
    handled = 0;
    CHECK_TEXT(read_resource("a://other"), "error 4[message: cannot tell of a://{name}]");
    CHECK(handled == 0);
    filter = NULL;
    CHECK(list_tools(NULL) == 3);
}

static bool hides_odd(mcp_call *call, mcp_item_kind kind, const char *name) {
    (void)call;
    return kind != MCP_PROMPT || (strcmp(name, "prompt") != 0 && atoi(name) % 2 == 0);
}

static void hide_between_pages(void) {
    starting = add_numbered;
    numbered_count = 200;
    filter = hides_odd;
    // Items that are hidden make no page shorter, and no last page that is empty.
    CHECK(list_prompts(NULL) == 100 && next_cursor[0] == '\0');
    CHECK_TEXT(answer, "0 to 198");
}

void run_tests(void) {
    void (*const tests[])(void) = {
        begin_with_server,
        begin_with_tools,
        begin_with_resources,
        begin_with_templates,
        begin_with_prompts,
        begin_with_call,
        begin_with_read,
        begin_with_get,
        begin_with_completion,
        begin_with_subscription,
        begin_with_notification,
        begin_wrongly,
        begin_wrongly_with_notification,
        begin_as_backend,
        list_none,
        list_one,
        list_a_page,
        list_one_more,
        list_many,
        change_between_pages,
        refuse_cursors,
        change,
        change_undeclared,
        refuse_arguments,
        hide,
        ask_of_templates,
        hide_between_pages,
    };
    for (size_t index = 0; index < sizeof tests / sizeof *tests; index++)
        in_instance(tests[index]);
}
