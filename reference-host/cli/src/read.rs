//! `wasi-mcp read`

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wasi_mcp_host::session::{ClientError, ReadAnswer, StreamedRead};

use super::arguments::ReadArguments;
use super::client::{self, Named, Problem};
use super::logging::Log;
use super::output::{Output, first_line};

pub(super) fn run(arguments: ReadArguments, log: &Log) -> Result<ExitCode> {
    let ReadArguments {
        component,
        uri,
        json,
        output,
        client,
        sandbox,
    } = arguments;
    let params = json!({ "uri": uri, "_meta": client::progress() });
    client::run(&component, &sandbox, &client, log, async |client| {
        let answer = match client.read_streamed(&params).await {
            Ok(answer) => answer,
            Err(error) => {
                return Err(Problem::named(client, error, Named::Resource(&uri)).await);
            }
        };
        let target = match output {
            Some(path) => Target::Files(Files::new(path)),
            None => Target::Output(Output::new()),
        };
        match answer {
            ReadAnswer::Whole(result) if json => {
                let mut target = target.single()?;
                target.bytes(result.get().as_bytes())?;
                target.bytes(b"\n")?;
                target.finish()?;
            }
            ReadAnswer::Whole(result) => {
                let result: Value =
                    serde_json::from_str(result.get()).context("the result is not valid JSON")?;
                whole(target, &result, log)?;
            }
            ReadAnswer::Streamed(streamed) if json => stream_json(target, streamed).await?,
            ReadAnswer::Streamed(streamed) => stream(target, streamed, log).await?,
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Writes all contents of a result.
fn whole(mut target: Target, result: &Value, log: &Log) -> Result<()> {
    let contents = contents(result);
    for item in contents {
        if contents.len() > 1 {
            announce(item, log);
        }
        target.begin(item, contents.len())?;
        target.item(item, log)?;
    }
    target.finish()
}

/// Writes the contents of a result while its last blob arrives.
async fn stream(mut target: Target, mut streamed: StreamedRead, log: &Log) -> Result<(), Problem> {
    let beginning = [streamed.head(), streamed.tail()].concat();
    let result: Value = serde_json::from_slice(&beginning)
        .context("the beginning of the result is not valid JSON")?;
    let contents = contents(&result);
    for (index, item) in contents.iter().enumerate() {
        if contents.len() > 1 {
            announce(item, log);
        }
        target.begin(item, contents.len())?;
        if index + 1 == contents.len() && target.hides_bytes() {
            log.say(&hidden(item, None));
            return Ok(target.finish()?);
        }
        target.item(item, log)?;
    }
    while let Some(piece) = streamed.piece().await.map_err(ClientError::Incomplete)? {
        target.bytes(&decoded(&piece)?)?;
        if target.is_closed() {
            return Ok(());
        }
    }
    Ok(target.finish()?)
}

/// Writes the result as JSON while its last blob arrives.
async fn stream_json(target: Target, mut streamed: StreamedRead) -> Result<(), Problem> {
    let mut target = target.single()?;
    target.bytes(streamed.head())?;
    while let Some(piece) = streamed.piece().await.map_err(ClientError::Incomplete)? {
        target.bytes(&piece)?;
        if target.is_closed() {
            return Ok(());
        }
    }
    target.bytes(streamed.tail())?;
    target.bytes(b"\n")?;
    Ok(target.finish()?)
}

fn contents(result: &Value) -> &[Value] {
    result["contents"].as_array().map_or(&[], Vec::as_slice)
}

/// Names one of several contents.
fn announce(item: &Value, log: &Log) {
    log.say(&described(item));
}

fn described(item: &Value) -> String {
    let uri = first_line(item["uri"].as_str().unwrap_or_default());
    match item["mimeType"].as_str() {
        Some(kind) => format!("{uri} ({})", first_line(kind)),
        None => uri,
    }
}

/// Says that bytes are not written to a terminal.
fn hidden(item: &Value, size: Option<usize>) -> String {
    let size = size.map_or(String::new(), |size| format!(", {size} bytes"));
    format!(
        "{}{size}: not shown on a terminal; --output FILE keeps it",
        described(item)
    )
}

fn decoded(base64: &[u8]) -> Result<Vec<u8>> {
    STANDARD.decode(base64).context("the blob is not base64")
}

/// The destination of contents.
enum Target {
    Output(Output),
    Files(Files),
}

/// A file for the contents, or a folder with a file for each.
struct Files {
    path: PathBuf,
    current: Option<Written>,
    begun: usize,
}

impl Files {
    fn new(path: PathBuf) -> Self {
        Self {
            path,
            current: None,
            begun: 0,
        }
    }

    /// Opens the file for the next contents.
    fn begin(&mut self, item: &Value, count: usize) -> Result<()> {
        self.finish()?;
        self.begun += 1;
        let written = if self.path.is_dir() {
            let uri = item["uri"].as_str().unwrap_or_default();
            // The component chose part of the name.
            Written::new_file(self.path.join(file_name(self.begun, uri)))
        } else if count > 1 {
            return Err(anyhow!(
                "--output {}: the resource has {count} contents: name an existing folder",
                self.path.display()
            ));
        } else {
            Written::replacing(self.path.clone())
        };
        self.current = Some(written?);
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        let Some(Written { file, path, .. }) = &mut self.current else {
            return Ok(());
        };
        file.write_all(bytes).with_context(|| unwritable(path))
    }

    /// Completes the file of the last contents.
    fn finish(&mut self) -> Result<()> {
        self.current.take().map_or(Ok(()), Written::finish)
    }
}

/// A file that is being written. Unless it is finished, nothing of it is left.
struct Written {
    file: File,
    /// The file that was asked for.
    path: PathBuf,
    /// The file to remove, unless the writing is finished.
    partial: Option<PathBuf>,
}

impl Written {
    /// Creates a file that must not exist.
    fn new_file(path: PathBuf) -> Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        Ok(Self {
            file: file.with_context(|| unwritable(&path))?,
            partial: Some(path.clone()),
            path,
        })
    }

    /// Writes to a new file beside another, which it replaces in the end: the other is unchanged
    /// until then. A device or a pipe is written to directly.
    fn replacing(path: PathBuf) -> Result<Self> {
        let describe = || unwritable(&path);
        let existing = match fs::metadata(&path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(describe),
        };
        if existing
            .as_ref()
            .is_some_and(|metadata| !metadata.is_file())
        {
            let file = OpenOptions::new().write(true).open(&path);
            return Ok(Self {
                file: file.with_context(describe)?,
                partial: None,
                path,
            });
        }
        // What a link leads to is replaced, and not the link.
        let path = match &existing {
            Some(_) => fs::canonicalize(&path).with_context(describe)?,
            None => path,
        };
        if let Some(metadata) = &existing
            && metadata.permissions().readonly()
        {
            return Err(anyhow!("{}: it is read-only", unwritable(&path)));
        }
        let (file, partial) = beside(&path).with_context(|| unwritable(&path))?;
        if let Some(metadata) = existing {
            // Where this fails, the file has the permissions of a new one.
            let _ = file.set_permissions(metadata.permissions());
        }
        Ok(Self {
            file,
            path,
            partial: Some(partial),
        })
    }

    fn finish(mut self) -> Result<()> {
        if let Some(partial) = &self.partial
            && *partial != self.path
        {
            fs::rename(partial, &self.path).with_context(|| unwritable(&self.path))?;
        }
        self.partial = None;
        Ok(())
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if let Some(partial) = &self.partial {
            let _ = fs::remove_file(partial);
        }
    }
}

/// Creates a file in the folder of another.
fn beside(path: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut number = 0;
    loop {
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}-{number}.part", std::process::id()));
        let partial = path.with_file_name(hidden);
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&partial)
        {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            opened => return opened.map(|file| (file, partial)),
        }
    }
}

fn unwritable(path: &Path) -> String {
    format!("{} cannot be written", path.display())
}

/// Returns a name for contents within a folder: their number, and the end of their URI if it
/// is harmless.
fn file_name(number: usize, uri: &str) -> String {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let end = path.trim_end_matches('/').rsplit(['/', ':']).next();
    let is_harmless = |letter: &char| letter.is_ascii_alphanumeric() || "._-".contains(*letter);
    let end: String = end
        .unwrap_or_default()
        .chars()
        .filter(is_harmless)
        .take(100)
        .collect();
    if end.is_empty() {
        number.to_string()
    } else {
        format!("{number}-{end}")
    }
}

impl Target {
    /// Prepares for a document that is not contents.
    fn single(mut self) -> Result<Self> {
        if let Self::Files(files) = &mut self {
            let name = json!({ "uri": "result.json" });
            files.begin(&name, 1)?;
        }
        Ok(self)
    }

    fn begin(&mut self, item: &Value, count: usize) -> Result<()> {
        match self {
            Self::Output(_) => Ok(()),
            Self::Files(files) => files.begin(item, count),
        }
    }

    /// Writes the text or the bytes of contents.
    fn item(&mut self, item: &Value, log: &Log) -> Result<()> {
        if let Some(text) = item["text"].as_str() {
            return match self {
                Self::Output(output) => {
                    output.text(text)?;
                    if output.is_terminal() && !text.ends_with('\n') {
                        output.bytes(b"\n")?;
                    }
                    Ok(())
                }
                Self::Files(files) => files.bytes(text.as_bytes()),
            };
        }
        let bytes = decoded(item["blob"].as_str().unwrap_or_default().as_bytes())?;
        if self.hides_bytes() {
            log.say(&hidden(item, Some(bytes.len())));
            return Ok(());
        }
        self.bytes(&bytes)
    }

    fn hides_bytes(&self) -> bool {
        matches!(self, Self::Output(output) if output.is_terminal())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Output(output) => output.bytes(bytes),
            Self::Files(files) => files.bytes(bytes),
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self, Self::Output(output) if output.is_closed())
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Output(output) => output.finish(),
            Self::Files(mut files) => files.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_stay_in_their_folder() {
        for (uri, name) in [
            ("test://folder/image.png", "1-image.png"),
            ("test://folder/a/", "1-a"),
            ("file:///etc/passwd?x=/y#z", "1-passwd"),
            ("mailto:someone", "1-someone"),
            ("x:..", "1-.."),
            ("x:/../%2e%2e%2f", "1-2e2e2f"),
            ("x:\u{202e}\\..\\", "1-.."),
            ("", "1"),
        ] {
            assert_eq!(file_name(1, uri), name, "{uri}");
        }
        assert!(file_name(1, &"x".repeat(1000)).len() < 120);
    }

    #[test]
    fn a_file_is_replaced_once_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let names = || {
            let entries = fs::read_dir(folder.path()).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name());
            let mut names: Vec<_> = names.collect();
            names.sort();
            names
        };
        fs::write(&path, "before").unwrap();
        let write = |text: &str| {
            let mut written = Written::replacing(path.clone()).unwrap();
            written.file.write_all(text.as_bytes()).unwrap();
            written
        };
        drop(write("not finished"));
        assert_eq!(fs::read(&path).unwrap(), b"before");
        assert_eq!(names(), ["file"]);
        let written = write("after");
        assert_eq!(fs::read(&path).unwrap(), b"before");
        written.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"after");
        assert_eq!(names(), ["file"]);
        assert!(Written::new_file(path.clone()).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"after");
    }

    #[cfg(unix)]
    #[test]
    fn links_permissions_and_devices_are_kept() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&path, "before").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("file", &link).unwrap();
        let mut written = Written::replacing(link.clone()).unwrap();
        written.file.write_all(b"after").unwrap();
        written.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"after");
        assert!(link.symlink_metadata().unwrap().is_symlink());
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);

        let device = Written::replacing("/dev/null".into()).unwrap();
        assert_eq!(device.partial, None);
        device.finish().unwrap();
    }
}
