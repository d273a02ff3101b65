/// Tests of the calls of handlers: a server with the library, and a fake host around it.

#include "check.h"

#include <math.h>
#include <string.h>

#include "client.h"
#include "host.h"
#include "mcp_schema.h"

/// ## A server

static const char BYTES[] = {0, 1, 2};

static void nothing(mcp_call *call) {
    (void)call;
}

static void types(mcp_call *call) {
    const char *text = mcp_arg_string(call, "string");
    const int64_t integer = mcp_arg_integer_or(call, "integer", -1);
    const double number = mcp_arg_number_or(call, "number", 0.5);
    const bool is_true = mcp_arg_boolean_or(call, "boolean", true);
    const char *other = mcp_arg_string_or(call, "other", "none");
    mcp_text(call, "%s %lld %g %d %s", text, (long long)integer, number, is_true, other);
}

static void required(mcp_call *call) {
    mcp_arg_integer(call, "integer");
    mcp_arg_number(call, "number");
    mcp_arg_boolean(call, "boolean");
}

static void echo(mcp_call *call) {
    mcp_slice_text(call, mcp_arg_slice(call, "text"));
}

static void every_content(mcp_call *call) {
    mcp_text(call, "%s", "text \xFF");
    mcp_image(call, "image/png", BYTES, sizeof BYTES);
    mcp_audio(call, "audio/wav", BYTES, sizeof BYTES);
    mcp_link(call, "a://link", "link");
    mcp_embed_text(call, "a://text", "text/plain", "embedded");
    mcp_embed_blob(call, "a://blob", "image/png", BYTES, sizeof BYTES);
    mcp_add(call, &(mcp_content){.type = MCP_CONTENT_OTHER, .text = "{\"type\":\"new\"}"});
    const mcp_annotations annotations = {.for_assistant = true, .priority = MCP_SET(0)};
    mcp_add(call,
            &(mcp_content){.text = "annotated", .annotations = &annotations, .meta = "{}", .extra = "{}"});
    mcp_result_meta(call, "{\"m\":1}");
    mcp_result_extra(call, "{\"e\":1}");
}

static void structured(mcp_call *call) {
    mcp_write_integer(mcp_structured(call), "a", 1);
    if (mcp_arg_boolean_or(call, "text", false))
        mcp_text(call, "own text");
    if (mcp_arg_boolean_or(call, "wrong", false))
        mcp_write_array(mcp_structured(call), "open");
}

static void structured_text(mcp_call *call) {
    mcp_structured_text(call, mcp_arg_string(call, "json"));
}

static void fails(mcp_call *call) {
    mcp_image(call, "image/png", BYTES, sizeof BYTES); // dropped, and freed
    mcp_fail(call, "first %d", 1);
    mcp_error(call, MCP_INVALID_PARAMS, NULL, "second");
    CHECK(mcp_failed(call));
    CHECK_TEXT(mcp_failure(call), "first 1");
}

static void forgives(mcp_call *call) {
    CHECK(!mcp_failed(call) && mcp_failure(call) == NULL && mcp_forgive(call) == MCP_NO_CODE);
    mcp_error(call, MCP_TIMEOUT, NULL, "too late");
    CHECK_TEXT(mcp_code_name(call, mcp_forgive(call)), "timeout");
    CHECK_TEXT(mcp_code_name(call, -5), "-5");
    CHECK_TEXT(mcp_code_name(call, MCP_NO_CODE), "none");
    CHECK(!mcp_failed(call));
    mcp_text(call, "forgiven");
}

static void errs(mcp_call *call) {
    mcp_image(call, "image/png", BYTES, sizeof BYTES); // dropped, and freed
    mcp_error(call, mcp_arg_integer(call, "code"), "{\"d\":1}", "wrong");
}

static void wrong_bytes(mcp_call *call) {
    mcp_blob(call, BYTES, sizeof BYTES);
}

static void requests(mcp_call *call);

static void watched(mcp_call *call) {
    mcp_text(call, "1");
    mcp_embed_blob(call, NULL, NULL, BYTES, sizeof BYTES);
    mcp_image(call, "image/png", BYTES, sizeof BYTES);
}

static void wrong_link(mcp_call *call) {
    mcp_text(call, "dropped, and freed");
    mcp_link(call, "a://link", "link");
}

static void numbered(mcp_call *call) {
    mcp_write_integer(mcp_structured(call), "number", mcp_arg_integer(call, "number"));
}

static void any_path(mcp_call *call) {
    mcp_text(call, "%s", mcp_uri(call));
}

static void propose_many(mcp_call *call) {
    for (int number = 0; number < 250; number++)
        mcp_propose(call, mcp_format(call, "%d", number));
}

static void plan(mcp_call *call) {
    mcp_from(call, MCP_ASSISTANT);
    mcp_text(call, "Plan %lld days in %s.", (long long)mcp_arg_integer_or(call, "days", 3),
             mcp_arg_string(call, "city"));
    mcp_result_description(call, "A plan");
}

static void cities(mcp_call *call) {
    const char *country = mcp_arg_string_or(call, "country", "nowhere");
    mcp_propose(call, mcp_format(call, "Paris, %s", country));
    mcp_propose(call, "Prague");
    mcp_propose(call, "Berlin");
    CHECK_TEXT(mcp_typed(call), "P");
}

