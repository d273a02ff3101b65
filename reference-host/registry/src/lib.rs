//! Components in OCI registries.
//!
//! - [`Reference`] names one: `ghcr.io/example/hello:1.0`, or the content itself by its [`Digest`];
//! - [`Artifact`] is a component in the form that `wkg` reads and writes, and [`Manifest`] reads it;
//! - [`Config`] holds a user's aliases and profiles;
//! - [`Cache`] keeps what was pulled, by digest;
//! - `Client`, with the feature `client`, pushes and pulls.

mod artifact;
mod cache;
#[cfg(feature = "client")]
mod client;
mod config;
#[cfg(feature = "client")]
mod credentials;
mod files;
mod host;
#[cfg(feature = "client")]
mod http;
mod reference;

pub use artifact::{
    Artifact, CONFIG_TYPE, Content, Descriptor, LAYER_TYPE, MANIFEST_TYPE, Manifest, NotAComponent,
    NotAnArtifact,
};
pub use cache::Cache;
#[cfg(feature = "client")]
pub use client::{Client, ClientOptions, Connection, Operation, Outcome, Pulled, RegistryError};
pub use config::{Config, ConfigError, ConfigLock, Entry, Profile, Resolved, Target};
#[cfg(feature = "client")]
pub use credentials::{Credentials, CredentialsError};
pub use files::{create, is_partial, replace};
pub use host::Host;
pub use reference::{Digest, Reference, ReferenceError, is_repository};
