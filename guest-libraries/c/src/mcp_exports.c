/// The exports of the component, which call the handlers.
///
/// They are weak: an author who defines one of these functions replaces it. The linker drops those that the
/// world does not export.

#include <stdlib.h>
#include <string.h>

#include "mcp_call.h"
#include "mcp_records.h"
#include "mcp_registry.h"

#define WEAK __attribute__((weak))

/// Begins a call of a handler, whose context it owns until `end_call`.
static mcp_call begin_call(call_kind kind, wasi_mcp_context_own_request_context_t context) {
    return (mcp_call){.kind = kind, .context = wasi_mcp_context_borrow_request_context(context)};
}

static void end_call(mcp_call *call, wasi_mcp_context_own_request_context_t context) {
    mcp_arena_free(&call->arena);
    wasi_mcp_context_request_context_drop_own(context);
}

/// Stores the failure of a call as an error.
static void store_error(mcp_call *call, wasi_mcp_types_error_t *error) {
    // The code of a request that failed is that of the client's answer, and tells nothing about this one.
    const mcp_code code = call->is_work_failure ? MCP_INTERNAL_ERROR : call->code;
    *error = mcp_out_error(code, call->message, call->data);
    mcp_drop_items(call);
}

static mcp_slice slice(bindings_string_t text) {
    return (mcp_slice){(const char *)text.ptr, text.len};
}

/// Writes names and texts as the arguments of a call.
static void set_arguments(mcp_call *call, const bindings_option_list_tuple2_string_string_t *arguments) {
    mcp_writer *writer = mcp_json_writer(call);
    mcp_write_object(writer, NULL);
    for (size_t index = 0; arguments->is_some && index < arguments->val.len; index++) {
        const bindings_tuple2_string_string_t *argument = &arguments->val.ptr[index];
        mcp_write_slice(writer, mcp_in_string(&call->arena, argument->f0), slice(argument->f1));
    }
    mcp_write_end(writer);
    call->arguments_text = mcp_writer_finish(writer);
}

/// ## Tools

static void store_failed_result(mcp_call *call, wasi_mcp_content_call_tool_result_t *result) {
    mcp_drop_items(call);
    wasi_mcp_content_content_block_t *block = mcp_out_memory(NULL, sizeof *block);
    *block =
        mcp_out_block(NULL, &(mcp_content){.text = call->message.length == 0 ? "failed" : call->message.data,
                                           .length = call->message.length});
    *result = (wasi_mcp_content_call_tool_result_t){
        .content = {block, 1},
        .is_error = {true, true},
        .meta = OUT_OPTION(NULL, call->result_meta),
        .extra = OUT_OPTION(NULL, call->result_extra),
    };
}

static void store_result(mcp_call *call, wasi_mcp_content_call_tool_result_t *result) {
    wasi_mcp_content_content_block_t *blocks = mcp_out_memory(NULL, call->item_count * sizeof *blocks);
    size_t end = 0;
    for (const answer_item *item = call->first_item; item != NULL; item = item->next)
        blocks[end++] = item->as.block;
    *result = (wasi_mcp_content_call_tool_result_t){
        .content = {blocks, call->item_count},
        .structured_content = {call->structured_text.data != NULL,
                               mcp_out_slice(NULL, call->structured_text)},
        .meta = OUT_OPTION(NULL, call->result_meta),
        .extra = OUT_OPTION(NULL, call->result_extra),
    };
}

WEAK bool exports_wasi_mcp_tools_call_tool(wasi_mcp_context_own_request_context_t context,
                                           wasi_mcp_content_call_tool_params_t *params,
                                           wasi_mcp_content_call_tool_result_t *result,
                                           wasi_mcp_types_error_t *error) {
    mcp_call call = begin_call(CALL_TOOL, context);
    call.name = mcp_in_string(&call.arena, params->name);
    call.extra = IN_OPTION(&call.arena, params->extra);
    if (params->arguments.is_some)
        call.arguments_text = slice(params->arguments.val);
    const mcp_tool *tool = mcp_find_tool(slice(params->name));
    if (tool == NULL) {
        mcp_error(&call, MCP_INVALID_PARAMS, NULL, "there is no tool `%s`", call.name);
    } else {
        tool->handler(&call);
        mcp_finish_answer(&call);
    }
    const bool is_answered = !call.has_failed || call.is_work_failure;
    if (!is_answered)
        store_error(&call, error);
    else if (call.has_failed)
        store_failed_result(&call, result);
    else
        store_result(&call, result);
    wasi_mcp_content_call_tool_params_free(params);
    end_call(&call, context);
    return is_answered;
}

