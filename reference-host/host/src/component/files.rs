//! Functions of `wasi:filesystem` that the host guards, in both variants.
//!
//! - Only regular files and folders are opened. A named pipe, a socket or a device could block a
//!   thread of the host for as long as nobody writes to it.
//! - An instance has a limited number of files open, and of operations in progress.
//! - What is refused is logged, with the option that grants it.
//!
//! The functions replace those of `wasmtime-wasi` in the linker, and call them.

use std::sync::{Arc, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::component::{Access, Accessor, FutureReader, Linker, Resource, StreamReader};
use wasmtime_wasi::TrappableError;
use wasmtime_wasi::filesystem::{Descriptor, Dir, WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::filesystem::types as p2;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, ReaddirIterator};
use wasmtime_wasi::p3::bindings::filesystem::types as p3;

use super::state::State;
use crate::telemetry::Limit;

/// The names of the interfaces, as `wasmtime-wasi` links them.
const P2: &str = "wasi:filesystem/types@0.2.12";
const P3: &str = "wasi:filesystem/types@0.3.0";

/// The most operations on files that one instance may have in progress: each takes a thread.
const OPERATIONS: usize = 16;
/// The most folders that one instance may read at a time: each takes a thread until it is read.
const FOLDERS: usize = 8;
/// The same for WASI 0.2, where a folder is read as a whole and its names are kept in memory.
const FOLDERS_P2: usize = 32;
/// The most operations that may wait for their turn besides. Each keeps its arguments.
const WAITING: usize = 1024;
/// The longest path, in bytes: that of Linux, and longer than those of most systems.
const PATH: usize = 4 << 10;

/// The operations of one instance.
#[derive(Debug)]
pub(super) struct Operations {
    permits: Arc<Semaphore>,
    /// Permits to wait for one of these.
    waiting: Arc<Semaphore>,
    /// Folders that are being read, each through a descriptor of its own.
    folders: Vec<(Weak<std::fs::File>, OwnedSemaphorePermit)>,
    /// The handles of folders that are being read through WASI 0.2.
    folders_p2: Vec<u32>,
}

impl Operations {
    /// Returns the permits of folders that have been read.
    pub(super) fn forget_read_folders(&mut self) {
        self.folders.retain(|(folder, _)| folder.strong_count() > 0);
    }
}

impl Default for Operations {
    fn default() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(OPERATIONS)),
            waiting: Arc::new(Semaphore::new(OPERATIONS + WAITING)),
            folders: Vec::new(),
            folders_p2: Vec::new(),
        }
    }
}

