/// MCP servers as WebAssembly components, in C.
///
/// A server is the constant `mcp_main`, which an author defines. Its tables name tools, resources and
/// prompts, and a handler for each:
///
///     static void hello(mcp_call *call) {
///         mcp_text(call, "Hello, %s!", mcp_arg_string(call, "name"));
///     }
///
///     const mcp_server mcp_main = {
///         .name = "hello",
///         .version = "0.1.0",
///         .tools = MCP_TOOLS({
///             .name = "hello",
///             .description = "Greets somebody.",
///             .input = MCP_FIELDS({.name = "name", .type = MCP_STRING}),
///             .handler = hello,
///         }),
///     };
///
/// ## Memory
///
/// What a function returns belongs to the call and lives until its handler returns. Nothing is to be
/// freed. What a handler passes in is copied. What must outlive a call is copied by the author, with
/// `strdup` for example. Tables must live as long as the component: define them at file scope, where the
/// macros `MCP_TOOLS`, `MCP_FIELDS` and so on make constants.
///
/// ## Failures
///
/// The first failure of a call is kept, and becomes its answer when the handler returns: an argument of
/// the wrong type, a request that the client refused, or `mcp_fail`. So a handler returns early where it
/// cannot go on, and need not report why. `mcp_failed` tells that there is one, and `mcp_forgive` takes it
/// back.
///
/// ## Texts
///
/// A `const char *` ends with a NUL and `NULL` stands for none. Texts should be UTF-8; bytes that are not
/// become U+FFFD on their way out. Fields named `meta`, `extra`, `fallback` and so on hold JSON as text.
#ifndef WASI_MCP_H
#define WASI_MCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bindings.h"
#include "mcp_arena.h"
#include "mcp_json.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A call of a handler: the request, and the answer that grows.
typedef struct mcp_call mcp_call;

/// Answers a call.
typedef void (*mcp_handler)(mcp_call *call);

/// A setting that may be left out.
typedef enum mcp_choice {
    MCP_UNSET,
    MCP_YES,
    MCP_NO,
} mcp_choice;

/// A number that may be left out. `MCP_SET(0.5)` sets one.
typedef struct mcp_optional {
    bool is_set;
    double value;
} mcp_optional;

#define MCP_SET(number) {true, number}

/// The sender of a message, or the audience of content.
typedef enum mcp_role {
    MCP_USER,
    MCP_ASSISTANT,
} mcp_role;

/// ## Tables

/// The type of a value.
typedef enum mcp_type {
    MCP_STRING,
    MCP_INTEGER,
    MCP_NUMBER,
    MCP_BOOLEAN,
    MCP_ARRAY,
    MCP_OBJECT,
    /// Any JSON value.
    MCP_ANY,
} mcp_type;

/// A field: an argument of a tool, a member of its result, an argument of a prompt, a variable of a
/// template, or a field of a form.
typedef struct mcp_field {
    const char *name;
    mcp_type type;
    /// The name for people.
    const char *title;
    const char *description;
    /// The field may be missing.
    bool optional;
    /// The value may be `null`.
    bool nullable;
    /// The value that a missing one stands for, as JSON text. Only describes: `mcp_arg_string_or` and so
    /// on take the default themselves.
    const char *fallback;
    /// Bounds of a number. `{0, 0}` sets none, and an infinite bound does not bound.
    struct {
        double minimum, maximum;
    } range;
    /// Bounds of the length of a string or array. A maximum of 0 does not bound.
    struct {
        uint32_t minimum, maximum;
    } length;
    /// The format of a string, such as `date`. In a form `email`, `uri`, `date` or `date-time`.
    const char *format;
    /// The strings to choose from: `MCP_STRINGS("red", "green")`.
    const char *const *choices;
    /// A name for people for each of the choices. In forms only.
    const char *const *choice_titles;
    /// The type of the items of an array: `MCP_ITEM(.type = MCP_NUMBER)`.
    const struct mcp_field *items;
    /// The members of an object: `MCP_FIELDS(...)`.
    const struct mcp_field *fields;
    /// Further members of the schema, or of a prompt's argument: a JSON object.
    const char *extra;
    /// The JSON Schema of the field as text, in place of the above.
    const char *schema;
    /// Proposes values with `mcp_propose`, for an argument of a prompt or a variable of a template.
    mcp_handler complete;
} mcp_field;

