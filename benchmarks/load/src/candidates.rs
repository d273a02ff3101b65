//! The servers that are compared, and how each is started.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use benchmark_tools::FURTHER_TOOLS;
use serde::Serialize;

use crate::cli::{Host, Options};
use crate::client::Client;
use crate::client::http::Http;
use crate::client::lines::Lines;
use crate::components::Guest;
use crate::process::Process;

/// What is spoken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Standard input and output.
    Stdio,
    /// Streamable HTTP.
    Http,
}

/// Whose server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// The host that is judged, with a guest for WASI 0.3.
    Host3,
    /// The host that is judged, with a guest for WASI 0.2.
    Host2,
    /// Another build of the host, to compare with.
    Other,
    /// The official SDK.
    Rmcp,
    /// Written by hand.
    Floor,
}

/// A server that can be started.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What it is called in tables.
    pub name: String,
    /// Whose it is.
    pub family: Family,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Host {
        binary: PathBuf,
        guest: Guest,
    },
    Rmcp {
        runtime: &'static str,
        mode: &'static str,
    },
    Floor,
}

/// What the servers of one comparison have in common.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// What is spoken over.
    pub transport: Transport,
    /// How many further tools there are.
    pub further_tools: usize,
}

impl Setup {
    /// As few tools as there can be.
    pub fn plain(transport: Transport) -> Self {
        Self {
            transport,
            further_tools: 0,
        }
    }
}

impl Candidate {
    fn host(host: &Host, family: Option<Family>, guest: Guest) -> Self {
        let label = host.label.as_deref().unwrap_or("wasi-mcp");
        let own = match guest.variant() {
            "0.2" => Family::Host2,
            _ => Family::Host3,
        };
        Self {
            name: format!("{label}, {} guest", guest.variant()),
            family: family.unwrap_or(own),
            kind: Kind::Host {
                binary: host.binary.clone(),
                guest,
            },
        }
    }

    /// The host that is judged, with this guest.
    pub fn judged(options: &Options, guest: Guest) -> Result<Self> {
        let hosts = options.hosts()?;
        Ok(Self::host(&hosts[0], None, guest))
    }

    /// Starts it.
    pub fn start(&self, options: &Options, setup: Setup) -> Result<Process> {
        let mut command: Vec<OsString> = Vec::new();
        let mut environment = vec![(FURTHER_TOOLS.to_owned(), setup.further_tools.to_string())];
        match &self.kind {
            Kind::Host { binary, guest } => {
                let component = guest.build(&options.project(), &options.target()?)?;
                command.extend([binary.into(), "serve".into(), component.into()]);
                let tools = format!("{FURTHER_TOOLS}={}", setup.further_tools);
                command.extend(["--env".into(), tools.into()]);
                // All tools on one page, as the others have it.
                let page = (setup.further_tools + 3).max(100).to_string();
                command.extend(["--page-size".into(), page.into()]);
                if setup.transport == Transport::Http {
                    command.extend(["--http".into(), "127.0.0.1:0".into()]);
                }
                command.extend(options.host_arguments.iter().map(Into::into));
                let cache = options.target()?.join("cache");
                let cache = cache.to_str().context("a path in UTF-8")?;
                environment.push(("XDG_CACHE_HOME".to_owned(), cache.to_owned()));
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
        }
        Process::start(&command, &environment)
            .with_context(|| format!("{} did not start", self.name))
    }

    /// Starts it and opens sessions with it; over stdio there is one.
    pub fn serve(
        &self,
        options: &Options,
        setup: Setup,
        sessions: usize,
    ) -> Result<(Process, Box<dyn Client>)> {
        let mut process = self.start(options, setup)?;
        let client: Box<dyn Client> = match setup.transport {
            Transport::Stdio => {
                ensure!(sessions == 1, "there is one session over stdio");
                Box::new(Lines::open(&mut process)?)
            }
            Transport::Http => Box::new(Http::new(process.address()?)?.open(sessions)?),
        };
        Ok((process, client))
    }
}

/// All candidates for a transport, in the order in which they are measured and shown.
pub fn all(options: &Options, transport: Transport) -> Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    for (index, host) in options.hosts()?.iter().enumerate() {
        for guest in Guest::MEASURED {
            let family = (index > 0).then_some(Family::Other);
            candidates.push(Candidate::host(host, family, guest));
        }
    }
    let modes: &[(&str, &str)] = match transport {
        Transport::Stdio => &[("standard", "stdio"), ("pipes", "stdio_pipes")],
        Transport::Http => &[("json", "stateless JSON"), ("sessions", "sessions")],
    };
    for (mode, described) in modes {
        for (runtime, threads) in [("current", "current-thread"), ("multi", "multi-thread")] {
            candidates.push(Candidate {
                name: format!("rmcp, {threads}, {described}"),
                family: Family::Rmcp,
                kind: Kind::Rmcp { runtime, mode },
            });
        }
    }
    candidates.push(Candidate {
        name: "floor".to_owned(),
        family: Family::Floor,
        kind: Kind::Floor,
    });
    candidates.retain(|candidate| options.wants(&candidate.name));
    ensure!(!candidates.is_empty(), "--only leaves no candidate");
    Ok(candidates)
}
