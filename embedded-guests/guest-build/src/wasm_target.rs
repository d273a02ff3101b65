//! The compiler's target for components.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The compiler's target for components.
pub const WASM_TARGET: &str = "wasm32-wasip2";

/// Adds the target unless it is installed. `rust-toolchain.toml` names it too, but it is ignored if
/// automatic installation is switched off.
///
/// # Errors
///
/// When it is missing and cannot be added.
pub fn ensure() -> Result<()> {
    if is_installed()? {
        return Ok(());
    }
    let mut command = Command::new("rustup");
    command.args(["target", "add", WASM_TARGET]);
    if let Some(toolchain) = env::var_os("RUSTUP_TOOLCHAIN") {
        command.arg("--toolchain").arg(toolchain);
    }
    let added = command.status().is_ok_and(|status| status.success());
    if added && is_installed()? {
        return Ok(());
    }
    bail!(
        "The test components need the standard library for {WASM_TARGET}, and it could not be \
         added. Please type:\n\n    {}\n",
        typed(&command)
    )
}

fn is_installed() -> Result<bool> {
    let rustc = env::var_os("RUSTC").context("RUSTC is not set")?;
    let output = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", WASM_TARGET])
        .output()
        .context("cannot run rustc")?;
    let folder = String::from_utf8(output.stdout).context("rustc names no folder")?;
    Ok(output.status.success() && Path::new(folder.trim_end()).is_dir())
}

/// Returns the command as a person types it.
fn typed(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