static void cannot(mcp_call *call) {
    mcp_ask_model(call, 1, "no");
}

static int events;

static void count_event(mcp_call *call) {
    events++;
    if (mcp_uri(call) != NULL && strcmp(mcp_uri(call), "a://refused") == 0)
        mcp_fail(call, "not this one");
}

static void start(mcp_call *call);

static const mcp_items more_items = {
    .prompts = MCP_PROMPTS({.name = "more", .handler = nothing}),
};

const mcp_server mcp_main = {
    .name = "test",
    .version = "1",
    .instructions = "Test.",
    .tools = MCP_TOOLS(
        {.name = "nothing", .handler = nothing},
        {
            .name = "types",
            .title = "Types",
            .description = "All types.",
            .input = MCP_FIELDS({.name = "string", .type = MCP_STRING},
                                {.name = "integer", .type = MCP_INTEGER, .optional = true}),
            .output_schema = "{\"type\":\"object\",\"title\":\"As text\"}",
            .read_only = MCP_YES,
            .destructive = MCP_NO,
            .meta = "{\"m\":1}",
            .extra = "{\"e\":1}",
            .handler = types,
        },
        {.name = "required", .handler = required}, {.name = "echo", .handler = echo},
        {.name = "every-content", .handler = every_content}, {.name = "structured", .handler = structured},
        {.name = "structured-text", .handler = structured_text}, {.name = "fails", .handler = fails},
        {.name = "forgives", .handler = forgives}, {.name = "errs", .handler = errs},
        {.name = "wrong-bytes", .handler = wrong_bytes}, {.name = "requests", .handler = requests}),
    .resources = MCP_RESOURCES({.uri = "a://text", .mime_type = "text/plain", .text = "fixed %s"},
                               {.uri = "a://watched", .name = "watched", .size = 1, .handler = watched},
                               {.uri = "a://wrong", .handler = wrong_link},
                               {.uri = "a://hidden", .unlisted = true, .text = "hidden"},
                               {.uri = "a://refused", .unlisted = true, .text = "hidden"}),
    .templates = MCP_TEMPLATES({.uri_template = "a://any/{+path}", .handler = any_path},
                               {
                                   .uri_template = "a://numbers/{number}",
                                   .mime_type = "application/json",
                                   .variables = MCP_FIELDS({.name = "number", .complete = propose_many}),
                                   .handler = numbered,
                               }),
    .prompts = MCP_PROMPTS(
        {
            .name = "plan",
            .arguments = MCP_FIELDS({.name = "city", .complete = cities}, {.name = "days", .optional = true},
                                    {.name = "cannot", .optional = true, .complete = cannot}),
            .handler = plan,
        },
        {.name = "cannot", .handler = cannot}),
    .parts = MCP_PARTS(&more_items),
    .subscriptions = true,
    .start = start,
    .subscribed = count_event,
    .unsubscribed = count_event,
    .initialized = count_event,
    .roots_changed = count_event,
    .experimental = "{\"x\": {\"y\": 1.10}}",
};

static void start(mcp_call *call) {
    static const mcp_items no_items = {0};
    CHECK(mcp_add_items(call, &no_items));
}

/// ## Tests

static void check_schema(const mcp_field *fields, const char *expected) {
    mcp_arena arena = {0};
    mcp_writer *out = mcp_writer_new(&arena);
    mcp_write_schema(out, NULL, fields);
    const mcp_slice text = mcp_writer_finish(out);
    CHECK_TEXT(text.data != NULL ? text.data : mcp_writer_mistake(out), expected);
    mcp_arena_free(&arena);
}

static void test_schemas(void) {
    check_schema(NULL, "{\"type\":\"object\"}");
    check_schema(MCP_FIELDS({.name = "a", .type = MCP_STRING}),
                 "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"]}");
    check_schema(
        MCP_FIELDS({
            .name = "a",
            .type = MCP_STRING,
            .title = "T",
            .description = "D",
            .optional = true,
            .nullable = true,
            .fallback = "\"x\"",
            .length = {1, 9},
            .format = "date",
            .choices = MCP_STRINGS("x", "y"),
            .extra = "{\"examples\":[1.10]}",
        }),
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":[\"string\",\"null\"],\"title\":\"T\","
        "\"description\":\"D\",\"default\":\"x\",\"minLength\":1,\"maxLength\":9,\"format\":\"date\","
        "\"enum\":[\"x\",\"y\",null],\"examples\":[1.10]}}}");
    check_schema(
        MCP_FIELDS({.name = "a", .type = MCP_NUMBER, .range = {-0.5, INFINITY}},
                   {.name = "b", .type = MCP_INTEGER, .range = {-INFINITY, 0}},
                   {.name = "c", .type = MCP_INTEGER, .range = {0, 7}}),
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\",\"minimum\":-0.5},"
        "\"b\":{\"type\":\"integer\",\"maximum\":0},\"c\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":7}},"
        "\"required\":[\"a\",\"b\",\"c\"]}");
    check_schema(
        MCP_FIELDS(
            {
                .name = "list",
                .type = MCP_ARRAY,
                .length = {1, 2},
                .items =
                    MCP_ITEM(.type = MCP_OBJECT, .fields = MCP_FIELDS({.name = "x", .type = MCP_BOOLEAN})),
            },
            {.name = "any", .type = MCP_ANY, .optional = true},
            {.name = "raw", .optional = true, .schema = "{\"const\":1.10}"}),
        "{\"type\":\"object\",\"properties\":{\"list\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":2,\"items\":"
        "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"boolean\"}},\"required\":[\"x\"]}},\"any\":{},"
        "\"raw\":{\"const\":1.10}},\"required\":[\"list\"]}");
    check_schema(MCP_FIELDS({.name = "a", .fallback = "x"}), "a text that is not JSON");
    check_schema(MCP_FIELDS({.name = "a", .extra = "[]"}), "a text that is not JSON");
    check_schema(MCP_FIELDS({.name = "a", .schema = "{"}), "a text that is not JSON");
}

