//! Limits on what the host keeps for a guest: the memory of its handles, and open files.
//!
//! Handles are the guest's, but what is behind them is the host's: the fields of HTTP messages,
//! files, streams, folders being read. Nothing in the engine counts their memory. It is measured
//! here, by looking through the table of resources: after a number of calls into WASI in which no
//! more than a fraction of the limit can be added, and at each tick of the clock while the guest
//! computes. An instance beyond the limit gets no further handles, and traps at the next tick.

use std::any::Any;
use std::collections::HashSet;
use std::fs::File;
use std::sync::{Arc, OnceLock, Weak};

use http::HeaderMap;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::ReaddirIterator;
use wasmtime_wasi_http::p2::types as http2;
use wasmtime_wasi_http::{FieldMap, p3};

use super::descriptor_permits::{Permit, Permits};
use crate::telemetry::{Limit, SessionObserver};

/// Bytes of a handle without further contents.
const HANDLE: usize = 512;
/// Bytes that an open file, or a stream of it, may buffer.
const FILE: usize = 64 << 10;
/// Bytes of a folder being read: a system reads all of its names at once.
const FOLDER: usize = 1 << 20;
/// Bytes that the body of a message may buffer.
const BODY: usize = 2 * BODY_CHUNK;
/// The most that a guest writes to a body at once.
pub(super) const BODY_CHUNK: usize = 64 << 10;
/// Bytes of an entry of a table of header fields, without its texts.
const FIELD: usize = 128;
/// The most that one call into WASI adds, as a rule: a full table of header fields is copied. A
/// longer text is found at the next tick, since copying it takes as long.
const CALL: usize = 256 << 10;
/// The fraction of the limit that may be added between two measurements.
const FRACTION: usize = 8;

/// The most handles that are measured for each call, on average, so that the cost of measuring a
/// guest with many handles stays small beside its own work.
const HANDLES_PER_CALL: usize = 64;
/// The most handles for each call that are measured at a tick, which bounds copies between
/// measurements.
const HANDLES_PER_CALL_AT_TICK: usize = 256;

/// Limits on what the host keeps for one instance.
#[derive(Debug, Clone, Copy)]
pub(super) struct HoldingLimits {
    pub(super) bytes: usize,
    pub(super) descriptors: usize,
}

/// The reason why an instance was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the host would keep more than {bytes} bytes for it")]
pub(super) struct HoldsTooMuch {
    bytes: usize,
}

/// A flag that is set when an instance holds too much. It outlives the store.
#[derive(Debug, Clone, Default)]
pub(super) struct Exceeded(Arc<OnceLock<HoldsTooMuch>>);

impl Exceeded {
    pub(super) fn get(&self) -> Option<HoldsTooMuch> {
        self.0.get().copied()
    }
}

/// The memory that the host keeps for one instance.
#[derive(Debug)]
pub(super) struct Holdings {
    limits: HoldingLimits,
    observer: SessionObserver,
    /// Calls into WASI since the last measurement.
    calls: usize,
    most_calls: usize,
    /// Handles at the last measurement.
    handles: usize,
    exceeded: Exceeded,
    files: Vec<OpenFile>,
    /// Held by each descriptor that is being opened, and by this.
    opening: Arc<()>,
    permits: Permits,
}

/// A file or folder that the guest has opened. It is open as long as a descriptor, a stream or an
/// operation holds it.
#[derive(Debug)]
struct OpenFile {
    file: Weak<File>,
    _permit: Permit,
}

/// A descriptor that is about to be opened.
#[derive(Debug)]
pub(super) struct Reserved {
    permit: Permit,
    _opening: Arc<()>,
}

impl Holdings {
    pub(super) fn new(limits: HoldingLimits, permits: Permits, observer: SessionObserver) -> Self {
        Self {
            limits,
            observer,
            calls: 0,
            most_calls: (limits.bytes / FRACTION / CALL).max(1),
            handles: 0,
            exceeded: Exceeded::default(),
            files: Vec::new(),
            opening: Arc::default(),
            permits,
        }
    }

    pub(super) fn exceeded(&self) -> Exceeded {
        self.exceeded.clone()
    }

    /// Counts a call into WASI that is about to be made, and measures from time to time. Returns
    /// whether the guest may go on.
    pub(super) fn count_call(&mut self, table: &mut ResourceTable) -> bool {
        self.calls += 1;
        if self.calls >= self.most_calls.max(self.handles / HANDLES_PER_CALL) {
            self.measure(table);
        }
        self.exceeded.get().is_none()
    }

