//! The probes in all their modes: the components that a runtime is judged with.

use crate::targets::guests::{Guest, find, mode};
use anyhow::{Context, ensure};

/// A build of the probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Base {
    /// A backend for WASI 0.3 whose calls run side by side.
    Concurrent,
    /// A backend for WASI 0.3 whose functions are lifted and lowered synchronously.
    Blocking,
    /// A backend for WASI 0.2.
    Preview2,
    /// A service for WASI 0.3.
    Service,
}

impl Base {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Concurrent,
        Self::Blocking,
        Self::Preview2,
        Self::Service,
    ];
    /// Those that register what they offer.
    pub const BACKENDS: &[Self] = &[Self::Concurrent, Self::Blocking, Self::Preview2];
    /// Those that run one call at a time.
    pub const ONE_AT_A_TIME: &[Self] = &[Self::Blocking, Self::Preview2];

    /// The name of the component.
    pub fn name(self) -> &'static str {
        match self {
            Self::Concurrent => "probes-backend-0.3",
            Self::Blocking => "probes-blocking-0.3",
            Self::Preview2 => "probes-backend-0.2",
            Self::Service => "probes-service-0.3",
        }
    }

    /// The component as it was built.
    ///
    /// # Errors
    ///
    /// When it is not part of this program.
    pub fn guest(self) -> anyhow::Result<&'static Guest> {
        find(self.name()).with_context(|| format!("{} is not embedded", self.name()))
    }

    /// `0.2` or `0.3`.
    pub fn variant(self) -> &'static str {
        match self {
            Self::Preview2 => "0.2",
            Self::Concurrent | Self::Blocking | Self::Service => "0.3",
        }
    }

    /// `backend` or `service`.
    pub fn world(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Concurrent | Self::Blocking | Self::Preview2 => "backend",
        }
    }
}

/// A mode of the probes that checks of a runtime need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Its name.
    pub name: &'static str,
    /// The builds that have it.
    pub bases: &'static [Base],
    /// The purpose of the component, in one sentence.
    pub what: &'static str,
    /// Whether it can be served.
    pub serves: bool,
    /// The checks of a runtime that need it; those that no other mode names, for the default.
    pub checks: &'static [&'static str],
}

impl Mode {
    /// Returns whether a check of a runtime needs components in this mode.
    pub fn is_for(&self, check: &str) -> bool {
        if self.name == DEFAULT {
            return MODES.iter().all(|mode| !mode.checks.contains(&check));
        }
        self.checks.contains(&check)
    }
}

/// The mode of a component as it was built.
pub const DEFAULT: &str = "default";

/// The mode that stands for another component: the minimal backend, which exports `tools` alone
/// and imports nothing that a backend may do without.
pub const MINIMAL: &str = "minimal";

/// A part of the names of interfaces that is overwritten in the finished file of a component, so
/// that it appears to lack the interface, or to use another.
struct Renamed {
    mode: &'static str,
    from: &'static str,
    to: &'static str,
}

/// The modes that are made in this way. The names keep their length.
const RENAMED: &[Renamed] = &[
    without("without-tools", "wasi:mcp/tools@", "test:mcp/tools@"),
    without("without-prompts", "wasi:mcp/prompts@", "test:mcp/prompts@"),
    without(
        "without-resources",
        "wasi:mcp/resources@",
        "test:mcp/resources@",
    ),
    without(
        "without-subscriptions",
        "wasi:mcp/resource-subscriptions@",
        "test:mcp/resource-subscriptions@",
    ),
    without(
        "without-completion",
        "wasi:mcp/completion@",
        "test:mcp/completion@",
    ),
    without(
        "without-catalog",
        "wasi:mcp/tool-catalog@",
        "test:mcp/tool-catalog@",
    ),
    without("without-start", "wasi:mcp/start@", "test:mcp/start@"),
    without(
        "without-get-server",
        "wasi:mcp/server-catalog@",
        "test:mcp/server-catalog@",
    ),
    without("unknown-import", "wasi:mcp/roots@", UNKNOWN_IMPORT),
    renamed("both-entries", "wasi:mcp/tools@", "wasi:mcp/start@"),
    renamed("unknown-version-3", "@0.3.0-draft2", "@0.3.0-draft9"),
    renamed("unknown-version-2", "@0.2.0-draft2", "@0.2.0-draft9"),
    // The functions of this interface have the same types in both packages.
    renamed(
        "two-versions-3",
        "wasi:mcp/notifications@0.3.0",
        "wasi:mcp/notifications@0.2.0",
    ),
    renamed(
        "two-versions-2",
        "wasi:mcp/notifications@0.2.0",
        "wasi:mcp/notifications@0.3.0",
    ),
];

