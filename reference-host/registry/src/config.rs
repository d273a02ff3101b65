//! A user's aliases and profiles, in `config.toml`.
//!
//! ```toml
//! [components]
//! weather = "ghcr.io/example/weather:1.0"
//! notes = "/home/me/notes.wasm"
//!
//! [profiles.common]
//! components = ["weather"]
//!
//! [profiles.dev]
//! base = "common"
//! components = ["mine=notes"]
//! with = ["/home/me/audit.wasm"]
//! prefix = true
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};

use thiserror::Error;
use toml_edit::{Array, Document, DocumentMut, Item, Table, TableLike, value};

use super::files;
use super::reference::{Reference, ReferenceError};

const COMPONENTS: &str = "components";
const PROFILES: &str = "profiles";
const BASE: &str = "base";
const WITH: &str = "with";
const PREFIX: &str = "prefix";

/// The aliases and profiles of a user.
#[derive(Clone, Debug)]
pub struct Config {
    path: PathBuf,
    /// The text as it is in the file, or will be.
    text: String,
    components: BTreeMap<String, String>,
    profiles: BTreeMap<String, Profile>,
}

/// The right to change a configuration, until it is dropped.
#[derive(Debug)]
pub struct ConfigLock(#[expect(dead_code, reason = "closing the file ends the lock")] File);

/// A list of components that are served as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The profile whose components come first.
    pub base: Option<String>,
    /// The components, as `COMPONENT` or `NAME=COMPONENT`: aliases, files or references.
    pub components: Vec<String>,
    /// The middleware, as `MIDDLEWARE` in front of all, or `NAME=MIDDLEWARE` in front of one.
    pub with: Vec<String>,
    /// Names of tools and prompts get the names of their components. `None` leaves it to the base.
    pub prefix: Option<bool>,
}

/// An entry of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name given to the component, or its alias.
    pub name: Option<String>,
    /// The component.
    pub target: Target,
}

/// A profile together with those that it inherits from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The components, those of the base first.
    pub components: Vec<Entry>,
    /// The middleware, those of the base first.
    pub with: Vec<Entry>,
    /// Names of tools and prompts get the names of their components.
    pub prefix: bool,
}

/// The end of a chain of aliases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file.
    File(PathBuf),
    /// An artifact in a registry.
    Artifact(Reference),
}

/// The configuration cannot be read, changed or written.
#[derive(Debug, Error)]
#[error("{}{}: {problem}", path.display(), Line(*line))]
pub struct ConfigError {
    path: PathBuf,
    line: Option<usize>,
    problem: String,
}

/// The number of a line, as compilers write it behind a path.
struct Line(Option<usize>);

impl std::fmt::Display for Line {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(line) => write!(formatter, ":{line}"),
            None => Ok(()),
        }
    }
}

/// A problem in a text, and the bytes that it is about.
struct Problem(Option<Range<usize>>, String);

impl Config {
    /// Returns the path of the user's configuration: `$XDG_CONFIG_HOME/wasi-mcp/config.toml`, or
    /// `.config/wasi-mcp/config.toml` in the home folder. `None` without either.
    pub fn path_of_user() -> Option<PathBuf> {
        let absolute = |path: PathBuf| path.is_absolute().then_some(path);
        std::env::var_os("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .and_then(absolute)
            .or_else(|| std::env::home_dir().map(|home| home.join(".config")))
            .map(|folder| folder.join("wasi-mcp/config.toml"))
    }

    /// Returns whether a text can be the name of an alias or a profile: letters, digits, `-` and `_`,
    /// so that it is never a path with an extension, nor a reference.
    pub fn is_name(text: &str) -> bool {
        let is_inner = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        text.starts_with(|first: char| first.is_ascii_alphanumeric()) && text.chars().all(is_inner)
    }

    /// Waits until no other process changes the file at this path. Take it before reading what is to
    /// be changed. The lock is on a file beside it, which stays there.
    ///
    /// # Errors
    ///
    /// If the folder or the file of the lock cannot be written.
    pub fn lock(path: &Path) -> Result<ConfigLock, ConfigError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let locked = fs::create_dir_all(folder).and_then(|()| {
            let mut options = File::options();
            let options = options.create(true).truncate(false).write(true);
            let file = options.open(path.with_extension("toml.lock"))?;
            match file.lock() {
                // Some file systems have no locks.
                Err(error) if error.kind() != ErrorKind::Unsupported => Err(error),
                _ => Ok(ConfigLock(file)),
            }
        });
        locked.map_err(|error: io::Error| ConfigError {
            path: path.to_owned(),
            line: None,
            problem: format!(
                "the file cannot be changed: {error}: XDG_CONFIG_HOME chooses another folder"
            ),
        })
    }

