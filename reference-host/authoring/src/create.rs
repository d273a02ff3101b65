//! New projects.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::embedded::{File, TEMPLATE, files};
use crate::language::Language;
use crate::name::ProjectName;
use crate::wasi::Wasi;

/// A project that cannot be created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateError {
    /// The folder exists and is not empty.
    #[error("{} exists and is not empty: choose another name, or remove it", .0.display())]
    NotEmpty(PathBuf),
    /// The language lacks the variant.
    #[error("{language} has no library for WASI {wasi}: {}", offered(*.language))]
    NoSuchVariant {
        /// The language.
        language: Language,
        /// The variant.
        wasi: Wasi,
    },
    /// A file cannot be written.
    #[error("{} cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

fn offered(language: Language) -> String {
    let variants = language.variants().iter();
    let variants: Vec<_> = variants.map(|wasi| format!("--wasi {wasi}")).collect();
    variants.join(" or ")
}

/// Creates a project in `folder`, and the folder if needed. Returns the paths of the files, except
/// those in `vendor/` and `wit/deps/`.
///
/// # Errors
///
/// [`CreateError`]. If the folder is not empty, nothing is written.
pub fn create(
    folder: &Path,
    name: &ProjectName,
    language: Language,
    wasi: Wasi,
) -> Result<Vec<String>, CreateError> {
    if !language.variants().contains(&wasi) {
        return Err(CreateError::NoSuchVariant { language, wasi });
    }
    // If it is a file, the first write fails.
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(CreateError::NotEmpty(folder.to_owned()));
    }
    let values = Values::new(name, language, wasi);
    let mut written = Vec::new();
    for file in files(language) {
        let Some(place) = target_path(file, wasi) else {
            continue;
        };
        let path = folder.join(&place);
        write(&path, &values.fill(file)).map_err(|source| CreateError::Write { path, source })?;
        if !place.starts_with("vendor/") && !place.starts_with("wit/deps/") {
            written.push(place);
        }
    }
    Ok(written)
}

fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, contents)
}

/// Returns the place of a file in a project for this variant, if it belongs there: `wit/0.3/a.wit`
/// becomes `wit/a.wit`.
fn target_path(file: &File, wasi: Wasi) -> Option<String> {
    let path = file.path.strip_suffix(TEMPLATE).unwrap_or(file.path);
    let Some(below) = path.strip_prefix("wit/") else {
        return Some(path.to_owned());
    };
    let (variant, rest) = below.split_once('/')?;
    let belongs = variant == wasi.to_string() && !rest.starts_with("deps/mcp/preview2/");
    belongs.then(|| format!("wit/{rest}"))
}

/// The values of the words in templates.
struct Values([(&'static str, String); 5]);

impl Values {
    fn new(name: &ProjectName, language: Language, wasi: Wasi) -> Self {
        Self([
            ("@name@", name.to_string()),
            ("@language@", language.to_string()),
            ("@setup@", language.setup().to_owned()),
            ("@feature@", wasi.feature().to_owned()),
            ("@wasi@", wasi.to_string()),
        ])
    }

    fn fill(&self, file: &File) -> Vec<u8> {
        let text = match file.path.ends_with(TEMPLATE) {
            true => std::str::from_utf8(file.bytes).ok(),
            false => None,
        };
        let Some(text) = text else {
            return file.bytes.to_vec();
        };
        let values = self.0.iter();
        let filled = values.fold(text.to_owned(), |text, (word, value)| {
            text.replace(word, value)
        });
        filled.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> ProjectName {
        "my-server".parse().unwrap()
    }

    #[test]
    fn every_template_is_filled() {
        for language in Language::ALL {
            for wasi in language.variants() {
                let values = Values::new(&name(), language, *wasi);
                for file in files(language) {
                    assert!(!file.path.contains('@'), "{}", file.path);
                    if file.path.ends_with(TEMPLATE) {
                        let text = String::from_utf8(values.fill(file)).unwrap();
                        // No word is left between two `@`.
                        let is_word = |part: &str| {
                            !part.is_empty() && part.bytes().all(|it| it.is_ascii_lowercase())
                        };
                        let parts: Vec<&str> = text.split('@').collect();
                        let between = parts.get(1..parts.len() - 1).unwrap_or_default();
                        assert!(!between.iter().any(|part| is_word(part)), "{}", file.path);
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own");
        fs::write(&own, "kept").unwrap();
        let error = create(folder.path(), &name(), Language::Rust, Wasi::V0_3).unwrap_err();
        assert!(matches!(error, CreateError::NotEmpty(_)), "{error}");
        assert_eq!(fs::read_to_string(own).unwrap(), "kept");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_project_has_the_interface_of_its_variant_alone() {
        for wasi in Language::Python.variants() {
            let folder = tempfile::tempdir().unwrap();
            create(folder.path(), &name(), Language::Python, *wasi).unwrap();
            let world = fs::read_to_string(folder.path().join("wit/deps/mcp/world.wit")).unwrap();
            assert!(
                world.contains(&format!("package wasi:mcp@{wasi}.0-")),
                "{world}"
            );
            assert!(!folder.path().join("wit/deps/mcp/preview2").exists());
            assert!(!folder.path().join("wit/0.2").exists());
        }
    }
}