/// ## Resources

/// Finds the resource of a call and sets its variables. Fails where there is none.
static found_resource find(mcp_call *call, bindings_string_t uri) {
    call->uri = mcp_in_string(&call->arena, uri);
    mcp_writer *variables = mcp_json_writer(call);
    mcp_write_object(variables, NULL);
    found_resource found = {0};
    // A URI has no U+0000, and a handler would see it cut off there.
    if (memchr(uri.ptr, '\0', uri.len) == NULL)
        found = mcp_find_resource(slice(uri), &call->arena, variables);
    mcp_write_end(variables);
    call->arguments_text = mcp_writer_finish(variables);
    if (found.resource == NULL && found.template == NULL)
        mcp_not_found(call);
    return found;
}

WEAK bool exports_wasi_mcp_resources_read_resource(wasi_mcp_context_own_request_context_t context,
                                                   wasi_mcp_content_read_resource_params_t *params,
                                                   wasi_mcp_content_read_resource_result_t *result,
                                                   wasi_mcp_types_error_t *error) {
    mcp_call call = begin_call(CALL_RESOURCE, context);
    call.extra = IN_OPTION(&call.arena, params->extra);
    const found_resource found = find(&call, params->uri);
    if (found.resource != NULL) {
        call.mime_type = found.resource->mime_type;
        if (found.resource->text != NULL)
            mcp_text(&call, "%s", found.resource->text);
        else
            found.resource->handler(&call);
    } else if (found.template != NULL) {
        call.mime_type = found.template->mime_type;
        found.template->handler(&call);
    }
    mcp_finish_answer(&call);
    const bool is_answered = !call.has_failed;
    if (is_answered) {
        wasi_mcp_content_resource_contents_t *contents =
            mcp_out_memory(NULL, call.item_count * sizeof *contents);
        size_t end = 0;
        for (const answer_item *item = call.first_item; item != NULL; item = item->next)
            contents[end++] = item->as.contents;
        *result = (wasi_mcp_content_read_resource_result_t){
            .contents = {contents, call.item_count},
            .meta = OUT_OPTION(NULL, call.result_meta),
            .extra = OUT_OPTION(NULL, call.result_extra),
        };
    } else {
        store_error(&call, error);
    }
    wasi_mcp_content_read_resource_params_free(params);
    end_call(&call, context);
    return is_answered;
}

/// ## Events

/// Calls the handler of an event, if there is one. Returns `false` after a failure, which it stores unless
/// `error` is `NULL`.
static bool handle_event(mcp_call *call, wasi_mcp_context_own_request_context_t context, mcp_handler handler,
                         wasi_mcp_types_error_t *error) {
    if (handler != NULL && !call->has_failed)
        handler(call);
    const bool is_done = !call->has_failed;
    if (!is_done && error != NULL)
        store_error(call, error);
    end_call(call, context);
    return is_done;
}

WEAK bool exports_wasi_mcp_resource_subscriptions_subscribe(wasi_mcp_context_own_request_context_t context,
                                                            bindings_string_t *uri,
                                                            wasi_mcp_types_error_t *error) {
    mcp_call call = begin_call(CALL_EVENT, context);
    find(&call, *uri);
    bindings_string_free(uri);
    return handle_event(&call, context, mcp_main.subscribed, error);
}

WEAK bool exports_wasi_mcp_resource_subscriptions_unsubscribe(wasi_mcp_context_own_request_context_t context,
                                                              bindings_string_t *uri,
                                                              wasi_mcp_types_error_t *error) {
    mcp_call call = begin_call(CALL_EVENT, context);
    // A resource may be gone while it is subscribed to.
    call.uri = mcp_in_string(&call.arena, *uri);
    bindings_string_free(uri);
    return handle_event(&call, context, mcp_main.unsubscribed, error);
}

WEAK void exports_wasi_mcp_client_events_initialized(wasi_mcp_context_own_request_context_t context) {
    mcp_call call = begin_call(CALL_EVENT, context);
    handle_event(&call, context, mcp_main.initialized, NULL);
}

