#include "host.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

fake_host host;

static char written[1 << 16];
static size_t length;

static void write_down(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    length += (size_t)vsnprintf(written + length, sizeof written - length, format, arguments);
    va_end(arguments);
    if (length >= sizeof written)
        abort();
}

void host_reset(void) {
    length = 0;
    written[0] = '\0';
    host = (fake_host){0};
}

const char *host_log(void) {
    return written;
}

bindings_string_t host_string(const char *text) {
    bindings_string_t copy;
    bindings_string_dup(&copy, text);
    return copy;
}

wasi_mcp_context_own_request_context_t host_context(void) {
    host.contexts++;
    return (wasi_mcp_context_own_request_context_t){7};
}

static bindings_option_string_t option(const char *text) {
    return (bindings_option_string_t){true, host_string(text)};
}

/// Writes a text of the bindings, behind a name.
static void write_text(const char *name, bindings_string_t text) {
    write_down(" %s=%.*s", name, (int)text.len, text.ptr == NULL ? "" : (const char *)text.ptr);
}

#define WRITE_OPTION(name, option)                                                                           \
    if ((option).is_some)                                                                                    \
    write_text(name, (option).val)

static void write_number(const char *name, bindings_option_f64_t number) {
    if (number.is_some)
        write_down(" %s=%g", name, number.val);
}

static void write_choice(const char *name, bindings_option_bool_t choice) {
    if (choice.is_some)
        write_down(" %s=%s", name, choice.val ? "true" : "false");
}

static bool answer(const char *function, wasi_mcp_types_error_t *error) {
    write_down("\n");
    if (host.refused == NULL || strcmp(host.refused, function) != 0)
        return true;
    *error = (wasi_mcp_types_error_t){
        .code = {.tag = WASI_MCP_TYPES_ERROR_CODE_METHOD_NOT_FOUND},
        .message = host_string("the host says no"),
        .data = {true, host_string("{\"why\":1}")},
    };
    return false;
}

/// ## Registration

// A service does not import it.
#ifndef HOST_OF_SERVICE

bool wasi_mcp_runtime_register_server(wasi_mcp_runtime_server_t *server, wasi_mcp_runtime_error_t *error) {
    const wasi_mcp_capabilities_server_capabilities_t *capabilities = &server->capabilities;
    write_down("register-server");
    write_text("name", server->info.name);
    write_text("version", server->info.version);
    WRITE_OPTION("instructions", server->instructions);
    write_down("%s%s%s%s", capabilities->tools.is_some ? " tools" : "",
               capabilities->resources.is_some ? " resources" : "",
               capabilities->prompts.is_some ? " prompts" : "",
               capabilities->completions.is_some ? " completions" : "");
    write_choice("list-changed", capabilities->tools.val.list_changed);
    write_choice("subscribe", capabilities->resources.val.subscribe);
    for (size_t index = 0; capabilities->experimental.is_some && index < capabilities->experimental.val.len;
         index++) {
        write_text("experimental", capabilities->experimental.val.ptr[index].f0);
        write_text("is", capabilities->experimental.val.ptr[index].f1);
    }
    return answer("register-server", error);
}

bool wasi_mcp_runtime_register_tools(wasi_mcp_runtime_list_tool_t *list, wasi_mcp_runtime_error_t *error) {
    write_down("register-tools");
    for (size_t index = 0; index < list->len; index++) {
        const wasi_mcp_content_tool_t *tool = &list->ptr[index];
        write_text("name", tool->name);
        WRITE_OPTION("title", tool->title);
        WRITE_OPTION("description", tool->description);
        write_text("input", tool->input_schema);
        WRITE_OPTION("output", tool->output_schema);
        if (tool->annotations.is_some) {
            write_choice("read-only", tool->annotations.val.read_only_hint);
            write_choice("destructive", tool->annotations.val.destructive_hint);
            write_choice("idempotent", tool->annotations.val.idempotent_hint);
            write_choice("open-world", tool->annotations.val.open_world_hint);
        }
        WRITE_OPTION("meta", tool->meta);
        WRITE_OPTION("extra", tool->extra);
    }
    return answer("register-tools", error);
}

bool wasi_mcp_runtime_register_resources(wasi_mcp_runtime_list_resource_t *list,
                                         wasi_mcp_runtime_error_t *error) {
    write_down("register-resources");
    for (size_t index = 0; index < list->len; index++) {
        write_text("uri", list->ptr[index].uri);
        write_text("name", list->ptr[index].name);
        WRITE_OPTION("mime-type", list->ptr[index].mime_type);
        write_number("size", list->ptr[index].size);
    }
    return answer("register-resources", error);
}

