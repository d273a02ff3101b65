//! A tool that stays within the client's roots.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/roots#security-considerations>

use serde::Deserialize;
use serde_json::json;

use super::client_requests::failed;
use super::entry::{Call, Entry, Outcome, arguments};
use crate::content::{failed_result, structured_result};
use crate::edge;

pub fn entries() -> Vec<Entry> {
    let schema = arguments(
        json!({ "path": { "type": "string", "description": "An absolute path of the client" } }),
        &["path"],
    );
    vec![Entry::new(
        "locate-in-roots",
        "Tells in which of the client's roots a path lies. No file is opened.",
        schema,
        |call| Box::pin(locate(call)),
    )]
}

#[derive(Deserialize)]
struct Arguments {
    path: String,
}

async fn locate(call: Call) -> Outcome {
    let Arguments { path } = call.arguments.parse()?;
    let listed = match edge::list_roots(&call.context, None).await {
        Ok(listed) => listed,
        Err(error) => return failed(error),
    };
    let found = listed.roots.into_iter().find_map(|root| {
        let within = within(&path, &root.uri)?;
        Some(json!({ "root": root.uri, "path": within }).to_string())
    });
    Ok(match found {
        Some(place) => structured_result(place),
        None => failed_result(format!("{path} lies in none of the client's roots")),
    })
}

/// Returns the path relative to the root, if it stays inside.
fn within(path: &str, root: &str) -> Option<String> {
    let root = decoded(root.strip_prefix("file://")?)?;
    let (root, path) = (steps(&root)?, steps(path)?);
    Some(path.strip_prefix(root.as_slice())?.join("/"))
}

/// Returns the names of an absolute path. Names are compared as a whole: `/root-sibling` begins
/// with `/root`, but is not inside it.
fn steps(path: &str) -> Option<Vec<&str>> {
    let mut steps = Vec::new();
    for step in path.strip_prefix('/')?.split('/') {
        match step {
            "" | "." => {}
            // `/` is its own parent.
            ".." => drop(steps.pop()),
            name => steps.push(name),
        }
    }
    Some(steps)
}

/// Returns the path of a URI, whose octets may be written as `%2F`.
fn decoded(path: &str) -> Option<String> {
    let mut octets = Vec::new();
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            octets.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok()?;
        octets.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    String::from_utf8(octets).ok()
}