/// Hints on how to use or show an item.
typedef struct mcp_annotations {
    bool for_user, for_assistant;
    /// From 0, optional, to 1, required.
    mcp_optional priority;
    /// Such as `2025-01-12T15:00:58Z`.
    const char *last_modified;
} mcp_annotations;

/// A tool.
typedef struct mcp_tool {
    const char *name;
    const char *title;
    const char *description;
    /// The arguments; `NULL` for none.
    const mcp_field *input;
    /// The JSON Schema of the arguments as text, in place of `input`.
    const char *input_schema;
    /// The members of the structured content; `NULL` where there is none, or of no fixed form.
    const mcp_field *output;
    /// The JSON Schema of the structured content as text, in place of `output`.
    const char *output_schema;
    /// Hints about the tool's behaviour. Without them a client takes a tool for one that may destroy.
    mcp_choice read_only, destructive, idempotent, open_world;
    const char *annotations_title;
    const char *meta;
    const char *extra;
    mcp_handler handler;
} mcp_tool;

/// A resource.
typedef struct mcp_resource {
    const char *uri;
    /// The name for programs. The URI where it is `NULL`.
    const char *name;
    const char *title;
    const char *description;
    const char *mime_type;
    /// The size in bytes; 0 where it is unknown.
    uint64_t size;
    const mcp_annotations *annotations;
    const char *meta;
    const char *extra;
    /// The resource can be read and is not in the list.
    bool unlisted;
    /// The contents, where they are a text that never changes; in place of `handler`.
    const char *text;
    mcp_handler handler;
} mcp_resource;

/// Resources whose URIs match a template. `{x}` stands for one segment, `{+x}` for any text.
typedef struct mcp_template {
    const char *uri_template;
    /// The name for programs. The template where it is `NULL`.
    const char *name;
    const char *title;
    const char *description;
    const char *mime_type;
    const mcp_annotations *annotations;
    const char *meta;
    const char *extra;
    /// The template can be read and is not in the list.
    bool unlisted;
    /// Variables that can be completed. Others need not be here.
    const mcp_field *variables;
    mcp_handler handler;
} mcp_template;

/// A prompt.
typedef struct mcp_prompt {
    const char *name;
    const char *title;
    const char *description;
    /// The arguments; their values are texts.
    const mcp_field *arguments;
    const char *meta;
    const char *extra;
    mcp_handler handler;
} mcp_prompt;

/// Items that belong together, such as those of a source file.
typedef struct mcp_items {
    const mcp_tool *tools;
    const mcp_resource *resources;
    const mcp_template *templates;
    const mcp_prompt *prompts;
} mcp_items;

/// The kind of an item.
typedef enum mcp_item_kind {
    MCP_TOOL,
    MCP_RESOURCE,
    MCP_TEMPLATE,
    MCP_PROMPT,
} mcp_item_kind;

/// A server.
typedef struct mcp_server {
    const char *name;
    const char *title;
    const char *version;
    /// Instructions for a model on how to use the server.
    const char *instructions;
    const mcp_tool *tools;
    const mcp_resource *resources;
    const mcp_template *templates;
    const mcp_prompt *prompts;
    /// Further items, of other source files: `MCP_PARTS(&search_items, &file_items)`.
    const mcp_items *const *parts;
    /// Clients are told when `mcp_add_items` and `mcp_remove_items` change a list.
    bool list_changed;
    /// Clients can subscribe to resources. `mcp_resource_updated` tells them of changes.
    bool subscriptions;
    /// Runs when an instance starts, before any other handler.
    mcp_handler start;
    /// Run when a subscription to a resource of this server begins and ends; `mcp_uri` names it.
    mcp_handler subscribed, unsubscribed;
    /// Runs when a client is ready.
    mcp_handler initialized;
    /// Runs when the client's roots have changed.
    mcp_handler roots_changed;
    /// Returns whether a request may see the item of this name, URI or URI template. For services alone.
    ///
    /// A hidden item is in no list, and unknown to every other method. `call` tells the client, the principal
    /// and `_meta`; its failure is that of the request.
    bool (*visible)(mcp_call *call, mcp_item_kind kind, const char *name);
    /// Capabilities outside the specification: a JSON object of objects.
    const char *experimental;
    /// Further members of the server's `serverInfo`: a JSON object.
    const char *extra;
} mcp_server;