/// Replaces functions of `wasi:filesystem` 0.2.
pub(super) fn guard_p2(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut types = linker.instance(P2)?;
    types.func_wrap_async(
        "[method]descriptor.open-at",
        |mut store, (folder, follow, path, how, access): OpenP2| {
            Box::new(async move {
                let opened = open_p2(store.data_mut(), folder, follow, path, how, access).await;
                Ok((untrapped(opened)?,))
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.set-times-at",
        |mut store, (folder, follow, path, accessed, modified): SetTimesP2| {
            Box::new(async move {
                let state = store.data_mut();
                let set = async {
                    check_p2(state, &folder, follow, &path).await?;
                    let mut files = state.filesystem();
                    p2::HostDescriptor::set_times_at(
                        &mut files, folder, follow, path, accessed, modified,
                    )
                    .await
                };
                Ok((untrapped(set.await)?,))
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.read-directory",
        |mut store, (folder,): (Resource<Descriptor>,)| {
            Box::new(async move {
                let reading = read_folder_p2(store.data_mut(), folder).await;
                Ok((untrapped(reading)?,))
            })
        },
    )?;
    types.func_wrap(
        "[method]descriptor.read-via-stream",
        |mut store, (file, offset): (Resource<Descriptor>, u64)| {
            let state = store.data_mut();
            let stream = check_streams(state).and_then(|()| {
                p2::HostDescriptor::read_via_stream(&mut state.filesystem(), file, offset)
            });
            Ok((untrapped::<Resource<DynInputStream>, _>(stream)?,))
        },
    )?;
    types.func_wrap(
        "[method]descriptor.write-via-stream",
        |mut store, (file, offset): (Resource<Descriptor>, u64)| {
            let state = store.data_mut();
            let stream = check_streams(state).and_then(|()| {
                p2::HostDescriptor::write_via_stream(&mut state.filesystem(), file, offset)
            });
            Ok((untrapped::<Resource<DynOutputStream>, _>(stream)?,))
        },
    )?;
    types.func_wrap(
        "[method]descriptor.append-via-stream",
        |mut store, (file,): (Resource<Descriptor>,)| {
            let state = store.data_mut();
            let stream = check_streams(state).and_then(|()| {
                p2::HostDescriptor::append_via_stream(&mut state.filesystem(), file)
            });
            Ok((untrapped::<Resource<DynOutputStream>, _>(stream)?,))
        },
    )
}

/// Checks that the instance may open another stream of a file. Each stream may have an operation in
/// progress, which occupies a thread.
fn check_streams(state: &mut State) -> Result<(), TrappableError<p2::ErrorCode>> {
    if state.holdings.has_room_for_stream() {
        return Ok(());
    }
    Err(p2::ErrorCode::InsufficientMemory.into())
}

/// Begins to read a folder, unless too many are being read.
async fn read_folder_p2(
    state: &mut State,
    folder: Resource<Descriptor>,
) -> Result<Resource<ReaddirIterator>, TrappableError<p2::ErrorCode>> {
    let (reading, table) = (&mut state.operations.folders_p2, &state.table);
    reading.retain(|handle| {
        let handle = Resource::<ReaddirIterator>::new_borrow(*handle);
        table.get(&handle).is_ok()
    });
    if reading.len() >= FOLDERS_P2 {
        state.holdings.count_refused_descriptor();
        return Err(p2::ErrorCode::InsufficientMemory.into());
    }
    let begun = p2::HostDescriptor::read_directory(&mut state.filesystem(), folder).await?;
    let reading = &mut state.operations.folders_p2;
    if !reading.contains(&begun.rep()) {
        reading.push(begun.rep());
    }
    Ok(begun)
}

/// Returns true for a regular file or a folder. Opened files are checked again, because another file may
/// have taken the place of the one whose path was checked.
fn is_plain(descriptor: &Descriptor) -> bool {
    match descriptor {
        Descriptor::Dir(_) => true,
        Descriptor::File(file) => file.file.metadata().is_ok_and(|found| found.is_file()),
    }
}

type OpenP2 = (
    Resource<Descriptor>,
    p2::PathFlags,
    String,
    p2::OpenFlags,
    p2::DescriptorFlags,
);
type SetTimesP2 = (
    Resource<Descriptor>,
    p2::PathFlags,
    String,
    p2::NewTimestamp,
    p2::NewTimestamp,
);

async fn open_p2(
    state: &mut State,
    folder: Resource<Descriptor>,
    follow: p2::PathFlags,
    path: String,
    how: p2::OpenFlags,
    access: p2::DescriptorFlags,
) -> Result<Resource<Descriptor>, TrappableError<p2::ErrorCode>> {
    check_p2(state, &folder, follow, &path).await?;
    let reserved = state.holdings.reserve_descriptor();
    let reserved = reserved.ok_or(p2::ErrorCode::InsufficientMemory)?;
    let opened = {
        let mut files = state.filesystem();
        p2::HostDescriptor::open_at(&mut files, folder, follow, path.clone(), how, access).await
    };
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => {
            if matches!(
                error.downcast_ref(),
                Some(p2::ErrorCode::Access | p2::ErrorCode::NotPermitted | p2::ErrorCode::ReadOnly)
            ) {
                tell_refused(state, &path);
            }
            return Err(error);
        }
    };
    let descriptor = state.table.get(&opened)?;
    if !is_plain(descriptor) {
        state.table.delete(opened)?;
        tell_special(state, &path);
        return Err(p2::ErrorCode::NotPermitted.into());
    }
    state.holdings.opened(descriptor, reserved);
    Ok(opened)
}

/// Checks that a path leads to nothing but a regular file or a folder, as far as it exists.
async fn check_p2(
    state: &mut State,
    folder: &Resource<Descriptor>,
    follow: p2::PathFlags,
    path: &str,
) -> Result<(), TrappableError<p2::ErrorCode>> {
    if path.len() > PATH {
        return Err(p2::ErrorCode::NameTooLong.into());
    }
    let found = {
        let folder = Resource::new_borrow(folder.rep());
        let mut files = state.filesystem();
        p2::HostDescriptor::stat_at(&mut files, folder, follow, path.to_owned()).await
    };
    match found.map(|found| found.type_) {
        // Opening it determines its kind.
        Err(_)
        | Ok(
            p2::DescriptorType::RegularFile
            | p2::DescriptorType::Directory
            | p2::DescriptorType::SymbolicLink,
        ) => Ok(()),
        Ok(_) => {
            tell_special(state, path);
            Err(p2::ErrorCode::NotPermitted.into())
        }
    }
}

fn tell_special(state: &State, path: &str) {
    state.denials.tell(
        &format!("the file {path:?}, which is a pipe, a socket or a device"),
        "only regular files and folders are opened",
    );
}

fn tell_refused(state: &State, path: &str) {
    state.denials.tell(
        &format!("the file {path:?}"),
        "it is outside of the granted folders, or not granted for this use \
         (--dir HOST::GUEST, without `::ro` for writing), or the system refuses it",
    );
}

/// Separates a function's error from a trap.
fn untrapped<T, E>(result: Result<T, TrappableError<E>>) -> wasmtime::Result<Result<T, E>>
where
    E: std::error::Error + Send + Sync + 'static,
{
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) => error.downcast().map(Err),
    }
}

/// Waits for the turn of an operation, which lasts until the result is dropped. Returns `None` if
/// too many wait.
async fn turn(accessor: &Accessor<State>) -> wasmtime::Result<Option<[OwnedSemaphorePermit; 2]>> {
    let (waiting, permits) = accessor.with(|mut access| {
        let state = access.get();
        let waiting = state.operations.waiting.clone().try_acquire_owned().ok();
        if waiting.is_none() {
            state.session.observer().reached(Limit::FileOperations);
        }
        (waiting, state.operations.permits.clone())
    });
    let Some(waiting) = waiting else {
        return Ok(None);
    };
    Ok(Some([waiting, permits.acquire_owned().await?]))
}

/// Replaces asynchronous functions of the 0.3 interface by ones that run at most [`OPERATIONS`] at
/// a time. The first group takes paths.
macro_rules! limited {
    ($types:ident:
        $($name:literal = $method:ident($($argument:ident: $type:ty),*) within [$($path:ident),*];)*
    ) => {
        $($types.func_wrap_concurrent(
            concat!("[method]descriptor.", $name),
            |accessor: &Accessor<State>, parameters: (Resource<Descriptor>, $($type,)*)| {
                let (descriptor, $($argument,)*) = parameters;
                Box::pin(async move {
                    $(if $path.len() > PATH {
                        return Ok((Err(p3::ErrorCode::NameTooLong),));
                    })*
                    let Some(_turn) = turn(accessor).await? else {
                        return Ok((Err(p3::ErrorCode::InsufficientMemory),));
                    };
                    let files = accessor.with_getter::<WasiFilesystem>(|state| state.filesystem());
                    let done = <WasiFilesystem as p3::HostDescriptorWithStore<State>>::$method(
                        &files, descriptor, $($argument,)*
                    );
                    Ok((untrapped(done.await)?,))
                })
            },
        )?;)*
    };
}

/// Replaces functions of `wasi:filesystem` 0.3.
pub(super) fn guard_p3(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut types = linker.instance(P3)?;
    limited! { types:
        "advise" = advise(offset: u64, length: u64, advice: p3::Advice) within [];
        "sync-data" = sync_data() within [];
        "get-flags" = get_flags() within [];
        "get-type" = get_type() within [];
        "set-size" = set_size(size: u64) within [];
        "set-times" = set_times(accessed: p3::NewTimestamp, modified: p3::NewTimestamp) within [];
        "sync" = sync() within [];
        "stat" = stat() within [];
        "metadata-hash" = metadata_hash() within [];
        "create-directory-at" = create_directory_at(path: String) within [path];
        "stat-at" = stat_at(follow: p3::PathFlags, path: String) within [path];
        "link-at" = link_at(
            follow: p3::PathFlags, old: String, folder: Resource<Descriptor>, new: String
        ) within [old, new];
        "readlink-at" = readlink_at(path: String) within [path];
        "remove-directory-at" = remove_directory_at(path: String) within [path];
        "rename-at" = rename_at(old: String, folder: Resource<Descriptor>, new: String)
            within [old, new];
        "symlink-at" = symlink_at(old: String, new: String) within [old, new];
        "unlink-file-at" = unlink_file_at(path: String) within [path];
        "metadata-hash-at" = metadata_hash_at(follow: p3::PathFlags, path: String) within [path];
    }
    types.func_wrap_concurrent(
        "[method]descriptor.open-at",
        |accessor: &Accessor<State>, parameters: OpenP3| {
            Box::pin(async move { Ok((untrapped(open_p3(accessor, parameters).await)?,)) })
        },
    )?;
    types.func_wrap_concurrent(
        "[method]descriptor.set-times-at",
        |accessor: &Accessor<State>, parameters: SetTimesP3| {
            Box::pin(async move { Ok((untrapped(set_times_p3(accessor, parameters).await)?,)) })
        },
    )?;
    types.func_wrap(
        "[method]descriptor.read-directory",
        |mut store, (folder,): (Resource<Descriptor>,)| {
            let Some(own) = begin_reading(store.data_mut(), &folder)? else {
                let stream =
                    StreamReader::new(&mut store, std::iter::empty::<p3::DirectoryEntry>())?;
                return Ok(((stream, FutureReader::new(&mut store, refused())?),));
            };
            let handle = Resource::new_borrow(own.rep());
            let access = Access::<State, WasiFilesystem>::new(
                wasmtime::AsContextMut::as_context_mut(&mut store),
                |state| state.filesystem(),
            );
            let reading = <WasiFilesystem as p3::HostDescriptorWithStore<State>>::read_directory(
                access, handle,
            )?;
            // From now on the thread that reads is its only holder.
            store.data_mut().table.delete(own)?;
            Ok((reading,))
        },
    )
}

type OpenP3 = (
    Resource<Descriptor>,
    p3::PathFlags,
    String,
    p3::OpenFlags,
    p3::DescriptorFlags,
);
type SetTimesP3 = (
    Resource<Descriptor>,
    p3::PathFlags,
    String,
    p3::NewTimestamp,
    p3::NewTimestamp,
);

async fn open_p3(
    accessor: &Accessor<State>,
    (folder, follow, path, how, access): OpenP3,
) -> Result<Resource<Descriptor>, TrappableError<p3::ErrorCode>> {
    check_length(&path)?;
    let turn = turn(accessor).await.map_err(TrappableError::trap)?;
    let _turn = turn.ok_or(p3::ErrorCode::InsufficientMemory)?;
    check_p3(accessor, &folder, follow, &path).await?;
    let reserved = accessor.with(|mut access| access.get().holdings.reserve_descriptor());
    let reserved = reserved.ok_or(p3::ErrorCode::InsufficientMemory)?;
    let files = accessor.with_getter::<WasiFilesystem>(|state| state.filesystem());
    let opened = <WasiFilesystem as p3::HostDescriptorWithStore<State>>::open_at(
        &files,
        folder,
        follow,
        path.clone(),
        how,
        access,
    )
    .await;
    accessor.with(|mut access| {
        let state = access.get();
        let opened = opened.inspect_err(|error| {
            if matches!(
                error.downcast_ref(),
                Some(p3::ErrorCode::Access | p3::ErrorCode::NotPermitted | p3::ErrorCode::ReadOnly)
            ) {
                tell_refused(state, &path);
            }
        })?;
        let descriptor = state.table.get(&opened).map_err(trap)?;
        if !is_plain(descriptor) {
            state.table.delete(opened).map_err(trap)?;
            tell_special(state, &path);
            return Err(p3::ErrorCode::NotPermitted.into());
        }
        state.holdings.opened(descriptor, reserved);
        Ok(opened)
    })
}

async fn set_times_p3(
    accessor: &Accessor<State>,
    (folder, follow, path, accessed, modified): SetTimesP3,
) -> Result<(), TrappableError<p3::ErrorCode>> {
    check_length(&path)?;
    let turn = turn(accessor).await.map_err(TrappableError::trap)?;
    let _turn = turn.ok_or(p3::ErrorCode::InsufficientMemory)?;
    check_p3(accessor, &folder, follow, &path).await?;
    let files = accessor.with_getter::<WasiFilesystem>(|state| state.filesystem());
    <WasiFilesystem as p3::HostDescriptorWithStore<State>>::set_times_at(
        &files, folder, follow, path, accessed, modified,
    )
    .await
}

fn check_length(path: &str) -> Result<(), TrappableError<p3::ErrorCode>> {
    if path.len() > PATH {
        return Err(p3::ErrorCode::NameTooLong.into());
    }
    Ok(())
}

fn trap(error: wasmtime::component::ResourceTableError) -> TrappableError<p3::ErrorCode> {
    TrappableError::trap(error)
}

/// Checks that a path leads to nothing but a regular file or a folder, as far as it exists.
async fn check_p3(
    accessor: &Accessor<State>,
    folder: &Resource<Descriptor>,
    follow: p3::PathFlags,
    path: &str,
) -> Result<(), TrappableError<p3::ErrorCode>> {
    let files = accessor.with_getter::<WasiFilesystem>(|state| state.filesystem());
    let found = <WasiFilesystem as p3::HostDescriptorWithStore<State>>::stat_at(
        &files,
        Resource::new_borrow(folder.rep()),
        follow,
        path.to_owned(),
    )
    .await;
    match found.map(|found| found.type_) {
        // Opening it determines its kind.
        Err(_)
        | Ok(
            p3::DescriptorType::RegularFile
            | p3::DescriptorType::Directory
            | p3::DescriptorType::SymbolicLink,
        ) => Ok(()),
        Ok(_) => {
            accessor.with(|mut access| tell_special(access.get(), path));
            Err(p3::ErrorCode::NotPermitted.into())
        }
    }
}

/// The result of reading a folder that the host refuses to read.
async fn refused() -> wasmtime::Result<Result<(), p3::ErrorCode>> {
    Ok(Err(p3::ErrorCode::InsufficientMemory))
}

/// Gives the reading of a folder a descriptor of its own, by which the host knows when it ends.
/// Returns `None` if too many are being read.
fn begin_reading(
    state: &mut State,
    folder: &Resource<Descriptor>,
) -> wasmtime::Result<Option<Resource<Descriptor>>> {
    state.operations.forget_read_folders();
    let permit = Arc::clone(&state.shares.folders).try_acquire_owned().ok();
    let Some(permit) = permit.filter(|_| state.operations.folders.len() < FOLDERS) else {
        state.holdings.count_refused_descriptor();
        return Ok(None);
    };
    let own = match state.table.get(folder)? {
        // The function itself reports that it is not a folder.
        file @ Descriptor::File(_) => file.clone(),
        Descriptor::Dir(dir) => {
            let Some(reserved) = state.holdings.reserve_descriptor() else {
                return Ok(None);
            };
            let Ok(file) = dir.dir.try_clone() else {
                return Ok(None);
            };
            let own = Descriptor::Dir(Dir::new(file, dir.perms, dir.open_mode, false));
            state.holdings.opened(&own, reserved);
            if let Descriptor::Dir(own) = &own {
                let reading = Arc::downgrade(&own.dir);
                state.operations.folders.push((reading, permit));
            }
            own
        }
    };
    Ok(Some(state.table.push(own)?))
}

#[cfg(all(test, unix))]
mod tests {
    use wasmtime_wasi::filesystem::File;
    use wasmtime_wasi::{FsPerms, OpenMode};

    use super::*;

    #[test]
    fn what_was_opened_is_checked_again() {
        let descriptor = |file| {
            let file = File::new(file, FsPerms::ReadOnly, OpenMode::READ, false);
            Descriptor::File(file)
        };
        assert!(is_plain(&descriptor(tempfile::tempfile().unwrap())));
        let (reader, _writer) = std::io::pipe().unwrap();
        let pipe = std::os::fd::OwnedFd::from(reader);
        assert!(!is_plain(&descriptor(pipe.into())));
    }
}