static void test_start(void) {
    wasi_mcp_types_error_t error;
    host_reset();
    // A call starts nothing: an author who replaces the export registers in another way.
    CHECK_TEXT(call_tool("nothing", NULL), "error 3[message: unknown tool `nothing`]");
    CHECK_TEXT(host_log(), "");

    host_reset();
    host.refused = "register-resource-templates";
    answer[0] = '\0';
    CHECK(!exports_wasi_mcp_start_start(&error));
    show_error(&error);
    CHECK_TEXT(answer, "error 2[message: the host refuses an item: the host says no][data: {\"why\":1}]");
    // What was registered before is withdrawn.
    const char *withdrawn = strstr(host_log(), "unregister-tools");
    CHECK(withdrawn != NULL &&
          strstr(withdrawn, "unregister-resources item=a://text item=a://watched item=a://wrong\n"));

    host_reset();
    host.refused = "serve";
    answer[0] = '\0';
    CHECK(!exports_wasi_mcp_start_start(&error));
    show_error(&error);
    CHECK_TEXT(answer, "error 2[message: the host refuses the server: the host says no][data: {\"why\":1}]");

    // A start that has failed leaves nothing behind.
    host_reset();
    CHECK(exports_wasi_mcp_start_start(&error));
    CHECK(strstr(host_log(),
                 "name=nothing input={\"type\":\"object\"} name=types title=Types "
                 "description=All types. input={\"type\":\"object\",\"properties\":{\"string\":{\"type\":"
                 "\"string\"},\"integer\":{\"type\":\"integer\"}},\"required\":[\"string\"]} "
                 "output={\"type\":\"object\",\"title\":\"As text\"} read-only=true destructive=false "
                 "meta={\"m\":1} extra={\"e\":1} name=required") != NULL);
    CHECK(strstr(host_log(),
                 "register-resources uri=a://text name=a://text mime-type=text/plain uri=a://watched "
                 "name=watched size=1 uri=a://wrong name=a://wrong\n") != NULL);
    CHECK(
        strstr(
            host_log(),
            "register-resource-templates uri-template=a://any/{+path} uri-template=a://numbers/{number}\n") !=
        NULL);
    CHECK(strstr(host_log(),
                 "register-prompts name=plan argument=city required=true argument=days required=false "
                 "argument=cannot required=false name=cannot\n") != NULL);
    CHECK(strstr(host_log(),
                 "register-prompts name=more\nregister-server name=test version=1 instructions=Test. "
                 "tools resources prompts completions subscribe=true experimental=x is={\"y\": 1.10}\n"
                 "serve\n") != NULL);
}