    /// Reads the file at this path. A missing one has no aliases and profiles.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is malformed, with the line.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let failed = |problem: String| ConfigError {
            path: path.to_owned(),
            line: None,
            problem,
        };
        let text = match fs::read(path) {
            Ok(bytes) => String::from_utf8(bytes)
                .map_err(|_| failed("the file is not UTF-8: save it as such".to_owned()))?,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(failed(format!("the file cannot be read: {error}"))),
        };
        Self::of_text(path, text)
    }

    /// Reads a text that is, or will be, in the file at this path.
    fn of_text(path: &Path, text: String) -> Result<Self, ConfigError> {
        match parse(&text) {
            Ok((components, profiles)) => Ok(Self {
                path: path.to_owned(),
                text,
                components,
                profiles,
            }),
            Err(Problem(place, problem)) => Err(ConfigError {
                path: path.to_owned(),
                line: place.map(|place| line(&text, place.start)),
                problem,
            }),
        }
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the aliases, each with the text that it stands for.
    pub fn components(&self) -> &BTreeMap<String, String> {
        &self.components
    }

    /// Returns the profiles.
    pub fn profiles(&self) -> &BTreeMap<String, Profile> {
        &self.profiles
    }

    /// Returns the component that an alias stands for, if there is such an alias.
    ///
    /// # Errors
    ///
    /// If it stands for a malformed reference.
    pub fn component(&self, name: &str) -> Option<Result<Target, ReferenceError>> {
        self.components.get(name)?;
        Some(self.target(name))
    }

    /// Follows aliases to a file or a reference. A relative path belongs to the configuration's
    /// folder, and `~/` is the home folder.
    fn target(&self, text: &str) -> Result<Target, ReferenceError> {
        let mut text = text;
        // Reading has refused cycles.
        while let Some(target) = self.components.get(text) {
            text = target;
        }
        let path = match (text.strip_prefix("~/"), std::env::home_dir()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.path.parent().unwrap_or(Path::new("")).join(text),
        };
        match Reference::meant_by(text) {
            Some(reference) if !path.is_file() => reference.map(Target::Artifact),
            _ => Ok(Target::File(path)),
        }
    }

    /// Returns a profile together with those that it inherits from.
    ///
    /// # Errors
    ///
    /// If there is none of this name, or one of its components is a malformed reference.
    pub fn profile(&self, name: &str) -> Result<Resolved, ConfigError> {
        let Some(first) = self.profiles.get(name) else {
            let names: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
            return Err(self.failed(match names.as_slice() {
                [] => format!(
                    "there is no profile `{name}`: `wasi-mcp registry profile add {name} ...` \
                     creates it"
                ),
                names => format!(
                    "there is no profile `{name}`: expected one of {}",
                    names.join(", ")
                ),
            }));
        };
        let next = |profile: &&Profile| self.profiles.get(profile.base.as_ref()?);
        let mut chain: Vec<&Profile> = std::iter::successors(Some(first), next).collect();
        chain.reverse();
        let mut resolved = Resolved::default();
        for profile in chain {
            for (texts, entries) in [
                (&profile.components, &mut resolved.components),
                (&profile.with, &mut resolved.with),
            ] {
                for text in texts {
                    let entry = self.entry(text);
                    entries.push(entry.map_err(|error| self.failed(error.to_string()))?);
                }
            }
            resolved.prefix = profile.prefix.unwrap_or(resolved.prefix);
        }
        Ok(resolved)
    }

    fn entry(&self, text: &str) -> Result<Entry, ReferenceError> {
        let (name, text) = named(text);
        let alias = || self.components.contains_key(text).then_some(text);
        Ok(Entry {
            name: name.or_else(alias).map(str::to_owned),
            target: self.target(text)?,
        })
    }

    /// Adds an alias. With `replaces`, one of this name may exist.
    ///
    /// # Errors
    ///
    /// If the name is malformed or taken, or if aliases would stand for each other.
    pub fn add_component(
        &mut self,
        name: &str,
        target: &str,
        replaces: bool,
    ) -> Result<(), ConfigError> {
        if let (Some(other), false) = (self.components.get(name), replaces) {
            return Err(self.failed(format!(
                "the alias `{name}` exists and stands for {other}: --replace changes it"
            )));
        }
        self.edit(|document| {
            set(table(document, COMPONENTS, false), name, value(target));
        })
    }

    /// Removes an alias.
    ///
    /// # Errors
    ///
    /// If there is none of this name, or an alias or a profile uses it.
    pub fn remove_component(&mut self, name: &str) -> Result<(), ConfigError> {
        if !self.components.contains_key(name) {
            return Err(self.failed(format!(
                "there is no alias `{name}`: `wasi-mcp registry component list` lists them"
            )));
        }
        let mut aliases = self.components.iter();
        if let Some((user, _)) = aliases.find(|(_, target)| *target == name) {
            return Err(self.failed(format!(
                "the alias `{user}` stands for `{name}`: remove it first"
            )));
        }
        let mut profiles = self.profiles.iter();
        let uses = |profile: &Profile| {
            let mut texts = profile.components.iter().chain(&profile.with);
            texts.any(|text| named(text).1 == name)
        };
        if let Some((user, _)) = profiles.find(|(_, profile)| uses(profile)) {
            return Err(self.failed(format!(
                "the profile `{user}` has the component `{name}`: remove it first"
            )));
        }
        self.edit(|document| {
            table(document, COMPONENTS, false).remove(name);
        })
    }

    /// Adds a profile. With `replaces`, one of this name may exist.
    ///
    /// # Errors
    ///
    /// If the name is malformed or taken, if the base does not exist, or if profiles would inherit
    /// from each other.
    pub fn add_profile(
        &mut self,
        name: &str,
        profile: &Profile,
        replaces: bool,
    ) -> Result<(), ConfigError> {
        if self.profiles.contains_key(name) && !replaces {
            return Err(self.failed(format!("the profile `{name}` exists: --replace changes it")));
        }
        let list = |texts: &[String]| value(texts.iter().collect::<Array>());
        self.edit(|document| {
            let mut added = Table::new();
            if let Some(base) = &profile.base {
                added.insert(BASE, value(base));
            }
            added.insert(COMPONENTS, list(&profile.components));
            if !profile.with.is_empty() {
                added.insert(WITH, list(&profile.with));
            }
            if let Some(prefix) = profile.prefix {
                added.insert(PREFIX, value(prefix));
            }
            set(table(document, PROFILES, true), name, Item::Table(added));
        })
    }

    /// Removes a profile.
    ///
    /// # Errors
    ///
    /// If there is none of this name, or another one inherits from it.
    pub fn remove_profile(&mut self, name: &str) -> Result<(), ConfigError> {
        if !self.profiles.contains_key(name) {
            return Err(self.failed(format!(
                "there is no profile `{name}`: `wasi-mcp registry profile list` lists them"
            )));
        }
        let mut profiles = self.profiles.iter();
        if let Some((heir, _)) = profiles.find(|(_, it)| it.base.as_deref() == Some(name)) {
            return Err(self.failed(format!(
                "the profile `{heir}` inherits from `{name}`: remove it first"
            )));
        }
        self.edit(|document| {
            table(document, PROFILES, true).remove(name);
        })
    }

    /// Changes the text, and keeps the change if the result is well-formed.
    fn edit(&mut self, change: impl FnOnce(&mut DocumentMut)) -> Result<(), ConfigError> {
        let parsed = self.text.parse::<DocumentMut>();
        let mut document = parsed.map_err(|error| self.failed(error.message().to_owned()))?;
        change(&mut document);
        let changed = Self::of_text(&self.path, document.to_string());
        *self = changed.map_err(|error| ConfigError {
            // It is the line of a text that no one sees.
            line: None,
            ..error
        })?;
        Ok(())
    }

    /// Writes the file, and creates its folder.
    ///
    /// # Errors
    ///
    /// If either cannot be written.
    pub fn save(&self) -> Result<(), ConfigError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)
            .and_then(|()| files::replace(&self.path, self.text.as_bytes()))
            .map_err(|error| {
                self.failed(format!(
                    "the file cannot be written: {error}: XDG_CONFIG_HOME chooses another folder"
                ))
            })
    }

    fn failed(&self, problem: String) -> ConfigError {
        ConfigError {
            path: self.path.clone(),
            line: None,
            problem,
        }
    }
}

