//! New projects.

use std::collections::BTreeMap;
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

/// The kind of a new server, as the worlds of the interface tell them apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ServerKind {
    /// Registers its items with the host, which answers the list methods.
    #[default]
    Backend,
    /// Answers the list methods itself.
    Service,
}

/// The folder of a language's templates that replace others in the project of a service.
const SERVICE: &str = "service/";

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
    kind: ServerKind,
) -> Result<Vec<String>, CreateError> {
    if !language.variants().contains(&wasi) {
        return Err(CreateError::NoSuchVariant { language, wasi });
    }
    // If it is a file, the first write fails.
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(CreateError::NotEmpty(folder.to_owned()));
    }
    let values = Values::new(name, language, wasi, kind);
    let mut written = Vec::new();
    for (place, file) in targets(files(language), wasi, kind) {
        let path = folder.join(&place);
        write(&path, &values.fill(file)).map_err(|source| CreateError::Write { path, source })?;
        if !place.starts_with("vendor/") && !place.starts_with("wit/deps/") {
            written.push(place);
        }
    }
    Ok(written)
}

/// Returns the files of a project by their places in it. A template stands after a library's own file of
/// the same place, and replaces it; the files for services replace either.
fn targets(files: &[File], wasi: Wasi, kind: ServerKind) -> BTreeMap<String, &File> {
    let is_service = |file: &&File| file.path.starts_with(SERVICE);
    let common = files.iter().filter(|file| !is_service(file));
    let special = files
        .iter()
        .filter(|file| kind == ServerKind::Service && is_service(file));
    let placed = common.chain(special).filter_map(|file| {
        let path = file.path.strip_prefix(SERVICE).unwrap_or(file.path);
        Some((target_path(path, wasi)?, file))
    });
    placed.collect()
}

fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, contents)
}

/// Returns the place of a file in a project for this variant, if it belongs there: `wit/0.3/a.wit`
/// becomes `wit/a.wit`.
fn target_path(path: &str, wasi: Wasi) -> Option<String> {
    let path = path.strip_suffix(TEMPLATE).unwrap_or(path);
    let Some(below) = path.strip_prefix("wit/") else {
        return Some(path.to_owned());
    };
    let (variant, rest) = below.split_once('/')?;
    let belongs = variant == wasi.to_string() && !rest.starts_with("deps/mcp/preview2/");
    belongs.then(|| format!("wit/{rest}"))
}

/// The values of the words in templates.
struct Values([(&'static str, String); 6]);

impl Values {
    fn new(name: &ProjectName, language: Language, wasi: Wasi, kind: ServerKind) -> Self {
        let service = match kind {
            ServerKind::Backend => "",
            ServerKind::Service => language.service(),
        };
        Self([
            ("@name@", name.to_string()),
            ("@language@", language.to_string()),
            ("@setup@", language.setup().to_owned()),
            ("@feature@", wasi.feature().to_owned()),
            ("@wasi@", wasi.to_string()),
            ("@service@", service.to_owned()),
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
                let values = Values::new(&name(), language, *wasi, ServerKind::Service);
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
    fn the_workflow_says_how_to_pin_the_programs() {
        for language in Language::ALL {
            let is_workflow = |file: &&File| file.path.ends_with("conformance.yml.template");
            let workflow = files(language).iter().find(is_workflow).unwrap();
            let text = std::str::from_utf8(workflow.bytes).unwrap();
            assert!(text.contains("Add `--rev COMMIT`"), "{text}");
        }
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own");
        fs::write(&own, "kept").unwrap();
        let error = create(
            folder.path(),
            &name(),
            Language::Rust,
            Wasi::V0_3,
            ServerKind::Backend,
        )
        .unwrap_err();
        assert!(matches!(error, CreateError::NotEmpty(_)), "{error}");
        assert_eq!(fs::read_to_string(own).unwrap(), "kept");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_project_has_the_interface_of_its_variant_alone() {
        for wasi in Language::Python.variants() {
            let folder = tempfile::tempdir().unwrap();
            create(
                folder.path(),
                &name(),
                Language::Python,
                *wasi,
                ServerKind::Backend,
            )
            .unwrap();
            let world = fs::read_to_string(folder.path().join("wit/deps/mcp/world.wit")).unwrap();
            assert!(
                world.contains(&format!("package wasi:mcp@{wasi}.0-")),
                "{world}"
            );
            assert!(!folder.path().join("wit/deps/mcp/preview2").exists());
            assert!(!folder.path().join("wit/0.2").exists());
        }
    }

    #[test]
    fn files_for_services_replace_others_in_services_alone() {
        let file = |path| File { path, bytes: b"" };
        let files = [
            file("README.md.template"),
            file("service/wit/0.2/world.wit.template"),
            file("service/wit/0.3/world.wit.template"),
            file("wit/0.2/world.wit.template"),
            file("wit/0.3/world.wit.template"),
        ];
        let paths = |kind| -> Vec<(String, &str)> {
            let targets = targets(&files, Wasi::V0_3, kind);
            let targets = targets.into_iter();
            targets.map(|(place, file)| (place, file.path)).collect()
        };
        assert_eq!(
            paths(ServerKind::Backend),
            [
                ("README.md".to_owned(), "README.md.template"),
                ("wit/world.wit".to_owned(), "wit/0.3/world.wit.template"),
            ]
        );
        assert_eq!(
            paths(ServerKind::Service),
            [
                ("README.md".to_owned(), "README.md.template"),
                (
                    "wit/world.wit".to_owned(),
                    "service/wit/0.3/world.wit.template"
                ),
            ]
        );
    }

    #[test]
    fn a_template_replaces_the_file_of_a_library() {
        for kind in [ServerKind::Backend, ServerKind::Service] {
            for file in files(Language::Rust) {
                if file.path.ends_with(TEMPLATE) {
                    let place = target_path(file.path, Wasi::V0_3).unwrap();
                    let targets = targets(files(Language::Rust), Wasi::V0_3, kind);
                    assert_eq!(targets[&place].path, file.path);
                }
            }
        }
    }

    #[test]
    fn a_service_differs_from_a_backend_by_a_word_or_its_world() {
        for language in Language::ALL {
            for wasi in language.variants() {
                let contents = |kind| {
                    let values = Values::new(&name(), language, *wasi, kind);
                    let targets = targets(files(language), *wasi, kind);
                    let targets = targets.into_iter();
                    let filled = targets.map(|(place, file)| (place, values.fill(file)));
                    filled.collect::<BTreeMap<_, _>>()
                };
                let (backend, service) =
                    (contents(ServerKind::Backend), contents(ServerKind::Service));
                assert!(backend.keys().eq(service.keys()), "{language}");
                let differing = backend
                    .iter()
                    .filter(|(place, text)| service[*place] != **text);
                let [place] = differing.map(|(place, _)| place).collect::<Vec<_>>()[..] else {
                    panic!("{language} {wasi}: one file differs");
                };
                let is_world = place == "wit/world.wit";
                let has_world = backend.contains_key("wit/world.wit");
                assert_eq!(is_world, has_world, "{language}: {place}");
            }
        }
    }
}
