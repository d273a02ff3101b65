//! Loading: from bytes to a [`Component`] that can be instantiated.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use wasmtime::component::InstancePre;

use super::engine::{Compiler, Engine, Kind, Toolchain};
use super::shape::{Imports, Shape, Variant, World};
use super::shares::Shares;
use super::state::State;
use wasi_mcp_protocol::Schemas;

/// The source of a component.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Source<'a> {
    /// A component's binary in memory.
    Bytes(&'a [u8]),
    /// A file that holds a component's binary.
    File(&'a Path),
    /// A file that `wasi-mcp compile` wrote. It holds **native code**, which is executed as is:
    /// load only files that you compiled yourself.
    Precompiled(&'a Path),
}

/// A reason for which a component cannot be served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file's path as given.
        path: PathBuf,
        /// The operating system's error.
        error: std::io::Error,
    },
    /// A core WebAssembly module.
    #[error(
        "this is a core WebAssembly module, not a component: build for the target \
         wasm32-wasip2, or wrap it with `wasm-tools component new`"
    )]
    CoreModule,
    /// The file is not WebAssembly.
    #[error("this is not a WebAssembly component: its first bytes are not those of a component")]
    NotWasm,
    /// Not native code of a component, or compiled by another host.
    #[error("this is not native code that `wasi-mcp compile` of this version wrote: {0}")]
    NotPrecompiled(String),
    /// Native code where a component was expected.
    #[error(
        "this is native code that `wasi-mcp compile` wrote, not a component: say --precompiled to run it"
    )]
    Precompiled,
    /// The binary does not validate.
    #[error("this component is not valid: {0}")]
    Invalid(String),
    /// The baseline compiler does not support this component or this machine.
    #[error("the baseline compiler cannot compile this component: {0}")]
    Baseline(String),
    /// No interface of `wasi:mcp` is imported or exported.
    #[error(
        "this component has no interface of wasi:mcp: an MCP server exports wasi:mcp/start \
         (world backend) or wasi:mcp/server-catalog (world service). If it was composed for other \
         runtimes (`compose --target`), serve it there, or serve the components that it was made of"
    )]
    NotMcp,
    /// Another version of the package.
    #[error(
        "this component uses `{interface}`, another draft of wasi:mcp: this host runs \
         0.2.0-draft2 and 0.3.0-draft2; rebuild the component against one of them"
    )]
    OtherDraft {
        /// The interface as the component names it.
        interface: String,
    },
    /// Interfaces of both packages.
    #[error(
        "this component mixes interfaces of wasi:mcp 0.2 and 0.3: build it against one of them"
    )]
    MixedVariants,
    /// Both ways to declare the offer.
    #[error(
        "this component exports both wasi:mcp/start and wasi:mcp/server-catalog: it must either \
         register what it offers (world backend) or export catalogs (world service)"
    )]
    BothWorlds,
    /// Neither way to declare the offer.
    #[error(
        "this component exports neither wasi:mcp/start nor wasi:mcp/server-catalog: include the \
         world backend or the world service of wasi:mcp"
    )]
    NeitherWorld,
    /// The interface is exported without one of its functions.
    #[error(
        "the export {interface} of this component has no function `{function}`: rebuild the \
         component against the packages of this host"
    )]
    Incomplete {
        /// The interface, without its version.
        interface: &'static str,
        /// The missing function.
        function: &'static str,
    },
    /// `start` without `runtime`.
    #[error(
        "this component exports wasi:mcp/start but does not import wasi:mcp/runtime: a build tool \
         has replaced the import by a stub (build without the option that stubs WASI imports), or \
         the code before the first registration always panics, so that the compiler has removed the rest"
    )]
    Stubbed,
    /// This host cannot compile or run anything.
    #[error("this host cannot run components: {0}")]
    Host(String),
    /// An import that this host does not provide, or not with this type.
    #[error("this component cannot be linked: {0}")]
    Import(String),
}

/// The reporting of a compilation by [`EngineOptions::on_compilation`](super::EngineOptions::on_compilation).
#[derive(Debug, Clone, Copy)]
pub(super) enum Progress {
    /// A caller waits for it.
    Reported,
    /// It runs in the background.
    Silent,
}

/// A compiled component with all its imports resolved.
///
/// Cheap to clone; each session creates its own instances from it.
#[derive(Clone)]
pub struct Component(Arc<Inner>);

struct Inner {
    engine: wasmtime::Engine,
    instance_pre: InstancePre<State>,
    shape: Shape,
    schemas: Schemas,
    shares: Shares,
}

