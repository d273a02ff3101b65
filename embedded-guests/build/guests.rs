//! The list of guests.

/// A component that cargo builds.
pub struct Built {
    pub name: &'static str,
    pub variant: &'static str,
    pub world: &'static str,
    /// The handler interfaces that it exports.
    pub features: &'static [&'static str],
    /// True if the conformance suite runs it by default.
    pub judged: bool,
    pub package: &'static str,
    pub cargo_features: &'static [&'static str],
}

/// Two components linked into one.
pub struct Composed {
    pub name: &'static str,
    pub variant: &'static str,
    /// The component whose exports the other one imports.
    pub provider: &'static str,
    pub consumer: &'static str,
    pub judged: bool,
}

/// Every handler interface.
pub const ALL_FEATURES: &[&str] = &[
    "client-events",
    "completion",
    "prompts",
    "resource-subscriptions",
    "resources",
    "tools",
];

/// The exports of the probes as backends for WASI 0.3: everything but prompts.
const PROBES_BACKEND: &[&str] = &[
    "client-events",
    "completion",
    "prompts",
    "resource-streams",
    "resource-subscriptions",
    "resources",
    "tools",
];

/// The exports of the probes as backends for WASI 0.2, which has no streams.
const PROBES_PREVIEW2: &[&str] = &[
    "client-events",
    "completion",
    "prompts",
    "resource-subscriptions",
    "resources",
    "tools",
];

/// The probes' exports as a service.
const PROBES_SERVICE: &[&str] = &["prompts", "resources", "tools"];

pub const BUILT: &[Built] = &[
    Built {
        name: "reference-backend-0.3",
        variant: "Wasi03",
        world: "Backend",
        features: ALL_FEATURES,
        judged: true,
        package: "reference-guest",
        cargo_features: &["p3", "backend"],
    },
    Built {
        name: "reference-service-0.3",
        variant: "Wasi03",
        world: "Service",
        features: ALL_FEATURES,
        judged: true,
        package: "reference-guest",
        cargo_features: &["p3", "service"],
    },
    Built {
        name: "reference-backend-0.2",
        variant: "Wasi02",
        world: "Backend",
        features: ALL_FEATURES,
        judged: true,
        package: "reference-guest",
        cargo_features: &["p2", "backend"],
    },
    Built {
        name: "reference-service-0.2",
        variant: "Wasi02",
        world: "Service",
        features: ALL_FEATURES,
        judged: true,
        package: "reference-guest",
        cargo_features: &["p2", "service"],
    },
    Built {
        name: "hello-0.3",
        variant: "Wasi03",
        world: "Backend",
        features: &["tools"],
        judged: true,
        package: "hello-guest",
        cargo_features: &[],
    },
    Built {
        name: "hello-0.2",
        variant: "Wasi02",
        world: "Backend",
        features: &["tools"],
        judged: true,
        package: "hello-preview2-guest",
        cargo_features: &[],
    },
    Built {
        name: "middleware-0.3",
        variant: "Wasi03",
        world: "Middleware",
        features: &["tools"],
        judged: false,
        package: "middleware-guest",
        cargo_features: &["p3"],
    },
    Built {
        name: "middleware-0.2",
        variant: "Wasi02",
        world: "Middleware",
        features: &["tools"],
        judged: false,
        package: "middleware-guest",
        cargo_features: &["p2"],
    },
    Built {
        name: "elicitation-middleware-0.3",
        variant: "Wasi03",
        world: "Middleware",
        features: &[],
        judged: false,
        package: "elicitation-middleware-guest",
        cargo_features: &["p3"],
    },
    Built {
        name: "elicitation-middleware-0.2",
        variant: "Wasi02",
        world: "Middleware",
        features: &[],
        judged: false,
        package: "elicitation-middleware-guest",
        cargo_features: &["p2"],
    },
    Built {
        name: "explorer-0.3",
        variant: "Wasi03",
        world: "Backend",
        features: &["tools"],
        judged: false,
        package: "explorer-guest",
        cargo_features: &["p3"],
    },
    Built {
        name: "explorer-0.2",
        variant: "Wasi02",
        world: "Backend",
        features: &["tools"],
        judged: false,
        package: "explorer-guest",
        cargo_features: &["p2"],
    },
    Built {
        name: "greeter-0.3",
        variant: "Wasi03",
        world: "Backend",
        features: &["tools"],
        judged: false,
        package: "greeter-guest",
        cargo_features: &[],
    },
    Built {
        name: "streams-0.3",
        variant: "Wasi03",
        world: "Backend",
        features: &["resource-streams", "resources"],
        judged: false,
        package: "streams-guest",
        cargo_features: &[],
    },
    Built {
        name: "probes-backend-0.3",
        variant: "Wasi03",
        world: "Backend",
        features: PROBES_BACKEND,
        judged: false,
        package: "probes-guest",
        cargo_features: &["p3"],
    },
    Built {
        name: "probes-blocking-0.3",
        variant: "Wasi03",
        world: "Backend",
        features: PROBES_BACKEND,
        judged: false,
        package: "probes-guest",
        cargo_features: &["p3", "blocking"],
    },
    Built {
        name: "probes-backend-0.2",
        variant: "Wasi02",
        world: "Backend",
        features: PROBES_PREVIEW2,
        judged: false,
        package: "probes-guest",
        cargo_features: &["p2"],
    },
    Built {
        name: "probes-service-0.3",
        variant: "Wasi03",
        world: "Service",
        features: PROBES_SERVICE,
        judged: false,
        package: "probes-guest",
        cargo_features: &["p3", "service"],
    },
];

pub const COMPOSED: &[Composed] = &[
    Composed {
        name: "composed-0.3",
        variant: "Wasi03",
        provider: "reference-service-0.3",
        consumer: "middleware-0.3",
        judged: true,
    },
    Composed {
        name: "composed-0.2",
        variant: "Wasi02",
        provider: "reference-service-0.2",
        consumer: "middleware-0.2",
        judged: true,
    },
    Composed {
        name: "attenuated-0.3",
        variant: "Wasi03",
        provider: "elicitation-middleware-0.3",
        consumer: "reference-service-0.3",
        judged: false,
    },
    Composed {
        name: "attenuated-0.2",
        variant: "Wasi02",
        provider: "elicitation-middleware-0.2",
        consumer: "reference-service-0.2",
        judged: false,
    },
];
