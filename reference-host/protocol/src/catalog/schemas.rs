//! Compiled schemas that several sessions share.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::schema::{Schema, SchemaError};

/// The compiled schemas of one component's tools, each compiled once while any session uses it:
/// most sessions of a component register the same tools. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Schemas(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    known: Mutex<Known>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Known {
    /// Schemas by the hash of their text. If two have the same hash, the later one.
    by_hash: HashMap<u64, Weak<Schema>>,
    /// The number of entries that survived the last cleanup of unused ones.
    stayed: usize,
    /// The estimated memory of schemas in the components' own lists, by the hash of their text:
    /// they were found valid, and need not be compiled to be listed again.
    seen: HashMap<u64, usize>,
}

/// The most schemas of components' own lists that are known to be valid.
const SEEN: usize = 100_000;

/// The number of new entries that triggers a cleanup of unused ones.
const ROOM: usize = 64;

impl Schemas {
    /// Checks and compiles a schema, or returns the shared one.
    ///
    /// # Errors
    ///
    /// As [`Schema::compile`].
    pub fn compile(&self, json: &str) -> Result<Arc<Schema>, SchemaError> {
        let hash = self.0.hasher.hash_one(json);
        let known = self.known().by_hash.get(&hash).and_then(Weak::upgrade);
        if let Some(schema) = known.filter(|schema| schema.as_json() == json) {
            return Ok(schema);
        }
        // Not under the lock: compiling may take long. If another thread compiles the same schema
        // meanwhile, either result will do.
        let schema = Arc::new(Schema::compile(json)?);
        self.known().insert(hash, &schema);
        Ok(schema)
    }

    /// Compiles a schema of a component's own list. A schema that is too large to be used here is
    /// valid, and restricts nothing.
    ///
    /// # Errors
    ///
    /// As [`Schema::compile`].
    pub(crate) fn seen(&self, json: &str) -> Result<Arc<Schema>, SchemaError> {
        match self.compile(json) {
            Err(SchemaError::TooLarge(_)) => Ok(Arc::new(Schema::unrestrictive(json))),
            compiled => compiled,
        }
    }

    /// Checks a schema of a component's own list, and returns its estimated memory. It is compiled
    /// the first time only.
    ///
    /// # Errors
    ///
    /// As [`Schema::compile`].
    pub fn check(&self, json: &str) -> Result<usize, SchemaError> {
        let hash = self.0.hasher.hash_one(json);
        if let Some(weight) = self.known().seen.get(&hash) {
            return Ok(*weight);
        }
        let weight = self.seen(json)?.weight();
        let mut known = self.known();
        if known.seen.len() >= SEEN {
            known.seen.clear();
        }
        known.seen.insert(hash, weight);
        Ok(weight)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of entries.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known().by_hash.len()
    }
}

impl Known {
    fn insert(&mut self, hash: u64, schema: &Arc<Schema>) {
        self.by_hash.insert(hash, Arc::downgrade(schema));
        if self.by_hash.len() >= 2 * self.stayed + ROOM {
            self.by_hash.retain(|_, schema| schema.strong_count() > 0);
            self.stayed = self.by_hash.len();
        }
    }
}