    /// Checks the limit if there were calls since the last time.
    pub(super) fn check(&mut self, table: &mut ResourceTable) -> Result<(), HoldsTooMuch> {
        if self.calls > self.handles / HANDLES_PER_CALL_AT_TICK {
            self.measure(table);
        }
        self.exceeded.get().map_or(Ok(()), Err)
    }

    fn measure(&mut self, table: &mut ResourceTable) {
        self.calls = 0;
        let (handles, behind_them) = measure(table);
        self.handles = handles;
        let bytes = self.files().saturating_add(behind_them);
        if bytes > self.limits.bytes && self.exceeded.get().is_none() {
            self.observer.reached(Limit::HostMemory);
            let bytes = self.limits.bytes;
            // Only this code sets it.
            let _ = self.exceeded.0.set(HoldsTooMuch { bytes });
        }
    }

    /// Forgets files that were closed, and returns the bytes that the others may buffer.
    fn files(&mut self) -> usize {
        self.files.retain(|open| open.file.strong_count() > 0);
        let holders = self.files.iter().map(|open| open.file.strong_count());
        holders.sum::<usize>().saturating_mul(FILE)
    }

    /// Returns descriptors to other instances as soon as the guest has closed them.
    pub(super) fn forget_closed_files(&mut self) {
        self.files();
    }

    /// Takes a descriptor for a file that is about to be opened, or returns `None` beyond the
    /// limit.
    pub(super) fn reserve_descriptor(&mut self) -> Option<Reserved> {
        self.forget_closed_files();
        let opening = Arc::strong_count(&self.opening) - 1;
        let room = self.files.len() + opening < self.limits.descriptors;
        let permit = room.then(|| self.permits.take()).flatten();
        if permit.is_none() {
            self.count_refused_descriptor();
        }
        Some(Reserved {
            permit: permit?,
            _opening: Arc::clone(&self.opening),
        })
    }

    /// Returns true if the guest may open another stream of a file, and counts a refusal. Descriptors and
    /// streams together may be twice as many as descriptors alone.
    pub(super) fn has_room_for_stream(&mut self) -> bool {
        self.forget_closed_files();
        let holders = self.files.iter().map(|open| open.file.strong_count());
        let has_room = holders.sum::<usize>() < self.limits.descriptors.saturating_mul(2);
        if !has_room {
            self.count_refused_descriptor();
        }
        has_room
    }

    pub(super) fn count_refused_descriptor(&self) {
        self.observer.reached(Limit::OpenFiles);
    }

    /// Remembers what was opened.
    pub(super) fn opened(&mut self, descriptor: &Descriptor, reserved: Reserved) {
        let file = match descriptor {
            Descriptor::File(file) => &file.file,
            Descriptor::Dir(folder) => &folder.dir,
        };
        self.files.push(OpenFile {
            file: Arc::downgrade(file),
            _permit: reserved.permit,
        });
    }
}

/// Returns the number of handles in a table, and the bytes behind them.
fn measure(table: &mut ResourceTable) -> (usize, usize) {
    // Several handles may share a table of fields.
    let mut counted = HashSet::new();
    let mut fields = |map: &FieldMap| {
        let map: &HeaderMap = map;
        if map.is_empty() || !counted.insert(std::ptr::from_ref(map)) {
            return 0;
        }
        let texts: usize = map
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        texts + map.capacity().max(map.len()) * FIELD
    };
    let (mut handles, mut bytes) = (0, 0_usize);
    for entry in table.iter_mut() {
        let more = bytes_of(entry, &mut fields);
        handles += 1;
        bytes = bytes.saturating_add(HANDLE).saturating_add(more);
    }
    (handles, bytes)
}

