//! The servers of a comparison, and their command lines.

use std::ffi::OsString;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use benchmark_tools::FURTHER_TOOLS;
use serde::Serialize;

use crate::cli::{Host, Options};
use crate::client::Client;
use crate::client::http::Http;
use crate::client::lines::Lines;
use crate::components::Guest;
use crate::process::Process;

/// The transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Standard input and output.
    Stdio,
    /// Streamable HTTP.
    Http,
}

/// The family of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// The host under test, with a guest for WASI 0.3.
    Host3,
    /// The host under test, with a guest for WASI 0.2.
    Host2,
    /// Another build of the host, or its other mode, for comparison.
    Other,
    /// A runtime that knows nothing of the interface, with a composition of the guest.
    Runtime,
    /// The official SDK.
    Rmcp,
    /// A server written by hand, the lower bound.
    Floor,
    /// A server with one tool, on a library that runs natively.
    Peer,
}

/// A server that can be started.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its name in tables.
    pub name: String,
    /// Its family.
    pub family: Family,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Host {
        binary: PathBuf,
        component: PathBuf,
        mode: Mode,
    },
    /// wasmtime's own command.
    Wasmtime {
        program: PathBuf,
        composition: PathBuf,
    },
    Rmcp {
        runtime: &'static str,
        mode: &'static str,
    },
    Floor,
    /// Serves over stdio, or with a port as a further argument over HTTP.
    Program {
        command: Vec<OsString>,
        environment: Vec<(String, String)>,
    },
}

/// The way in which the host serves over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// An instance for each session.
    Sessions,
    /// An instance for each request.
    Stateless,
}

/// The code with which a host begins to serve a component that it has not compiled before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The code that it has first: for a large component, baseline code.
    Soonest,
    /// Optimised code, for which it waits.
    Optimized,
}

/// The common options of the servers in one comparison.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// The transport.
    pub transport: Transport,
    /// The number of further tools.
    pub further_tools: usize,
}

impl Setup {
    /// Returns the setup with the fewest tools.
    pub fn plain(transport: Transport) -> Self {
        Self {
            transport,
            further_tools: 0,
        }
    }
}

impl Candidate {
    fn host(options: &Options, host: &Host, family: Family, guest: Guest) -> Result<Self> {
        ensure!(
            host.binary.is_file(),
            "there is no {}: build it as --help says, or name another with --host",
            host.binary.display()
        );
        let components = options.target()?.join("components");
        let component = match (options.checkout(host), &host.label) {
            (Some(checkout), Some(label)) => guest.build(checkout, &components.join(label))?,
            _ => guest.build(&options.project(), &components)?,
        };
        Ok(Self {
            name: host_name(host, guest),
            family,
            kind: Kind::Host {
                binary: host.binary.clone(),
                component,
                mode: Mode::Sessions,
            },
        })
    }

    /// Returns the host with a component that is built already.
    pub fn hosting(host: &Host, name: String, family: Family, component: PathBuf) -> Self {
        Self {
            name,
            family,
            kind: Kind::Host {
                binary: host.binary.clone(),
                component,
                mode: Mode::Sessions,
            },
        }
    }

    /// Returns a program that serves over stdio, or with a port as a further argument over HTTP.
    pub fn program(
        name: String,
        command: Vec<OsString>,
        environment: Vec<(String, String)>,
    ) -> Self {
        Self {
            name,
            family: Family::Peer,
            kind: Kind::Program {
                command,
                environment,
            },
        }
    }

    /// Returns the host with an instance for each request.
    fn stateless(self) -> Self {
        let Kind::Host {
            binary, component, ..
        } = self.kind
        else {
            return self;
        };
        Self {
            name: format!("{}, stateless", self.name),
            family: Family::Other,
            kind: Kind::Host {
                binary,
                component,
                mode: Mode::Stateless,
            },
        }
    }

    /// Composes the component of a host for any WASI runtime, and returns wasmtime with it.
    fn wasmtime(program: &Path, host: &Self, guest: Guest, folder: &Path) -> Result<Self> {
        let Kind::Host {
            binary, component, ..
        } = &host.kind
        else {
            unreachable!("compositions are of the host's component");
        };
        std::fs::create_dir_all(folder)?;
        let composition = folder.join(format!("benchmark-{}.wasm", guest.variant()));
        let status = Command::new(binary)
            .args(["compose", "--target", "both", "--output"])
            .args([&composition, component])
            .status()
            .with_context(|| format!("cannot run {}", binary.display()))?;
        ensure!(
            status.success(),
            "{} cannot be composed",
            component.display()
        );
        Ok(Self {
            name: format!("wasmtime, {} guest", guest.variant()),
            family: Family::Runtime,
            kind: Kind::Wasmtime {
                program: program.to_owned(),
                composition,
            },
        })
    }

