//! `wasi-mcp read`

use std::fs::{File, OpenOptions};
use std::io::Write as _;
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
    current: Option<(File, PathBuf)>,
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
        self.begun += 1;
        let (path, file) = if self.path.is_dir() {
            let uri = item["uri"].as_str().unwrap_or_default();
            let path = self.path.join(file_name(self.begun, uri));
            // The component chose part of the name.
            let file = OpenOptions::new().write(true).create_new(true).open(&path);
            (path, file)
        } else if count > 1 {
            return Err(anyhow!(
                "--output {}: the resource has {count} contents: name an existing folder",
                self.path.display()
            ));
        } else {
            let file = File::create(&self.path);
            (self.path.clone(), file)
        };
        let file = file.with_context(|| unwritable(&path))?;
        self.current = Some((file, path));
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        let Some((file, path)) = &mut self.current else {
            return Ok(());
        };
        file.write_all(bytes).with_context(|| unwritable(path))
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
            Self::Files(_) => Ok(()),
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
}
