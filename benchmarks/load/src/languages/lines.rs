//! Lines of source, without blank lines and comments.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// The forms of comments in a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comments {
    /// `//` and `/* */`. Doc comments of items with `///` become descriptions of tools: they count.
    Slashes,
    /// `#`, and the docstring of the module. Those of functions become descriptions of tools.
    Hash,
}

/// Returns the number of lines of a source file that are neither blank nor comments.
pub fn count_file(path: &Path) -> Result<usize> {
    let comments = match path.extension().and_then(|name| name.to_str()) {
        Some("rs" | "ts" | "go") => Comments::Slashes,
        Some("py") => Comments::Hash,
        _ => bail!("{}: a language that is not counted", path.display()),
    };
    let source = std::fs::read_to_string(path);
    let source = source.with_context(|| format!("cannot read {}", path.display()))?;
    Ok(count(&source, comments))
}

fn count(source: &str, comments: Comments) -> usize {
    let mut lines = 0;
    // The text that ends the comment of several lines in which a line begins.
    let mut end_of_comment = None;
    let mut is_beginning = true;
    for line in source.lines().map(str::trim) {
        if let Some(end) = end_of_comment {
            if line.contains(end) {
                end_of_comment = None;
            }
            continue;
        }
        let opens = match comments {
            Comments::Slashes => line.strip_prefix("/*").map(|rest| (rest, "*/")),
            Comments::Hash if is_beginning => {
                let marks = ["\"\"\"", "'''"].into_iter();
                let mut opened = marks.filter_map(|mark| Some((line.strip_prefix(mark)?, mark)));
                opened.next()
            }
            Comments::Hash => None,
        };
        if let Some((rest, end)) = opens {
            is_beginning = false;
            if !rest.contains(end) {
                end_of_comment = Some(end);
            }
            continue;
        }
        let is_comment = match comments {
            Comments::Slashes => line.starts_with("//") && !line.starts_with("///"),
            Comments::Hash => line.starts_with('#'),
        };
        if !line.is_empty() && !is_comment {
            is_beginning = false;
            lines += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_counts_descriptions_of_tools() {
        let source = "//! A server.\n\nmod hello {\n    /// Greets.\n    // Why.\n    fn hello() {} // here\n}\n";
        assert_eq!(count(source, Comments::Slashes), 4);
    }

    #[test]
    fn comments_of_several_lines_end() {
        let source = "/*\n * Text\n */\nconst one = 1;\n/* short */\nconst two = 2;\n";
        assert_eq!(count(source, Comments::Slashes), 2);
    }

    #[test]
    fn python_skips_only_the_docstring_of_the_module() {
        let source = "\"\"\"A server.\n\nMore.\n\"\"\"\n\nimport sys\n# Why.\ndef hello():\n    \"\"\"Greets.\"\"\"\n    return 1\n";
        assert_eq!(count(source, Comments::Hash), 4);
        assert_eq!(
            count("\"\"\"A server.\"\"\"\nimport sys\n", Comments::Hash),
            1
        );
    }

    #[test]
    fn an_unknown_language_is_refused() {
        let error = count_file(Path::new("server.rb")).unwrap_err();
        assert!(error.to_string().contains("server.rb"));
    }
}