    /// Returns the host under test, with this guest.
    pub fn judged(options: &Options, guest: Guest) -> Result<Self> {
        let hosts = options.hosts()?;
        Self::host(options, &hosts[0], guest.family(), guest)
    }

    /// Returns the official SDK in one of its modes.
    fn rmcp(transport: Transport, runtime: &'static str, mode: &'static str) -> Self {
        let mode_name = match (transport, mode) {
            (Transport::Stdio, "pipes") => "stdio_pipes",
            (Transport::Stdio, _) => "stdio",
            (Transport::Http, "json") => "stateless JSON",
            (Transport::Http, _) => "sessions",
        };
        Self {
            name: format!("rmcp, {runtime}-thread, {mode_name}"),
            family: Family::Rmcp,
            kind: Kind::Rmcp { runtime, mode },
        }
    }

    fn floor() -> Self {
        Self {
            name: "floor".to_owned(),
            family: Family::Floor,
            kind: Kind::Floor,
        }
    }

    /// Starts the server.
    pub fn start(&self, options: &Options, setup: Setup) -> Result<Process> {
        self.start_with(options, setup, None, Code::Soonest)
    }

    /// Starts the server over stdio with an empty folder for the code that it compiles.
    pub fn start_cold(&self, options: &Options, cache: &Path, code: Code) -> Result<Process> {
        self.start_with(options, Setup::plain(Transport::Stdio), Some(cache), code)
    }

    /// Starts the server over stdio so that later starts find optimised code.
    pub fn start_and_optimize(&self, options: &Options) -> Result<Process> {
        self.start_with(
            options,
            Setup::plain(Transport::Stdio),
            None,
            Code::Optimized,
        )
    }

    /// Returns whether it is a component in the host.
    pub fn is_hosted(&self) -> bool {
        matches!(self.kind, Kind::Host { .. })
    }

    fn start_with(
        &self,
        options: &Options,
        setup: Setup,
        own_cache: Option<&Path>,
        code: Code,
    ) -> Result<Process> {
        let mut told = None;
        let mut command: Vec<OsString> = Vec::new();
        let mut environment = vec![(FURTHER_TOOLS.to_owned(), setup.further_tools.to_string())];
        match &self.kind {
            Kind::Host {
                binary,
                component,
                mode,
            } => {
                command.extend([binary.into(), "serve".into(), component.into()]);
                let tools = format!("{FURTHER_TOOLS}={}", setup.further_tools);
                command.extend(["--env".into(), tools.into()]);
                // All tools on one page, like the others.
                let page = (setup.further_tools + 3).max(100).to_string();
                command.extend(["--page-size".into(), page.into()]);
                if setup.transport == Transport::Http {
                    command.extend(["--http".into(), "127.0.0.1:0".into()]);
                }
                if *mode == Mode::Stateless {
                    command.push("--stateless".into());
                }
                if code == Code::Optimized {
                    command.extend(["--compiler".into(), "optimizing".into()]);
                }
                command.extend(options.host_arguments.iter().map(Into::into));
                let shared_cache = options.target()?.join("cache");
                let cache = own_cache.unwrap_or(&shared_cache);
                let cache = cache.to_str().context("a path in UTF-8")?;
                environment.push(("XDG_CACHE_HOME".to_owned(), cache.to_owned()));
            }
            Kind::Wasmtime {
                program,
                composition,
            } => {
                command.push(program.into());
                // The composition has both entry points, so that both get all imports.
                let (entry, grants) = match setup.transport {
                    Transport::Stdio => ("run", "cli,http"),
                    Transport::Http => ("serve", "cli"),
                };
                // The compiled code is kept.
                command.extend([entry, "-C", "cache=y", "-S", grants].map(Into::into));
                let tools = format!("{FURTHER_TOOLS}={}", setup.further_tools);
                command.extend(["--env".into(), tools.into()]);
                if setup.transport == Transport::Http {
                    command.extend(["--addr".into(), "127.0.0.1:0".into()]);
                }
                command.push(composition.into());
            }
            Kind::Rmcp { runtime, mode } => {
                command.push(options.native("native-rmcp")?.into());
                match setup.transport {
                    Transport::Stdio => {
                        command.extend(["stdio".into(), runtime.into(), mode.into()])
                    }
                    Transport::Http => command.extend([
                        "http".into(),
                        runtime.into(),
                        mode.into(),
                        "127.0.0.1:0".into(),
                    ]),
                }
            }
            Kind::Floor => {
                command.push(options.native("native-floor")?.into());
                match setup.transport {
                    Transport::Stdio => command.push("stdio".into()),
                    Transport::Http => command.extend(["http".into(), "127.0.0.1:0".into()]),
                }
            }
            Kind::Program {
                command: program,
                environment: own,
            } => {
                command.extend(program.iter().cloned());
                environment.extend(own.iter().cloned());
                if let Some(cache) = own_cache {
                    let cache = cache.to_str().context("a path in UTF-8")?;
                    environment.push(("PYTHONPYCACHEPREFIX".to_owned(), cache.to_owned()));
                }
                if setup.transport == Transport::Http {
                    let address = free_address()?;
                    command.push(address.port().to_string().into());
                    told = Some(address);
                }
            }
        }
        let process = Process::start(&command, &environment)
            .with_context(|| format!("{} did not start", self.name))?;
        Ok(match told {
            Some(address) => process.told_to_use(address),
            None => process,
        })
    }

