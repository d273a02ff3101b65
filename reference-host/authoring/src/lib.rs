//! Projects of `wasi:mcp` components.
//!
//! [`create`] writes a new project in one of the [languages](Language): a server with a tool, a
//! resource and a prompt, the library of its language, and what its author needs to build, judge and
//! serve it. [`Project`] finds the language of a project again by its files, and [`build()`] makes
//! the component with the language's own tools.

mod build;
mod build_error;
mod create;
mod embedded;
mod language;
mod name;
mod project;
mod tool;
mod wasi;
mod wit;

pub use build::build;
pub use build_error::{BuildError, MissingTool};
pub use create::{CreateError, ServerKind, create};
pub use language::{Language, UnknownLanguage};
pub use name::{InvalidName, ProjectName};
pub use project::{Project, ProjectError};
pub use wasi::{UnknownVariant, Wasi};
