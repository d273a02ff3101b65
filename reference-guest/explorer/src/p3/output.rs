//! `wasi:cli/stdout` and `wasi:cli/stderr`

use wasip3::cli::{stderr, stdout};
use wasip3::wit_stream;

pub async fn print(line: &str) -> Result<(), String> {
    for write_via_stream in [stdout::write_via_stream, stderr::write_via_stream] {
        let (mut writer, reader) = wit_stream::new();
        let done = write_via_stream(reader);
        let rest = writer.write_all(format!("{line}\n").into_bytes()).await;
        drop(writer);
        done.await.map_err(|error| format!("{error:?}"))?;
        if !rest.is_empty() {
            return Err(format!("{} bytes were not written", rest.len()));
        }
    }
    Ok(())
}