/// Splits `NAME=COMPONENT`. A name has no slash, so that a path may contain `=`.
fn named(text: &str) -> (Option<&str>, &str) {
    match text.split_once('=') {
        Some((name, rest)) if !name.contains(['/', '\\']) => (Some(name), rest),
        _ => (None, text),
    }
}

/// Returns a table of the document, which is created if it is missing.
fn table<'d>(document: &'d mut DocumentMut, name: &str, of_tables: bool) -> &'d mut dyn TableLike {
    let item = document.entry(name).or_insert_with(|| {
        let mut table = Table::new();
        // Its heading says nothing beside those of its tables.
        table.set_implicit(of_tables);
        Item::Table(table)
    });
    item.as_table_like_mut()
        .expect("the file was read, so it is a table")
}

/// Sets an entry. One that exists keeps its comments.
fn set(table: &mut dyn TableLike, name: &str, item: Item) {
    match (table.get_mut(name), item) {
        (Some(Item::Table(before)), Item::Table(after)) => {
            before.retain(|name, _| after.contains_key(name));
            for (name, item) in after {
                set(before, &name, item);
            }
        }
        (Some(Item::Value(before)), Item::Value(mut after)) => {
            *after.decor_mut() = before.decor().clone();
            *before = after;
        }
        (Some(before), item) => *before = item,
        (None, item) => {
            table.insert(name, item);
        }
    }
}

fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    before.filter(|byte| **byte == b'\n').count() + 1
}

type Parsed = (BTreeMap<String, String>, BTreeMap<String, Profile>);

fn parse(text: &str) -> Result<Parsed, Problem> {
    let document = Document::parse(text).map_err(|error| {
        let message = error.message().trim().replace('\n', ", ");
        Problem(error.span(), message)
    })?;
    let root: &dyn TableLike = document.as_table();
    known(root, &[COMPONENTS, PROFILES])?;
    let mut components = BTreeMap::new();
    let aliases = root.get(COMPONENTS).map(as_table).transpose()?;
    for (name, item) in aliases.into_iter().flat_map(TableLike::iter) {
        let aliases = aliases.expect("it has an entry");
        check_name(aliases, name)?;
        components.insert(name.to_owned(), text_of(item)?.to_owned());
    }
    let mut profiles = BTreeMap::new();
    let tables = root.get(PROFILES).map(as_table).transpose()?;
    for (name, item) in tables.into_iter().flat_map(TableLike::iter) {
        check_name(tables.expect("it has an entry"), name)?;
        profiles.insert(name.to_owned(), profile(item)?);
    }
    if let Some(aliases) = aliases {
        for name in components.keys() {
            let next = |name: &String| components.get(name);
            if let Some(cycle) = cycle(name, next) {
                return Err(Problem(
                    place_of_key(aliases, name),
                    format!("aliases stand for each other: {cycle}: change one of them"),
                ));
            }
        }
    }
    if let Some(tables) = tables {
        for (name, profile) in &profiles {
            let base = profile.base.as_ref();
            if let Some(base) = base.filter(|base| !profiles.contains_key(*base)) {
                return Err(Problem(
                    place_of_key(tables, name),
                    format!("the profile `{name}` inherits from `{base}`, which does not exist"),
                ));
            }
            let next = |name: &String| profiles.get(name)?.base.as_ref();
            if let Some(cycle) = cycle(name, next) {
                return Err(Problem(
                    place_of_key(tables, name),
                    format!("profiles inherit from each other: {cycle}: change one of them"),
                ));
            }
        }
    }
    Ok((components, profiles))
}

/// Returns the way from a name back to itself, if it leads there.
fn cycle<'a>(name: &'a String, next: impl Fn(&String) -> Option<&'a String>) -> Option<String> {
    let mut way = vec![name];
    while let Some(name) = next(way[way.len() - 1]) {
        let is_known = way.contains(&name);
        way.push(name);
        if is_known {
            let way: Vec<&str> = way.into_iter().map(String::as_str).collect();
            return Some(way.join(" -> "));
        }
    }
    None
}

