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
            let away = strsim::osa_distance(&wanted, &plain);
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

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(find("pign.respond"), ["ping.respond"]);
        assert_eq!(find("ping")[0], "ping.respond");
        assert_eq!(find("respond"), ["ping.respond"]);
        assert_eq!(find("PING/RESPOND"), ["ping.respond"]);
        assert!(find("elicitation.form").is_empty());
    }
}