impl Engine {
    /// Loads a component and determines its shape, interface by interface.
    ///
    /// It is compiled by the optimising compiler. [`Engine::load_tiered`] returns sooner for a large component.
    ///
    /// # Errors
    ///
    /// A [`LoadError`] that names the problem and its remedy.
    pub fn load(&self, source: Source<'_>) -> Result<Component, LoadError> {
        match source {
            Source::Bytes(bytes) => {
                let mark = self.mark(bytes);
                self.load_optimized(bytes, mark.as_deref(), Progress::Reported)
            }
            Source::File(path) => self.load(Source::Bytes(&read(path)?)),
            Source::Precompiled(path) => self.load_precompiled(path),
        }
    }

    /// Disables the asynchronous part of the component model for components that do not use it. If
    /// a component does use it, its types fail validation long before code is compiled. Most such
    /// components are recognized by their text, which avoids setting up an unneeded compiler.
    pub(super) fn load_with(
        &self,
        bytes: &[u8],
        compiler: Compiler,
        progress: Progress,
    ) -> Result<Component, LoadError> {
        check_preamble(bytes)?;
        let compile = |concurrent| {
            let kind = self.kind_of(concurrent, bytes, compiler);
            self.with_toolchain(kind, |toolchain| {
                let compile =
                    || wasmtime::component::Component::from_binary(&toolchain.wasmtime, bytes);
                let component = match progress {
                    Progress::Reported => self.watch_compilation(bytes.len(), compile),
                    Progress::Silent => compile(),
                };
                let component = component.map_err(|error| {
                    let text = format!("{error:#}");
                    match compiler {
                        Compiler::Optimizing => LoadError::Invalid(text),
                        // It may be valid all the same.
                        Compiler::Baseline => LoadError::Baseline(text),
                    }
                })?;
                Component::link(toolchain, &component)
            })
        };
        if names_0_3(bytes) {
            match compile(true) {
                // The interface name appeared only as data.
                Ok(component) if component.variant() == Variant::P2 => {}
                loaded => return loaded,
            }
        }
        match compile(false) {
            Ok(component) if component.variant() == Variant::P2 => Ok(component),
            Ok(_) | Err(LoadError::Invalid(_) | LoadError::Import(_)) => compile(true),
            Err(error) => Err(error),
        }
    }

    /// Loads with the compiler settings that produced the file: it fits no others.
    fn load_precompiled(&self, path: &Path) -> Result<Component, LoadError> {
        let bytes = read(path)?;
        if wasmtime::Engine::detect_precompiled(&bytes) != Some(wasmtime::Precompiled::Component) {
            return Err(LoadError::NotPrecompiled(
                "its header is missing".to_owned(),
            ));
        }
        let mut reason = String::new();
        // Try the most likely kind first: each needs a compiler of its own.
        let (mut kinds, concurrent) = (Kind::ALL, names_0_3(&bytes));
        kinds.sort_by_key(|kind| kind.concurrent != concurrent);
        // `compile` writes optimised code.
        for kind in kinds
            .into_iter()
            .filter(|kind| kind.compiler == Compiler::Optimizing)
            .filter(|kind| !kind.lines || self.names_lines())
        {
            let loaded =
                self.with_toolchain(kind, |toolchain| match deserialize(toolchain, &bytes) {
                    Ok(component) => Component::link(toolchain, &component),
                    Err(error) => Err(LoadError::NotPrecompiled(format!("{error:#}"))),
                });
            match loaded {
                Err(LoadError::NotPrecompiled(why)) => reason = why,
                loaded => return loaded,
            }
        }
        Err(LoadError::NotPrecompiled(reason))
    }

    /// Compiles a component to native code for this machine, for [`Source::Precompiled`].
    ///
    /// # Errors
    ///
    /// The same as for [`Engine::load`]: a component that cannot be served is not compiled.
    pub fn compile(&self, source: Source<'_>) -> Result<Vec<u8>, LoadError> {
        let component = self.load(source)?;
        component
            .0
            .instance_pre
            .component()
            .serialize()
            .map_err(|error| LoadError::Invalid(format!("{error:#}")))
    }
}

#[allow(
    unsafe_code,
    reason = "the one place where native code is loaded; the caller vouches for it"
)]
fn deserialize(
    toolchain: &Toolchain,
    bytes: &[u8],
) -> wasmtime::Result<wasmtime::component::Component> {
    // SAFETY: `Source::Precompiled` documents that the file is trusted native code; wasmtime
    // checks its own version and the settings, not the code's intent. The file was read into
    // memory, so it cannot change while it is used.
    unsafe { wasmtime::component::Component::deserialize(&toolchain.wasmtime, bytes) }
}

impl Component {
    /// Determines the shape of a compiled component, and resolves its imports.
    fn link(
        toolchain: &Toolchain,
        component: &wasmtime::component::Component,
    ) -> Result<Self, LoadError> {
        let shape = Shape::of(component)?;
        check_entry(&shape)?;
        let instance_pre = toolchain
            .linker
            .instantiate_pre(component)
            .map_err(|error| LoadError::Import(import_text(&error)))?;
        Ok(Self(Arc::new(Inner {
            engine: toolchain.wasmtime.clone(),
            instance_pre,
            shape,
            schemas: Schemas::default(),
            shares: toolchain.shares.clone(),
        })))
    }

