//! `wasi:filesystem`
//!
//! Paths go to the host as they are, `..` included: to refuse them is its work.

use wasip3::filesystem::preopens;
use wasip3::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};
use wasip3::wit_stream;

pub async fn list(path: &str) -> Result<Vec<String>, String> {
    let folder = open(path, OpenFlags::DIRECTORY, DescriptorFlags::READ).await?;
    let (entries, done) = folder.read_directory();
    let entries = entries.collect().await;
    done.await.map_err(text)?;
    Ok(entries.into_iter().map(|entry| entry.name).collect())
}

pub async fn read(path: &str) -> Result<String, String> {
    let file = open(path, OpenFlags::empty(), DescriptorFlags::READ).await?;
    let (bytes, done) = file.read_via_stream(0);
    let bytes = bytes.collect().await;
    done.await.map_err(text)?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

pub async fn write(path: &str, content: &str) -> Result<(), String> {
    let create = OpenFlags::CREATE | OpenFlags::TRUNCATE;
    let file = open(path, create, DescriptorFlags::WRITE).await?;
    let (mut writer, reader) = wit_stream::new();
    let done = file.write_via_stream(reader, 0);
    let rest = writer.write_all(content.as_bytes().to_vec()).await;
    drop(writer);
    done.await.map_err(text)?;
    if rest.is_empty() {
        Ok(())
    } else {
        Err(format!("{} bytes were not written", rest.len()))
    }
}

pub async fn remove(path: &str) -> Result<(), String> {
    let (folder, rest) = granted(path)?;
    folder.unlink_file_at(rest).await.map_err(text)
}

pub async fn create_folder(path: &str) -> Result<(), String> {
    let (folder, rest) = granted(path)?;
    folder.create_directory_at(rest).await.map_err(text)
}

pub async fn link(target: &str, path: &str) -> Result<(), String> {
    let (folder, rest) = granted(path)?;
    folder.symlink_at(target.into(), rest).await.map_err(text)
}

pub async fn hard_link(target: &str, path: &str) -> Result<(), String> {
    let (from, target) = granted(target)?;
    let (folder, rest) = granted(path)?;
    from.link_at(PathFlags::empty(), target, &folder, rest)
        .await
        .map_err(text)
}

pub async fn rename(from: &str, to: &str) -> Result<(), String> {
    let (folder, rest) = granted(from)?;
    let (to, new) = granted(to)?;
    folder.rename_at(rest, &to, new).await.map_err(text)
}

pub async fn open(
    path: &str,
    how: OpenFlags,
    access: DescriptorFlags,
) -> Result<Descriptor, String> {
    let (folder, rest) = granted(path)?;
    folder
        .open_at(PathFlags::SYMLINK_FOLLOW, rest, how, access)
        .await
        .map_err(text)
}

/// The granted folder under which a path lies, and the rest of the path.
pub fn granted(path: &str) -> Result<(Descriptor, String), String> {
    let folders = preopens::get_directories();
    let names: Vec<String> = folders.iter().map(|(_, name)| name.clone()).collect();
    for (folder, name) in folders {
        if path == name {
            return Ok((folder, ".".into()));
        }
        if let Some(rest) = path
            .strip_prefix(&name)
            .and_then(|rest| rest.strip_prefix('/'))
        {
            return Ok((folder, rest.into()));
        }
    }
    Err(format!("{path}: granted are {names:?} alone"))
}

fn text(error: ErrorCode) -> String {
    format!("{error:?}")
}
