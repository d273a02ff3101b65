//! `wasi:filesystem`

use std::fs;

pub async fn list(path: &str) -> Result<Vec<String>, String> {
    fs::read_dir(path)
        .map_err(text)?
        .map(|entry| Ok(entry.map_err(text)?.file_name().to_string_lossy().into()))
        .collect()
}

pub async fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(text)
}

pub async fn write(path: &str, content: &str) -> Result<(), String> {
    fs::write(path, content).map_err(text)
}

pub async fn remove(path: &str) -> Result<(), String> {
    fs::remove_file(path).map_err(text)
}

pub async fn create_folder(path: &str) -> Result<(), String> {
    fs::create_dir(path).map_err(text)
}

#[allow(deprecated, reason = "what std has instead is for other systems")]
pub async fn link(target: &str, path: &str) -> Result<(), String> {
    fs::soft_link(target, path).map_err(text)
}

pub async fn hard_link(target: &str, path: &str) -> Result<(), String> {
    fs::hard_link(target, path).map_err(text)
}

pub async fn rename(from: &str, to: &str) -> Result<(), String> {
    fs::rename(from, to).map_err(text)
}

fn text(error: std::io::Error) -> String {
    error.to_string()
}
