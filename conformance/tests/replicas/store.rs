//! A key-value store that instances share, and that fails when it is told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasmtime::component::{HasSelf, Linker, Resource};

use super::State;
use bindings::wasi::keyvalue::store::{Error, Host, HostBucket, KeyResponse, add_to_linker};

mod bindings {
    wasmtime::component::bindgen!({
        path: "tests/replicas/keyvalue.wit",
        world: "imports",
        with: { "wasi:keyvalue/store.bucket": super::Bucket },
    });
}

/// Keys on one page of a list: few, so that pages are followed.
const PAGE: usize = 3;

/// The failures of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// There is no bucket of this name.
    NoSuchStore,
    /// The component may not use it.
    AccessDenied,
    /// Nothing can be written to it.
    Writing,
    /// Nothing can be read from it.
    Reading,
    /// It loses everything that is written to it.
    Forgetting,
}

#[derive(Debug, Default)]
struct Contents {
    /// By the name of the bucket.
    buckets: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    failure: Option<Failure>,
    opened: usize,
    listed: usize,
}

/// A key-value store with any number of buckets.
#[derive(Debug, Clone, Default)]
pub struct Store(Arc<Mutex<Contents>>);

/// A bucket that a component has opened.
pub struct Bucket(String);

impl Store {
    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the store fail from now on, or no longer.
    pub fn fail(&self, failure: Option<Failure>) {
        self.contents().failure = failure;
    }

    /// Returns the keys of a bucket.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let contents = self.contents();
        let keys = contents.buckets.get(bucket).map(BTreeMap::keys);
        keys.into_iter().flatten().cloned().collect()
    }

    /// Returns a value of the default bucket.
    pub fn get(&self, key: &str) -> Option<String> {
        let value = self.contents().buckets.get("")?.get(key).cloned()?;
        Some(String::from_utf8_lossy(&value).into_owned())
    }

    /// Writes a value of the default bucket.
    pub fn set(&self, key: &str, value: impl Into<Vec<u8>>) {
        let mut contents = self.contents();
        let bucket = contents.buckets.entry(String::new()).or_default();
        bucket.insert(key.to_owned(), value.into());
    }

    /// Returns the number of times that a bucket was opened.
    pub fn opened(&self) -> usize {
        self.contents().opened
    }

    /// Returns the number of pages of keys that were listed.
    pub fn listed(&self) -> usize {
        self.contents().listed
    }

    /// Reads a bucket. An error quotes the key.
    fn read<T>(
        &self,
        bucket: &str,
        key: &str,
        read: impl FnOnce(&BTreeMap<String, Vec<u8>>) -> T,
    ) -> Result<T, Error> {
        let mut contents = self.contents();
        if contents.failure == Some(Failure::Reading) {
            let details = format!("GET {key}: secret address unreachable");
            return Err(Error::Other(details));
        }
        Ok(read(contents.buckets.entry(bucket.to_owned()).or_default()))
    }

    /// Writes to a bucket. An error quotes the key.
    fn write(
        &self,
        bucket: &str,
        key: &str,
        write: impl FnOnce(&mut BTreeMap<String, Vec<u8>>),
    ) -> Result<(), Error> {
        let mut contents = self.contents();
        match contents.failure {
            Some(Failure::Writing) => {
                let details = format!("SET {key}: secret address is\nread-only");
                return Err(Error::Other(details));
            }
            Some(Failure::Forgetting) => return Ok(()),
            _ => {}
        }
        write(contents.buckets.entry(bucket.to_owned()).or_default());
        Ok(())
    }
}

/// Adds the interface to a linker.
pub fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}

impl Host for State {
    fn open(&mut self, identifier: String) -> Result<Resource<Bucket>, Error> {
        let mut contents = self.store.contents();
        contents.opened += 1;
        match contents.failure {
            Some(Failure::NoSuchStore) => return Err(Error::NoSuchStore),
            Some(Failure::AccessDenied) => return Err(Error::AccessDenied),
            _ => {}
        }
        drop(contents);
        let bucket = self.table.push(Bucket(identifier));
        bucket.map_err(|error| Error::Other(error.to_string()))
    }
}

impl State {
    fn bucket(&self, bucket: &Resource<Bucket>) -> String {
        self.table.get(bucket).expect("an open bucket").0.clone()
    }
}

impl HostBucket for State {
    fn get(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Option<Vec<u8>>, Error> {
        let bucket = self.bucket(&bucket);
        self.store
            .read(&bucket, &key, |values| values.get(&key).cloned())
    }

    fn set(&mut self, bucket: Resource<Bucket>, key: String, value: Vec<u8>) -> Result<(), Error> {
        let bucket = self.bucket(&bucket);
        self.store.write(&bucket, &key, |values| {
            values.insert(key.clone(), value);
        })
    }

    fn delete(&mut self, bucket: Resource<Bucket>, key: String) -> Result<(), Error> {
        let bucket = self.bucket(&bucket);
        self.store.write(&bucket, &key, |values| {
            values.remove(&key);
        })
    }

    fn exists(&mut self, bucket: Resource<Bucket>, key: String) -> Result<bool, Error> {
        let bucket = self.bucket(&bucket);
        self.store
            .read(&bucket, &key, |values| values.contains_key(&key))
    }

    fn list_keys(
        &mut self,
        bucket: Resource<Bucket>,
        cursor: Option<u64>,
    ) -> Result<KeyResponse, Error> {
        let bucket = self.bucket(&bucket);
        self.store.contents().listed += 1;
        // A cursor is a position, as in wasmtime's own store: keys that are deleted meanwhile move the
        // others.
        let mut contents = self.store.contents();
        let values = contents.buckets.entry(bucket).or_default();
        let mut keys: Vec<_> = values.keys().cloned().collect();
        keys.sort_unstable_by_key(|key| order(key));
        let from = usize::try_from(cursor.unwrap_or(0)).expect("a cursor of the store");
        let to = keys.len().min(from + PAGE);
        let cursor = (to < keys.len()).then_some(to as u64);
        let keys = keys.get(from..to).unwrap_or_default().to_vec();
        Ok(KeyResponse { keys, cursor })
    }

    fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

/// Returns the rank of a key, in no order that a reader could expect.
fn order(key: &str) -> u64 {
    let fold = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    key.bytes().fold(0xcbf2_9ce4_8422_2325, fold)
}
