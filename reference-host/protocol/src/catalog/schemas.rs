//! Compiled schemas that several sessions share.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::schema::{Schema, SchemaError};

/// The schemas of one component's tools, each compiled once while any session
/// uses it: most sessions of a component register the same tools. Cloning shares
/// them.
#[derive(Debug, Clone, Default)]
pub struct Schemas(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    known: Mutex<Known>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Known {
    /// By the hash of their text. Of two with the same hash, the later one.
    by_hash: HashMap<u64, Weak<Schema>>,
    /// How many stayed when those were forgotten that nobody uses any more.
    stayed: usize,
}

/// How many more there must be before it is looked for unused ones.
const ROOM: usize = 64;

impl Schemas {
    /// Checks and compiles a schema, unless it is there.
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
        // Not under the lock: it may take long. Somebody else may do the same
        // meanwhile, and one of the two is as good as the other.
        let schema = Arc::new(Schema::compile(json)?);
        self.known().insert(hash, &schema);
        Ok(schema)
    }

    /// A schema in a component's own list: one that is too large to be used here
    /// keeps to the rules, and restricts nothing.
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

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are kept track of.
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