WEAK void exports_wasi_mcp_client_events_roots_changed(wasi_mcp_context_own_request_context_t context) {
    mcp_call call = begin_call(CALL_EVENT, context);
    handle_event(&call, context, mcp_main.roots_changed, NULL);
}

/// ## Prompts

WEAK bool exports_wasi_mcp_prompts_get_prompt(wasi_mcp_context_own_request_context_t context,
                                              wasi_mcp_content_get_prompt_params_t *params,
                                              wasi_mcp_content_get_prompt_result_t *result,
                                              wasi_mcp_types_error_t *error) {
    mcp_call call = begin_call(CALL_PROMPT, context);
    call.name = mcp_in_string(&call.arena, params->name);
    call.extra = IN_OPTION(&call.arena, params->extra);
    set_arguments(&call, &params->arguments);
    const mcp_prompt *prompt = mcp_find_prompt(slice(params->name));
    if (prompt == NULL) {
        mcp_error(&call, MCP_INVALID_PARAMS, NULL, "there is no prompt `%s`", call.name);
    } else {
        prompt->handler(&call);
        mcp_finish_answer(&call);
    }
    const bool is_answered = !call.has_failed;
    if (is_answered) {
        wasi_mcp_content_prompt_message_t *messages =
            mcp_out_memory(NULL, call.item_count * sizeof *messages);
        size_t end = 0;
        for (const answer_item *item = call.first_item; item != NULL; item = item->next)
            messages[end++] =
                (wasi_mcp_content_prompt_message_t){(wasi_mcp_content_role_t)item->role, item->as.block};
        *result = (wasi_mcp_content_get_prompt_result_t){
            .description = OUT_OPTION(NULL, call.result_description),
            .messages = {messages, call.item_count},
            .meta = OUT_OPTION(NULL, call.result_meta),
            .extra = OUT_OPTION(NULL, call.result_extra),
        };
    } else {
        store_error(&call, error);
    }
    wasi_mcp_content_get_prompt_params_free(params);
    end_call(&call, context);
    return is_answered;
}

/// ## Completion

/// Returns the fields that a reference names, or `NULL`.
static const mcp_field *completed_fields(const wasi_mcp_content_completion_reference_t *reference) {
    if (reference->tag == WASI_MCP_CONTENT_COMPLETION_REFERENCE_PROMPT) {
        const mcp_prompt *prompt = mcp_find_prompt(slice(reference->val.prompt.name));
        return prompt == NULL ? NULL : prompt->arguments;
    }
    if (reference->tag == WASI_MCP_CONTENT_COMPLETION_REFERENCE_RESOURCE_TEMPLATE) {
        const mcp_template *template = mcp_find_template(slice(reference->val.resource_template));
        return template == NULL ? NULL : template->variables;
    }
    return NULL;
}

static const mcp_field *find_field(const mcp_field *fields, const char *name) {
    for (const mcp_field *field = fields; field != NULL && field->name != NULL; field++) {
        if (strcmp(field->name, name) == 0)
            return field;
    }
    return NULL;
}

WEAK bool exports_wasi_mcp_completion_complete(wasi_mcp_context_own_request_context_t context,
                                               wasi_mcp_content_complete_params_t *params,
                                               wasi_mcp_content_complete_result_t *result,
                                               wasi_mcp_types_error_t *error) {
    mcp_call call = begin_call(CALL_COMPLETION, context);
    call.name = mcp_in_string(&call.arena, params->argument.name);
    call.typed = mcp_in_string(&call.arena, params->argument.value);
    call.extra = IN_OPTION(&call.arena, params->extra);
    set_arguments(&call, &params->context_arguments);
    const mcp_field *field = find_field(completed_fields(&params->ref), call.name);
    if (field != NULL && field->complete != NULL)
        field->complete(&call);
    const bool is_answered = !call.has_failed;
    if (is_answered) {
        const bool has_more = call.proposal_count > MAX_COMPLETIONS;
        const size_t count = has_more ? MAX_COMPLETIONS : call.proposal_count;
        bindings_string_t *values = mcp_out_memory(NULL, count * sizeof *values);
        for (size_t index = 0; index < count; index++)
            values[index] = mcp_out_string(NULL, call.proposals[index]);
        *result = (wasi_mcp_content_complete_result_t){
            .values = {values, count},
            .total = {true, (uint32_t)call.proposal_count},
            .has_more = {true, has_more},
            .meta = OUT_OPTION(NULL, call.result_meta),
            .extra = OUT_OPTION(NULL, call.result_extra),
        };
    } else {
        store_error(&call, error);
    }
    wasi_mcp_content_complete_params_free(params);
    end_call(&call, context);
    return is_answered;
}