fn profile(item: &Item) -> Result<Profile, Problem> {
    let table = as_table(item)?;
    known(table, &[BASE, COMPONENTS, WITH, PREFIX])?;
    let texts = |name: &str| match table.get(name) {
        Some(item) => texts_of(item),
        None => Ok(Vec::new()),
    };
    let base = table.get(BASE).map(text_of).transpose()?;
    let prefix = table.get(PREFIX).map(|item| {
        let problem = || Problem(item.span(), "expected `true` or `false`".to_owned());
        item.as_bool().ok_or_else(problem)
    });
    Ok(Profile {
        base: base.map(str::to_owned),
        components: texts(COMPONENTS)?,
        with: texts(WITH)?,
        prefix: prefix.transpose()?,
    })
}

/// Refuses entries of other names.
fn known(table: &dyn TableLike, names: &[&str]) -> Result<(), Problem> {
    match table.iter().find(|(name, _)| !names.contains(name)) {
        None => Ok(()),
        Some((name, item)) => Err(Problem(
            place_of_key(table, name).or_else(|| item.span()),
            format!(
                "unknown entry `{name}`: expected one of {}",
                names.join(", ")
            ),
        )),
    }
}

fn place_of_key(table: &dyn TableLike, name: &str) -> Option<Range<usize>> {
    let (key, item) = table.get_key_value(name)?;
    key.span().or_else(|| item.span())
}

/// Refuses names that could be paths, references or `NAME=COMPONENT`.
fn check_name(table: &dyn TableLike, name: &str) -> Result<(), Problem> {
    if Config::is_name(name) {
        return Ok(());
    }
    Err(Problem(
        place_of_key(table, name),
        format!("`{name}` is not a name: expected letters, digits, `-` and `_`"),
    ))
}

fn as_table(item: &Item) -> Result<&dyn TableLike, Problem> {
    let problem = || {
        Problem(
            item.span(),
            format!("expected a table, found {}", kind(item)),
        )
    };
    item.as_table_like().ok_or_else(problem)
}

fn text_of(item: &Item) -> Result<&str, Problem> {
    let problem = |found: &str| Problem(item.span(), format!("expected a text, found {found}"));
    match item.as_str() {
        Some("") => Err(problem("an empty one")),
        Some(text) => Ok(text),
        None => Err(problem(kind(item))),
    }
}

fn texts_of(item: &Item) -> Result<Vec<String>, Problem> {
    let Some(list) = item.as_array() else {
        let found = kind(item);
        return Err(Problem(
            item.span(),
            format!("expected a list of texts, found {found}"),
        ));
    };
    let texts = list.iter().map(|value| match value.as_str() {
        Some(text) if !named(text).1.is_empty() => Ok(text.to_owned()),
        _ => Err(Problem(
            value.span(),
            "expected a list of texts, each COMPONENT or NAME=COMPONENT".to_owned(),
        )),
    });
    texts.collect()
}

