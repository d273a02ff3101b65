//! Guessed values for the arguments of a prompt. Nothing declares which values a prompt accepts, so
//! they come from completions, descriptions and refusals.

use serde_json::Value;

use crate::arguments;
use crate::driver::text::is_replaced;

/// The highest number of values that are tried for one argument.
const MAX_VALUES: usize = 12;
/// The highest number of combinations that are tried for one prompt.
pub const MAX_TRIES: usize = 32;
/// The number of first values of each argument of which all combinations are tried.
const COMBINED: usize = 3;
/// The highest number of words in a value of a list.
const MAX_WORDS: usize = 2;

/// Values that suit many arguments.
const USUAL: [&str; 5] = ["1", "2025-06-18", "true", "en", "{}"];

/// The possible values of one argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The name of the argument.
    pub name: String,
    /// The values, the best first. There is at least one.
    pub values: Vec<String>,
    /// True if the prompt requires it.
    pub required: bool,
}

impl Guess {
    /// Collects the values of a listed argument, those that the server completes first. `fitting`
    /// suits its name, and `uris` are listed resources.
    pub fn new(argument: &Value, completed: Vec<String>, fitting: String, uris: &[&str]) -> Self {
        let mut values = completed;
        values.truncate(MAX_VALUES / 2);
        values.extend(declared(argument));
        let described = argument["description"].as_str().unwrap_or_default();
        let suggested = suggestions(described);
        // Without a suggestion, the text that suits the name is the best value.
        let (first, second) = match suggested.is_empty() {
            true => (vec![fitting], Vec::new()),
            false => (suggested, vec![fitting]),
        };
        values.extend(first);
        values.extend(of_kind(argument));
        values.extend(second);
        values.extend(uris.iter().take(1).map(|uri| (*uri).to_owned()));
        values.extend(USUAL.map(str::to_owned));
        Self {
            name: argument["name"].as_str().unwrap_or_default().to_owned(),
            values: distinct(values),
            required: argument["required"] == true,
        }
    }
}

/// Combinations of values, each tried once.
#[derive(Clone, Debug)]
pub struct Trial {
    guesses: Vec<Guess>,
    tried: Vec<Vec<String>>,
}

impl Trial {
    /// Creates a trial whose first combination has been tried.
    pub fn new(guesses: Vec<Guess>) -> Self {
        let first = guesses.iter().map(|it| it.values[0].clone()).collect();
        Self {
            guesses,
            tried: vec![first],
        }
    }

    /// Returns the next combination after the last one was refused with this message.
    ///
    /// If the message names a single argument, only its value changes. Words that it quotes are
    /// tried first.
    pub fn next(&mut self, refusal: &str) -> Option<Vec<String>> {
        if self.tried.len() >= MAX_TRIES {
            return None;
        }
        let next = self.directed(refusal).or_else(|| self.undirected())?;
        self.tried.push(next.clone());
        Some(next)
    }

    fn directed(&mut self, refusal: &str) -> Option<Vec<String>> {
        let last = self.tried.last()?.clone();
        let mut named = (0..self.guesses.len()).filter(|index| {
            let name = self.guesses[*index].name.as_str();
            !name.is_empty() && words(refusal).any(|word| word == name)
        });
        let only = self.guesses.len() == 1;
        let index = match (named.next(), named.next()) {
            (Some(index), None) => index,
            (None, _) if only => 0,
            _ => return None,
        };
        let names: Vec<&str> = self.guesses.iter().map(|it| it.name.as_str()).collect();
        let told = suggestions(refusal).into_iter();
        let told = told.filter(|word| !names.contains(&word.as_str()) && !last.contains(word));
        let mut values: Vec<String> = told.collect();
        values.append(&mut self.guesses[index].values);
        self.guesses[index].values = distinct(values);
        let with = |value: &String| {
            let mut combination = last.clone();
            combination[index].clone_from(value);
            combination
        };
        let mut combinations = self.guesses[index].values.iter().map(with);
        combinations.find(|combination| !self.tried.contains(combination))
    }

    /// The first values of all arguments, the second ones and so on, then all combinations of the
    /// first few.
    fn undirected(&self) -> Option<Vec<String>> {
        let value = |guess: &Guess, index: usize| guess.values[index % guess.values.len()].clone();
        let longest = self.guesses.iter().map(|it| it.values.len()).max()?;
        let parallel = (0..longest).map(|index| -> Vec<String> {
            self.guesses
                .iter()
                .map(|guess| value(guess, index))
                .collect()
        });
        let arguments = u32::try_from(self.guesses.len()).ok()?;
        let count = COMBINED.checked_pow(arguments).unwrap_or(usize::MAX);
        let combined = (0..count).take(MAX_TRIES * 2).map(|number| {
            let mut rest = number;
            let digits = self.guesses.iter().map(|guess| {
                let digit = rest % COMBINED;
                rest /= COMBINED;
                value(guess, digit)
            });
            digits.collect()
        });
        let first = parallel.clone().take(COMBINED);
        let mut all = first.chain(combined).chain(parallel.skip(COMBINED));
        all.find(|combination| !self.tried.contains(combination))
    }
}