/// The server of this component, which the author defines.
extern const mcp_server mcp_main;

/// Tables end with an empty entry, which these macros add. Any other entry without a name or URI is refused.
#define MCP_TOOLS(...) ((const mcp_tool[]){__VA_ARGS__, {0}})
#define MCP_RESOURCES(...) ((const mcp_resource[]){__VA_ARGS__, {0}})
#define MCP_TEMPLATES(...) ((const mcp_template[]){__VA_ARGS__, {0}})
#define MCP_PROMPTS(...) ((const mcp_prompt[]){__VA_ARGS__, {0}})
#define MCP_FIELDS(...) ((const mcp_field[]){__VA_ARGS__, {0}})
#define MCP_ITEM(...) (&(const mcp_field){__VA_ARGS__})
#define MCP_STRINGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define MCP_PARTS(...) ((const mcp_items *const[]){__VA_ARGS__, NULL})

/// ## Arguments
///
/// These are the arguments of a tool or a prompt, the variables of a template, and in `complete` the
/// arguments that are known. Where values are texts, as in all but tools, a number or a boolean is read
/// from its text.
///
/// A missing or wrong argument is a failure of the call: `invalid-params`, or `resource-not-found` in a
/// resource. The host has checked a tool's arguments against its schema before. In a service the library has
/// checked them against the table, or against the outermost members of an `input_schema`.

/// Returns a string without U+0000; after a failure an empty one.
const char *mcp_arg_string(mcp_call *call, const char *name);

/// Returns a string without U+0000, or `fallback`, which may be `NULL`, where it is missing.
const char *mcp_arg_string_or(mcp_call *call, const char *name, const char *fallback);

/// Returns a string of any characters.
mcp_slice mcp_arg_slice(mcp_call *call, const char *name);

/// Returns a whole number; after a failure 0. Functions that end in `_or` return `fallback` where the argument is
/// missing.
int64_t mcp_arg_integer(mcp_call *call, const char *name);
int64_t mcp_arg_integer_or(mcp_call *call, const char *name, int64_t fallback);

/// Returns a number; after a failure 0.
double mcp_arg_number(mcp_call *call, const char *name);
double mcp_arg_number_or(mcp_call *call, const char *name, double fallback);

/// Returns a boolean; after a failure `false`.
bool mcp_arg_boolean(mcp_call *call, const char *name);
bool mcp_arg_boolean_or(mcp_call *call, const char *name, bool fallback);

/// Returns a value of any kind, or `NULL` where it is missing.
const mcp_json *mcp_arg(mcp_call *call, const char *name);

/// Returns all arguments as an object; after a failure `NULL`.
const mcp_json *mcp_args(mcp_call *call);

/// Reads a member of an object, as `mcp_arg_string` and so on read an argument: of an argument of a tool, or
/// of the values of a form.
const char *mcp_get_string(mcp_call *call, const mcp_json *object, const char *name);
const char *mcp_get_string_or(mcp_call *call, const mcp_json *object, const char *name, const char *fallback);
int64_t mcp_get_integer(mcp_call *call, const mcp_json *object, const char *name);
int64_t mcp_get_integer_or(mcp_call *call, const mcp_json *object, const char *name, int64_t fallback);
double mcp_get_number(mcp_call *call, const mcp_json *object, const char *name);
double mcp_get_number_or(mcp_call *call, const mcp_json *object, const char *name, double fallback);
bool mcp_get_boolean(mcp_call *call, const mcp_json *object, const char *name);
bool mcp_get_boolean_or(mcp_call *call, const mcp_json *object, const char *name, bool fallback);

/// ## Answers
///
/// In a tool these add content to the result, in a resource they add contents under its URI and media
/// type, and in a prompt they add messages.

/// Adds a text, formatted as by `printf`.
void mcp_text(mcp_call *call, const char *format, ...) MCP_FORMAT(2, 3);

/// Adds a text of any characters.
void mcp_slice_text(mcp_call *call, mcp_slice text);

/// Adds bytes: to a resource.
void mcp_blob(mcp_call *call, const void *data, size_t length);

/// Adds an image. In a resource, adds its bytes with this media type, and so does `mcp_audio`.
void mcp_image(mcp_call *call, const char *mime_type, const void *data, size_t length);

