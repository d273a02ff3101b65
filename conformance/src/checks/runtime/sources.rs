//! The steps of a check, for readers who want to know what it sends and what the probes register:
//! excerpts of the compiled sources.

use super::RuntimeCheck;

/// The files of the checks, by group.
const CHECKS: &[(&str, &str)] = &[
    ("asking", include_str!("asking.rs")),
    ("cancellation", include_str!("cancellation.rs")),
    ("concurrency", include_str!("concurrency.rs")),
    ("context", include_str!("context.rs")),
    ("denial", include_str!("denial.rs")),
    ("faults", include_str!("faults.rs")),
    ("identity", include_str!("identity.rs")),
    ("isolation", include_str!("isolation.rs")),
    ("kinds", include_str!("kinds.rs")),
    ("lifecycle", include_str!("lifecycle.rs")),
    ("limits", include_str!("limits.rs")),
    ("logging", include_str!("logging.rs")),
    ("mapping", include_str!("mapping.rs")),
    ("progress", include_str!("progress.rs")),
    ("records", include_str!("records.rs")),
    ("registration", include_str!("registration.rs")),
    ("services", include_str!("services.rs")),
    ("streams", include_str!("streams.rs")),
    ("subscriptions", include_str!("subscriptions.rs")),
];

macro_rules! probe {
    ($($file:literal),* $(,)?) => {
        &[$(($file, include_str!(concat!("../../../../reference-guest/probes/src/", $file)))),*]
    };
}

/// The files of the probes' tools.
const PROBES: &[(&str, &str)] = probe![
    "tools/asking.rs",
    "tools/cancellation.rs",
    "tools/contexts.rs",
    "tools/excess.rs",
    "tools/forging.rs",
    "tools/hazards.rs",
    "tools/instance.rs",
    "tools/logging.rs",
    "tools/progress.rs",
    "tools/registration.rs",
    "tools/results.rs",
    "tools/schemas.rs",
    "tools/whole.rs",
];

/// A piece of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name of the check or of the probes' tool.
    pub of: String,
    /// The code.
    pub code: String,
}

impl RuntimeCheck {
    /// Returns the code of this check, and of the probes' tools that it calls.
    pub fn sources(&self) -> Vec<Source> {
        let group = self.id.split(['-', '/']).nth(1).unwrap_or_default();
        let file = CHECKS.iter().find(|(name, _)| *name == group);
        let code = file.map_or_else(String::new, |(_, text)| with_callees(text, self.function));
        let mut sources = vec![Source {
            of: self.id.to_owned(),
            code,
        }];
        for (name, text) in PROBES {
            for (tool, handler) in tools(text) {
                if sources[0].code.contains(&format!("\"{tool}\"")) {
                    sources.push(Source {
                        of: format!("the tool {tool} of the probes ({name})"),
                        code: with_callees(text, &handler),
                    });
                }
            }
        }
        sources
    }
}

/// The tools of a file, with the names of the functions that handle them.
fn tools(text: &str) -> Vec<(String, String)> {
    let entries = text.split("Entry::new(").skip(1);
    let tools = entries.filter_map(|entry| {
        let tool = entry.trim_start().strip_prefix('"')?.split('"').next()?;
        let (_, made) = entry.split_once("Box::pin(")?;
        let made = made.trim_start();
        let made = made
            .strip_prefix("async move")
            .or_else(|| made.strip_prefix("async"));
        let handler = made.map_or_else(
            || entry.split_once("Box::pin(").map(|it| it.1),
            |block| block.split_once("Ok(").map(|it| it.1),
        )?;
        let handler: String = handler
            .chars()
            .take_while(|it| it.is_alphanumeric() || *it == '_')
            .collect();
        Some((tool.to_owned(), handler))
    });
    tools.collect()
}

/// A function, and the functions and constants of the same file that it names.
fn with_callees(text: &str, function: &str) -> String {
    let Some(main) = item(text, function) else {
        return String::new();
    };
    let mut code = main.to_owned();
    for name in names(text).filter(|name| *name != function && mentions(main, name)) {
        // Code that the whole file shares does not explain this check.
        if let Some(callee) = item(text, name).filter(|_| name != "CHECKS" && name != "ENTRIES") {
            code.push_str("\n\n");
            code.push_str(callee);
        }
    }
    code
}

fn mentions(code: &str, name: &str) -> bool {
    let part = |character: char| character.is_alphanumeric() || character == '_';
    code.match_indices(name).any(|(place, _)| {
        let before = code[..place].chars().next_back();
        let after = code[place + name.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

/// The names of a file's functions and constants.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let words = ["pub(super) ", "pub "].iter();
        let line = words.fold(line, |line, word| line.strip_prefix(word).unwrap_or(line));
        let rest = ["async fn ", "fn ", "const "].iter();
        let rest = rest.filter_map(|word| line.strip_prefix(word)).next()?;
        let end = rest.find(|it: char| !it.is_alphanumeric() && it != '_')?;
        Some(&rest[..end])
    })
}

/// The item of this name, with its documentation.
fn item<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut place = 0;
    let begin = text.split_inclusive('\n').find_map(|line| {
        let begin = place;
        place += line.len();
        (names(line).next() == Some(name)).then_some(begin)
    })?;
    let rest = &text[begin..];
    let ends = ["\n}\n", "\n];\n", ";\n"].iter();
    let end = ends.filter_map(|end| rest.find(end).map(|place| place + end.len() - 1));
    let first = rest.lines().next().unwrap_or_default();
    let end = if first.ends_with(';') {
        first.len()
    } else if first.contains("const ") {
        rest.find(";\n")
            .map(|place| place + 1)
            .into_iter()
            .chain(end)
            .min()?
    } else {
        rest.find("\n}\n").map(|place| place + 2)?
    };
    Some(rest[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use super::super::all;

    #[test]
    fn every_check_shows_its_code() {
        for check in all() {
            let sources = check.sources();
            let code = &sources[0].code;
            assert!(code.contains("async fn"), "{}: {code}", check.id);
            assert!(code.lines().count() > 2, "{}: {code}", check.id);
        }
    }

    #[test]
    fn what_the_probes_register_is_shown() {
        let check = all().find(|check| check.id == "runtime-registration/schemas");
        let sources = check.expect("it is a check").sources();
        let shown = |part: &str| sources.iter().any(|source| source.code.contains(part));
        assert!(shown("\"remote-reference\""), "{sources:#?}");
        assert!(shown("file:///etc/hostname"), "{sources:#?}");
        assert!(shown("runtime::register_tools"), "{sources:#?}");
    }
}
