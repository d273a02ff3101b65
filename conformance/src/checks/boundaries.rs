//! Confinement to roots:
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/roots#security-considerations>.
//!
//! It is observable for tools that take a path and ask for the roots in the same call. Such a tool
//! gets a file below a root, which it must accept, and then files elsewhere. The files exist in a
//! temporary folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::check::Check;
use super::context::CheckContext;
use super::failures::not_internal;
use super::tally::Tally;
use crate::arguments;
use crate::driver::client_role::{Answer, Asked};
use crate::driver::{ClientRole, Reply, Session};
use crate::model::{Finding, Judgement};
use crate::survey::ToolCall;
use crate::survey::listing::List;

/// The checks of this section.
pub const CHECKS: &[Check] = &[
    check!(
        "roots/boundaries",
        "Stays within the client's roots.",
        ["roots.server.boundaries"],
        stays_within
    ),
    check!(
        "roots/validate-paths",
        "Rejects paths that only appear to lead into a root.",
        ["roots.server.validate-paths"],
        validates_paths
    ),
];

/// A folder with a root, and files inside and outside.
struct Folder(PathBuf);

impl Folder {
    fn make() -> std::io::Result<Self> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("mcp-conformance-{}-{number}", std::process::id());
        let folder = Self(std::env::temp_dir().join(name));
        fs::create_dir_all(folder.root())?;
        fs::create_dir_all(folder.0.join("root-sibling"))?;
        for file in ["root/inside.txt", "outside.txt", "root-sibling/outside.txt"] {
            fs::write(folder.0.join(file), "conformance")?;
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.0.join("outside.txt"), folder.root().join("link.txt"))?;
        Ok(folder)
    }

    fn root(&self) -> PathBuf {
        self.0.join("root")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A leftover temporary folder does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn stays_within(context: &CheckContext) -> Judgement {
    refuses(context, &["outside.txt"], &[]).await
}

async fn validates_paths(context: &CheckContext) -> Judgement {
    let disguised = &["root/../outside.txt", "root-sibling/outside.txt"];
    let links: &[&str] = if cfg!(unix) { &["root/link.txt"] } else { &[] };
    refuses(context, disguised, links).await
}

/// Checks that a tool accepts a file in the root and none of these. Links only count for tools that
/// open files, as those that compare names do not follow them.
async fn refuses(context: &CheckContext, files: &[&str], links: &[&str]) -> Judgement {
    let survey = context.survey().await?;
    let found = survey.calls.iter().find_map(|call| {
        let tool = survey.tools.get(List::Tools, &call.tool)?;
        let argument = path_argument(&tool["inputSchema"])?;
        (call.behaviour.asked(Asked::Roots) > 0).then_some((call, tool, argument))
    });
    let (call, tool, argument) = found.ok_or_else(|| {
        Finding::Skip("no tool was seen to take a path and to ask for the roots".to_owned())
    })?;
    let broken =
        |error: std::io::Error| Finding::Broken(format!("files could not be created: {error}"));
    let folder = Folder::make().map_err(broken)?;
    let root = format!("file://{}", folder.root().display());
    let roots = Answer::Result(json!({"roots": [{"uri": root}]}));
    let session = context
        .fresh(ClientRole::complete().answering(Asked::Roots, roots))
        .await?;
    let base = arguments::valid_with_everything(&tool["inputSchema"]);
    let base = base.unwrap_or(call.arguments.clone());
    let open = async |path: &Path| {
        let mut arguments = base.clone();
        arguments[&argument] = spelt(path, &argument).into();
        open_file(&session, call, arguments).await
    };
    let inside = open(&folder.root().join("inside.txt")).await;
    if inside.result().is_err() || inside.is_refusal() {
        return Err(Finding::Skip(format!(
            "{} does not accept a file below the client's root: {}",
            call.tool,
            inside.came()
        )));
    }
    let missing = folder.root().join("missing.txt");
    let opens_files = !links.is_empty() && (open(&missing).await.is_refusal() || missing.exists());
    let links = if opens_files { links } else { &[] };
    let mut tally = Tally::default();
    for file in files.iter().chain(links) {
        let reply = open(&folder.0.join(file)).await;
        tally.expect(reply.is_refusal(), || {
            let expected = format!("an error or isError, as the only root is {root}");
            reply.unexpected(&expected).to_string()
        });
        tally.note(not_internal(&reply, "an error that names the root"));
    }
    tally.judge("files outside of the root were refused", "")
}

async fn open_file(session: &Session, call: &ToolCall, arguments: Value) -> Reply {
    let params = json!({"name": call.tool, "arguments": arguments});
    session.request("tools/call", params).await
}

/// Returns the argument of a tool that takes a path or a file URI.
fn path_argument(schema: &Value) -> Option<String> {
    let mut names = schema["properties"].as_object()?.iter();
    let found = names.find(|(name, field)| {
        let name = name.to_ascii_lowercase();
        let named = ["path", "file", "folder", "dir", "uri"]
            .iter()
            .any(|part| name.contains(part));
        named && field["type"] == "string"
    });
    found.map(|(name, _)| name.clone())
}

fn spelt(path: &Path, argument: &str) -> String {
    if argument.to_ascii_lowercase().contains("uri") {
        format!("file://{}", path.display())
    } else {
        path.display().to_string()
    }
}
