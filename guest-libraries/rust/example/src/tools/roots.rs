//! The client's roots.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/roots>

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use schemars::JsonSchema;
    use serde::Serialize;
    use wasi_mcp_guest::records::CallToolResult;
    use wasi_mcp_guest::{Context, IntoToolResult, Json, ToolError};

    use crate::samples::META;

    #[derive(Serialize, JsonSchema)]
    struct Root {
        uri: String,
        name: Option<String>,
        meta: Option<String>,
    }

    #[derive(Serialize, JsonSchema)]
    struct Roots {
        roots: Vec<Root>,
    }

    /// Lists the client's roots.
    #[tool(read_only)]
    async fn list_roots(context: &Context) -> Result<CallToolResult, ToolError> {
        let answer = context.list_roots(Some(META.into())).await?;
        let roots = answer.roots.into_iter().map(|root| Root {
            uri: root.uri,
            name: root.name,
            meta: root.meta,
        });
        let roots = Json(Roots {
            roots: roots.collect(),
        });
        Ok(CallToolResult {
            meta: answer.meta,
            ..roots.into_tool_result()?
        })
    }

    #[derive(Serialize, JsonSchema)]
    struct Place {
        root: String,
        path: String,
    }

    /// Tells in which of the client's roots a path lies. No file is opened.
    #[tool(read_only)]
    async fn locate_in_roots(
        context: &Context,
        /// An absolute path of the client
        path: String,
    ) -> Result<Json<Place>, ToolError> {
        for root in context.roots().await? {
            if let Some(path) = within(&path, &root.uri) {
                return Ok(Json(Place {
                    root: root.uri,
                    path,
                }));
            }
        }
        Err(ToolError::new(format!(
            "{path} lies in none of the client's roots"
        )))
    }

    /// Returns the path relative to a root, if it stays inside.
    fn within(path: &str, root: &str) -> Option<String> {
        let root = decoded(root.strip_prefix("file://")?)?;
        let (root, path) = (steps(&root)?, steps(path)?);
        Some(path.strip_prefix(root.as_slice())?.join("/"))
    }

    /// Returns the names of an absolute path. They are compared as a whole: `/root-sibling` is not
    /// inside `/root`.
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
        let (first, escaped) = match path.split_once('%') {
            None => return Some(path.to_owned()),
            Some((first, escaped)) => (first, escaped.split('%')),
        };
        let mut octets = first.as_bytes().to_vec();
        for part in escaped {
            let (digits, rest) = part.split_at_checked(2)?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            octets.push(u8::from_str_radix(digits, 16).ok()?);
            octets.extend(rest.bytes());
        }
        String::from_utf8(octets).ok()
    }

    #[cfg(test)]
    mod tests {
        use super::within;

        #[test]
        fn a_path_lies_in_a_root_step_by_step() {
            for (path, root, expected) in [
                ("/project/a/b", "file:///project", Some("a/b")),
                ("/project/../project/./a", "file:///project/", Some("a")),
                ("/project/../a", "file:///project", None),
                ("/project-sibling/a", "file:///project", None),
                ("/my project/a", "file:///my%20project", Some("a")),
                ("/project/a", "https://project", None),
                ("relative", "file:///", None),
            ] {
                assert_eq!(within(path, root).as_deref(), expected, "{path} in {root}");
            }
        }
    }
}