/// Adds a piece of audio.
void mcp_audio(mcp_call *call, const char *mime_type, const void *data, size_t length);

/// Adds a link to a resource.
void mcp_link(mcp_call *call, const char *uri, const char *name);

/// Adds a resource of text, with its contents.
void mcp_embed_text(mcp_call *call, const char *uri, const char *mime_type, const char *text);

/// Adds a resource of bytes, with its contents.
void mcp_embed_blob(mcp_call *call, const char *uri, const char *mime_type, const void *data, size_t length);

/// The kind of content.
typedef enum mcp_content_type {
    MCP_CONTENT_TEXT,
    MCP_CONTENT_IMAGE,
    MCP_CONTENT_AUDIO,
    MCP_CONTENT_LINK,
    /// A resource of text, embedded. In a resource, one item of its contents.
    MCP_CONTENT_EMBEDDED_TEXT,
    /// A resource of bytes, embedded. In a resource, one item of its contents.
    MCP_CONTENT_EMBEDDED_BLOB,
    /// A kind that this library does not know: a JSON object, in `text`.
    MCP_CONTENT_OTHER,
} mcp_content_type;

/// Content with every member. Each kind has those that MCP gives it.
typedef struct mcp_content {
    mcp_content_type type;
    const char *text;
    /// The bytes of an image, of audio and of a blob.
    const void *data;
    /// The length of `data`, or of `text`. A text of length 0 extends to its NUL.
    size_t length;
    const char *mime_type;
    const char *uri;
    /// The name, title, description and size of a link.
    const char *name, *title, *description;
    uint64_t size;
    const mcp_annotations *annotations;
    const char *meta;
    const char *extra;
    /// `_meta` and further members of embedded contents themselves.
    const char *contents_meta, *contents_extra;
} mcp_content;

/// Adds content with every member.
void mcp_add(mcp_call *call, const mcp_content *content);

/// Sets the sender of the messages that a prompt adds from now on. It begins with the user.
void mcp_from(mcp_call *call, mcp_role role);

/// Returns the writer of a tool's structured content, whose outermost object is open. The library ends
/// it, and adds its text as content unless the tool adds content itself.
///
/// In a resource, writes its contents.
mcp_writer *mcp_structured(mcp_call *call);

/// Sets a tool's structured content: a JSON object as text.
void mcp_structured_text(mcp_call *call, const char *json);

/// Set `_meta` of the result, its further members, and the description of a prompt's result.
void mcp_result_meta(mcp_call *call, const char *json);
void mcp_result_extra(mcp_call *call, const char *json);
void mcp_result_description(mcp_call *call, const char *description);

/// ## Failures

/// The code of an error: a number of JSON-RPC, or one of these.
typedef int64_t mcp_code;

#define MCP_PARSE_ERROR ((mcp_code) - 32700)
#define MCP_INVALID_REQUEST ((mcp_code) - 32600)
#define MCP_METHOD_NOT_FOUND ((mcp_code) - 32601)
#define MCP_INVALID_PARAMS ((mcp_code) - 32602)
#define MCP_INTERNAL_ERROR ((mcp_code) - 32603)
#define MCP_RESOURCE_NOT_FOUND ((mcp_code) - 32002)
/// The request was cancelled.
#define MCP_CANCELLED ((mcp_code)1 << 32)
/// The client did not answer in time.
#define MCP_TIMEOUT ((mcp_code)2 << 32)
/// The function cannot be called now.
#define MCP_INVALID_STATE ((mcp_code)3 << 32)
/// There is no failure.
#define MCP_NO_CODE ((mcp_code)4 << 32)

/// Returns the name of a code, such as `invalid-params`; the number as a text where it has none.
const char *mcp_code_name(mcp_call *call, mcp_code code);

/// Fails. A tool's result is an error that the model sees; elsewhere it is an internal error.
void mcp_fail(mcp_call *call, const char *format, ...) MCP_FORMAT(2, 3);

/// Fails with an error of JSON-RPC. `data` is a JSON text or `NULL`.
void mcp_error(mcp_call *call, mcp_code code, const char *data, const char *format, ...) MCP_FORMAT(4, 5);

/// Fails because there is no such resource.
void mcp_not_found(mcp_call *call);

/// Returns whether the call has failed.
bool mcp_failed(const mcp_call *call);

/// Returns the message of the failure, or `NULL`.
const char *mcp_failure(const mcp_call *call);

