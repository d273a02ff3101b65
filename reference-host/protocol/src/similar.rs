//! Suggestions for misspelt names, for errors.

/// The longest name that is compared, in letters.
const LONGEST: usize = 64;
/// The most names that one is compared with.
const COMPARED: usize = 200;

/// Returns the name most similar to a text, if any is close: equal except for case and separators,
/// starting with the text, or differing in a few letters.
pub(super) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = letters(wanted);
    let near = names.take(COMPARED).filter_map(|name| {
        let letters = letters(name);
        let longest = wanted.len().max(letters.len());
        if longest > LONGEST {
            return None;
        }
        let most = longest.div_ceil(4).min(longest.saturating_sub(1));
        let is_beginning = |one: &[char], other: &[char]| one.len() >= 3 && other.starts_with(one);
        let distance = if is_beginning(&wanted, &letters) || is_beginning(&letters, &wanted) {
            usize::from(wanted != letters)
        } else if wanted.len().abs_diff(letters.len()) > most {
            return None;
        } else {
            distance(&wanted, &letters)
        };
        (distance <= most).then_some((distance, name))
    });
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Returns the letters and digits of a name in lower case.
fn letters(name: &str) -> Vec<char> {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters
        .flat_map(char::to_lowercase)
        .take(LONGEST + 1)
        .collect()
}

/// Returns the edit distance: the number of letters to insert, remove, replace or transpose.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, opposite) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != opposite);
            let mut least = replaced.min(last[column + 1] + 1).min(next[column] + 1);
            let are_exchanged =
                row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *opposite;
            if are_exchanged {
                least = least.min(before[column - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut last, next);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_others_are_not() {
        let names = ["unit", "maxResults", "query", "größe", "id"];
        for (wanted, name) in [
            ("units", Some("unit")),
            ("UNIT", Some("unit")),
            ("max_results", Some("maxResults")),
            ("max-result", Some("maxResults")),
            ("qurey", Some("query")),
            ("querry", Some("query")),
            ("grösse", Some("größe")),
            ("ids", Some("id")),
            ("colour", None),
            ("", None),
            ("x", None),
            ("zz", None),
        ] {
            assert_eq!(nearest(wanted, names.into_iter()), name, "{wanted}");
        }
        let long = "a".repeat(100_000);
        assert_eq!(nearest(&long, [&*long].into_iter()), None);
    }
}