bool wasi_mcp_runtime_register_resource_templates(wasi_mcp_runtime_list_resource_template_t *list,
                                                  wasi_mcp_runtime_error_t *error) {
    write_down("register-resource-templates");
    for (size_t index = 0; index < list->len; index++)
        write_text("uri-template", list->ptr[index].uri_template);
    return answer("register-resource-templates", error);
}

bool wasi_mcp_runtime_register_prompts(wasi_mcp_runtime_list_prompt_t *list,
                                       wasi_mcp_runtime_error_t *error) {
    write_down("register-prompts");
    for (size_t index = 0; index < list->len; index++) {
        const wasi_mcp_content_prompt_t *prompt = &list->ptr[index];
        write_text("name", prompt->name);
        for (size_t at = 0; prompt->arguments.is_some && at < prompt->arguments.val.len; at++) {
            write_text("argument", prompt->arguments.val.ptr[at].name);
            write_choice("required", prompt->arguments.val.ptr[at].required);
        }
    }
    return answer("register-prompts", error);
}

static bool unregister(const char *function, bindings_list_string_t *list, wasi_mcp_types_error_t *error) {
    write_down("%s", function);
    for (size_t index = 0; index < list->len; index++)
        write_text("item", list->ptr[index]);
    return answer(function, error);
}

bool wasi_mcp_runtime_unregister_tools(bindings_list_string_t *list, wasi_mcp_runtime_error_t *error) {
    return unregister("unregister-tools", list, error);
}

bool wasi_mcp_runtime_unregister_resources(bindings_list_string_t *list, wasi_mcp_runtime_error_t *error) {
    return unregister("unregister-resources", list, error);
}

bool wasi_mcp_runtime_unregister_resource_templates(bindings_list_string_t *list,
                                                    wasi_mcp_runtime_error_t *error) {
    return unregister("unregister-resource-templates", list, error);
}

bool wasi_mcp_runtime_unregister_prompts(bindings_list_string_t *list, wasi_mcp_runtime_error_t *error) {
    return unregister("unregister-prompts", list, error);
}

bool wasi_mcp_runtime_serve(wasi_mcp_runtime_error_t *error) {
    write_down("serve");
    return answer("serve", error);
}

#endif

/// ## Notifications

void wasi_mcp_notifications_tools_changed(void) {
    write_down("tools-changed\n");
}

void wasi_mcp_notifications_resources_changed(void) {
    write_down("resources-changed\n");
}

void wasi_mcp_notifications_prompts_changed(void) {
    write_down("prompts-changed\n");
}

void wasi_mcp_notifications_resource_updated(bindings_string_t *subscribed, bindings_string_t *maybe_uri) {
    write_down("resource-updated");
    write_text("subscribed", *subscribed);
    if (maybe_uri != NULL)
        write_text("uri", *maybe_uri);
    write_down("\n");
}

/// ## The request

wasi_mcp_context_borrow_request_context_t
wasi_mcp_context_borrow_request_context(wasi_mcp_context_own_request_context_t handle) {
    return (wasi_mcp_context_borrow_request_context_t){handle.__handle};
}

void wasi_mcp_context_request_context_drop_own(wasi_mcp_context_own_request_context_t handle) {
    host.contexts -= handle.__handle == 7;
}

bool wasi_mcp_context_method_request_context_get_id(wasi_mcp_context_borrow_request_context_t self,
                                                    wasi_mcp_context_request_id_t *id) {
    *id = host_string("\"id\"");
    return self.__handle == 7;
}

bool wasi_mcp_context_method_request_context_get_meta(wasi_mcp_context_borrow_request_context_t self,
                                                      wasi_mcp_context_meta_t *meta) {
    (void)self;
    *meta = host_string("{\"a\":1.10}");
    return true;
}

bool wasi_mcp_context_method_request_context_get_progress_token(
    wasi_mcp_context_borrow_request_context_t self, wasi_mcp_context_progress_token_t *token) {
    (void)self;
    (void)token;
    return false;
}

void wasi_mcp_context_method_request_context_get_client(wasi_mcp_context_borrow_request_context_t self,
                                                        wasi_mcp_context_client_t *client) {
    (void)self;
    wasi_mcp_capabilities_tuple2_string_json_t *experimental = malloc(sizeof *experimental);
    *experimental = (wasi_mcp_capabilities_tuple2_string_json_t){host_string("x"), host_string("{}")};
    *client = (wasi_mcp_capabilities_client_t){
        .info = {true,
                 {
                     .name = host_string("client"),
                     .title = {false, {0}},
                     .version = host_string("1"),
                     .extra = {true, host_string("{\"e\":1}")},
                 }},
        .capabilities =
            {
                .experimental = {true, {experimental, 1}},
                .roots = {true, {{true, true}}},
                .elicitation = {true, host_string("{}")},
            },
        .protocol_version = host_string("2025-06-18"),
        .log_level = {true, WASI_MCP_TYPES_LOG_LEVEL_WARNING},
    };
}

