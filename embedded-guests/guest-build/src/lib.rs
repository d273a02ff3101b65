//! Builds components in a nested cargo, for the build scripts of packages that embed some.

mod cargo;
mod wasm_target;

pub use cargo::Workspace;
pub use wasm_target::{WASM_TARGET, ensure as ensure_target};
