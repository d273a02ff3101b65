//! Suggestions for misspelt names.

/// The number of suggested names, and of names listed if none is similar.
const OFFERED: usize = 5;
/// The lowest similarity, as for the options of the command line.
const NEAR: f64 = 0.8;

/// Returns a hint for a name that is not one of the component's `names`: those that are similar, or
/// else the first ones.
pub(super) fn hint(kind: &str, wanted: &str, names: &[&str]) -> Option<String> {
    if names.contains(&wanted) {
        return None;
    }
    Some(if let Some(question) = question(wanted, names) {
        question
    } else if names.is_empty() {
        format!("the component lists no {kind}")
    } else {
        let more = match names.len().saturating_sub(OFFERED) {
            0 => "",
            _ => ": `wasi-mcp inspect` lists them",
        };
        format!("it has the {kind} {}{more}", listed(names))
    })
}

/// Asks whether a similar name was meant, if there is one.
pub(super) fn question(wanted: &str, names: &[&str]) -> Option<String> {
    let near = near(wanted, names);
    (!near.is_empty()).then(|| format!("did you mean {}?", joined(&near, " or ")))
}

/// Lists the first names, and the number of the others.
pub(super) fn listed(names: &[&str]) -> String {
    let shown = joined(&names[..names.len().min(OFFERED)], ", ");
    match names.len().saturating_sub(OFFERED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Returns the names, most similar to a text first.
pub(super) fn ordered<'a>(wanted: &str, names: &[&'a str]) -> Vec<&'a str> {
    let wanted = letters(wanted);
    let mut names = names.to_vec();
    names.sort_by(|one, other| {
        let likeness = |name: &str| strsim::jaro(&wanted, &letters(name));
        likeness(other).total_cmp(&likeness(one))
    });
    names
}

fn joined(names: &[&str], between: &str) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", super::output::first_line(name)))
        .collect();
    names.join(between)
}

/// Returns the names most similar to a text, best first.
fn near<'a>(wanted: &str, names: &[&'a str]) -> Vec<&'a str> {
    let wanted = letters(wanted);
    let mut near: Vec<(f64, &str)> = names
        .iter()
        .filter_map(|name| {
            let letters = letters(name);
            let likeness = if letters == wanted {
                1.0
            } else if !wanted.is_empty() && letters.starts_with(&wanted) {
                0.95
            } else {
                strsim::jaro(&wanted, &letters)
            };
            (likeness > NEAR).then_some((likeness, *name))
        })
        .collect();
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    near.dedup();
    near.into_iter()
        .take(OFFERED)
        .map(|(_, name)| name)
        .collect()
}

/// Returns the text without case and separators.
fn letters(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["text-stats", "word_count", "test://static-text", "größe"];

    #[test]
    fn near_names_are_suggested() {
        for (wanted, name) in [
            ("textstats", "text-stats"),
            ("TextStats", "text-stats"),
            ("text-stat", "text-stats"),
            ("tets-stats", "text-stats"),
            ("wordcount", "word_count"),
            ("test://static", "test://static-text"),
            ("test:/static-text", "test://static-text"),
            ("grösse", "größe"),
        ] {
            let hint = hint("tools", wanted, &NAMES).unwrap();
            assert!(
                hint.starts_with(&format!("did you mean `{name}`")),
                "{hint}"
            );
        }
    }

    #[test]
    fn without_a_near_name_the_names_are_listed() {
        assert_eq!(
            hint("tools", "zzz", &NAMES[..2]).unwrap(),
            "it has the tools `text-stats`, `word_count`"
        );
        let many: Vec<String> = (0..12).map(|number| format!("tool{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let hint_of = hint("tools", "zzz", &many).unwrap();
        assert!(hint_of.contains("and 7 more"), "{hint_of}");
        assert_eq!(
            hint("prompts", "a", &[]).unwrap(),
            "the component lists no prompts"
        );
    }

    #[test]
    fn a_name_that_exists_needs_no_hint() {
        assert_eq!(hint("tools", "text-stats", &NAMES), None);
    }

    #[test]
    fn names_are_ordered_by_likeness() {
        let names = ["docs://{page}", "images://{id}", "image://{id}"];
        let ordered = ordered("image://7", &names);
        assert_eq!(ordered, ["image://{id}", "images://{id}", "docs://{page}"]);
    }

    #[test]
    fn names_cannot_act_on_a_terminal() {
        let hint = hint("tools", "a", &["a\x1b[2J"]).unwrap();
        assert!(!hint.contains('\x1b'), "{hint}");
    }
}