bool wasi_mcp_context_method_request_context_report_progress(wasi_mcp_context_borrow_request_context_t self,
                                                             wasi_mcp_context_progress_t *progress,
                                                             wasi_mcp_context_error_t *error) {
    (void)self;
    write_down("report-progress %g", progress->progress);
    write_number("total", progress->total);
    WRITE_OPTION("message", progress->message);
    return answer("report-progress", error);
}

bool wasi_mcp_context_method_request_context_is_cancelled(wasi_mcp_context_borrow_request_context_t self) {
    (void)self;
    return host.is_cancelled;
}

bool wasi_mcp_shutdown_is_stopped(void) {
    return true;
}

bool wasi_mcp_identity_get_principal(wasi_mcp_identity_borrow_request_context_t context,
                                     wasi_mcp_identity_principal_t *principal) {
    (void)context;
    if (!host.has_principal)
        return false;
    bindings_string_t *scopes = malloc(2 * sizeof *scopes);
    scopes[0] = host_string("read");
    scopes[1] = host_string("write");
    wasi_mcp_types_tuple2_string_json_t *claims = malloc(sizeof *claims);
    *claims = (wasi_mcp_types_tuple2_string_json_t){host_string("level"), host_string("3.0")};
    *principal = (wasi_mcp_types_principal_t){
        .issuer = host_string("https://issuer"),
        .subject = option("ada"),
        .scopes = {scopes, 2},
        .claims = {claims, 1},
    };
    return true;
}

bool wasi_mcp_logging_log(wasi_mcp_logging_borrow_request_context_t *maybe_context,
                          wasi_mcp_logging_log_level_t level, bindings_string_t *maybe_logger,
                          wasi_mcp_logging_json_t *data, wasi_mcp_logging_error_t *error) {
    write_down("log %s %d", maybe_context == NULL ? "to-sessions" : "in-request", level);
    if (maybe_logger != NULL)
        write_text("logger", *maybe_logger);
    write_text("data", *data);
    return answer("log", error);
}

/// ## Requests to the client

static void write_content(const wasi_mcp_content_sampling_content_t *content) {
    switch (content->tag) {
    case WASI_MCP_CONTENT_SAMPLING_CONTENT_TEXT:
        write_text("text", content->val.text.text);
        break;
    case WASI_MCP_CONTENT_SAMPLING_CONTENT_IMAGE:
        write_text("image", content->val.image.mime_type);
        break;
    case WASI_MCP_CONTENT_SAMPLING_CONTENT_AUDIO:
        write_text("audio", content->val.audio.mime_type);
        break;
    default:
        write_text("other", content->val.other);
    }
}

bool wasi_mcp_sampling_create_message(wasi_mcp_sampling_borrow_request_context_t context,
                                      wasi_mcp_sampling_create_message_params_t *params,
                                      wasi_mcp_sampling_create_message_result_t *result,
                                      wasi_mcp_sampling_error_t *error) {
    (void)context;
    write_down("create-message max-tokens=%u", params->max_tokens);
    for (size_t index = 0; index < params->messages.len; index++) {
        write_down(" %s",
                   params->messages.ptr[index].role == WASI_MCP_TYPES_ROLE_USER ? "user" : "assistant");
        write_content(&params->messages.ptr[index].content);
    }
    WRITE_OPTION("system-prompt", params->system_prompt);
    if (params->model_preferences.is_some) {
        write_number("cost", params->model_preferences.val.cost_priority);
        for (size_t index = 0; index < params->model_preferences.val.hints.val.len; index++)
            WRITE_OPTION("hint", params->model_preferences.val.hints.val.ptr[index].name);
    }
    if (params->include_context.is_some)
        write_down(" include=%d", params->include_context.val);
    write_number("temperature", params->temperature);
    for (size_t index = 0; params->stop_sequences.is_some && index < params->stop_sequences.val.len; index++)
        write_text("stop", params->stop_sequences.val.ptr[index]);
    WRITE_OPTION("metadata", params->metadata);
    if (!answer("create-message", error))
        return false;
    *result = (wasi_mcp_content_create_message_result_t){
        .role = WASI_MCP_TYPES_ROLE_ASSISTANT,
        .model = host_string("m"),
        .stop_reason = option("endTurn"),
    };
    if (host.answers_with_image) {
        uint8_t *data = malloc(3);
        memcpy(data, "\0\1\2", 3);
        result->content.tag = WASI_MCP_CONTENT_SAMPLING_CONTENT_IMAGE;
        result->content.val.image =
            (wasi_mcp_content_image_content_t){.data = {data, 3}, .mime_type = host_string("image/png")};
    } else {
        uint8_t *audience = malloc(2);
        memcpy(audience, "\0\1", 2);
        result->content.tag = WASI_MCP_CONTENT_SAMPLING_CONTENT_TEXT;
        result->content.val.text = (wasi_mcp_content_text_content_t){
            .text = host_string("the answer"),
            .annotations = {true, {.audience = {true, {audience, 2}}, .priority = {true, 0.5}}},
        };
    }
    return true;
}

