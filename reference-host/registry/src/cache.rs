//! Blobs that were pulled, by digest.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::files;
use super::reference::Digest;

/// A folder of blobs, each in a file named by its digest.
///
/// Every blob is compared with its digest when it is read, so a damaged or exchanged file is never
/// used.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Returns the cache that all commands of this user share: `$XDG_CACHE_HOME/wasi-mcp-components`,
    /// or `.cache/wasi-mcp-components` in the home folder. `None` without either.
    ///
    /// It lies beside the cache of compiled code, and not in it, since that one removes files it does
    /// not know.
    pub fn of_user() -> Option<Self> {
        let absolute = |path: PathBuf| path.is_absolute().then_some(path);
        std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .and_then(absolute)
            .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
            .map(|folder| Self::in_folder(folder.join("wasi-mcp-components")))
    }

    /// Returns the cache in this folder, which is created when a blob is put there.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns a blob, if it is there, no larger than `most` bytes and has this digest.
    pub fn get(&self, digest: &Digest, most: u64) -> Option<Vec<u8>> {
        let file = fs::File::open(self.path(digest)).ok()?;
        let found = file.metadata().ok()?;
        if !found.is_file() || found.len() > most {
            return None;
        }
        let mut bytes = Vec::new();
        // It may grow meanwhile; then it has another digest.
        file.take(most).read_to_end(&mut bytes).ok()?;
        (Digest::of(&bytes) == *digest).then_some(bytes)
    }

    /// Keeps a blob.
    ///
    /// # Errors
    ///
    /// If the folder or the file cannot be written.
    pub fn put(&self, bytes: &[u8]) -> io::Result<Digest> {
        let digest = Digest::of(bytes);
        let path = self.path(&digest);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            // A component may be private.
            builder.mode(0o700);
        }
        builder.create(path.parent().unwrap_or(&self.folder))?;
        files::replace(&path, bytes)?;
        Ok(digest)
    }

    /// The path within the folder is that of OCI image layouts.
    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join("blobs/sha256").join(digest.digits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_content_is_returned() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::in_folder(folder.path().join("new"));
        let digest = Digest::of(b"content");
        assert_eq!(cache.get(&digest, 100), None);
        assert_eq!(cache.put(b"content").unwrap(), digest);
        assert_eq!(cache.get(&digest, 7).unwrap(), b"content");
        assert_eq!(cache.get(&digest, 6), None, "too large");
        fs::write(cache.path(&digest), "changed").unwrap();
        assert_eq!(cache.get(&digest, 100), None);
        cache.put(b"content").unwrap();
        assert_eq!(cache.get(&digest, 100).unwrap(), b"content");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(Cache::in_folder(&file).put(b"content").is_err());
    }
}