static void test_tools(void) {
    host_reset();
    CHECK_TEXT(call_tool("none", NULL), "error 3[message: unknown tool `none`]");
    CHECK_TEXT(call_tool("nothing", NULL), "");
    // Arguments of each type, with defaults, and wrong ones.
    CHECK_TEXT(
        call_tool("types",
                  "{\"string\":\"s\",\"integer\":3.0,\"number\":1e2,\"boolean\":false,\"other\":\"o\"}"),
        "[text: s 3 100 0 o]");
    CHECK_TEXT(call_tool("types", "{\"string\":\"s\"}"), "[text: s -1 0.5 1 none]");
    CHECK_TEXT(call_tool("types", "{\"string\":\"s\",\"integer\":null,\"other\":null}"),
               "[text: s -1 0.5 1 none]");
    CHECK_TEXT(call_tool("types", NULL),
               "error 3[message: argument `string`: expected a string, found nothing]");
    CHECK_TEXT(call_tool("types", "{\"string\":null}"),
               "error 3[message: argument `string`: expected a string, found null]");
    CHECK_TEXT(call_tool("types", "{\"string\":7}"),
               "error 3[message: argument `string`: expected a string, found 7]");
    CHECK_TEXT(call_tool("types", "{\"string\":\"a\\u0000b\"}"),
               "error 3[message: argument `string`: expected a string without U+0000, found one with it]");
    CHECK_TEXT(call_tool("types", "{\"string\":\"s\",\"integer\":1.5}"),
               "error 3[message: argument `integer`: expected an integer of 64 bits, found 1.5]");
    CHECK_TEXT(call_tool("types", "{\"string\":\"s\",\"integer\":\"3\"}"),
               "error 3[message: argument `integer`: expected an integer of 64 bits, found a string]");
    CHECK_TEXT(call_tool("types", "{\"string\":\"s\",\"number\":1e999}"),
               "error 3[message: argument `number`: expected a number, found 1e999]");
    CHECK_TEXT(call_tool("types", "{\"string\":\"s\",\"boolean\":[]}"),
               "error 3[message: argument `boolean`: expected a boolean, found an array]");
    CHECK_TEXT(call_tool("required", "{}"),
               "error 3[message: argument `integer`: expected an integer, found nothing]");
    CHECK_TEXT(call_tool("required", "{\"integer\":1}"),
               "error 3[message: argument `number`: expected a number, found nothing]");
    CHECK_TEXT(call_tool("required", "{\"integer\":1,\"number\":1}"),
               "error 3[message: argument `boolean`: expected a boolean, found nothing]");
    CHECK_TEXT(call_tool("required", "{\"integer\":1,\"number\":1,\"boolean\":true}"), "");
    CHECK_TEXT(call_tool("types", "{\"string\":"),
               "error 3[message: the arguments cannot be read: expected a value at byte 10]");
    CHECK_TEXT(call_tool("types", "[]"),
               "error 3[message: argument `string`: expected a string, found nothing]");
    CHECK_TEXT(call_tool("echo", "{\"text\":\"\"}"), "[text: ]");
    CHECK_TEXT(call_tool("echo", "{\"text\":7}"),
               "error 3[message: argument `text`: expected a string, found 7]");
    // Answers
    CHECK_TEXT(call_tool("every-content", NULL),
               "[text: text \uFFFD][image: image/png][3 bytes][audio: audio/wav][3 bytes][link: a://link]"
               "[uri: a://text][mime: text/plain][text: embedded][uri: a://blob][mime: image/png][3 bytes]"
               "[other: {\"type\":\"new\"}][text: annotated][1 audience, priority 0][meta: {\"m\":1}]"
               "[extra: {\"e\":1}]");
    CHECK_TEXT(call_tool("structured", NULL), "[text: {\"a\":1}][structured: {\"a\":1}]");
    CHECK_TEXT(call_tool("structured", "{\"text\":true}"), "[text: own text][structured: {\"a\":1}]");
    CHECK_TEXT(call_tool("structured", "{\"wrong\":true}"),
               "error 4[message: cannot write JSON: an array or object that does not end]");
    CHECK_TEXT(call_tool("structured-text", "{\"json\":\"{\\\"a\\\":1.10}\"}"),
               "[text: {\"a\":1.10}][structured: {\"a\":1.10}]");
    CHECK_TEXT(call_tool("structured-text", "{\"json\":\"[]\"}"),
               "error 4[message: structured content: expected a JSON object: it is not an object at byte 0]");
    CHECK_TEXT(call_tool("structured-text", "{\"json\":\"{\"}"),
               "error 4[message: structured content: expected a JSON object: expected a string at byte 1]");
    CHECK_TEXT(call_tool("wrong-bytes", NULL),
               "error 4[message: `wrong-bytes`: bytes need a kind: mcp_image, mcp_audio or mcp_embed_blob]");
    // Failures
    CHECK_TEXT(call_tool("fails", NULL), "[text: first 1][is error: 1]");
    CHECK_TEXT(call_tool("forgives", NULL), "[text: forgiven]");
    CHECK_TEXT(call_tool("errs", "{\"code\":-32602}"), "error 3[message: wrong][data: {\"d\":1}]");
    CHECK_TEXT(call_tool("errs", "{\"code\":-32002}"), "error 5[message: wrong][data: {\"d\":1}]");
    CHECK_TEXT(call_tool("errs", "{\"code\":-7}"), "error 9 (-7)[message: wrong][data: {\"d\":1}]");
    CHECK(host.contexts == 0);
}

static void test_resources(void) {
    host_reset();
    CHECK_TEXT(read_resource("a://text"), "[uri: a://text][mime: text/plain][text: fixed %s]");
    CHECK_TEXT(read_resource("a://hidden"), "[uri: a://hidden][text: hidden]");
    CHECK_TEXT(read_resource("a://watched"), "[uri: a://watched][text: 1][uri: a://watched][3 bytes]"
                                             "[uri: a://watched][mime: image/png][3 bytes]");
    CHECK_TEXT(read_resource("a://none"),
               "error 5[message: there is no such resource][data: {\"uri\":\"a://none\"}]");
    CHECK_TEXT(read_resource("a://\"\xFF"),
               "error 5[message: there is no such resource][data: {\"uri\":\"a://\\\"\uFFFD\"}]");
    CHECK_TEXT(read_resource("a://wrong"),
               "error 4[message: resource `a://wrong`: contents are texts or bytes, and no links]");
    CHECK_TEXT(read_resource("a://numbers/7"),
               "[uri: a://numbers/7][mime: application/json][text: {\"number\":7}]");
    // A variable of the wrong type names no resource.
    CHECK_TEXT(read_resource("a://numbers/x"),
               "error 5[message: there is no such resource][data: {\"uri\":\"a://numbers/x\"}]");
    // A URI is not cut off at a U+0000.
    bindings_string_t uri = host_string("a://text?");
    uri.ptr[8] = '\0';
    wasi_mcp_content_read_resource_params_t params = {.uri = uri};
    wasi_mcp_content_read_resource_result_t result;
    wasi_mcp_types_error_t error;
    CHECK(!exports_wasi_mcp_resources_read_resource(host_context(), &params, &result, &error));
    CHECK(error.code.tag == WASI_MCP_TYPES_ERROR_CODE_RESOURCE_NOT_FOUND);
    wasi_mcp_types_error_free(&error);
    uri = host_string("a://any/x?");
    uri.ptr[9] = '\0';
    params = (wasi_mcp_content_read_resource_params_t){.uri = uri};
    CHECK(!exports_wasi_mcp_resources_read_resource(host_context(), &params, &result, &error));
    wasi_mcp_types_error_free(&error);
    CHECK_TEXT(read_resource("a://any/x/y"), "[uri: a://any/x/y][text: a://any/x/y]");
    CHECK(host.contexts == 0);
}