/// Returns the bytes behind one handle, beyond those of every handle.
fn bytes_of(entry: &(dyn Any + Send), fields: &mut impl FnMut(&FieldMap) -> usize) -> usize {
    let body = |is_there: bool| if is_there { BODY } else { 0 };
    if let Some(map) = entry.downcast_ref::<FieldMap>() {
        fields(map)
    } else if let Some(request) = entry.downcast_ref::<http2::HostOutgoingRequest>() {
        let method = match &request.method {
            wasmtime_wasi_http::p2::bindings::http::types::Method::Other(name) => name.len(),
            _ => 0,
        };
        let texts = [&request.authority, &request.path_with_query];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        method + texts + fields(&request.headers) + body(request.body.is_some())
    } else if let Some(response) = entry.downcast_ref::<http2::HostIncomingResponse>() {
        fields(&response.headers) + body(response.body.is_some())
    } else if let Some(response) = entry.downcast_ref::<http2::HostOutgoingResponse>() {
        fields(&response.headers) + body(response.body.is_some())
    } else if let Some(request) = entry.downcast_ref::<p3::Request>() {
        let authority = request.authority.as_ref().map_or(0, |it| it.as_str().len());
        let path = request
            .path_with_query
            .as_ref()
            .map_or(0, |it| it.as_str().len());
        request.method.as_str().len() + authority + path + fields(&request.headers)
    } else if let Some(response) = entry.downcast_ref::<p3::Response>() {
        fields(&response.headers)
    } else if entry.is::<ReaddirIterator>() {
        FOLDER
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn holdings(bytes: usize) -> Holdings {
        let limits = HoldingLimits {
            bytes,
            descriptors: 2,
        };
        Holdings::new(limits, Permits::new(100), SessionObserver::default())
    }

    fn field_map(bytes: usize) -> FieldMap {
        let mut map = FieldMap::new_mutable(1 << 20);
        let value = HeaderValue::from_bytes(&vec![b'a'; bytes]).unwrap();
        map.append_raw(HeaderName::from_static("a"), value).unwrap();
        map
    }

    #[test]
    fn an_instance_that_holds_too_much_is_found_and_counted_once() {
        let mut holdings = holdings(1 << 20);
        let mut table = ResourceTable::new();
        let mut kept = 0;
        while holdings.count_call(&mut table) {
            table.push(field_map(64 << 10)).unwrap();
            kept += 1;
            assert!(kept < 100, "it is never found");
        }
        assert!((15..=17).contains(&kept), "{kept}");
        assert!(holdings.check(&mut table).is_err());
        assert!(holdings.exceeded().get().is_some());
        let limits = &holdings.observer.telemetry.limits;
        assert_eq!(limits.get(Limit::HostMemory), 1);
    }

    #[test]
    fn what_is_dropped_does_not_count_and_what_is_shared_counts_once() {
        let mut holdings = holdings(1 << 20);
        let mut table = ResourceTable::new();
        for _ in 0..100 {
            let handle = table.push(field_map(64 << 10)).unwrap();
            assert!(holdings.count_call(&mut table));
            table.delete(handle).unwrap();
        }
        let map = field_map(64 << 10);
        for _ in 0..100 {
            table.push(map.clone()).unwrap();
            assert!(holdings.count_call(&mut table));
        }
    }

    #[test]
    fn every_handle_counts() {
        let mut holdings = holdings(1 << 20);
        let mut table = ResourceTable::new();
        for _ in 0..(1 << 20) / HANDLE {
            table.push(()).unwrap();
            assert!(holdings.count_call(&mut table));
        }
        let found = (0..100).any(|_| {
            table.push(()).unwrap();
            !holdings.count_call(&mut table)
        });
        assert!(found);
    }

    #[test]
    fn descriptors_are_returned_when_their_last_holder_is_gone() {
        let mut holdings = holdings(1 << 20);
        let open = |holdings: &mut Holdings| {
            let reserved = holdings.reserve_descriptor()?;
            let file = wasmtime_wasi::filesystem::File::new(
                tempfile::tempfile().unwrap(),
                wasmtime_wasi::FsPerms::ReadOnly,
                wasmtime_wasi::OpenMode::READ,
                false,
            );
            let descriptor = Descriptor::File(file);
            holdings.opened(&descriptor, reserved);
            Some(descriptor)
        };
        let first = open(&mut holdings).unwrap();
        let second = open(&mut holdings).unwrap();
        let stream = second.clone();
        drop(second);
        assert!(open(&mut holdings).is_none(), "a stream keeps it open");
        assert!(holdings.has_room_for_stream());
        let more = stream.clone();
        assert!(holdings.has_room_for_stream());
        let most = stream.clone();
        assert!(!holdings.has_room_for_stream(), "twice as many holders");
        drop((more, most));
        assert!(holdings.has_room_for_stream());
        drop((first, stream));
        let opening = holdings.reserve_descriptor();
        assert!(opening.is_some() && holdings.reserve_descriptor().is_some());
        let _other = open(&mut holdings).unwrap();
        assert!(open(&mut holdings).is_none(), "one is being opened");
        drop(opening);
        assert!(open(&mut holdings).is_some());
        let limits = &holdings.observer.telemetry.limits;
        assert_eq!(limits.get(Limit::OpenFiles), 3);
    }
}