/// Returns the values that members outside of MCP declare, as some servers do.
fn declared(argument: &Value) -> Vec<String> {
    let schema = &argument["schema"];
    let lists = [
        &argument["enum"],
        &schema["enum"],
        &argument["examples"],
        &schema["examples"],
    ];
    let listed = lists.into_iter().filter_map(Value::as_array).flatten();
    let single = [&argument["default"], &schema["default"]];
    let all = listed.chain(single).filter(|value| !value.is_null());
    let mut values: Vec<String> = all.map(as_text).collect();
    if schema.is_object() {
        values.extend(arguments::valid(schema).iter().map(as_text));
    }
    values
}

/// Returns a value as the text of an argument.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns values of the kind that the name or the description of an argument tells.
fn of_kind(argument: &Value) -> Vec<String> {
    const KINDS: [(&[&str], &str); 9] = [
        (&["date", "day"], "2025-06-18"),
        (&["time", "datetime", "timestamp"], "2025-06-18T00:00:00Z"),
        (&["email", "e-mail", "mail"], "someone@example.com"),
        (
            &["integer", "number", "count", "limit", "amount", "id"],
            "1",
        ),
        (&["year"], "2025"),
        (&["boolean", "whether", "flag"], "true"),
        (&["language", "locale"], "en"),
        (&["url", "link", "website"], "https://example.com/"),
        (&["json"], "{}"),
    ];
    let description = argument["description"].as_str().unwrap_or_default();
    let name = argument["name"].as_str().unwrap_or_default();
    let text = format!("{name} {description}").to_lowercase();
    let text = text.replace('_', " ");
    let told = |kinds: &[&str]| words(&text).any(|word| kinds.contains(&word));
    let mut values = Vec::new();
    values.extend(schema_in(description).map(|value| as_text(&value)));
    let kinds = KINDS.iter().filter(|(kinds, _)| told(kinds));
    values.extend(kinds.map(|(_, value)| (*value).to_owned()));
    values
}

/// Returns a value for the JSON schema that a description contains.
fn schema_in(description: &str) -> Option<Value> {
    let text = &description[description.find('{')?..=description.rfind('}')?];
    let schema: Value = serde_json::from_str(text).ok()?;
    let is_schema = ["type", "enum", "anyOf", "$ref"];
    let is_schema = is_schema.iter().any(|member| schema.get(member).is_some());
    is_schema.then(|| arguments::valid(&schema).ok())?
}

/// Returns the words of a text, which may contain hyphens and underscores.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let inside = |one: char| one.is_alphanumeric() || one == '_' || one == '-';
    text.split(move |one: char| !inside(one))
        .filter(|word| !word.is_empty())
}

/// Returns the values that a description or a refusal suggests: words in quotation marks, words
/// between bars, and lists after a colon, in parentheses or after words that announce one.
fn suggestions(text: &str) -> Vec<String> {
    const LEADS: [&str; 8] = [
        "one of",
        "either",
        "e.g.",
        "for example",
        "such as",
        "like",
        "must be",
        "default",
    ];
    let mut values: Vec<String> = quoted_words(text).map(str::to_owned).collect();
    if !values.is_empty() {
        return distinct(values);
    }
    let lower = text.to_ascii_lowercase();
    let after = LEADS.iter().filter_map(|lead| {
        let at = lower.find(lead)? + lead.len();
        text.get(at..)
    });
    let colon = text.find(": ").map(|at| &text[at + 2..]);
    let inside = text.find('(').map(|at| &text[at + 1..]);
    let whole = text.contains('|').then_some(text);
    let lists: Vec<&str> = after.chain(colon).chain(inside).collect();
    let lists = match lists.is_empty() {
        true => whole.into_iter().collect(),
        false => lists,
    };
    for list in lists {
        let end = list.find(['(', ')', ';', '\n']).unwrap_or(list.len());
        let list = &list[..end];
        let end = list.find(". ").unwrap_or(list.len());
        values.extend(items(&list[..end]));
    }
    distinct(values)
}

/// Returns the items of a list in prose.
fn items(list: &str) -> Vec<String> {
    let list = list.replace(" or ", ",").replace(" and ", ",");
    let marks = |one: char| one.is_whitespace() || ".:[]<>".contains(one);
    let items = list.split([',', '|', '/']).map(|item| {
        let item = item.trim_matches(marks);
        let item = item.strip_prefix("or ").unwrap_or(item);
        item.strip_prefix("and ")
            .unwrap_or(item)
            .trim_matches(marks)
    });
    let short = |item: &&str| (1..=MAX_WORDS).contains(&item.split_whitespace().count());
    let items = items.filter(|item| !is_lead(item)).filter(short);
    items.map(str::to_owned).collect()
}

