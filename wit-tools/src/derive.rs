//! The package for WASI 0.2, made from the one for WASI 0.3.
//!
//! The rule, which knows no exceptions:
//!
//! 1. The version in the `package` line is the other one.
//! 2. `async func` becomes `func`.
//! 3. A function with a `future` or a `stream` in its type is left out, together with its doc
//!    comment.
//!
//! Everything else, each comment and each blank, stays as it is. A future or stream anywhere but in
//! a function's type would change a type that both variants share, so that is an error.

use anyhow::{Context, Result, bail, ensure};

use crate::lexer::{Kind, Token, tokens};

/// The version of the package that is written by hand.
pub const VERSION_0_3: &str = "0.3.0-draft";

/// The version of the package that is derived.
pub const VERSION_0_2: &str = "0.2.0-draft";

/// Makes the 0.2 text of a file from its 0.3 text.
///
/// # Errors
///
/// Where the text has no package line of version 0.3, mentions a future or stream outside of a
/// function's type, or has a plain comment above a function that is to be left out.
pub fn derive(source: &str) -> Result<String> {
    let tokens = tokens(source);
    let mut output = String::with_capacity(source.len());
    let mut versions = 0;
    for statement in statements(source, &tokens) {
        let words: Vec<&str> = statement
            .iter()
            .filter(|token| token.kind == Kind::Word)
            .map(|token| token.text(source))
            .collect();
        let text = text_of(source, statement);
        if words.first() == Some(&"package") {
            output.push_str(&other_version(text)?);
            versions += 1;
        } else if !words
            .iter()
            .any(|word| matches!(*word, "future" | "stream"))
        {
            push_without_async(&mut output, source, statement);
        } else {
            ensure!(
                words.contains(&"func"),
                "a future or stream outside of a function's type: `{}`",
                text.trim()
            );
            if let Some(remark) = statement.iter().find(|token| token.kind == Kind::Comment) {
                bail!(
                    "a comment that is no documentation at a function of 0.3 alone: `{}`",
                    remark.text(source)
                );
            }
        }
    }
    ensure!(versions == 1, "{versions} package lines instead of one");
    Ok(output)
}

/// Cuts a text into statements. Each ends with `;`, `{` or `}` and begins with the comments and the
/// spacing before it; what follows the last one is a statement too.
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

/// Appends a statement, and leaves out `async` and the spacing behind it where `func` follows.
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
