//! The output that a page shows.

/// One command of a `console` block, with the output that the page shows below it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) command: String,
    pub(crate) output: String,
}

/// The commands of a `console` block: lines behind `$ `, continued behind `> `.
pub(crate) fn shown(text: &str) -> Result<Vec<Shown>, String> {
    let mut all: Vec<Shown> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            all.push(Shown {
                command: format!("{command}\n"),
                output: String::new(),
            });
            continue;
        }
        let last = all
            .last_mut()
            .ok_or_else(|| format!("`{line}` comes before the first command"))?;
        match line.strip_prefix("> ") {
            Some(more) if last.output.is_empty() => last.command += &format!("{more}\n"),
            _ => last.output += &format!("{line}\n"),
        }
    }
    Ok(all)
}

/// Returns true if the output is as shown; `...` matches any text.
pub(crate) fn matches(shown: &str, output: &str) -> bool {
    let mut parts = shown.trim_end().split("...");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = output.trim_end().strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_followed_by_their_output() {
        let text = "$ one\nits output\n$ (\n>   two\n> )\n";
        let shown = shown(text).unwrap();
        assert_eq!(shown.len(), 2);
        assert_eq!(
            (&*shown[0].command, &*shown[0].output),
            ("one\n", "its output\n")
        );
        assert_eq!(
            (&*shown[1].command, &*shown[1].output),
            ("(\n  two\n)\n", "")
        );
        assert!(super::shown("output\n$ one\n").is_err());
    }

    #[test]
    fn dots_stand_for_any_text() {
        assert!(matches("a\nb\n", "a\nb\n"));
        assert!(!matches("a\nb\n", "a\nb\nc\n"));
        assert!(matches("a...c\n", "a\nb\nc\n"));
        assert!(matches("passed in ... s\n...\n", "passed in 1.2 s\nmore\n"));
        assert!(!matches("passed in ... s\n", "failed in 1.2 s\n"));
        assert!(!matches("a...c...a\n", "a c\n"));
        assert!(!matches("", "something\n"));
    }
}