/// ## Start

static mcp_items own_items(void) {
    return (mcp_items){mcp_main.tools, mcp_main.resources, mcp_main.templates, mcp_main.prompts};
}

static void add_all(mcp_call *call) {
    static mcp_items own;
    own = own_items();
    mcp_add_items(call, &own);
    for (const mcp_items *const *part = mcp_main.parts; part != NULL && *part != NULL; part++)
        mcp_add_items(call, *part);
    if (mcp_main.start != NULL && !call->has_failed)
        mcp_main.start(call);
}

/// Returns the members of a JSON object, as names and texts.
static wasi_mcp_capabilities_list_tuple2_string_json_t named_texts(mcp_call *call, const char *json) {
    const mcp_json *object = mcp_json_read(&call->arena, json, strlen(json), NULL);
    if (mcp_json_type_of(object) != MCP_JSON_OBJECT)
        mcp_error(call, MCP_INTERNAL_ERROR, NULL, "mcp_main: `experimental` is no JSON object");
    size_t count = 0;
    for (const mcp_json *member = mcp_json_first(object); member != NULL; member = mcp_json_next(member))
        count++;
    wasi_mcp_capabilities_list_tuple2_string_json_t list = {
        mcp_out_memory(&call->arena, count * sizeof *list.ptr), 0};
    for (const mcp_json *member = mcp_json_first(object); member != NULL; member = mcp_json_next(member))
        list.ptr[list.len++] = (wasi_mcp_capabilities_tuple2_string_json_t){
            mcp_out_slice(&call->arena, mcp_json_name(member)),
            mcp_out_slice(&call->arena, mcp_json_source(member))};
    return list;
}

/// Registers the server and publishes what was added.
static void serve(mcp_call *call) {
    mcp_arena *to = &call->arena;
    const bindings_option_bool_t list_changed = {mcp_main.list_changed, true};
    wasi_mcp_capabilities_server_t server = {
        .info =
            {
                .name = mcp_out_string(to, mcp_main.name),
                .title = OUT_OPTION(to, mcp_main.title),
                .version = mcp_out_string(to, mcp_main.version),
                .extra = OUT_OPTION(to, mcp_main.extra),
            },
        .capabilities =
            {
                .tools = {mcp_has_tools(), {list_changed}},
                .resources = {mcp_has_resources(), {{mcp_main.subscriptions, true}, list_changed}},
                .prompts = {mcp_has_prompts(), {list_changed}},
                .completions = {mcp_has_completions(), mcp_out_string(to, "{}")},
            },
        .instructions = OUT_OPTION(to, mcp_main.instructions),
    };
    if (mcp_main.experimental != NULL) {
        server.capabilities.experimental.is_some = true;
        server.capabilities.experimental.val = named_texts(call, mcp_main.experimental);
    }
    if (call->has_failed)
        return;
    wasi_mcp_types_error_t error;
    if (!wasi_mcp_runtime_register_server(&server, &error) || !wasi_mcp_runtime_serve(&error)) {
        mcp_take_error(call, "the host refuses the server", &error);
        wasi_mcp_types_error_free(&error);
    }
}

WEAK bool exports_wasi_mcp_start_start(wasi_mcp_types_error_t *error) {
    mcp_call call = {.kind = CALL_START};
    if (mcp_main.name == NULL || mcp_main.version == NULL)
        mcp_error(&call, MCP_INTERNAL_ERROR, NULL, "mcp_main: the server needs a `.name` and a `.version`");
    add_all(&call);
    if (!call.has_failed && !mcp_has_tools() && !mcp_has_resources() && !mcp_has_prompts())
        mcp_error(
            &call, MCP_INTERNAL_ERROR, NULL,
            "mcp_main: the server has no tool, resource or prompt: add one, such as `.tools = MCP_TOOLS(...)`");
    if (!call.has_failed)
        serve(&call);
    const bool is_started = !call.has_failed;
    if (!is_started)
        *error = mcp_out_error(call.code, call.message, call.data);
    mcp_arena_free(&call.arena);
    return is_started;
}