static void test_prompts(void) {
    static const char *const none[] = {NULL};
    host_reset();
    CHECK_TEXT(get_prompt("none", none), "error 3[message: there is no prompt `none`]");
    CHECK_TEXT(get_prompt("plan", (const char *const[]){"city", "Köln", "days", "7", NULL}),
               "[description: A plan][assistant][text: Plan 7 days in Köln.]");
    CHECK_TEXT(get_prompt("plan", (const char *const[]){"city", "\"", NULL}),
               "[description: A plan][assistant][text: Plan 3 days in \".]");
    CHECK_TEXT(get_prompt("plan", none),
               "error 3[message: argument `city`: expected a string, found nothing]");
    CHECK_TEXT(get_prompt("plan", (const char *const[]){"city", "Köln", "days", "x", NULL}),
               "error 3[message: argument `days`: expected an integer of 64 bits, found `x`]");
    // A request that the client refuses is no error of the prompt's caller.
    host.refused = "create-message";
    CHECK_TEXT(get_prompt("cannot", none),
               "error 4[message: the client's model did not answer: the host says no][data: {\"why\":1}]");

    CHECK_TEXT(complete(of_prompt("plan"), "city", "P", (const char *const[]){"country", "France", NULL}),
               "2 of 2[value: Paris, France][value: Prague]");
    CHECK_TEXT(complete(of_prompt("plan"), "city", "P", none),
               "2 of 2[value: Paris, nowhere][value: Prague]");
    CHECK_TEXT(complete(of_prompt("plan"), "days", "P", none), "0 of 0");
    CHECK_TEXT(complete(of_prompt("plan"), "other", "P", none),
               "error 3[message: there is no argument `other`]");
    CHECK_TEXT(complete(of_prompt("none"), "city", "P", none), "error 3[message: there is no prompt `none`]");
    CHECK_TEXT(complete(of_template("a://numbers/{number}"), "number", "", none),
               "100 of 250, more[value: 0][value: 1][value: 2]");
    CHECK_TEXT(complete(of_template("a://numbers/{number}"), "number", "24", none),
               "11 of 11[value: 24][value: 240][value: 241]");
    CHECK_TEXT(complete(of_template("a://numbers/{number}"), "num", "", none),
               "error 3[message: there is no argument `num`]");
    // A variable need not be in the table.
    CHECK_TEXT(complete(of_template("a://any/{+path}"), "path", "", none), "0 of 0");
    CHECK_TEXT(complete(of_template("a://none"), "number", "", none),
               "error 3[message: there is no resource template `a://none`]");
    wasi_mcp_content_completion_reference_t other = {
        .tag = WASI_MCP_CONTENT_COMPLETION_REFERENCE_OTHER, .val = {.other = host_string("{}")}};
    CHECK_TEXT(complete(other, "number", "", none), "error 3[message: unknown kind of reference]");
    CHECK_TEXT(complete(of_prompt("plan"), "cannot", "", none),
               "error 4[message: the client's model did not answer: the host says no][data: {\"why\":1}]");
    CHECK(host.contexts == 0);
}

static void write_client(mcp_call *call) {
    const mcp_client_info *client = mcp_client(call);
    CHECK_TEXT(client->name, "client");
    CHECK(client->title == NULL);
    CHECK_TEXT(client->version, "1");
    CHECK_TEXT(client->extra, "{\"e\":1}");
    CHECK_TEXT(client->protocol_version, "2025-06-18");
    CHECK(client->has_log_level && client->log_level == MCP_LOG_WARNING);
    CHECK(client->has_roots && client->roots_list_changed && !client->has_sampling &&
          client->has_elicitation);
    CHECK_TEXT(client->experimental, "{\"x\":{}}");
    CHECK(client->capabilities_extra == NULL);
    CHECK_TEXT(mcp_request_id(call), "\"id\"");
    CHECK_TEXT(mcp_request_meta(call), "{\"a\":1.10}");
    CHECK(mcp_progress_token(call) == NULL && mcp_request_extra(call) == NULL);
    CHECK_TEXT(mcp_name(call), "requests");
    CHECK(mcp_is_stopped() && mcp_is_cancelled(call) == host.is_cancelled && mcp_context(call).__handle == 7);
}