/// Takes the failure back and returns its code.
mcp_code mcp_forgive(mcp_call *call);

/// ## The request
///
/// `.start` has no request: if it calls these functions or sends requests to the client, the start fails.
/// `mcp_is_stopped` and `mcp_log_to_sessions` are exceptions.

/// Returns the URI of the resource that is read, or subscribed to.
const char *mcp_uri(const mcp_call *call);

/// Returns the name of the tool or prompt; in `.complete`, of the argument.
const char *mcp_name(const mcp_call *call);

/// Return JSON texts: the id, `_meta`, the progress token, and the members of the parameters that the
/// interface does not name; `NULL` where there is none.
const char *mcp_request_id(mcp_call *call);
const char *mcp_request_meta(mcp_call *call);
const char *mcp_progress_token(mcp_call *call);
const char *mcp_request_extra(mcp_call *call);

/// The severity of a log message.
typedef enum mcp_level {
    MCP_LOG_DEBUG,
    MCP_LOG_INFO,
    MCP_LOG_NOTICE,
    MCP_LOG_WARNING,
    MCP_LOG_ERROR,
    MCP_LOG_CRITICAL,
    MCP_LOG_ALERT,
    MCP_LOG_EMERGENCY,
} mcp_level;

/// The client that sent a request.
typedef struct mcp_client_info {
    /// `NULL` in a host that keeps no sessions.
    const char *name;
    const char *title, *version;
    /// Further members of its `clientInfo`.
    const char *extra;
    const char *protocol_version;
    /// The least severe level that the client has set, if it has.
    bool has_log_level;
    mcp_level log_level;
    /// The client answers `mcp_list_roots`, `mcp_sample` and `mcp_elicit`.
    bool has_roots, has_sampling, has_elicitation;
    /// The client tells when its roots change.
    bool roots_list_changed;
    /// Capabilities outside the specification, and further ones: JSON objects, or `NULL`.
    const char *experimental, *capabilities_extra;
} mcp_client_info;

/// Returns the client.
const mcp_client_info *mcp_client(mcp_call *call);

/// The authenticated party behind a request.
typedef struct mcp_principal_info {
    const char *issuer;
    const char *subject, *client_id;
    /// Ends with `NULL`.
    const char *const *scopes;
    /// Further claims: a JSON object.
    const char *claims;
} mcp_principal_info;

/// Returns the principal, or `NULL` where the transport does not authenticate.
const mcp_principal_info *mcp_principal(mcp_call *call);

/// Returns whether the request was cancelled. Its answer is discarded then.
bool mcp_is_cancelled(mcp_call *call);

/// Returns whether the host has begun to stop this instance.
bool mcp_is_stopped(void);

/// Stands for a total that is not known.
#define MCP_UNKNOWN_TOTAL (-1.0)

/// Reports progress, which must grow with each report. `format` is for people and may be `NULL`. This function and
/// those that log return `false` if the host refuses, which is a failure of the call.
bool mcp_progress(mcp_call *call, double progress, double total, const char *format, ...) MCP_FORMAT(4, 5);

/// Logs a text to the client, as part of the request.
bool mcp_log(mcp_call *call, mcp_level level, const char *format, ...) MCP_FORMAT(3, 4);

/// Logs a JSON value. `logger` names a part of the server, or is `NULL`.
bool mcp_log_json(mcp_call *call, mcp_level level, const char *logger, const char *json);

/// Logs a JSON value to every session that this instance serves, outside of the request. `call` keeps the
/// failure.
bool mcp_log_to_sessions(mcp_call *call, mcp_level level, const char *logger, const char *json);

/// ## Requests to the client
///
/// They wait for the answer. What the client refuses is a failure of the call, and the functions return
/// `NULL`. The code of a client that lacks the capability is `MCP_METHOD_NOT_FOUND`.

/// A message of a conversation with the client's model.
typedef struct mcp_message {
    mcp_role role;
    /// A text, an image, audio, or another kind.
    mcp_content content;
} mcp_message;

/// The context that the client gives its model.
typedef enum mcp_include {
    MCP_INCLUDE_UNSET,
    MCP_INCLUDE_NONE,
    MCP_INCLUDE_THIS_SERVER,
    MCP_INCLUDE_ALL_SERVERS,
} mcp_include;

