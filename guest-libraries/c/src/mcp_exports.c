/// The exports of the component, which call the handlers. Those of services alone are in `mcp_service.c`.
///
/// They are weak: an author who defines one of these functions replaces it. The linker drops those that the
/// world does not export.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mcp_call.h"
#include "mcp_records.h"
#include "mcp_registry.h"
#include "mcp_schema.h"
#include "mcp_start.h"
#include "mcp_uri_template.h"

/// Writes names and texts as the arguments of a call.
static void set_arguments(mcp_call *call, const bindings_option_list_tuple2_string_string_t *arguments) {
    mcp_writer *writer = mcp_json_writer(call);
    mcp_write_object(writer, NULL);
    for (size_t index = 0; arguments->is_some && index < arguments->val.len; index++) {
        const bindings_tuple2_string_string_t *argument = &arguments->val.ptr[index];
        mcp_write_slice(writer, mcp_in_string(&call->arena, argument->f0), mcp_in_slice(argument->f1));
    }
    mcp_write_end(writer);
    call->arguments_text = mcp_writer_finish(writer);
}

/// Runs a handler unless a check refuses its arguments, and completes the answer.
static void run(mcp_call *call, mcp_handler handler, const mcp_field *fields, const char *schema) {
    if (mcp_argument_check != NULL)
        mcp_argument_check(call, fields, schema);
    if (!call->has_failed)
        handler(call);
    mcp_finish_answer(call);
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
    mcp_call call = mcp_begin_call(CALL_TOOL, context);
    call.name = mcp_in_string(&call.arena, params->name);
    call.extra = IN_OPTION(&call.arena, params->extra);
    if (params->arguments.is_some)
        call.arguments_text = mcp_in_slice(params->arguments.val);
    const mcp_tool *tool = mcp_find_tool(&call, mcp_in_slice(params->name));
    if (tool == NULL)
        mcp_error(&call, MCP_INVALID_PARAMS, NULL, "unknown tool `%s`", call.name);
    else
        run(&call, tool->handler, tool->input, tool->input_schema);
    const bool is_answered = !call.has_failed || call.is_work_failure;
    if (!is_answered)
        mcp_store_error(&call, error);
    else if (call.has_failed)
        store_failed_result(&call, result);
    else
        store_result(&call, result);
    wasi_mcp_content_call_tool_params_free(params);
    mcp_end_call(&call, context);
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
        found = mcp_find_resource(call, mcp_in_slice(uri), variables);
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
    mcp_call call = mcp_begin_call(CALL_RESOURCE, context);
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
        mcp_store_error(&call, error);
    }
    wasi_mcp_content_read_resource_params_free(params);
    mcp_end_call(&call, context);
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
        mcp_store_error(call, error);
    mcp_end_call(call, context);
    return is_done;
}

WEAK bool exports_wasi_mcp_resource_subscriptions_subscribe(wasi_mcp_context_own_request_context_t context,
                                                            bindings_string_t *uri,
                                                            wasi_mcp_types_error_t *error) {
    mcp_call call = mcp_begin_call(CALL_EVENT, context);
    find(&call, *uri);
    bindings_string_free(uri);
    return handle_event(&call, context, mcp_main.subscribed, error);
}

WEAK bool exports_wasi_mcp_resource_subscriptions_unsubscribe(wasi_mcp_context_own_request_context_t context,
                                                              bindings_string_t *uri,
                                                              wasi_mcp_types_error_t *error) {
    mcp_call call = mcp_begin_call(CALL_EVENT, context);
    // A resource may be gone while it is subscribed to.
    call.uri = mcp_in_string(&call.arena, *uri);
    bindings_string_free(uri);
    return handle_event(&call, context, mcp_main.unsubscribed, error);
}

/// Begins the call of a notification. It has no answer, so a failure of the start goes to stderr, once for
/// the instance.
static mcp_call begin_notification(wasi_mcp_context_own_request_context_t context) {
    static bool is_reported;
    mcp_call call = mcp_begin_call(CALL_EVENT, context);
    if (call.has_failed && !is_reported) {
        is_reported = true;
        fprintf(stderr, "%s\n", call.message.data);
    }
    return call;
}

WEAK void exports_wasi_mcp_client_events_initialized(wasi_mcp_context_own_request_context_t context) {
    mcp_call call = begin_notification(context);
    handle_event(&call, context, mcp_main.initialized, NULL);
}

WEAK void exports_wasi_mcp_client_events_roots_changed(wasi_mcp_context_own_request_context_t context) {
    mcp_call call = begin_notification(context);
    handle_event(&call, context, mcp_main.roots_changed, NULL);
}