static void ask_principal(mcp_call *call) {
    const mcp_principal_info *principal = mcp_principal(call);
    CHECK((principal != NULL) == host.has_principal);
    if (principal == NULL)
        return;
    CHECK_TEXT(principal->issuer, "https://issuer");
    CHECK_TEXT(principal->subject, "ada");
    CHECK(principal->client_id == NULL);
    CHECK_TEXT(principal->scopes[0], "read");
    CHECK_TEXT(principal->scopes[1], "write");
    CHECK(principal->scopes[2] == NULL);
    CHECK_TEXT(principal->claims, "{\"level\":3.0}");
}

static void ask_model(mcp_call *call) {
    const mcp_message messages[] = {
        {MCP_USER, {.text = "Question"}},
        {MCP_ASSISTANT, {.type = MCP_CONTENT_AUDIO, .data = BYTES, .length = 3, .mime_type = "audio/wav"}},
        {MCP_USER, {.type = MCP_CONTENT_OTHER, .text = "{\"type\":\"new\"}"}},
    };
    const mcp_sampled *sampled = mcp_sample(call, &(mcp_sampling){
                                                      .messages = messages,
                                                      .message_count = 3,
                                                      .max_tokens = 9,
                                                      .system_prompt = "Be brief.",
                                                      .include_context = MCP_INCLUDE_ALL_SERVERS,
                                                      .temperature = MCP_SET(0),
                                                      .stop_sequences = MCP_STRINGS("END"),
                                                      .model_hints = MCP_STRINGS("small", "fast"),
                                                      .cost_priority = MCP_SET(0.5),
                                                      .metadata = "{}",
                                                  });
    if (sampled == NULL)
        return;
    CHECK(sampled->role == MCP_ASSISTANT);
    CHECK_TEXT(sampled->model, "m");
    CHECK_TEXT(sampled->stop_reason, "endTurn");
    if (host.answers_with_image) {
        CHECK(sampled->content.type == MCP_CONTENT_IMAGE && sampled->content.length == 3);
        CHECK_TEXT(sampled->content.mime_type, "image/png");
        CHECK(mcp_ask_model(call, 1, "%s", "again") == NULL);
        return;
    }
    CHECK_TEXT(sampled->content.text, "the answer");
    CHECK(sampled->content.annotations->for_user && sampled->content.annotations->for_assistant);
    CHECK(sampled->content.annotations->priority.is_set &&
          sampled->content.annotations->priority.value == 0.5);
    CHECK_TEXT(mcp_ask_model(call, 1, "%d", 7), "the answer");
}

static void ask_user(mcp_call *call) {
    const mcp_elicited *elicited = mcp_elicit(
        call, "Who?",
        MCP_FIELDS({.name = "name",
                    .type = MCP_STRING,
                    .length = {1, 9},
                    .format = "date-time",
                    .fallback = "\"x\""},
                   {.name = "age", .type = MCP_INTEGER, .range = {0, 150}},
                   {.name = "ratio", .type = MCP_NUMBER, .optional = true, .range = {0.5, INFINITY}},
                   {.name = "agreed", .type = MCP_BOOLEAN, .optional = true, .fallback = "true"},
                   {.name = "colour", .type = MCP_STRING, .optional = true, .choices = MCP_STRINGS("r", "g")},
                   {.name = "new", .optional = true, .schema = "{\"type\":\"new\"}"}));
    if (elicited == NULL)
        return;
    CHECK(elicited->action == (mcp_action)host.action);
    CHECK((elicited->values != NULL) == (elicited->action == MCP_ACCEPTED));
    CHECK_TEXT(elicited->meta, "{}");
    if (!host.has_values)
        return;
    CHECK_TEXT(mcp_get_string(call, elicited->values, "name"), "Ada");
    CHECK(mcp_get_integer(call, elicited->values, "age") == 36);
    CHECK(mcp_get_number(call, elicited->values, "age") == 36);
    CHECK(mcp_get_boolean(call, elicited->values, "agreed"));
    CHECK_TEXT(mcp_json_source(mcp_json_member(elicited->values, "list")).data, "[1.10]}");
    CHECK_TEXT(mcp_get_string_or(call, elicited->values, "missing", "fallback"), "fallback");
    CHECK(mcp_get_integer_or(call, elicited->values, "missing", 3) == 3);
    CHECK(mcp_get_number_or(call, elicited->values, "missing", 0.5) == 0.5);
    CHECK(mcp_get_boolean_or(call, elicited->values, "missing", true));
    CHECK(!mcp_failed(call));
    mcp_get_integer(call, elicited->values, "name");
}

static void ask_wrongly(mcp_call *call) {
    CHECK(mcp_elicit(call, "?", MCP_FIELDS({.name = "list", .type = MCP_ARRAY})) == NULL);
    CHECK_TEXT(mcp_failure(call),
               "field `list`: a form has strings, numbers and booleans; give others a `.schema`");
    mcp_forgive(call);
    CHECK(mcp_elicit(call, "?", MCP_FIELDS({.name = "ip", .type = MCP_STRING, .format = "ipv4"})) == NULL);
    CHECK_TEXT(mcp_failure(call),
               "field `ip`: unknown format `ipv4`: expected email, uri, date or date-time");
    mcp_forgive(call);
    CHECK(mcp_elicit(call, "?", MCP_FIELDS({.name = "name"}, {.type = MCP_INTEGER})) == NULL);
    CHECK_TEXT(mcp_failure(call), "the form: fields[1] has no `.name`");
    mcp_forgive(call);
    const mcp_message link = {MCP_USER, {.type = MCP_CONTENT_LINK, .uri = "a://b"}};
    CHECK(mcp_sample(call, &(mcp_sampling){.messages = &link, .message_count = 1}) == NULL);
    CHECK_TEXT(mcp_failure(call), "messages for the model are texts, images and audio");
    mcp_forgive(call);
}

