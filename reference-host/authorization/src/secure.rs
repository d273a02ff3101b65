//! The addresses through which tokens and keys may travel.

use http::Uri;
use wasi_mcp_protocol::http::is_loopback_name;

/// Returns whether traffic to this address is protected from reading and tampering: it is an
/// `https` address, or an `http` one of this machine. Addresses with user information are not
/// accepted: they would end up in logs.
#[must_use]
pub fn is_secure(address: &Uri) -> bool {
    let Some(authority) = address.authority() else {
        return false;
    };
    let host = authority.host().to_ascii_lowercase();
    let is_there = !host.is_empty() && !authority.as_str().contains('@');
    is_there
        && match address.scheme_str() {
            Some("https") => true,
            Some("http") => is_loopback_name(&host),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for (address, secure) in [
            ("https://a.example/keys", true),
            ("HTTPS://a.example", true),
            ("http://localhost:8080/keys", true),
            ("http://LOCALHOST", true),
            ("http://127.0.0.1", true),
            ("http://[::1]:1/", true),
            ("http://a.example", false),
            ("http://localhost.a.example", false),
            ("http://10.0.0.1", false),
            ("https://me:secret@a.example", false),
            ("http://localhost@a.example", false),
            ("ftp://a.example", false),
            ("/keys", false),
            ("a.example", false),
        ] {
            let address: Uri = address.parse().expect("a URI");
            assert_eq!(is_secure(&address), secure, "{address}");
        }
    }
}