/// The interface of `wasi:mcp` that no host provides, with which a component is to be refused.
pub const UNKNOWN_IMPORT: &str = "wasi:mcp/rooks@";

/// The component seems to lack an interface, whose name is overwritten.
const fn without(mode: &'static str, from: &'static str, to: &'static str) -> Renamed {
    renamed(mode, from, to)
}

const fn renamed(mode: &'static str, from: &'static str, to: &'static str) -> Renamed {
    assert!(from.len() == to.len(), "the names have one length");
    Renamed { mode, from, to }
}

impl Renamed {
    /// Overwrites every occurrence of the name.
    fn apply(&self, component: &mut [u8]) -> anyhow::Result<()> {
        let mut place = 0;
        let mut found = false;
        while let Some(next) = component[place..]
            .windows(self.from.len())
            .position(|window| window == self.from.as_bytes())
        {
            place += next;
            component[place..place + self.to.len()].copy_from_slice(self.to.as_bytes());
            found = true;
        }
        ensure!(found, "the component does not name {}", self.from);
        Ok(())
    }
}

/// The modes that a runtime is judged with.
pub const MODES: &[Mode] = &[
    Mode {
        name: DEFAULT,
        bases: &Base::ALL,
        what: "Tests its host with each of its tools, and returns the host's answers.",
        serves: true,
        checks: &[],
    },
    Mode {
        name: MINIMAL,
        bases: &[Base::Concurrent, Base::Preview2],
        what: "Exports `tools` alone, and imports neither `logging` nor a request to the client.",
        serves: true,
        checks: &[
            "runtime-lifecycle/subset",
            "runtime-lifecycle/logging-undeclared",
        ],
    },
    Mode {
        name: "only-tools",
        bases: Base::BACKENDS,
        what: "Declares only tools, though it exports and registers more.",
        serves: true,
        checks: &[
            "runtime-lifecycle/undeclared",
            "runtime-registration/undeclared",
        ],
    },
    Mode {
        name: "start-error",
        bases: Base::BACKENDS,
        what: "Its start returns an error.",
        serves: false,
        checks: &["runtime-lifecycle/start-fails"],
    },
    Mode {
        name: "start-error-late",
        bases: Base::BACKENDS,
        what: "Its start returns an error after `serve` has succeeded.",
        serves: false,
        checks: &["runtime-lifecycle/start-fails"],
    },
    Mode {
        name: "start-trap",
        bases: Base::BACKENDS,
        what: "Its start traps.",
        serves: false,
        checks: &["runtime-lifecycle/start-fails"],
    },
    Mode {
        name: "start-without-serve",
        bases: Base::BACKENDS,
        what: "Its start returns without having called `serve`.",
        serves: false,
        checks: &["runtime-lifecycle/start-fails"],
    },
    Mode {
        name: "start-sometimes",
        bases: Base::BACKENDS,
        what: "Its start fails in one of two instances, at random.",
        serves: true,
        checks: &["runtime-faults/start-again"],
    },
    Mode {
        name: "start-never",
        bases: Base::BACKENDS,
        what: "Its start never returns.",
        serves: false,
        checks: &["runtime-lifecycle/start-never"],
    },
    Mode {
        name: "without-tools",
        bases: &Base::ALL,
        what: "Declares tools without exporting the interface.",
        serves: false,
        checks: &["runtime-lifecycle/claim-without-export"],
    },
    Mode {
        name: "without-prompts",
        bases: &Base::ALL,
        what: "Declares prompts without exporting the interface.",
        serves: false,
        checks: &["runtime-lifecycle/claim-without-export"],
    },
    Mode {
        name: "without-resources",
        bases: &Base::ALL,
        what: "Declares resources without exporting the interface.",
        serves: false,
        checks: &["runtime-lifecycle/claim-without-export"],
    },
    Mode {
        name: "without-subscriptions",
        bases: Base::BACKENDS,
        what: "Declares subscriptions without exporting the interface.",
        serves: false,
        checks: &["runtime-lifecycle/claim-without-export"],
    },
    Mode {
        name: "without-completion",
        bases: Base::BACKENDS,
        what: "Declares completions without exporting the interface.",
        serves: false,
        checks: &["runtime-lifecycle/claim-without-export"],
    },
    Mode {
        name: "without-catalog",
        bases: &[Base::Service],
        what: "Declares tools without exporting their catalog.",
        serves: false,
        checks: &["runtime-lifecycle/claim-without-export"],
    },
    Mode {
        name: "without-start",
        bases: &[Base::Concurrent],
        what: "Exports neither `start` nor `server-catalog`.",
        serves: false,
        checks: &["runtime-lifecycle/no-entry"],
    },
    Mode {
        name: "without-get-server",
        bases: &[Base::Service],
        what: "Exports neither `start` nor `server-catalog`.",
        serves: false,
        checks: &["runtime-lifecycle/no-entry"],
    },
    Mode {
        name: "both-entries",
        bases: &[Base::Service],
        what: "Exports both `start` and `server-catalog`.",
        serves: false,
        checks: &["runtime-lifecycle/both-entries"],
    },
    Mode {
        name: "unknown-version-3",
        bases: &[Base::Concurrent],
        what: "Uses a version of `wasi:mcp` that does not exist.",
        serves: false,
        checks: &["runtime-lifecycle/unknown-version"],
    },
    Mode {
        name: "unknown-version-2",
        bases: &[Base::Preview2],
        what: "Uses a version of `wasi:mcp` that does not exist.",
        serves: false,
        checks: &["runtime-lifecycle/unknown-version"],
    },
    Mode {
        name: "two-versions-3",
        bases: &[Base::Concurrent],
        what: "Imports one interface from the package for WASI 0.2.",
        serves: false,
        checks: &["runtime-lifecycle/two-versions"],
    },
    Mode {
        name: "two-versions-2",
        bases: &[Base::Preview2],
        what: "Imports one interface from the package for WASI 0.3.",
        serves: false,
        checks: &["runtime-lifecycle/two-versions"],
    },
    Mode {
        name: "unknown-import",
        bases: &[Base::Concurrent, Base::Preview2],
        what: "Imports an interface of `wasi:mcp` that does not exist.",
        serves: false,
        checks: &["runtime-lifecycle/unknown-import"],
    },
    Mode {
        name: "quiet",
        bases: Base::BACKENDS,
        what: "Declares its lists without `list-changed`, and resources without `subscribe`.",
        serves: true,
        checks: &["runtime-registration/undeclared-changes"],
    },
    Mode {
        name: "full",
        bases: &[Base::Service],
        what: "Its lists, contents and prompts have every field, and it declares that they change.",
        serves: true,
        checks: &["runtime-records/pages", "runtime-services/changes"],
    },
    Mode {
        name: "get-server-error",
        bases: &[Base::Service],
        what: "Its `get-server` returns an error.",
        serves: false,
        checks: &["runtime-lifecycle/get-server-fails"],
    },
    Mode {
        name: "get-server-trap",
        bases: &[Base::Service],
        what: "Its `get-server` traps.",
        serves: false,
        checks: &["runtime-lifecycle/get-server-fails"],
    },
    Mode {
        name: "get-server-never",
        bases: &[Base::Service],
        what: "Its `get-server` never returns.",
        serves: false,
        checks: &["runtime-lifecycle/get-server-never"],
    },
    Mode {
        name: "unknown-tool-served",
        bases: &[Base::Service],
        what: "Has a tool of every name.",
        serves: true,
        checks: &["runtime-services/every-name"],
    },
    Mode {
        name: "structured-mismatch",
        bases: &[Base::Service],
        what: "Gives structured content that its output schema does not allow.",
        serves: true,
        checks: &["runtime-services/structured"],
    },
    Mode {
        name: "schema-remote",
        bases: &[Base::Service],
        what: "Lists a schema that refers to another document.",
        serves: true,
        checks: &["runtime-services/schema-outside"],
    },
    Mode {
        name: "change-undeclared",
        bases: &[Base::Service],
        what: "Reports changes that it did not declare.",
        serves: true,
        checks: &["runtime-services/undeclared-changes"],
    },
    Mode {
        name: "progress-late",
        bases: &[Base::Service],
        what: "Reports progress and logs for a request that has ended.",
        serves: true,
        checks: &["runtime-services/nothing-late"],
    },
];