static void list_roots(mcp_call *call) {
    const mcp_roots *roots = mcp_list_roots(call, "{\"m\":1}");
    if (roots == NULL)
        return;
    CHECK(roots->count == 2);
    CHECK_TEXT(roots->roots[0].uri, "file:///a");
    CHECK_TEXT(roots->roots[0].name, "A");
    CHECK_TEXT(roots->roots[1].uri, "file:///b");
    CHECK(roots->roots[1].name == NULL && roots->meta == NULL);
}

static void list_roots_after_failure(mcp_call *call) {
    mcp_fail(call, "first");
    CHECK(mcp_list_roots(call, NULL) == NULL);
}

static void propose_outside_of_completion(mcp_call *call) {
    mcp_propose(call, "value");
}

static void tell(mcp_call *call) {
    mcp_progress(call, 1, 3, "Step %d", 1);
    mcp_progress(call, 2, MCP_UNKNOWN_TOTAL, NULL);
    mcp_progress(call, 2, 0, NULL);
    mcp_log(call, MCP_LOG_INFO, "a %s", "\"text\"");
    mcp_log_json(call, MCP_LOG_ERROR, "part", "{}");
    mcp_log_to_sessions(call, MCP_LOG_DEBUG, NULL, "1");
}

static mcp_handler request;

static void requests(mcp_call *call) {
    request(call);
}

/// Returns the answer of a tool that runs this function.
static const char *run(mcp_handler handler) {
    request = handler;
    return call_tool("requests", NULL);
}

static void test_requests(void) {
    host_reset();
    CHECK_TEXT(run(write_client), "");
    host.is_cancelled = true;
    CHECK_TEXT(run(write_client), "");
    CHECK_TEXT(run(ask_principal), "");
    host.has_principal = true;
    CHECK_TEXT(run(ask_principal), "");
    CHECK_TEXT(run(ask_wrongly), "");
    CHECK_TEXT(host_log(), ""); // wrong questions reach nobody

    CHECK_TEXT(run(ask_model), "");
    CHECK_TEXT(host_log(),
               "create-message max-tokens=9 user text=Question assistant audio=audio/wav user "
               "other={\"type\":\"new\"} system-prompt=Be brief. cost=0.5 hint=small hint=fast include=2 "
               "temperature=0 stop=END metadata={}\ncreate-message max-tokens=1 user text=7\n");
    host.answers_with_image = true;
    CHECK_TEXT(run(ask_model), "[text: the client's model did not answer with a text][is error: 1]");
    host.refused = "create-message";
    CHECK_TEXT(run(ask_model), "[text: the client's model did not answer: the host says no][is error: 1]");

    host_reset();
    host.has_values = true;
    CHECK_TEXT(run(ask_user),
               "error 3[message: member `name`: expected an integer of 64 bits, found a string]");
    CHECK_TEXT(
        host_log(),
        "elicit message=Who? field=name text min=1 max=9 format=3 extra={\"default\":\"x\"} field=age "
        "integer min=0 max=150 field=ratio number min=0.5 field=agreed boolean default=true "
        "field=colour choice=r choice=g field=new other={\"type\":\"new\"} required=name required=age\n");
    host.has_values = false;
    CHECK_TEXT(run(ask_user), "");
    host.action = WASI_MCP_CONTENT_ELICIT_ACTION_DECLINE;
    CHECK_TEXT(run(ask_user), "");
    host.action = WASI_MCP_CONTENT_ELICIT_ACTION_CANCEL;
    CHECK_TEXT(run(ask_user), "");
    host.refused = "elicit";
    CHECK_TEXT(run(ask_user), "[text: the client's user was not asked: the host says no][is error: 1]");

    host_reset();
    CHECK_TEXT(run(list_roots), "");
    CHECK_TEXT(host_log(), "list-roots meta={\"m\":1}\n");
    host.refused = "list-roots";
    CHECK_TEXT(run(list_roots), "[text: the client's roots are not known: the host says no][is error: 1]");

    host_reset();
    CHECK_TEXT(run(list_roots_after_failure), "[text: first][is error: 1]");
    CHECK_TEXT(host_log(), "");
    CHECK_TEXT(run(propose_outside_of_completion),
               "error 4[message: mcp_propose: only `.complete` of a field proposes values]");

    host_reset();
    CHECK_TEXT(run(tell), "");
    CHECK_TEXT(host_log(),
               "report-progress 1 total=3 message=Step 1\nreport-progress 2\nreport-progress 2 total=0\n"
               "log in-request 1 data=\"a \\\"text\\\"\"\nlog in-request 4 logger=part data={}\n"
               "log to-sessions 0 data=1\n");
    host.refused = "report-progress";
    CHECK_TEXT(run(tell), "[text: the host refuses the progress: the host says no][is error: 1]");
    host.refused = "log";
    CHECK_TEXT(run(tell), "[text: the host refuses the log message: the host says no][is error: 1]");
    CHECK(host.contexts == 0);
}

