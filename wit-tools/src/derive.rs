//! Derives the package for WASI 0.2 from the one for WASI 0.3.
//!
//! The rule, without exceptions:
//!
//! 1. The version in the `package` line changes.
//! 2. `async func` becomes `func`.
//! 3. A function that is named `wait-*`, or has a `future` or a `stream` in its type, is omitted
//!    together with its doc comment.
//! 4. An interface that loses all its functions this way is omitted, with its doc comment and with
//!    every `import` and `export` of it.
//!
//! Everything else, including comments and spacing, stays the same. A future or stream anywhere but
//! in a function's type would change a type that both variants share, so that is an error.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};

use crate::lexer::{Kind, Token, tokens};

/// The version of the package that is written by hand.
pub const VERSION_0_3: &str = "0.3.0-draft2";

/// The version of the package that is derived.
pub const VERSION_0_2: &str = "0.2.0-draft2";

/// Returns the names of the interfaces of a 0.3 text that have functions in 0.3 only.
pub fn interfaces_of_0_3_alone(source: &str) -> BTreeSet<String> {
    let tokens = tokens(source);
    let mut found = BTreeSet::new();
    let mut current: Option<Interface> = None;
    let mut depth = 0_usize;
    for statement in statements(source, &tokens) {
        let words = words(source, statement);
        if let ["interface", name] = words[..] {
            current = Some(Interface::new(name));
        } else if let Some(interface) = &mut current
            && words.contains(&"func")
        {
            interface.count(is_of_0_3_alone(&words));
        }
        match closing_mark(source, statement) {
            Some("{") => depth += 1,
            Some("}") => {
                depth = depth.saturating_sub(1);
                if depth == 0
                    && let Some(interface) = current.take()
                    && interface.is_of_0_3_alone()
                {
                    found.insert(interface.name);
                }
            }
            _ => {}
        }
    }
    found
}

/// An interface whose functions are being counted.
struct Interface {
    name: String,
    kept: usize,
    left_out: usize,
}

impl Interface {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kept: 0,
            left_out: 0,
        }
    }

    fn count(&mut self, left_out: bool) {
        if left_out {
            self.left_out += 1;
        } else {
            self.kept += 1;
        }
    }

    fn is_of_0_3_alone(&self) -> bool {
        self.kept == 0 && self.left_out > 0
    }
}

/// Derives the 0.2 text of a file from its 0.3 text.
///
/// `without` names the interfaces of the whole package that are omitted, as returned by
/// [`interfaces_of_0_3_alone`].
///
/// # Errors
///
/// If the text has no package line of version 0.3, mentions a future or stream outside of a
/// function's type, or has a plain comment above an item to be omitted.
pub fn derive(source: &str, without: &BTreeSet<String>) -> Result<String> {
    let tokens = tokens(source);
    let mut output = String::with_capacity(source.len());
    let mut versions = 0;
    let mut left_out_depth = 0_usize;
    for statement in statements(source, &tokens) {
        let words = words(source, statement);
        let text = text_of(source, statement);
        let mark = closing_mark(source, statement);
        if left_out_depth > 0 {
            match mark {
                Some("{") => left_out_depth += 1,
                Some("}") => left_out_depth -= 1,
                _ => {}
            }
            reject_remarks(source, statement)?;
        } else if let ["interface", name] = words[..]
            && without.contains(name)
        {
            left_out_depth = 1;
            reject_remarks(source, statement)?;
        } else if let ["import" | "export", name] = words[..]
            && without.contains(name)
        {
            reject_remarks(source, statement)?;
        } else if words.first() == Some(&"package") {
            output.push_str(&other_version(text)?);
            versions += 1;
        } else if words.contains(&"func") && is_of_0_3_alone(&words) {
            reject_remarks(source, statement)?;
        } else {
            ensure!(
                !names_future_or_stream(&words),
                "a future or stream outside of a function's type: `{}`",
                text.trim()
            );
            push_without_async(&mut output, source, statement);
        }
    }
    ensure!(versions == 1, "{versions} package lines instead of one");
    Ok(output)
}

/// Returns whether a function's words name it `wait-*` or mention a future or stream.
fn is_of_0_3_alone(words: &[&str]) -> bool {
    words.first().is_some_and(|name| name.starts_with("wait-")) || names_future_or_stream(words)
}

fn names_future_or_stream(words: &[&str]) -> bool {
    words
        .iter()
        .any(|word| matches!(*word, "future" | "stream"))
}

/// Refuses a remark above an omitted item, which would be lost silently.
fn reject_remarks(source: &str, statement: &[Token]) -> Result<()> {
    if let Some(remark) = statement.iter().find(|token| token.kind == Kind::Comment) {
        bail!(
            "a plain comment above an item of 0.3 only, where it would be lost: `{}`",
            remark.text(source)
        );
    }
    Ok(())
}

fn words<'s>(source: &'s str, statement: &[Token]) -> Vec<&'s str> {
    statement
        .iter()
        .filter(|token| token.kind == Kind::Word)
        .map(|token| token.text(source))
        .collect()
}

/// Returns the mark that ends a statement: `;`, `{` or `}`.
fn closing_mark<'s>(source: &'s str, statement: &[Token]) -> Option<&'s str> {
    let last = statement.last()?;
    (last.kind == Kind::Mark).then(|| last.text(source))
}

/// Splits a text into statements. Each ends with `;`, `{` or `}` and begins with the comments and
/// spacing before it; the rest after the last one is a statement too.
fn statements<'t>(source: &str, tokens: &'t [Token]) -> Vec<&'t [Token]> {
    tokens
        .split_inclusive(|token| {
            token.kind == Kind::Mark && matches!(token.text(source), ";" | "{" | "}")
        })
        .collect()
}

fn text_of<'s>(source: &'s str, statement: &[Token]) -> &'s str {
    match (statement.first(), statement.last()) {
        (Some(first), Some(last)) => &source[first.range.start..last.range.end],
        _ => "",
    }
}

fn other_version(package_line: &str) -> Result<String> {
    let (before, version) = package_line
        .rsplit_once('@')
        .with_context(|| format!("a package line without version: `{}`", package_line.trim()))?;
    ensure!(
        version.trim_end_matches(';').trim() == VERSION_0_3,
        "the package line does not say {VERSION_0_3}: `{}`",
        package_line.trim()
    );
    Ok(format!("{before}@{VERSION_0_2};"))
}

/// Appends a statement, and omits `async` and the spacing behind it before `func`.
fn push_without_async(output: &mut String, source: &str, statement: &[Token]) {
    let mut rest = statement;
    while let [token, tail @ ..] = rest {
        rest = match (token.text(source), tail) {
            ("async", [space, function, ..])
                if space.kind == Kind::Space && function.text(source) == "func" =>
            {
                &tail[1..]
            }
            _ => {
                output.push_str(token.text(source));
                tail
            }
        };
    }
}
