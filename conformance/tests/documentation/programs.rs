//! The programs that the commands of a page call.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// `PATH` with the folder in which a build of the workspace leaves its programs.
pub(crate) fn path() -> OsString {
    let own = Path::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"));
    let folder = own.parent().expect("a program is in a folder");
    let host = folder.join("wasi-mcp");
    assert!(
        host.is_file(),
        "{} is missing: build it with `cargo build --workspace`",
        host.display()
    );
    let before = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&before));
    std::env::join_paths(folders).expect("folders fit into PATH")
}

/// Bash, set up as for a person who has installed the programs.
pub(crate) fn bash() -> Command {
    let mut command = Command::new("bash");
    command
        .env("PATH", path())
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .env_remove("RUST_LOG")
        .env_remove("CARGO_TARGET_DIR");
    command
}

/// The help of a program's subcommand.
pub(crate) fn help(arguments: &str) -> String {
    let output = bash()
        .args(["-c", arguments])
        .output()
        .expect("bash starts");
    assert!(output.status.success(), "`{arguments}`: {output:?}");
    String::from_utf8(output.stdout).expect("the help is UTF-8")
}