    /// Starts the server and opens `sessions` sessions; over stdio there is one.
    pub fn serve(&self, options: &Options, setup: Setup, sessions: usize) -> Result<Served> {
        let mut process = self.start(options, setup)?;
        let client: Box<dyn Client> = match setup.transport {
            Transport::Stdio => {
                ensure!(sessions == 1, "there is one session over stdio");
                Box::new(Lines::open(&mut process)?)
            }
            Transport::Http => Box::new(Http::new(process.address()?)?.open(sessions)?),
        };
        Ok(Served { process, client })
    }
}

/// A server with its client.
pub struct Served {
    /// The server.
    pub process: Process,
    /// The client, its sessions open.
    pub client: Box<dyn Client>,
}

/// Returns an address that no other process uses at present.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
    Ok(listener.local_addr()?)
}

fn host_name(host: &Host, guest: Guest) -> String {
    let label = host.label.as_deref().unwrap_or("wasi-mcp");
    format!("{label}, {} guest", guest.variant())
}

/// Returns all candidates for a transport, in the order of measurements and tables.
pub fn all(options: &Options, transport: Transport) -> Result<Vec<Candidate>> {
    let mut candidates = hosts(options)?;
    let modes = match transport {
        Transport::Stdio => ["standard", "pipes"],
        Transport::Http => ["json", "sessions"],
    };
    for mode in modes {
        for runtime in ["current", "multi"] {
            candidates.push(Candidate::rmcp(transport, runtime, mode));
        }
    }
    candidates.push(Candidate::floor());
    wanted(options, candidates)
}

/// Returns the host and wasmtime's own command with the same guests. Over HTTP the host also serves
/// each request with an instance of its own, as wasmtime does.
pub fn runtimes(options: &Options, transport: Transport) -> Result<Vec<Candidate>> {
    let program = options.wasmtime()?;
    let folder = options.target()?.join("compositions");
    let mut candidates = Vec::new();
    for guest in Guest::MEASURED {
        let host = Candidate::judged(options, guest)?;
        let wasmtime = Candidate::wasmtime(program, &host, guest, &folder)?;
        candidates.push(host.clone());
        if transport == Transport::Http {
            candidates.push(host.stateless());
        }
        candidates.push(wasmtime);
    }
    wanted(options, candidates)
}

/// Returns one of each family: the SDK in its best mode with or without sessions.
pub fn few(options: &Options, transport: Transport, has_sessions: bool) -> Result<Vec<Candidate>> {
    let mut candidates = hosts(options)?;
    candidates.push(match (transport, has_sessions) {
        (Transport::Stdio, _) => Candidate::rmcp(transport, "current", "pipes"),
        (Transport::Http, false) => Candidate::rmcp(transport, "current", "json"),
        (Transport::Http, true) => Candidate::rmcp(transport, "current", "sessions"),
    });
    if !has_sessions {
        candidates.push(Candidate::floor());
    }
    wanted(options, candidates)
}

fn hosts(options: &Options) -> Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    for (index, host) in options.hosts()?.iter().enumerate() {
        for guest in Guest::MEASURED {
            // Skipped candidates need not be built.
            if options.wants(&host_name(host, guest)) {
                let family = if index == 0 {
                    guest.family()
                } else {
                    Family::Other
                };
                candidates.push(Candidate::host(options, host, family, guest)?);
            }
        }
    }
    Ok(candidates)
}

fn wanted(options: &Options, mut candidates: Vec<Candidate>) -> Result<Vec<Candidate>> {
    candidates.retain(|candidate| options.wants(&candidate.name));
    ensure!(!candidates.is_empty(), "--only leaves no candidate");
    Ok(candidates)
}