    /// Returns the package of the interface that it was built against.
    pub fn variant(&self) -> Variant {
        self.0.shape.variant
    }

    /// Returns the way in which it declares its offer.
    pub fn world(&self) -> World {
        self.0.shape.world
    }

    /// Returns the optional interfaces that it imports: its abilities besides answering requests.
    pub fn imports(&self) -> Imports {
        self.0.shape.imports
    }

    /// Returns the import of a component for WASI 0.3 through which it can wait as in WASI 0.2: all
    /// calls of the instance wait meanwhile. Waiting for output alone does not count, because the
    /// host takes it at once.
    pub fn stalling_import(&self) -> Option<&str> {
        self.0.shape.stalling_import.as_deref()
    }

    /// Returns the schemas of its tools, shared by all its instances.
    pub(crate) fn schemas(&self) -> &Schemas {
        &self.0.schemas
    }

    /// Returns what its instances share with those of other components.
    pub(super) fn shares(&self) -> &Shares {
        &self.0.shares
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.0.shape
    }

    pub(super) fn engine(&self) -> &wasmtime::Engine {
        &self.0.engine
    }

    pub(super) fn instance_pre(&self) -> &InstancePre<State> {
        &self.0.instance_pre
    }
}

impl std::fmt::Debug for Component {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Component")
            .field("variant", &self.variant())
            .field("world", &self.world())
            .finish_non_exhaustive()
    }
}

/// Checks that the function that declares the offer exists: without it, the component cannot start.
fn check_entry(shape: &Shape) -> Result<(), LoadError> {
    let (exported, interface, function) = match shape.world {
        World::Backend => (&shape.exports.start, "wasi:mcp/start", "start"),
        World::Service => (
            &shape.exports.get_server,
            "wasi:mcp/server-catalog",
            "get-server",
        ),
    };
    match exported {
        Some(_) => Ok(()),
        None => Err(LoadError::Incomplete {
            interface,
            function,
        }),
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    std::fs::read(path).map_err(|error| LoadError::Unreadable {
        path: path.to_owned(),
        error,
    })
}

/// Returns whether the bytes contain the name of an interface of our package for WASI 0.3.
pub(super) fn names_0_3(bytes: &[u8]) -> bool {
    const PACKAGE: &[u8] = b"wasi:mcp/";
    memchr::memmem::find_iter(bytes, PACKAGE).any(|start| {
        let rest = &bytes[start + PACKAGE.len()..];
        let end = rest.iter().position(|byte| *byte == b'@');
        end.is_some_and(|end| end <= LONGEST_INTERFACE && rest[end..].starts_with(b"@0.3."))
    })
}

/// The longest name that one of our interfaces could have, in bytes.
const LONGEST_INTERFACE: usize = 64;

/// Checks the first eight bytes, which tell a component from a module: `\0asm`, then a version and
/// a layer (component model, binary format).
fn check_preamble(bytes: &[u8]) -> Result<(), LoadError> {
    match bytes {
        [0, b'a', b's', b'm', _, _, 1, 0, ..] => Ok(()),
        [0, b'a', b's', b'm', _, _, 0, 0, ..] => Err(LoadError::CoreModule),
        _ if wasmtime::Engine::detect_precompiled(bytes).is_some() => Err(LoadError::Precompiled),
        _ => Err(LoadError::NotWasm),
    }
}

/// Returns wasmtime's text, with a hint on the import that it names.
fn import_text(error: &wasmtime::Error) -> String {
    let text = format!("{error:#}");
    if text.contains("wasi:mcp/client@") {
        return format!(
            "{text} (wasi:mcp/client is specified, but this host does not grant upstreams yet)"
        );
    }
    if text.contains("wasi:") {
        return format!(
            "{text} (this host links WASI 0.2 and WASI 0.3 and both drafts of wasi:mcp)"
        );
    }
    format!(
        "{text} (this host links WASI, wasi:mcp and what its embedder adds; compose the component with what it needs)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_for_0_3_are_told_by_the_names_of_our_interfaces() {
        for guest in wasi_mcp_embedded_guests::ALL {
            let concurrent = guest.name.ends_with("-0.3");
            assert_eq!(names_0_3(guest.bytes), concurrent, "{}", guest.name);
        }
        assert!(!names_0_3(
            b"wasi:mcp/tools@0.2.0-draft2 other:package/tools@0.3.1"
        ));
        assert!(!names_0_3(b"wasi:mcp/"));
    }
}
