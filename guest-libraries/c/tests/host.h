/// A host in place of the real one. It writes down what the library asks of it.
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>

#include "wasi_mcp.h"

/// Settings of the host.
typedef struct fake_host {
    /// The function that the host refuses, such as `register-prompts`; `NULL` for none.
    const char *refused;
    bool is_cancelled;
    /// The action of the user, and the values as text of `name=value` each.
    uint8_t action;
    bool has_values;
    /// The content of the model's answer is an image.
    bool answers_with_image;
    bool has_principal;
    /// The number of contexts that the library has not dropped.
    int contexts;
} fake_host;

extern fake_host host;

/// Forgets what was written down.
void host_reset(void);

/// Returns what was written down.
const char *host_log(void);

/// Returns a text of the bindings, with memory of its own.
bindings_string_t host_string(const char *text);

/// Returns a context of a request.
wasi_mcp_context_own_request_context_t host_context(void);

#endif
