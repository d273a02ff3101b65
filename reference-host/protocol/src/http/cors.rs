//! Header fields that let a page of an allowed origin use the endpoint from a browser.

/// The fields that a page may read besides those that every page may read.
const EXPOSED: &str = "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After, Allow, \
                       Accept-Encoding";

/// The fields that a page may send in any case.
const ALLOWED: &str = "Content-Type, Accept, Authorization, Last-Event-ID, Mcp-Session-Id, \
                       MCP-Protocol-Version";

/// The beginning of the names of MCP's own fields. Clients of later revisions send further ones with
/// every request (`Mcp-Method`, `Mcp-Name`, `Mcp-Param-*`), and must see the refusal from which they
/// learn that this server speaks an earlier one.
const OWN: &str = "mcp-";

/// The most such fields that a preflight response allows.
const MOST_OWN: usize = 100;

/// Returns the fields that let a page of an allowed origin see the response and the fields that a
/// client needs, besides `Access-Control-Allow-Origin`, which is the origin.
#[must_use]
pub const fn exposing() -> [(&'static str, &'static str); 2] {
    [
        ("vary", "Origin"),
        ("access-control-expose-headers", EXPOSED),
    ]
}

/// Returns the fields that tell a browser, in answer to its preflight request, what a page may send.
/// `asked` are the fields `Access-Control-Request-Headers`.
pub fn preflight<'a>(
    asked: impl IntoIterator<Item = &'a [u8]>,
) -> impl Iterator<Item = (&'static str, String)> {
    let asked = asked.into_iter();
    let names = asked.flat_map(|names| names.split(|byte| *byte == b','));
    let names = names.filter_map(|name| {
        let is_token =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        let name = name.trim_ascii();
        let name = std::str::from_utf8(name)
            .ok()
            .filter(|_| name.iter().all(is_token))?;
        let name = name.to_ascii_lowercase();
        name.starts_with(OWN).then_some(name)
    });
    let own: Vec<String> = names.take(MOST_OWN).collect();
    let fixed = [
        ("access-control-allow-methods", "GET, POST, DELETE"),
        ("access-control-allow-headers", ALLOWED),
        ("access-control-max-age", "3600"),
        ("vary", "Access-Control-Request-Headers"),
    ];
    let own = own
        .into_iter()
        .map(|name| ("access-control-allow-headers", name));
    fixed
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .chain(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_fields_are_allowed_by_name() {
        let asked = [&b"Mcp-Method, x-other, mcp-\xff, mcp-a b"[..], b"MCP-Name"];
        let allowed: Vec<_> = preflight(asked)
            .filter(|(name, _)| *name == "access-control-allow-headers")
            .map(|(_, value)| value)
            .collect();
        assert_eq!(allowed, [ALLOWED, "mcp-method", "mcp-name"]);
    }
}