/// Names the type of an item.
fn kind(item: &Item) -> &'static str {
    match item.type_name() {
        "string" => "a text",
        "integer" | "float" => "a number",
        "boolean" => "true or false",
        "array" | "array of tables" => "a list",
        "table" | "inline table" => "a table",
        _ => "another type",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# My components.
[components]
weather = \"ghcr.io/example/weather:1.0\" # the stable one
w = \"weather\"
notes = \"notes.wasm\"

# For work.
[profiles.common]
components = [\"w\", \"notes\"]
with = [\"audit.wasm\"]

[profiles.dev]
base = \"common\"
components = [\"mine=notes\", \"localhost:5000/x:1\"]
with = [\"mine=/filter.wasm\"]
prefix = true
";

    fn config(text: &str) -> Result<Config, ConfigError> {
        Config::of_text(Path::new("/home/c.toml"), text.to_owned())
    }

    #[test]
    fn aliases_lead_to_files_and_references() {
        let config = config(TEXT).unwrap();
        let reference = |text: &str| Target::Artifact(text.parse().unwrap());
        let weather = reference("ghcr.io/example/weather:1.0");
        assert_eq!(config.component("w").unwrap().unwrap(), weather);
        assert_eq!(
            config.component("notes").unwrap().unwrap(),
            Target::File("/home/notes.wasm".into())
        );
        assert!(config.component("other").is_none());
    }

    #[test]
    fn a_profile_begins_with_its_base() {
        let config = config(TEXT).unwrap();
        let entry = |name: Option<&str>, target: Target| Entry {
            name: name.map(str::to_owned),
            target,
        };
        let file = |path: &str| Target::File(path.into());
        let reference = |text: &str| Target::Artifact(text.parse().unwrap());
        let dev = config.profile("dev").unwrap();
        assert_eq!(
            dev.components,
            [
                entry(Some("w"), reference("ghcr.io/example/weather:1.0")),
                entry(Some("notes"), file("/home/notes.wasm")),
                entry(Some("mine"), file("/home/notes.wasm")),
                entry(None, reference("localhost:5000/x:1")),
            ]
        );
        assert_eq!(
            dev.with,
            [
                entry(None, file("/home/audit.wasm")),
                entry(Some("mine"), file("/filter.wasm")),
            ]
        );
        assert!(dev.prefix && !config.profile("common").unwrap().prefix);
        let error = config.profile("prod").unwrap_err().to_string();
        assert!(
            error.contains("no profile `prod`: expected one of common, dev"),
            "{error}"
        );
    }

    #[test]
    fn an_heir_may_turn_prefixes_off() {
        let text = "[profiles]\na = { components = [], prefix = true }\n\
                    b = { base = \"a\" }\nc = { base = \"b\", prefix = false }\n";
        let config = config(text).unwrap();
        let prefix = |name| config.profile(name).unwrap().prefix;
        assert_eq!(["a", "b", "c"].map(prefix), [true, true, false]);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, line, words) in [
            ("[components]\na = \n", 2, ""),
            ("[components]\na = \"x\"\na = \"y\"\n", 3, "duplicate"),
            ("\n[componets]\na = \"x\"\n", 2, "unknown entry `componets`"),
            ("components = 1\n", 1, "expected a table, found a number"),
            (
                "[components]\n\na = [\"x\"]\n",
                3,
                "expected a text, found a list",
            ),
            (
                "[components]\na = \"\"\n",
                2,
                "expected a text, found an empty one",
            ),
            ("[components]\n\"a/b\" = \"x\"\n", 2, "`a/b` is not a name"),
            (
                "[components]\n\"a.wasm\" = \"x\"\n",
                2,
                "`a.wasm` is not a name",
            ),
            ("[components]\nb = \"a\"\na = \"b\"\n", 3, "a -> b -> a"),
            ("[components]\na = \"a\"\n", 2, "a -> a"),
            (
                "[profiles.a]\nbase = \"a\"\n",
                1,
                "profiles inherit from each other: a -> a",
            ),
            (
                "[profiles.a]\nbase = \"b\"\n[profiles.b]\nbase = \"c\"\n[profiles.c]\nbase = \"a\"\n",
                1,
                "a -> b -> c -> a",
            ),
            (
                "# x\n[profiles.a]\nbase = \"b\"\n",
                2,
                "`b`, which does not exist",
            ),
            (
                "[profiles.a]\ncomponents = \"x\"\n",
                2,
                "expected a list of texts",
            ),
            (
                "[profiles.a]\ncomponents = [\n  1,\n]\n",
                3,
                "expected a list of texts",
            ),
            (
                "[profiles.a]\nwith = [\"a=\"]\n",
                2,
                "expected a list of texts",
            ),
            (
                "[profiles.a]\nprefix = 1\n",
                2,
                "expected `true` or `false`",
            ),
            (
                "[profiles.a]\noutput = \"x\"\n",
                2,
                "unknown entry `output`",
            ),
        ] {
            let error = config(text).expect_err(text).to_string();
            let place = format!("/home/c.toml:{line}: ");
            assert!(error.starts_with(&place), "{text}: {error}");
            assert!(error.contains(words), "{text}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn changes_keep_everything_else() {
        let mut config = config(TEXT).unwrap();
        config.add_component("new", "/new.wasm", false).unwrap();
        config
            .add_component("weather", "localhost/w:2", true)
            .unwrap();
        config.remove_profile("dev").unwrap();
        let profile = Profile {
            base: Some("common".to_owned()),
            components: vec!["new".to_owned()],
            ..Profile::default()
        };
        config.add_profile("more", &profile, false).unwrap();
        let common = Profile {
            components: vec!["w".to_owned()],
            ..Profile::default()
        };
        config.add_profile("common", &common, true).unwrap();
        assert_eq!(
            config.text,
            "\
# My components.
[components]
weather = \"localhost/w:2\" # the stable one
w = \"weather\"
notes = \"notes.wasm\"
new = \"/new.wasm\"

# For work.
[profiles.common]
components = [\"w\"]

[profiles.more]
base = \"common\"
components = [\"new\"]
"
        );
        assert_eq!(config.profiles()["more"], profile);
    }

    #[test]
    fn a_replaced_profile_keeps_its_comments() {
        let text = "[profiles.a]\n# The best.\ncomponents = [\"x.wasm\"] # both\nprefix = true\n";
        let mut config = config(text).unwrap();
        let profile = Profile {
            components: vec!["y.wasm".to_owned()],
            with: vec!["z.wasm".to_owned()],
            ..Profile::default()
        };
        config.add_profile("a", &profile, true).unwrap();
        let expected =
            "[profiles.a]\n# The best.\ncomponents = [\"y.wasm\"] # both\nwith = [\"z.wasm\"]\n";
        assert_eq!(config.text, expected);
    }

    #[test]
    fn the_first_entries_make_their_tables() {
        let mut config = config("").unwrap();
        config.add_component("a", "/a.wasm", false).unwrap();
        let profile = Profile {
            components: vec!["a".to_owned()],
            with: vec!["b".to_owned()],
            prefix: Some(true),
            ..Profile::default()
        };
        config.add_profile("p", &profile, false).unwrap();
        assert_eq!(
            config.text,
            "[components]\na = \"/a.wasm\"\n\n[profiles.p]\ncomponents = [\"a\"]\nwith = [\"b\"]\n\
             prefix = true\n"
        );
    }

    #[test]
    fn changes_that_make_no_sense_are_refused() {
        let mut changed = config(TEXT).unwrap();
        let before = changed.text.clone();
        let heir_of = |base: &str| Profile {
            base: Some(base.to_owned()),
            ..Profile::default()
        };
        for (outcome, words) in [
            (
                changed.add_component("w", "x", false),
                "exists and stands for weather: --replace",
            ),
            (
                changed.add_component("weather", "w", true),
                "w -> weather -> w",
            ),
            (
                changed.add_component("a/b", "x", false),
                "`a/b` is not a name",
            ),
            (
                changed.remove_component("weather"),
                "the alias `w` stands for `weather`",
            ),
            (
                changed.remove_component("notes"),
                "the profile `common` has the component",
            ),
            (changed.remove_component("other"), "no alias `other`"),
            (
                changed.add_profile("dev", &heir_of("common"), false),
                "`dev` exists: --replace",
            ),
            (
                changed.add_profile("common", &heir_of("dev"), true),
                "common -> dev -> common",
            ),
            (
                changed.add_profile("x", &heir_of("y"), false),
                "`y`, which does not exist",
            ),
            (changed.add_profile("x", &heir_of("x"), false), "x -> x"),
            (
                changed.remove_profile("common"),
                "`dev` inherits from `common`",
            ),
            (changed.remove_profile("other"), "no profile `other`"),
        ] {
            let error = outcome.unwrap_err().to_string();
            assert!(error.starts_with("/home/c.toml: "), "{error}");
            assert!(error.contains(words), "{words}: {error}");
        }
        assert_eq!(changed.text, before);
    }

    #[test]
    fn a_file_is_created_with_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wasi-mcp/config.toml");
        let mut config = Config::read(&path).unwrap();
        config.add_component("a", "/a.wasm", false).unwrap();
        config.save().unwrap();
        assert_eq!(Config::read(&path).unwrap().components()["a"], "/a.wasm");

        let blocked = path.join("config.toml");
        let error = Config {
            path: blocked,
            ..config
        }
        .save()
        .unwrap_err()
        .to_string();
        assert!(
            error.contains("cannot be written") && error.contains("XDG_CONFIG_HOME"),
            "{error}"
        );
        let error = Config::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("cannot be read"), "{error}");
        fs::write(&path, b"a = \"\xff\"").unwrap();
        let error = Config::read(&path).unwrap_err().to_string();
        assert!(error.contains("not UTF-8"), "{error}");
    }
}