/// Returns true for an item that only introduces others.
fn is_lead(item: &str) -> bool {
    [
        "e.g", "eg", "i.e", "one of", "either", "optional", "required",
    ]
    .contains(&item)
}

/// Returns the words of a text in quotation marks of any kind.
fn quoted_words(text: &str) -> impl Iterator<Item = &str> {
    const MARKS: [(char, char); 6] = [
        ('"', '"'),
        ('`', '`'),
        ('\'', '\''),
        ('\u{201c}', '\u{201d}'),
        ('\u{2018}', '\u{2019}'),
        ('\u{ab}', '\u{bb}'),
    ];
    let mut rest = text;
    let mut before = ' ';
    std::iter::from_fn(move || {
        loop {
            let mut found = rest.char_indices();
            let (at, closing) = found.find_map(|(at, one)| {
                let previous = rest[..at].chars().next_back().unwrap_or(before);
                let (_, closing) = MARKS.into_iter().find(|(opening, _)| *opening == one)?;
                // An apostrophe follows a letter.
                (!previous.is_alphanumeric()).then_some((at + one.len_utf8(), closing))
            })?;
            let Some(end) = rest[at..].find(closing) else {
                before = ' ';
                rest = &rest[at..];
                continue;
            };
            let word = &rest[at..at + end];
            rest = &rest[at + end + closing.len_utf8()..];
            before = closing;
            if (1..=40).contains(&word.chars().count()) {
                return Some(word);
            }
        }
    })
}

fn distinct(values: Vec<String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for value in values {
        if all.len() < MAX_VALUES && !all.contains(&value) && !is_replaced(&value) {
            all.push(value);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn descriptions_suggest_values() {
        for (text, expected) in [
            (r#"one of "a", 'b c' or `d`"#, &["a", "b c", "d"][..]),
            ("the case's number: \u{201c}A-1\u{201d}", &["A-1"]),
            (
                "Style: formal, casual or friendly.",
                &["formal", "casual", "friendly"],
            ),
            ("How loud (low|medium|high)", &["low", "medium", "high"]),
            ("The unit, e.g. kg. Case matters.", &["kg"]),
            ("One of: red, green, and blue", &["red", "green", "blue"]),
            ("must be north/south", &["north", "south"]),
            ("asc|desc", &["asc", "desc"]),
            ("nothing is told of it here", &[]),
            ("an unclosed 'quotation", &[]),
        ] {
            assert_eq!(suggestions(text), expected, "{text}");
        }
    }

    #[test]
    fn kinds_and_declarations_give_values() {
        let guess = |argument: Value| Guess::new(&argument, Vec::new(), "x".to_owned(), &[]).values;
        let schema = r#"Give JSON for the schema {"type": "array", "items": {"type": "integer"}, "minItems": 1}"#;
        let values = guess(json!({"name": "numbers", "description": schema}));
        let lists = values.iter().filter(|value| value.starts_with('['));
        assert_eq!(lists.count(), 1, "{values:?}");
        assert_eq!(
            guess(json!({"name": "a", "enum": ["p", 2]}))[..2],
            ["p", "2"]
        );
        let date = guess(json!({"name": "due_date"}));
        assert!(date.contains(&"2025-06-18".to_owned()), "{date:?}");
        assert_eq!(guess(json!({"name": "a"}))[0], "x");
    }

    fn trial(values: &[&[&str]]) -> Trial {
        let guess = |(index, values): (usize, &&[&str])| Guess {
            name: format!("arg{index}"),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            required: true,
        };
        Trial::new(values.iter().enumerate().map(guess).collect())
    }

    #[test]
    fn combinations_are_tried_once_and_not_forever() {
        let mut trial = trial(&[&["a", "b"], &["c", "d", "e"]]);
        let mut all = vec![vec!["a".to_owned(), "c".to_owned()]];
        while let Some(next) = trial.next("no") {
            assert!(!all.contains(&next), "{next:?} again");
            all.push(next);
        }
        assert_eq!(all.len(), 6);
    }

    #[test]
    fn a_refusal_directs_the_trial() {
        let mut trial = trial(&[&["a", "b"], &["c", "d"]]);
        let next = trial.next("arg1 is unknown: expected 'z'");
        assert_eq!(next, Some(vec!["a".to_owned(), "z".to_owned()]));
        let next = trial.next("arg0 is unknown");
        assert_eq!(next, Some(vec!["b".to_owned(), "z".to_owned()]));
    }
}