/// A request to the client's model.
typedef struct mcp_sampling {
    const mcp_message *messages;
    size_t message_count;
    uint32_t max_tokens;
    const char *system_prompt;
    mcp_include include_context;
    mcp_optional temperature;
    const char *const *stop_sequences;
    /// Parts of names of suitable models, best first.
    const char *const *model_hints;
    mcp_optional cost_priority, speed_priority, intelligence_priority;
    const char *metadata;
    const char *meta;
    const char *extra;
} mcp_sampling;

/// A message of the client's model.
typedef struct mcp_sampled {
    mcp_role role;
    mcp_content content;
    const char *model;
    const char *stop_reason;
    const char *meta;
    const char *extra;
} mcp_sampled;

/// Requests a message from the client's model.
const mcp_sampled *mcp_sample(mcp_call *call, const mcp_sampling *request);

/// Requests the answer to a text, formatted as by `printf`, from the client's model. An answer that is no
/// text is a failure.
const char *mcp_ask_model(mcp_call *call, uint32_t max_tokens, const char *format, ...) MCP_FORMAT(3, 4);

/// The action of the user.
typedef enum mcp_action {
    MCP_ACCEPTED,
    MCP_DECLINED,
    /// The user dismissed the form without a choice.
    MCP_DISMISSED,
} mcp_action;

/// A form for the user.
typedef struct mcp_form {
    const char *message;
    /// Fields of the types `MCP_STRING`, `MCP_INTEGER`, `MCP_NUMBER` and `MCP_BOOLEAN`, or with a `schema`.
    const mcp_field *fields;
    const char *meta;
    const char *extra;
} mcp_form;

/// The answer to a form.
typedef struct mcp_elicited {
    mcp_action action;
    /// The values, as an object, for `mcp_get_string` and so on; `NULL` unless the user accepted. A guest
    /// checks them: the host does not.
    const mcp_json *values;
    const char *meta;
    const char *extra;
} mcp_elicited;

/// Requests data from the client's user.
const mcp_elicited *mcp_elicit(mcp_call *call, const char *message, const mcp_field *fields);

/// Requests data from the client's user, with every parameter.
const mcp_elicited *mcp_elicit_form(mcp_call *call, const mcp_form *form);

/// A folder or file that the client lets a server work in.
typedef struct mcp_root {
    const char *uri;
    const char *name;
    const char *meta;
    const char *extra;
} mcp_root;

/// The client's roots.
typedef struct mcp_roots {
    const mcp_root *roots;
    size_t count;
    const char *meta;
    const char *extra;
} mcp_roots;

/// Requests the client's roots. `meta` is `_meta` of the request, or `NULL`.
const mcp_roots *mcp_list_roots(mcp_call *call, const char *meta);

/// ## Completion

/// Returns the text that was typed so far.
const char *mcp_typed(const mcp_call *call);

/// Proposes a value. One that does not begin with what was typed is skipped, and the library cuts off
/// after 100.
void mcp_propose(mcp_call *call, const char *value);

/// ## Changes

/// Adds items to the lists. Returns `false` if one is refused: then none is added, and the call has failed.
bool mcp_add_items(mcp_call *call, const mcp_items *items);

/// Removes items that were added. Returns `false` if one is unknown, which is a failure of the call.
bool mcp_remove_items(mcp_call *call, const mcp_items *items);

/// Tells subscribers that a resource has changed.
void mcp_resource_updated(const char *uri);

/// Tells subscribers of a resource that its part `part` has changed.
void mcp_part_updated(const char *uri, const char *part);

/// ## Memory

/// Returns zeroed memory of the call.
void *mcp_alloc(mcp_call *call, size_t size);

/// Returns a text of the call, formatted as by `printf`.
const char *mcp_format(mcp_call *call, const char *format, ...) MCP_FORMAT(2, 3);

/// Returns a writer of JSON whose text belongs to the call.
mcp_writer *mcp_json_writer(mcp_call *call);

/// Returns the text of such a writer; after a mistake fails and returns `NULL`.
const char *mcp_json_text(mcp_call *call, mcp_writer *writer);

/// ## The bindings

/// Returns the context of the request, for functions of the generated bindings. There is none in `start`.
wasi_mcp_context_borrow_request_context_t mcp_context(const mcp_call *call);

#ifdef __cplusplus
}
#endif
#endif