/// A component that a runtime is to run.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its name: of the build, and the mode.
    pub name: String,
    /// The build.
    pub base: Base,
    /// The component.
    pub bytes: Vec<u8>,
}

impl Component {
    /// The build in this mode.
    ///
    /// # Errors
    ///
    /// When the build is not part of this program, or has no mode.
    pub fn new(base: Base, mode: &str) -> anyhow::Result<Self> {
        let name = name(base, mode);
        let bytes = if mode == MINIMAL {
            let guest = find(&name).with_context(|| format!("{name} is not embedded"))?;
            guest.bytes.to_vec()
        } else {
            let mut bytes = mode::with_mode(base.guest()?.bytes, mode)?;
            for renamed in RENAMED.iter().filter(|renamed| renamed.mode == mode) {
                renamed.apply(&mut bytes)?;
            }
            bytes
        };
        Ok(Self { name, base, bytes })
    }
}

/// The modes in which this build of the probes serves a check.
pub fn modes_of(check: &str, base: Base) -> impl Iterator<Item = &'static str> {
    let modes = MODES.iter().filter(move |mode| mode.bases.contains(&base));
    let modes = modes.filter(move |mode| mode.is_for(check));
    modes.map(|mode| mode.name)
}

/// The name of the build in this mode.
pub fn name(base: Base, mode: &str) -> String {
    match mode {
        DEFAULT => base.name().to_owned(),
        MINIMAL => format!("hello-{}", base.variant()),
        _ => format!("{}-{mode}", base.name()),
    }
}

/// Every component that a runtime is judged with, and what it is for.
pub fn all() -> impl Iterator<Item = (Base, &'static Mode)> {
    MODES
        .iter()
        .flat_map(|mode| mode.bases.iter().map(move |base| (*base, mode)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::runtime;

    #[test]
    fn modes_name_checks_that_are_made_with_their_builds() {
        for mode in MODES {
            for id in mode.checks {
                let check = runtime::all().find(|check| check.id == *id);
                let check = check.unwrap_or_else(|| panic!("{} names {id}", mode.name));
                assert!(
                    mode.bases.iter().all(|base| check.bases.contains(base)),
                    "{id}"
                );
            }
        }
    }

    #[test]
    fn every_component_can_be_made() {
        for (base, mode) in all() {
            let component = Component::new(base, mode.name).expect(mode.name);
            assert_eq!(component.name, name(base, mode.name));
        }
    }
}
