//! Suggestions for misspelt names.

/// The number of suggested names.
pub(super) const OFFERED: usize = 5;

/// Returns the names most similar to a text: those that contain it, those that it contains, and
/// those that differ by a few letters.
pub(super) fn similar<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = plain(text);
    // Up to a third of the letters may differ.
    let limit = wanted.len() / 3;
    let mut near: Vec<(usize, &str)> = names
        .filter_map(|name| {
            let plain = plain(name);
            let away = distance(&wanted, &plain);
            if plain.starts_with(&wanted) {
                Some((0, name))
            } else if plain.contains(&wanted) || away <= limit {
                Some((away.min(limit), name))
            } else {
                None
            }
        })
        .collect();
    // Stable: names of the same distance keep the order of the specification.
    near.sort_by_key(|(away, _)| *away);
    near.dedup();
    near.into_iter()
        .take(OFFERED)
        .map(|(_, name)| name)
        .collect()
}

/// Normalizes the separators, which differ between checks and requirements.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(['/', '_', ' '], ".")
}

/// Counts the letters to insert, delete or replace.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, candidate) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *candidate);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_counted_in_letters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("ping", "ping"), 0);
        assert_eq!(distance("größe", "grösse"), 2);
    }

    #[test]
    fn slips_and_beginnings_are_understood() {
        let names = [
            "tools.unique-names",
            "tools/unique-names",
            "prompts.unique-names",
            "ping.respond",
        ];
        let find = |text: &str| similar(text, names.into_iter());
        assert_eq!(find("tools.uniqe-names")[0], "tools.unique-names");
        assert_eq!(find("ping")[0], "ping.respond");
        assert_eq!(find("respond"), ["ping.respond"]);
        assert_eq!(find("PING/RESPOND"), ["ping.respond"]);
        assert!(find("elicitation.form").is_empty());
    }
}