/// ## Prompts

/// Finds a prompt. Fails where there is none.
static const mcp_prompt *find_prompt(mcp_call *call, bindings_string_t name) {
    const mcp_prompt *prompt = mcp_find_prompt(call, mcp_in_slice(name));
    if (prompt == NULL)
        mcp_error(call, MCP_INVALID_PARAMS, NULL, "there is no prompt `%s`",
                  mcp_in_string(&call->arena, name));
    return prompt;
}

WEAK bool exports_wasi_mcp_prompts_get_prompt(wasi_mcp_context_own_request_context_t context,
                                              wasi_mcp_content_get_prompt_params_t *params,
                                              wasi_mcp_content_get_prompt_result_t *result,
                                              wasi_mcp_types_error_t *error) {
    mcp_call call = mcp_begin_call(CALL_PROMPT, context);
    call.name = mcp_in_string(&call.arena, params->name);
    call.extra = IN_OPTION(&call.arena, params->extra);
    set_arguments(&call, &params->arguments);
    const mcp_prompt *prompt = find_prompt(&call, params->name);
    if (prompt != NULL)
        run(&call, prompt->handler, prompt->arguments, NULL);
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
        mcp_store_error(&call, error);
    }
    wasi_mcp_content_get_prompt_params_free(params);
    mcp_end_call(&call, context);
    return is_answered;
}

/// ## Completion

/// Finds the argument that is completed, or `NULL` for a variable that the table does not have. Fails where
/// there is no such argument.
static const mcp_field *find_argument(mcp_call *call,
                                      const wasi_mcp_content_completion_reference_t *reference) {
    const mcp_field *field = NULL;
    bool is_known = false;
    if (reference->tag == WASI_MCP_CONTENT_COMPLETION_REFERENCE_PROMPT) {
        const mcp_prompt *prompt = find_prompt(call, reference->val.prompt.name);
        field = prompt == NULL ? NULL : mcp_find_field(prompt->arguments, call->name);
        is_known = field != NULL;
    } else if (reference->tag == WASI_MCP_CONTENT_COMPLETION_REFERENCE_RESOURCE_TEMPLATE) {
        const mcp_template *template =
            mcp_find_template(call, mcp_in_slice(reference->val.resource_template));
        // Clients know nothing of one that is not listed, nor does the host of a backend.
        if (template != NULL && template->unlisted)
            template = NULL;
        if (template == NULL)
            mcp_error(call, MCP_INVALID_PARAMS, NULL, "there is no resource template `%s`",
                      mcp_in_string(&call->arena, reference->val.resource_template));
        field = template == NULL ? NULL : mcp_find_field(template->variables, call->name);
        is_known = template != NULL && mcp_uri_template_has(template->uri_template, call->name);
    } else {
        mcp_error(call, MCP_INVALID_PARAMS, NULL, "unknown kind of reference");
    }
    if (!is_known)
        mcp_error(call, MCP_INVALID_PARAMS, NULL, "there is no argument `%s`", call->name);
    return field;
}

WEAK bool exports_wasi_mcp_completion_complete(wasi_mcp_context_own_request_context_t context,
                                               wasi_mcp_content_complete_params_t *params,
                                               wasi_mcp_content_complete_result_t *result,
                                               wasi_mcp_types_error_t *error) {
    mcp_call call = mcp_begin_call(CALL_COMPLETION, context);
    call.name = mcp_in_string(&call.arena, params->argument.name);
    call.typed = mcp_in_string(&call.arena, params->argument.value);
    call.extra = IN_OPTION(&call.arena, params->extra);
    set_arguments(&call, &params->context_arguments);
    const mcp_field *field = find_argument(&call, &params->ref);
    if (field != NULL && field->complete != NULL && !call.has_failed)
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
        mcp_store_error(&call, error);
    }
    wasi_mcp_content_complete_params_free(params);
    mcp_end_call(&call, context);
    return is_answered;
}

/// ## Start

WEAK bool exports_wasi_mcp_start_start(wasi_mcp_types_error_t *error) {
    mcp_call call = {.kind = CALL_START};
    if (mcp_main.visible != NULL)
        mcp_error(
            &call, MCP_INTERNAL_ERROR, NULL,
            "mcp_main: `.visible` needs a service: the host shows the items of a backend to every request");
    else
        mcp_start(&call);
    const bool is_started = !call.has_failed;
    if (!is_started)
        mcp_store_error(&call, error);
    mcp_arena_free(&call.arena);
    return is_started;
}