static void write_field(const wasi_mcp_content_primitive_schema_t *schema) {
    switch (schema->tag) {
    case WASI_MCP_CONTENT_PRIMITIVE_SCHEMA_TEXT:
        write_down(" text");
        if (schema->val.text.min_length.is_some)
            write_down(" min=%u", schema->val.text.min_length.val);
        if (schema->val.text.max_length.is_some)
            write_down(" max=%u", schema->val.text.max_length.val);
        if (schema->val.text.format.is_some)
            write_down(" format=%d", schema->val.text.format.val);
        WRITE_OPTION("extra", schema->val.text.extra);
        break;
    case WASI_MCP_CONTENT_PRIMITIVE_SCHEMA_NUMBER:
        write_down(schema->val.number.type == WASI_MCP_CONTENT_NUMBER_TYPE_INTEGER ? " integer" : " number");
        write_number("min", schema->val.number.minimum);
        write_number("max", schema->val.number.maximum);
        break;
    case WASI_MCP_CONTENT_PRIMITIVE_SCHEMA_BOOLEAN:
        write_down(" boolean");
        write_choice("default", schema->val.boolean.default_);
        break;
    case WASI_MCP_CONTENT_PRIMITIVE_SCHEMA_ENUMERATION:
        for (size_t index = 0; index < schema->val.enumeration.enum_.len; index++)
            write_text("choice", schema->val.enumeration.enum_.ptr[index]);
        break;
    default:
        write_text("other", schema->val.other);
    }
}

bool wasi_mcp_elicitation_elicit(wasi_mcp_elicitation_borrow_request_context_t context,
                                 wasi_mcp_elicitation_elicit_params_t *params,
                                 wasi_mcp_elicitation_elicit_result_t *result,
                                 wasi_mcp_elicitation_error_t *error) {
    (void)context;
    write_down("elicit");
    write_text("message", params->message);
    for (size_t index = 0; index < params->requested_schema.properties.len; index++) {
        write_text("field", params->requested_schema.properties.ptr[index].f0);
        write_field(&params->requested_schema.properties.ptr[index].f1);
    }
    const bindings_option_list_string_t *required = &params->requested_schema.required;
    for (size_t index = 0; required->is_some && index < required->val.len; index++)
        write_text("required", required->val.ptr[index]);
    if (!answer("elicit", error))
        return false;
    *result = (wasi_mcp_content_elicit_result_t){.action = host.action, .meta = {true, host_string("{}")}};
    if (!host.has_values)
        return true;
    wasi_mcp_content_tuple2_string_elicit_value_t *values = malloc(4 * sizeof *values);
    values[0] = (wasi_mcp_content_tuple2_string_elicit_value_t){
        host_string("name"),
        {.tag = WASI_MCP_CONTENT_ELICIT_VALUE_TEXT, .val = {.text = host_string("Ada")}}};
    values[1] = (wasi_mcp_content_tuple2_string_elicit_value_t){
        host_string("age"), {.tag = WASI_MCP_CONTENT_ELICIT_VALUE_NUMBER, .val = {.number = 36}}};
    values[2] = (wasi_mcp_content_tuple2_string_elicit_value_t){
        host_string("agreed"), {.tag = WASI_MCP_CONTENT_ELICIT_VALUE_BOOLEAN, .val = {.boolean = true}}};
    values[3] = (wasi_mcp_content_tuple2_string_elicit_value_t){
        host_string("list"),
        {.tag = WASI_MCP_CONTENT_ELICIT_VALUE_OTHER, .val = {.other = host_string("[1.10]")}}};
    result->content.is_some = true;
    result->content.val = (wasi_mcp_content_list_tuple2_string_elicit_value_t){values, 4};
    return true;
}

bool wasi_mcp_roots_list_roots(wasi_mcp_roots_borrow_request_context_t context,
                               wasi_mcp_roots_meta_t *maybe_meta, wasi_mcp_roots_list_roots_result_t *result,
                               wasi_mcp_roots_error_t *error) {
    (void)context;
    write_down("list-roots");
    if (maybe_meta != NULL)
        write_text("meta", *maybe_meta);
    if (!answer("list-roots", error))
        return false;
    wasi_mcp_content_root_t *roots = malloc(2 * sizeof *roots);
    roots[0] = (wasi_mcp_content_root_t){.uri = host_string("file:///a"), .name = option("A")};
    roots[1] = (wasi_mcp_content_root_t){.uri = host_string("file:///b")};
    *result = (wasi_mcp_content_list_roots_result_t){.roots = {roots, 2}};
    return true;
}
