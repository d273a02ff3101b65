//! Challenges of `WWW-Authenticate`: schemes with parameters, several of them in one header or in
//! many.
//!
//! <https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1>

/// A challenge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// Its scheme in lower case.
    pub scheme: String,
    /// Its parameters, their names in lower case.
    pub parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Returns the value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let found = parameters.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Parses the challenges of one header.
pub fn read(header: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    for item in items(header) {
        let (before, value) = match item.split_once('=') {
            Some((before, value)) => (before.trim(), Some(value.trim())),
            None => (item.as_str(), None),
        };
        // `scheme`, `scheme name=value`, or only `name=value`.
        let (scheme, name) = match (before.split_once(char::is_whitespace), value) {
            (Some((scheme, name)), _) => (Some(scheme), name.trim()),
            (None, Some(_)) => (None, before),
            (None, None) => (Some(before), ""),
        };
        if let Some(scheme) = scheme {
            challenges.push(Challenge {
                scheme: scheme.to_ascii_lowercase(),
                parameters: Vec::new(),
            });
        }
        if let (Some(challenge), Some(value)) = (challenges.last_mut(), value) {
            let parameter = (name.to_ascii_lowercase(), unquoted(value));
            challenge.parameters.push(parameter);
        }
    }
    challenges
}

/// Splits at commas outside quotes.
fn items(header: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for letter in header.chars() {
        match letter {
            ',' if !quoted => {
                items.push(String::new());
                continue;
            }
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && letter == '\\' && !escaped;
        items.last_mut().expect("there is always one").push(letter);
    }
    let trimmed = items.iter().map(|item| item.trim().to_owned());
    trimmed.filter(|item| !item.is_empty()).collect()
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else {
        return value.to_owned();
    };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut text = String::new();
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        text.extend(if letter == '\\' {
            letters.next()
        } else {
            Some(letter)
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(scheme: &str, parameters: &[(&str, &str)]) -> Challenge {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Challenge {
            scheme: scheme.to_owned(),
            parameters: parameters.iter().map(owned).collect(),
        }
    }

    #[test]
    fn schemes_are_separated_from_parameters() {
        assert_eq!(read("Bearer"), [challenge("bearer", &[])]);
        assert_eq!(
            read(r#"Bearer realm="a, \"b\"", error=invalid_token,scope="x y""#),
            [challenge(
                "bearer",
                &[
                    ("realm", r#"a, "b""#),
                    ("error", "invalid_token"),
                    ("scope", "x y")
                ]
            )]
        );
        assert_eq!(
            read(r#"Basic realm="a", DPoP, bearer Resource_Metadata = "http://b/?c=d""#),
            [
                challenge("basic", &[("realm", "a")]),
                challenge("dpop", &[]),
                challenge("bearer", &[("resource_metadata", "http://b/?c=d")])
            ]
        );
        assert_eq!(read(""), []);
    }
}
