//! The files of new projects.

use crate::language::Language;

/// A file of a new project.
pub(crate) struct File {
    /// Its place in the project. A template's ends in [`TEMPLATE`].
    pub(crate) path: &'static str,
    /// Its contents.
    pub(crate) bytes: &'static [u8],
}

/// The extension of templates, in which `@word@` placeholders are replaced.
pub(crate) const TEMPLATE: &str = ".template";

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Returns the files of a language.
pub(crate) fn files(language: Language) -> &'static [File] {
    let mut all = FILES.iter();
    let found = all.find(|(name, _)| *name == language.name());
    found.map_or(&[], |(_, files)| files)
}
