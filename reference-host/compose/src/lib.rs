//! Links any number of [`wasi:mcp`](https://github.com/WebAssembly/wasi-mcp) components into one
//! service.
//!
//! Bytes go in and bytes come out: nothing here reads files or runs a component.
//!
//! ```no_run
//! use wasi_mcp_compose::{Composition, Part};
//!
//! # fn example(weather: Vec<u8>, calendar: Vec<u8>) -> Result<(), wasi_mcp_compose::ComposeError> {
//! let composition = Composition {
//!     parts: vec![Part::new("weather", weather), Part::new("calendar", calendar)],
//!     ..Composition::default()
//! };
//! let server: Vec<u8> = composition.compose()?;
//! # Ok(())
//! # }
//! ```
//!
//! # The components of a composition
//!
//! ```text
//!        exports of the composition
//!                  ^
//!               wrapper            with --name, --version or --instructions
//!                  ^
//!              middleware          in front of all
//!                  ^
//!                joint             a tree of them joins the parts, in their order
//!               ^     ^
//!          wrapper   ...           with --prefix
//!             ^
//!         middleware               in front of one part
//!             ^
//!      recorder, upper half        makes a service of a backend
//!         ^         ^
//!       part  ---> recorder, lower half: takes the registrations
//! ```
//!
//! A part that is a service has no recorder. The adapters are components too, written in Rust and
//! built by this package's build script; their logic is the crate `wasi-mcp-joining`. What a part
//! does not export is linked to an adapter that has nothing, and what no part has is not exported.

mod adapters;
mod error;
mod interfaces;
mod link;
mod middleware;
mod settings;
mod shape;
mod target;

pub use error::ComposeError;
pub use interfaces::Variant;
pub use shape::World;
pub use target::{Sessions, Settings, Target, TargetOptions};

/// A component and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The name, unique in a composition. With a prefix it is shown to clients.
    pub name: String,
    /// The component.
    pub component: Vec<u8>,
    /// The middleware in front of this part, the outermost first.
    pub middleware: Vec<Middleware>,
}

impl Part {
    /// Names a component.
    pub fn new(name: impl Into<String>, component: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            component,
            middleware: Vec::new(),
        }
    }
}

/// A component between clients and parts: it wraps handlers and lists, or narrows powers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Middleware {
    /// The name, for errors.
    pub name: String,
    /// The component.
    pub component: Vec<u8>,
}

/// The parts of a composition, and what is changed in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Composition {
    /// The parts. Lists follow their order, and the first of two with the same name or URI wins.
    pub parts: Vec<Part>,
    /// The middleware in front of all parts, the outermost first.
    pub middleware: Vec<Middleware>,
    /// True to put each part's name before the names of its tools and prompts: `part-tool`.
    pub prefix: bool,
    /// The name of the whole; without it, that of the first part.
    pub name: Option<String>,
    /// The version of the whole; without it, that of the first part.
    pub version: Option<String>,
    /// The instructions of the whole; without them, those of the parts, in their order.
    pub instructions: Option<String>,
}

/// The facts about a component that decide how it is linked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// The variant of the interface.
    pub variant: Variant,
    /// The kind of server; `None` for a middleware.
    pub world: Option<World>,
    /// The interfaces of `wasi:mcp` that it exports, such as `tools`.
    pub exports: Vec<&'static str>,
}

impl Composition {
    /// Links the components into one service.
    ///
    /// # Errors
    ///
    /// [`ComposeError`], which names the component that does not fit.
    pub fn compose(&self) -> Result<Vec<u8>, ComposeError> {
        link::compose(self)
    }
}

/// Makes of a composition a component that any WASI runtime serves: it exports the entry points of
/// `target`, and imports WASI alone. It keeps no sessions over HTTP.
///
/// # Errors
///
/// [`ComposeError`] if it is not a service, or imports an interface of `wasi:mcp` that only a host
/// provides.
pub fn target(composition: &[u8], target: Target) -> Result<Vec<u8>, ComposeError> {
    target_with(composition, TargetOptions::new(target))
}

/// Makes such a component with these options, among them sessions over HTTP and authorization.
///
/// # Errors
///
/// As [`target`], and [`ComposeError::SessionsWithoutHttp`] or
/// [`ComposeError::AuthorizationWithoutHttp`].
pub fn target_with(composition: &[u8], options: TargetOptions) -> Result<Vec<u8>, ComposeError> {
    target::link(composition, options)
}

/// Reads how a component can be linked.
///
/// # Errors
///
/// Where it is not a component of `wasi:mcp` in a version that this crate links.
pub fn inspect(name: &str, component: &[u8]) -> Result<Inspection, ComposeError> {
    shape::inspect(name, component)
}