static const mcp_items added = {
    .tools = MCP_TOOLS({.name = "added", .handler = nothing}),
    .resources = MCP_RESOURCES({.uri = "a://added", .text = "added"},
                               {.uri = "a://added/hidden", .unlisted = true, .text = "added"}),
    .templates = MCP_TEMPLATES({.uri_template = "b://{x}", .handler = nothing}),
    .prompts = MCP_PROMPTS({.name = "added", .handler = nothing}),
};

static void add(mcp_call *call) {
    mcp_add_items(call, &added);
}

static void remove_added(mcp_call *call) {
    mcp_remove_items(call, &added);
}

static void add_wrong(mcp_call *call) {
    const struct {
        mcp_items items;
        const char *mistake;
    } cases[] = {
        {{.tools = MCP_TOOLS({.name = "x"})}, "tool `x`: it has no handler"},
        {{.tools =
              MCP_TOOLS({.name = "x", .input = MCP_FIELDS({.name = "a", .extra = "?"}), .handler = nothing})},
         "tool `x`: its fields: a text that is not JSON"},
        {{.resources = MCP_RESOURCES({.uri = "x://"})},
         "resource `x://`: it needs either a handler or a text"},
        {{.resources = MCP_RESOURCES({.uri = "x://", .text = "", .handler = nothing})},
         "resource `x://`: it needs either a handler or a text"},
        {{.templates = MCP_TEMPLATES({.uri_template = "x://{a}"})}, "template `x://{a}`: it has no handler"},
        {{.templates = MCP_TEMPLATES({.uri_template = "x://{a}{a}", .handler = nothing})},
         "template `x://{a}{a}`: a variable that occurs twice"},
        {{.prompts = MCP_PROMPTS({.name = "x"})}, "prompt `x`: it has no handler"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        CHECK(!mcp_add_items(call, &cases[index].items));
        CHECK_TEXT(mcp_failure(call), cases[index].mistake);
        mcp_forgive(call);
    }
    CHECK(!mcp_remove_items(call, &cases[0].items));
}

static void test_changes(void) {
    host_reset();
    CHECK_TEXT(run(add), "");
    CHECK_TEXT(host_log(), "register-tools name=added input={\"type\":\"object\"}\n"
                           "register-resources uri=a://added name=a://added\n"
                           "register-resource-templates uri-template=b://{x}\nregister-prompts name=added\n");
    CHECK_TEXT(call_tool("added", NULL), "");
    CHECK_TEXT(read_resource("a://added/hidden"), "[uri: a://added/hidden][text: added]");
    host_reset();
    CHECK_TEXT(run(remove_added), "");
    CHECK_TEXT(host_log(), "unregister-tools item=added\nunregister-resources item=a://added\n"
                           "unregister-resource-templates item=b://{x}\nunregister-prompts item=added\n");
    CHECK_TEXT(call_tool("added", NULL), "error 3[message: unknown tool `added`]");
    CHECK_TEXT(run(remove_added), "[text: the items are not in the lists][is error: 1]");
    host_reset();
    CHECK_TEXT(run(add_wrong), "[text: the items are not in the lists][is error: 1]");
    CHECK_TEXT(host_log(), "");
    // Items are in the lists together or not at all.
    host.refused = "register-prompts";
    CHECK_TEXT(run(add), "[text: the host refuses an item: the host says no][is error: 1]");
    CHECK(strstr(host_log(), "unregister-tools item=added\nunregister-resources item=a://added\n"
                             "unregister-resource-templates item=b://{x}\n") != NULL);
    CHECK_TEXT(call_tool("added", NULL), "error 3[message: unknown tool `added`]");

    host_reset();
    mcp_resource_updated("a://text");
    mcp_part_updated("a://text", "a://text/1");
    mcp_resource_updated("a://\xff");
    CHECK_TEXT(host_log(),
               "resource-updated subscribed=a://text\nresource-updated subscribed=a://text uri=a://text/1\n"
               "resource-updated subscribed=a://\xef\xbf\xbd\n");

    events = 0;
    CHECK(subscribe("a://text") && subscribe("a://numbers/1") && events == 2);
    CHECK(!subscribe("a://none"));
    CHECK_TEXT(answer, "error 5[message: there is no such resource][data: {\"uri\":\"a://none\"}]");
    CHECK(events == 2);
    CHECK(!subscribe("a://refused"));
    CHECK_TEXT(answer, "error 4[message: not this one]");
    bindings_string_t gone = host_string("a://gone");
    wasi_mcp_types_error_t error;
    CHECK(exports_wasi_mcp_resource_subscriptions_unsubscribe(host_context(), &gone, &error));
    exports_wasi_mcp_client_events_initialized(host_context());
    exports_wasi_mcp_client_events_roots_changed(host_context());
    CHECK(events == 6);
    CHECK(host.contexts == 0);
}

void run_tests(void) {
    test_arena();
    test_utf8();
    test_reader();
    test_numbers();
    test_writer();
    test_templates();
    test_schemas();
    test_start();
    test_tools();
    test_resources();
    test_prompts();
    test_requests();
    test_changes();
}
